import { goodput } from '../../serving/disaggregation/goodput.ts';
import type { Ranking } from '../../serving/disaggregation/placement.ts';
import { type Allocation, allocationsOf, allocationText, clusterOfAllocation } from '../../serving/multimodal/allocation.ts';
import { searchAllocations } from '../../serving/multimodal/search.ts';
import { kept } from '../kept.ts';
import { SLO } from './data/latency.ts';
import { table5 } from './data/runs.ts';
import { type EngineId, engineForm } from './engine-fit.ts';
import { type PaperForm, paperFormEstimator } from './paper-form.ts';
import { clientLoad, type RunMeans, runOf, workersOf } from './runs.ts';

export const CHIPS = 8;
/** Share of the requests that is to keep both objectives: section 4. */
export const ATTAINMENT = 0.9;
/** Rates that are looked at, requests/s. */
export const RATES = { highest: 4, within: 1 / 64 } as const;
/** Batches of the three stages that the paper names: Appendices E.1, E.4 and A.3. */
export const BATCHES: readonly Allocation['batches'][] = [
  { encode: 1, prefill: 1, decode: 1 },
  { encode: 2, prefill: 1, decode: 128 },
  { encode: 8, prefill: 8, decode: 128 },
];
export const SHARES: readonly Allocation['share'][] = ['media', 'request'];
/** An allocation that misses the objectives at this share of the best rate so far is left. */
const PRUNE = 0.7;

const ONE = { tensorParallel: 1, pipelineParallel: 1 } as const;
const countsOf = (kinds: Parameters<typeof allocationsOf>[0]['kinds']): ReturnType<typeof allocationsOf> =>
  allocationsOf({ chips: CHIPS, fewer: false, prefill: [ONE], decode: [ONE], colocated: [ONE], kinds });
const objectives = SLO['minicpm-v-2.6'][table5.images];

/** Which times a worker has that encodes and reads: those of the released run of DistServe, or those of encode and prefill workers one after the other. */
export type Together = 'released' | 'apart-times';

const formOf = (engine: EngineId, together: Together): PaperForm => {
  const form = engineForm(engine);
  return together === 'released' ? form : { ...form, togetherSeconds: form.encodeSeconds + form.imageSeconds };
};

const goodputs = kept<number>();

/** Requests per second that an allocation serves within the objectives of Table 9. */
export function goodputOf(engine: EngineId, allocation: Allocation, together: Together = 'released'): number {
  const { batches, share } = allocation;
  return goodputs([engine, together, allocationText(allocation), batches.encode, batches.prefill, batches.decode, share].join(' '), () => {
    const form = formOf(engine, together);
    const estimator = paperFormEstimator(form);
    const slo = { ttft: objectives.ttft - estimator.entrySeconds, tpot: objectives.tpot };
    return goodput(clusterOfAllocation(estimator, allocation), [clientLoad(table5.images, form)], { slo, criterion: 'joint', share: ATTAINMENT }, RATES).rate;
  });
}

/** Every use of the chips, one chip a worker, with the batches of Table 5 and intra-request parallelism: the 21 counts of EPD, prefill and decode that encodes, and all together. */
export const allocations: readonly Allocation[] = countsOf(['epd', 'pd', 'aggregated']).map((counts) => ({
  ...counts,
  batches: table5.optimised.batches,
  share: 'media',
  dispatch: 'least-loaded',
  order: 'fcfs',
}));
export const epdAllocations: readonly Allocation[] = allocations.filter(({ encode }) => encode > 0);
export const optimised: Allocation = workersOf(table5.optimised.workers, table5.optimised.batches);

const rankings = kept<Ranking<Allocation>>();

/** Allocations ranked by goodput, as the search of this library has them. */
export const rankedAllocations = (engine: EngineId): Ranking<Allocation> =>
  rankings(engine, () => {
    const form = engineForm(engine);
    const seconds = (_prompt: number, media: number): number => (form.encodeSeconds + form.imageSeconds) * media;
    return searchAllocations(
      paperFormEstimator(form),
      countsOf(['epd', 'pd', 'aggregated']),
      { batches: BATCHES, shares: SHARES },
      {
        loads: [clientLoad(table5.images, form)],
        goal: { slo: objectives, criterion: 'joint', share: ATTAINMENT },
        rates: { highest: RATES.highest / CHIPS, within: RATES.within / CHIPS },
        objective: 'rate',
        prune: PRUNE,
        seconds,
      },
    );
  });

/** What the best allocation is. */
export const bestAllocation = (): Allocation => (rankedAllocations('engine')[0] as Ranking<Allocation>[number]).candidate;

/** Goodput of the printed counts over that of the best ones, both with the batches of Table 5. */
export const shareOfBest = (engine: EngineId): number => goodputOf(engine, optimised) / Math.max(...epdAllocations.map((allocation) => goodputOf(engine, allocation)));

/** Means over a space, as Table 5 has those of random configurations. */
export interface SpaceMeans extends Omit<RunMeans, 'latency'> {
  readonly goodput: number;
}

/** Counts of EPD, with and without intra-request parallelism, with every batch. */
export const space: readonly Allocation[] = epdAllocations.flatMap((allocation) => SHARES.flatMap((share) => BATCHES.map((batches) => ({ ...allocation, share, batches }))));

const means = kept<SpaceMeans>();

/** Means of goodput, and of the times at the rate of Table 5, over `space`. */
export const spaceMeans = (): SpaceMeans =>
  means('space', () => {
    const form = engineForm('engine');
    const load = clientLoad(table5.images, form);
    const rows = space.map((allocation) => ({ goodput: goodputOf('engine', allocation), ...runOf(form, allocation, load, table5.rate).means }));
    const mean = (of: keyof SpaceMeans): number => rows.reduce((sum, row) => sum + row[of], 0) / rows.length;
    return { goodput: mean('goodput'), ttft: mean('ttft'), tpot: mean('tpot') };
  });
