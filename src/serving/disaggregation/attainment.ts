import { type Outcome, tpotOf, ttftOf } from './outcome.ts';

/** Longest time to the first token, and per output token after it, s. */
export interface Slo {
  readonly ttft: number;
  readonly tpot: number;
}

/** Shares of the requests that keep both times, and each of them. */
export interface Attainment {
  readonly both: number;
  readonly ttft: number;
  readonly tpot: number;
}

/** Whether a share of the requests keeps both times, or a share of them the one and a share the other: the paper's figures and its released search. */
export const CRITERIA = ['joint', 'separate'] as const;
export type Criterion = (typeof CRITERIA)[number];

export interface Goal {
  readonly slo: Slo;
  readonly criterion: Criterion;
  /** 0.9: nine of ten requests */
  readonly share: number;
  /** first requests of a run that are not looked at, while queues fill: 0 unless given */
  readonly warmup?: number;
}

/** Shares of requests that keep times of `scale` x the objective, those of the warm-up left out. */
export function attainmentOf(outcome: Outcome, { ttft, tpot }: Slo, { scale = 1, warmup = 0 }: { readonly scale?: number; readonly warmup?: number } = {}): Attainment {
  const [first, each] = [ttftOf(outcome).subarray(warmup), tpotOf(outcome).subarray(warmup)];
  let [both, early, fast] = [0, 0, 0];
  for (let at = 0; at < first.length; at++) {
    const isEarly = (first[at] as number) <= scale * ttft;
    const isFast = (each[at] as number) <= scale * tpot;
    if (isEarly) early++;
    if (isFast) fast++;
    if (isEarly && isFast) both++;
  }
  return { both: both / first.length, ttft: early / first.length, tpot: fast / first.length };
}

/** The value below which a share of the values lies, linear between neighbours, as numpy and pandas have it. Sorts the values. */
export function quantileOf(values: Float64Array, share: number): number {
  values.sort();
  const place = share * (values.length - 1);
  const below = Math.floor(place);
  const low = values[below] as number;
  const high = values[Math.min(below + 1, values.length - 1)] as number;
  return low + (place - below) * (high - low);
}

/** Which time stops a run from reaching its goal: null where it reaches it. Separate: each quantile is below its time. */
export function shortfallOf(outcome: Outcome, { slo, criterion, share, warmup = 0 }: Goal): 'ttft' | 'tpot' | null {
  if (criterion === 'separate') {
    if (!(quantileOf(ttftOf(outcome).subarray(warmup), share) < slo.ttft)) return 'ttft';
    return quantileOf(tpotOf(outcome).subarray(warmup), share) < slo.tpot ? null : 'tpot';
  }
  const { both, ttft, tpot } = attainmentOf(outcome, slo, { warmup });
  return both >= share ? null : ttft <= tpot ? 'ttft' : 'tpot';
}

/** @throws RangeError for a goal that asks for nothing or for what cannot be */
export function checkGoal({ slo, share, warmup = 0 }: Goal, requests: number): void {
  const fail = (field: string, value: number, rule: string): never => {
    throw new RangeError(`goodput: ${field} ${value} ${rule}`);
  };
  for (const field of ['ttft', 'tpot'] as const) if (!(slo[field] > 0)) fail(field, slo[field], 's is not above 0');
  if (!(share > 0 && share <= 1)) fail('attainment', share, 'is not above 0 and at most 1');
  if (!(Number.isInteger(warmup) && warmup >= 0 && warmup < requests)) fail('warm-up', warmup, `is not a whole number from 0 to ${requests - 1}`);
}
