import type { Splits } from './placements.ts';

/** What the released search finds for one configuration. */
export interface SearchResult extends Splits {
  /** highest rate that keeps the objectives, requests per second and GPU, as printed; null where the simulator refuses to run */
  readonly ratePerGpu: string | null;
}

/** A search by the released code. */
export interface ReferenceSearch {
  readonly id: string;
  readonly model: 'opt-13b' | 'opt-66b';
  readonly servers: { readonly nodes: number; readonly gpusPerNode: number };
  /** times that nine of ten requests are to keep, each on its own, ms */
  readonly slo: { readonly ttftMs: number; readonly tpotMs: number };
  readonly requests: number;
  /** rates that are looked at: up to this one, to within a step, requests per second and GPU */
  readonly highest: number;
  readonly within: number;
  readonly results: readonly SearchResult[];
}

const result =
  (engine: Splits['engine']) =>
  (splits: string, ratePerGpu: string | null): SearchResult => ({ engine, splits: splits.split('-').map(Number), ratePerGpu });
const distserve = result('distserve');
const vllm = result('vllm');

/**
 * Searches by the code that was released with the paper, every configuration of one server, the lengths as in `referenceRuns`.
 * Source: github LLMServe/DistServe 82831f1, simdistserve/benchmarks, run for this project.
 */
export const referenceSearches: readonly ReferenceSearch[] = [
  {
    id: '13b-200-100',
    model: 'opt-13b',
    servers: { nodes: 1, gpusPerNode: 4 },
    slo: { ttftMs: 200, tpotMs: 100 },
    requests: 300,
    highest: 5,
    within: 0.25,
    results: [
      distserve('1-1-1-1', '0.46875'),
      distserve('1-1-1-2', '0.3125'),
      distserve('1-1-2-1', '0.3125'),
      distserve('1-2-1-1', '0.625'),
      distserve('1-2-1-2', '0.46875'),
      distserve('1-2-2-1', '0.46875'),
      distserve('2-1-1-1', '1.875'),
      distserve('2-1-1-2', '1.40625'),
      distserve('2-1-2-1', '1.40625'),
      vllm('1-1', '0'),
      vllm('1-2', '0'),
      vllm('1-4', '0'),
      vllm('2-1', '0'),
      vllm('2-2', '0.3125'),
      vllm('4-1', '1.5625'),
    ],
  },
  {
    id: '13b-250-100',
    model: 'opt-13b',
    servers: { nodes: 1, gpusPerNode: 4 },
    slo: { ttftMs: 250, tpotMs: 100 },
    requests: 300,
    highest: 5,
    within: 0.125,
    results: [
      distserve('1-1-1-1', '1.640625'),
      distserve('1-1-1-2', '1.09375'),
      distserve('1-1-2-1', '1.09375'),
      distserve('1-2-1-1', '2.265625'),
      distserve('1-2-1-2', '1.640625'),
      distserve('1-2-2-1', '1.640625'),
      distserve('2-1-1-1', '2.34375'),
      distserve('2-1-1-2', '1.796875'),
      distserve('2-1-2-1', '1.796875'),
      vllm('1-1', '0'),
      vllm('1-2', '0'),
      vllm('1-4', '0'),
      vllm('2-1', '1.328125'),
      vllm('2-2', '1.5625'),
      vllm('4-1', '1.5625'),
    ],
  },
  {
    id: '66b-2500-150',
    model: 'opt-66b',
    servers: { nodes: 1, gpusPerNode: 8 },
    slo: { ttftMs: 2500, tpotMs: 150 },
    requests: 200,
    highest: 2,
    within: 0.0625,
    results: [
      distserve('1-1-1-1', null),
      distserve('1-1-1-2', null),
      distserve('1-1-1-4', null),
      distserve('1-1-2-1', null),
      distserve('1-1-2-2', null),
      distserve('1-1-3-1', null),
      distserve('1-1-3-2', null),
      distserve('1-1-4-1', null),
      distserve('1-1-6-1', null),
      distserve('1-2-1-1', null),
      distserve('1-2-1-2', null),
      distserve('1-2-1-4', null),
      distserve('1-2-2-1', null),
      distserve('1-2-2-2', null),
      distserve('1-2-3-1', null),
      distserve('1-2-3-2', null),
      distserve('1-2-4-1', null),
      distserve('1-2-6-1', null),
      distserve('1-4-1-1', null),
      distserve('1-4-1-2', null),
      distserve('1-4-1-4', null),
      distserve('1-4-2-1', null),
      distserve('1-4-2-2', null),
      distserve('1-4-3-1', null),
      distserve('1-4-4-1', null),
      distserve('2-1-1-1', null),
      distserve('2-1-1-2', null),
      distserve('2-1-1-4', null),
      distserve('2-1-2-1', '0.75'),
      distserve('2-1-2-2', '0.5'),
      distserve('2-1-3-1', '0.625'),
      distserve('2-1-3-2', '0.375'),
      distserve('2-1-4-1', '0.5'),
      distserve('2-1-6-1', null),
      distserve('2-2-1-1', null),
      distserve('2-2-1-2', null),
      distserve('2-2-1-4', null),
      distserve('2-2-2-1', '1.125'),
      distserve('2-2-2-2', '0.8125'),
      distserve('2-2-3-1', '0.9375'),
      distserve('2-2-4-1', '0.8125'),
      distserve('3-1-1-1', null),
      distserve('3-1-1-2', null),
      distserve('3-1-1-4', null),
      distserve('3-1-2-1', '1.0'),
      distserve('3-1-2-2', '0.75'),
      distserve('3-1-3-1', '0.875'),
      distserve('3-1-4-1', '0.75'),
      distserve('3-2-1-1', null),
      distserve('3-2-1-2', null),
      distserve('3-2-2-1', '1.0'),
      distserve('4-1-1-1', null),
      distserve('4-1-1-2', null),
      distserve('4-1-1-4', null),
      distserve('4-1-2-1', '1.1875'),
      distserve('4-1-2-2', '0.875'),
      distserve('4-1-3-1', '1.0'),
      distserve('4-1-4-1', '0.875'),
      distserve('6-1-1-1', null),
      distserve('6-1-1-2', null),
      distserve('6-1-2-1', null),
      vllm('1-1', null),
      vllm('1-2', null),
      vllm('1-4', null),
      vllm('1-8', null),
      vllm('2-1', '0.1875'),
      vllm('2-2', '0.125'),
      vllm('2-4', '0.0625'),
      vllm('3-1', '0.375'),
      vllm('3-2', '0.25'),
      vllm('4-1', '0.375'),
      vllm('4-2', '0.25'),
      vllm('6-1', null),
      vllm('8-1', '0.375'),
    ],
  },
];

/** What the README of the released code says that its search finds for OPT-13B on one server of four GPUs at 200 and 100 ms, from its own sample of lengths. */
export const readmeSearch = { search: '13b-200-100', splits: '2-1-1-1', ratePerGpu: '1.56' } as const;
