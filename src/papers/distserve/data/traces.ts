import type { Splits } from './placements.ts';

/** Shares of requests within 100 ms per output token and 200 or 250 ms to the first, per cent, as printed. */
export interface TraceAttainment {
  readonly at200: string;
  readonly at250: string;
}

/** A run of a real engine on A100, OPT-13B. */
export interface Trace extends Omit<Splits, 'splits'> {
  readonly id: string;
  /** null where the placement is not stated */
  readonly splits: Splits['splits'] | null;
  readonly requests: number;
  /** requests per second of all GPUs */
  readonly rate: number;
  readonly measured: TraceAttainment;
  /** what the released simulator gives for the requests of the run; null where the placement is not stated */
  readonly released: TraceAttainment | null;
}

const attainment = ([at200, at250]: readonly [string, string]): TraceAttainment => ({ at200, at250 });
const run = (
  id: string,
  engine: Splits['engine'],
  splits: Trace['splits'],
  requests: number,
  rate: number,
  measured: readonly [string, string],
  released: readonly [string, string] | null,
): Trace => ({ id, engine, splits, requests, rate, measured: attainment(measured), released: released === null ? null : attainment(released) });

/**
 * Measured runs, the lengths of each the first of `shareGptLengths`, April 2024; the measured attainments are counted from the times of their requests.
 * Source: github LLMServe/DistServe 20a1633, simdistserve/benchmarks/alignment/data-ground-truth/opt-13b-sharegpt (Apache-2.0); what the released simulator
 * gives: the same repository at 82831f1, run for this project.
 */
export const traces: readonly Trace[] = [
  run('distserve-100-1.5', 'distserve', null, 100, 1.5, ['97.0', '98.0'], null),
  run('distserve-100-1', 'distserve', null, 100, 1, ['97.0', '99.0'], null),
  run('distserve-300-3', 'distserve', null, 300, 3, ['97.67', '98.33'], null),
  run('distserve-300-6', 'distserve', null, 300, 6, ['92.33', '96.67'], null),
  run('distserve-400-4', 'distserve', null, 400, 4, ['97.75', '98.75'], null),
  run('distserve-450-4.5', 'distserve', null, 450, 4.5, ['94.0', '97.33'], null),
  run('distserve-750-7.5', 'distserve', null, 750, 7.5, ['30.8', '33.87'], null),
  run('distserve-800-8', 'distserve', null, 800, 8, ['82.25', '89.88'], null),
  run('distserve-c21d11-1050-10.5', 'distserve', [2, 1, 1, 1], 1050, 10.5, ['12.29', '14.29'], ['10.1', '11.33']),
  run('distserve-c21d11-1200-12', 'distserve', [2, 1, 1, 1], 1200, 12, ['8.67', '9.83'], ['6.25', '6.75']),
  run('distserve-c21d11-300-10.5', 'distserve', [2, 1, 1, 1], 300, 10.5, ['46.0', '53.0'], ['49.67', '56.33']),
  run('distserve-c21d11-300-12', 'distserve', [2, 1, 1, 1], 300, 12, ['35.67', '42.0'], ['37.0', '41.0']),
  run('distserve-c21d11-300-3', 'distserve', [2, 1, 1, 1], 300, 3, ['96.33', '98.33'], ['96.0', '98.33']),
  run('distserve-c21d11-300-4.5', 'distserve', [2, 1, 1, 1], 300, 4.5, ['94.33', '96.67'], ['94.33', '96.33']),
  run('distserve-c21d11-300-6', 'distserve', [2, 1, 1, 1], 300, 6, ['90.67', '95.33'], ['88.33', '95.0']),
  run('distserve-c21d11-300-9', 'distserve', [2, 1, 1, 1], 300, 9, ['54.67', '62.67'], ['64.67', '74.33']),
  run('distserve-c21d11-750-7.5', 'distserve', [2, 1, 1, 1], 750, 7.5, ['31.33', '33.47'], ['27.6', '30.4']),
  run('distserve-c21d11-900-9', 'distserve', [2, 1, 1, 1], 900, 9, ['18.67', '21.22'], ['16.0', '18.44']),
  run('distserve-c21d12-1000-10', 'distserve', [2, 1, 1, 2], 1000, 10, ['16.2', '19.2'], ['66.7', '76.5']),
  run('distserve-c21d12-1200-12', 'distserve', [2, 1, 1, 2], 1200, 12, ['7.67', '9.08'], ['25.67', '30.25']),
  run('distserve-c21d12-1400-14', 'distserve', [2, 1, 1, 2], 1400, 14, ['4.0', '4.36'], ['8.43', '10.29']),
  run('distserve-c21d12-1600-16', 'distserve', [2, 1, 1, 2], 1600, 16, ['3.38', '4.25'], ['2.56', '2.94']),
  run('distserve-c21d12-400-4', 'distserve', [2, 1, 1, 2], 400, 4, ['96.0', '98.0'], ['95.75', '98.5']),
  run('distserve-c21d12-600-6', 'distserve', [2, 1, 1, 2], 600, 6, ['91.17', '94.5'], ['89.17', '94.67']),
  run('vllm-100-1', 'vllm', [1, 1], 100, 1, ['68.0', '86.0'], ['60.0', '71.0']),
  run('vllm-100-2', 'vllm', [1, 1], 100, 2, ['49.0', '63.0'], ['52.0', '65.0']),
  run('vllm-150-1.5', 'vllm', [1, 1], 150, 1.5, ['67.33', '84.67'], ['59.33', '75.33']),
  run('vllm-250-2.5', 'vllm', [1, 1], 250, 2.5, ['60.4', '78.0'], ['51.2', '63.2']),
  run('vllm-350-3.5', 'vllm', [1, 1], 350, 3.5, ['20.29', '25.43'], ['16.29', '21.71']),
  run('vllm-400-4', 'vllm', [1, 1], 400, 4, ['6.75', '8.0'], ['7.0', '8.25']),
];
