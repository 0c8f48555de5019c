import type { Requests } from '../engine/requests.ts';
import type { StageRole } from './cluster.ts';

/** What a simulation gives, a value for each request in the order of arrival; seconds from the start of the run. */
export interface Outcome {
  readonly requests: Requests;
  /** where encoding has instances of its own: when the first of its media is taken, and when the last has arrived at prefill; NaN of a request without media */
  readonly encodeStart: Float64Array | null;
  readonly encoded: Float64Array | null;
  readonly prefillStart: Float64Array;
  /** end of the prefill, when the first token is there */
  readonly firstToken: Float64Array;
  /** when the KV cache lies where the request decodes */
  readonly decodeReady: Float64Array;
  readonly decodeStart: Float64Array;
  readonly finish: Float64Array;
  /** decode steps, by which the time after the first token is divided; 0 of a request that ends with its first token, whose times of decode are NaN */
  readonly steps: Int32Array;
  /** events that the run took */
  readonly events: number;
  /** times that a request was put out of a batch for want of memory */
  readonly putOut: number;
  /** instances of each role from a time on, where they change */
  readonly roles: readonly RoleCounts[];
}

/** Instances that take work, from a time on, s. */
export interface RoleCounts extends Readonly<Record<StageRole, number>> {
  readonly time: number;
}

/** Time to the first token of each request, s. */
export const ttftOf = ({ requests, firstToken }: Outcome): Float64Array => firstToken.map((time, at) => time - (requests.arrival[at] as number));

/** Time per output token after the first of each request, s; 0 where there is none. */
export const tpotOf = ({ firstToken, finish, steps }: Outcome): Float64Array => finish.map((time, at) => (time - (firstToken[at] as number)) / Math.max(1, steps[at] as number));

/** An outcome of which nothing has happened yet. @param encodes whether encoding has instances of its own */
export function emptyOutcome(requests: Requests, steps: Int32Array, encodes: boolean): Outcome {
  const times = (): Float64Array => new Float64Array(steps.length).fill(Number.NaN);
  return {
    requests,
    encodeStart: encodes ? times() : null,
    encoded: encodes ? times() : null,
    prefillStart: times(),
    firstToken: times(),
    decodeReady: times(),
    decodeStart: times(),
    finish: times(),
    steps,
    events: 0,
    putOut: 0,
    roles: [],
  };
}
