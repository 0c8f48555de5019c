import { attainmentOf, quantileOf, type Slo } from './attainment.ts';
import type { Cluster } from './cluster.ts';
import { type Mean, meanOf } from './confidence.ts';
import { type Load, requestsAt } from './load.ts';
import { type Outcome, tpotOf, ttftOf } from './outcome.ts';
import { simulate } from './simulate.ts';
import { PERCENTILES } from './summary.ts';

export type Percentile = keyof typeof PERCENTILES;

/** What runs at one rate attain, means over loads; s. */
export interface CurvePoint {
  /** requests/s */
  readonly rate: number;
  /** by scale of the objective, as asked for */
  readonly attainments: readonly { readonly scale: number; readonly both: Mean; readonly ttft: number; readonly tpot: number }[];
  readonly ttft: Readonly<Record<Percentile, number>>;
  readonly tpot: Readonly<Record<Percentile, number>>;
  /** events of all runs, and requests put out for want of memory */
  readonly events: number;
  readonly putOut: number;
}

export interface CurveOptions {
  readonly slo: Slo;
  /** factors of both objectives: 1 unless given */
  readonly scales?: readonly number[];
  /** first requests of each run that are not looked at: 0 unless given */
  readonly warmup?: number;
}

/** A share has an interval within 0 and 1. */
const within01 = ({ mean, low, high }: Mean): Mean => ({ mean, low: low === null ? null : Math.max(0, low), high: high === null ? null : Math.min(1, high) });

const average = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

const percentiles = (outcomes: readonly Outcome[], of: (outcome: Outcome) => Float64Array, warmup: number): CurvePoint['ttft'] => {
  const at = (share: number): number => average(outcomes.map((outcome) => quantileOf(of(outcome).subarray(warmup), share)));
  return { p50: at(PERCENTILES.p50), p90: at(PERCENTILES.p90), p99: at(PERCENTILES.p99) };
};

/** Attainment and times of a cluster at a rate, over loads that differ by their seed. */
export function curvePoint(cluster: Cluster, loads: readonly Load[], rate: number, { slo, scales = [1], warmup = 0 }: CurveOptions): CurvePoint {
  const outcomes = loads.map((load) => simulate(requestsAt(load, rate), cluster));
  return {
    rate,
    attainments: scales.map((scale) => {
      const each = outcomes.map((outcome) => attainmentOf(outcome, slo, { scale, warmup }));
      return { scale, both: within01(meanOf(each.map(({ both }) => both))), ttft: average(each.map(({ ttft }) => ttft)), tpot: average(each.map(({ tpot }) => tpot)) };
    }),
    ttft: percentiles(outcomes, ttftOf, warmup),
    tpot: percentiles(outcomes, tpotOf, warmup),
    events: outcomes.reduce((sum, { events }) => sum + events, 0),
    putOut: outcomes.reduce((sum, { putOut }) => sum + putOut, 0),
  };
}

/** Factors of an objective at which an outcome keeps it for a share of the requests: the smallest that does. */
export function smallestScale(outcome: Outcome, slo: Slo, share: number): number {
  const [first, each] = [ttftOf(outcome), tpotOf(outcome)];
  const needed = first.map((time, at) => Math.max(time / slo.ttft, (each[at] as number) / slo.tpot)).sort();
  return needed[Math.max(0, Math.ceil(share * needed.length) - 1)] as number;
}
