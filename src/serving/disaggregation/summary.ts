import { type Attainment, attainmentOf, quantileOf, type Slo } from './attainment.ts';
import { type Outcome, tpotOf, ttftOf } from './outcome.ts';

export const PERCENTILES = { p50: 0.5, p90: 0.9, p99: 0.99 } as const;

/** Mean and percentiles over requests, s. */
export type Spread = Readonly<Record<'mean' | keyof typeof PERCENTILES, number>>;

/** Mean time of each part of a request's life, s: they add up to its whole time. */
export interface Phases {
  /** only where encoding has instances of its own */
  readonly encodeQueue?: number;
  readonly encode?: number;
  readonly prefillQueue: number;
  readonly prefill: number;
  /** until the KV cache lies where the request decodes: waiting for room, and its way there */
  readonly transfer: number;
  readonly decodeQueue: number;
  readonly decode: number;
}

/** A run in short. */
export interface RunSummary {
  readonly requests: number;
  /** first to last arrival, and to the last token, s */
  readonly span: number;
  readonly makespan: number;
  readonly attainment: Attainment;
  readonly ttft: Spread;
  readonly tpot: Spread;
  readonly phases: Phases;
  readonly outputTokensPerSecond: number;
  /** times that a request was put out of a batch for want of memory */
  readonly putOut: number;
  readonly events: number;
}

const mean = (values: ArrayLike<number>): number => (Array.prototype.reduce.call(values, (sum, value) => (sum as number) + (value as number), 0) as number) / values.length;

function spreadOf(values: Float64Array): Spread {
  const average = mean(values);
  const sorted = values.slice();
  return { mean: average, p50: quantileOf(sorted, PERCENTILES.p50), p90: quantileOf(sorted, PERCENTILES.p90), p99: quantileOf(sorted, PERCENTILES.p99) };
}

/** Where the time of requests goes; one that ends with its first token has no time after it. */
export function phasesOf({ requests, encodeStart, encoded, prefillStart, firstToken, decodeReady, decodeStart, finish }: Outcome): Phases {
  const between = (from: Float64Array, to: Float64Array): number => mean(to.map((time, at) => (Number.isNaN(time) || Number.isNaN(from[at] as number) ? 0 : time - (from[at] as number))));
  const text = encoded?.map((time, at) => (Number.isNaN(time) ? (requests.arrival[at] as number) : time));
  return {
    ...(encodeStart === null || encoded === null ? {} : { encodeQueue: between(requests.arrival, encodeStart), encode: between(encodeStart, encoded) }),
    prefillQueue: between(text ?? requests.arrival, prefillStart),
    prefill: between(prefillStart, firstToken),
    transfer: between(firstToken, decodeReady),
    decodeQueue: between(decodeReady, decodeStart),
    decode: between(decodeStart, finish),
  };
}

export function summaryOf(outcome: Outcome, slo: Slo): RunSummary {
  const { requests, finish, putOut, events } = outcome;
  const [first, last] = [requests.arrival[0] as number, requests.arrival.at(-1) as number];
  const makespan = finish.reduce((most, time) => Math.max(most, time), first) - first;
  return {
    requests: finish.length,
    span: last - first,
    makespan,
    attainment: attainmentOf(outcome, slo),
    ttft: spreadOf(ttftOf(outcome)),
    tpot: spreadOf(tpotOf(outcome)),
    phases: phasesOf(outcome),
    outputTokensPerSecond: requests.output.reduce((sum, output) => sum + output, 0) / makespan,
    putOut,
    events,
  };
}
