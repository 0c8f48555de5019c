import type { Requests } from '../engine/requests.ts';

/** Requests without a rate: gaps between arrivals in units of their mean, and lengths. */
export interface Load {
  /** from one arrival to the next, the first from the start of the run; s at 1 request/s */
  readonly gaps: Float64Array;
  readonly prompt: Int32Array;
  readonly output: Int32Array;
  /** as in `Requests` */
  readonly media?: Int32Array;
  /** the load comes again, at exactly its rate, until arrivals last so long, s: at a high rate a short run ends before queues build up. Once unless given; 200,000 requests at most */
  readonly leastSeconds?: number;
}

/** Requests of a run at most. */
const LONGEST_RUN = 200_000;

/** The requests of a load at a rate, in requests/s: gaps scale, lengths stay. */
export function requestsAt({ gaps, prompt, output, media, leastSeconds = 0 }: Load, rate: number): Requests {
  const count = Math.max(gaps.length, Math.min(LONGEST_RUN, Math.ceil(rate * leastSeconds)));
  const arrival = new Float64Array(count);
  const span = gaps.reduce((sum, gap) => sum + gap, 0) - (gaps[0] as number);
  // again: the first after one mean gap, the others so that they have the mean
  const scale = span > 0 ? (gaps.length - 1) / span : 1;
  let time = 0;
  for (let at = 0; at < count; at++) {
    const gap = gaps[at % gaps.length] as number;
    time += (at < gaps.length ? gap : at % gaps.length === 0 ? 1 : scale * gap) / rate;
    arrival[at] = time;
  }
  const repeated = (values: Int32Array): Int32Array => {
    if (count === values.length) return values;
    const all = new Int32Array(count);
    for (let at = 0; at < count; at++) all[at] = values[at % values.length] as number;
    return all;
  };
  return { arrival, prompt: repeated(prompt), output: repeated(output), ...(media === undefined ? {} : { media: repeated(media) }) };
}

/** The load of requests that have times: gaps x rate. */
export const loadOf = ({ arrival, ...columns }: Requests, rate: number): Load => ({ gaps: arrival.map((time, at) => (time - (arrival[at - 1] ?? 0)) * rate), ...columns });

/** Output tokens of a request, in the mean over loads. */
export const meanOutput = (loads: readonly Load[]): number => loads.reduce((sum, { output }) => sum + output.reduce((all, tokens) => all + tokens, 0) / output.length, 0) / loads.length;
