import type { Requests } from '../engine/requests.ts';

/** Requests without a rate: gaps between arrivals in units of their mean, and lengths. */
export interface Load {
  /** from one arrival to the next, the first from the start of the run; s at 1 request/s */
  readonly gaps: Float64Array;
  readonly prompt: Int32Array;
  readonly output: Int32Array;
}

/** The requests of a load at a rate, in requests/s: gaps scale, lengths stay. */
export function requestsAt({ gaps, prompt, output }: Load, rate: number): Requests {
  const arrival = new Float64Array(gaps.length);
  let time = 0;
  for (let at = 0; at < gaps.length; at++) {
    time += (gaps[at] as number) / rate;
    arrival[at] = time;
  }
  return { arrival, prompt, output };
}

/** The load of requests that have times: gaps x rate. */
export const loadOf = ({ arrival, prompt, output }: Requests, rate: number): Load => ({ gaps: arrival.map((time, at) => (time - (arrival[at - 1] ?? 0)) * rate), prompt, output });
