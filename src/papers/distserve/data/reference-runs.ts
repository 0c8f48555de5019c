import type { Splits } from './placements.ts';

/** A run of the released simulator. */
export interface ReferenceRun extends Splits {
  readonly model: 'opt-13b' | 'opt-66b';
  readonly requests: number;
  /** requests per second of all GPUs */
  readonly rate: number;
  /** times that a request is to keep, ms */
  readonly slo: { readonly ttftMs: number; readonly tpotMs: number };
  /** share of requests that keep both times, per cent, as printed */
  readonly attainmentPercent: string;
}

const run = (
  model: ReferenceRun['model'],
  engine: Splits['engine'],
  splits: readonly number[],
  requests: number,
  rate: number,
  [ttftMs, tpotMs]: readonly [number, number],
  attainmentPercent: string,
): ReferenceRun => ({ model, engine, splits, requests, rate, slo: { ttftMs, tpotMs }, attainmentPercent });

/**
 * Runs of the simulator that was released with the paper, unmodified but for the lengths, which are the first of `shareGptLengths`; Poisson arrivals of seed 0.
 * Source: github LLMServe/DistServe 82831f1, simdistserve, run for this project.
 */
export const referenceRuns: readonly ReferenceRun[] = [
  run('opt-13b', 'distserve', [2, 1, 1, 1], 300, 3, [250, 100], '99.0'),
  run('opt-13b', 'distserve', [2, 1, 1, 1], 300, 4.5, [250, 100], '98.0'),
  run('opt-13b', 'distserve', [2, 1, 1, 1], 300, 6.75, [250, 100], '92.3333'),
  run('opt-13b', 'distserve', [2, 1, 1, 1], 300, 9, [250, 100], '74.6667'),
  run('opt-13b', 'vllm', [1, 1], 100, 0.25, [250, 100], '82.0'),
  run('opt-13b', 'vllm', [1, 1], 100, 1, [250, 100], '75.0'),
  run('opt-13b', 'vllm', [1, 1], 100, 1.5, [250, 100], '74.0'),
  run('opt-13b', 'vllm', [1, 1], 100, 2, [250, 100], '68.0'),
  run('opt-13b', 'vllm', [1, 1], 100, 2.5, [250, 100], '55.0'),
  run('opt-13b', 'vllm', [1, 1], 100, 3, [250, 100], '41.0'),
  run('opt-66b', 'distserve', [4, 1, 2, 2], 200, 0.5, [2500, 150], '100.0'),
  run('opt-66b', 'distserve', [4, 1, 2, 2], 200, 1, [2500, 150], '100.0'),
  run('opt-66b', 'distserve', [4, 1, 2, 2], 200, 2, [2500, 150], '100.0'),
  run('opt-66b', 'distserve', [4, 1, 2, 2], 200, 4, [2500, 150], '100.0'),
  run('opt-66b', 'distserve', [4, 1, 2, 2], 200, 5, [2500, 150], '100.0'),
  run('opt-66b', 'distserve', [4, 1, 2, 2], 200, 6, [2500, 150], '100.0'),
  run('opt-66b', 'distserve', [4, 1, 2, 2], 200, 8, [2500, 150], '57.5'),
  run('opt-66b', 'vllm', [4, 1], 100, 0.25, [2500, 150], '99.0'),
  run('opt-66b', 'vllm', [4, 1], 100, 0.5, [2500, 150], '100.0'),
  run('opt-66b', 'vllm', [4, 1], 100, 1, [2500, 150], '96.0'),
  run('opt-66b', 'vllm', [4, 1], 100, 2, [2500, 150], '73.0'),
  run('opt-66b', 'vllm', [4, 1], 100, 2.5, [2500, 150], '55.0'),
  run('opt-66b', 'vllm', [4, 1], 100, 3, [2500, 150], '48.0'),
  run('opt-66b', 'vllm', [4, 1], 100, 4, [2500, 150], '29.0'),
  run('opt-66b', 'distserve', [4, 1, 2, 2], 200, 0.5, [400, 100], '97.0'),
  run('opt-66b', 'distserve', [4, 1, 2, 1], 150, 0.375, [400, 100], '98.0'),
  run('opt-66b', 'vllm', [4, 1], 100, 0.25, [400, 100], '71.0'),
  run('opt-66b', 'vllm', [8, 1], 200, 0.5, [400, 100], '97.0'),
  run('opt-66b', 'distserve', [4, 1, 2, 2], 200, 1, [400, 100], '95.5'),
  run('opt-66b', 'distserve', [4, 1, 2, 1], 150, 0.75, [400, 100], '96.6667'),
  run('opt-66b', 'vllm', [4, 1], 100, 0.5, [400, 100], '68.0'),
  run('opt-66b', 'vllm', [8, 1], 200, 1, [400, 100], '95.0'),
  run('opt-66b', 'distserve', [4, 1, 2, 2], 200, 2, [400, 100], '94.5'),
  run('opt-66b', 'distserve', [4, 1, 2, 1], 150, 1.5, [400, 100], '95.3333'),
  run('opt-66b', 'vllm', [4, 1], 100, 1, [400, 100], '56.0'),
  run('opt-66b', 'vllm', [8, 1], 200, 2, [400, 100], '86.5'),
  run('opt-66b', 'distserve', [4, 1, 2, 2], 200, 3, [400, 100], '84.0'),
  run('opt-66b', 'distserve', [4, 1, 2, 1], 150, 2.25, [400, 100], '92.0'),
  run('opt-66b', 'vllm', [4, 1], 100, 1.5, [400, 100], '39.0'),
  run('opt-66b', 'vllm', [8, 1], 200, 3, [400, 100], '62.5'),
  run('opt-66b', 'distserve', [4, 1, 2, 2], 200, 4, [400, 100], '67.0'),
  run('opt-66b', 'distserve', [4, 1, 2, 1], 150, 3, [400, 100], '81.3333'),
  run('opt-66b', 'vllm', [4, 1], 100, 2, [400, 100], '15.0'),
  run('opt-66b', 'vllm', [8, 1], 200, 4, [400, 100], '25.5'),
  run('opt-66b', 'distserve', [4, 1, 2, 2], 200, 5, [400, 100], '54.0'),
  run('opt-66b', 'distserve', [4, 1, 2, 1], 150, 3.75, [400, 100], '70.0'),
  run('opt-66b', 'vllm', [4, 1], 100, 2.5, [400, 100], '7.0'),
  run('opt-66b', 'vllm', [8, 1], 200, 5, [400, 100], '14.5'),
  run('opt-66b', 'distserve', [4, 1, 2, 2], 200, 6, [400, 100], '40.0'),
  run('opt-66b', 'distserve', [4, 1, 2, 1], 150, 4.5, [400, 100], '48.6667'),
  run('opt-66b', 'vllm', [4, 1], 100, 3, [400, 100], '5.0'),
  run('opt-66b', 'vllm', [8, 1], 200, 6, [400, 100], '10.0'),
];
