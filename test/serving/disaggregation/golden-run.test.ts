import { describe, expect, it } from 'vitest';
import type { Cluster } from '../../../src/serving/disaggregation/cluster.ts';
import { requestsAt } from '../../../src/serving/disaggregation/load.ts';
import { tpotOf, ttftOf } from '../../../src/serving/disaggregation/outcome.ts';
import { simulate } from '../../../src/serving/disaggregation/simulate.ts';
import { gapsOf } from '../../../src/serving/engine/arrivals.ts';
import { randomOf } from '../../../src/serving/engine/random.ts';
import { releasedCluster } from './released-run.ts';

/**
 * The first 40 requests of the runs of the released simulator, by the plain simulator of `reference.ts`: prompt, output, then the times to first token and per
 * output token, ms. OPT-13B, arrivals of seed 0.
 */
type Row = readonly [prompt: number, output: number, ttft: number, tpot: number, colocatedTtft: number, colocatedTpot: number];
const ROWS: readonly Row[] = [
  [55, 4, 21.5276, 22.0149, 32.8101, 25.5755],
  [829, 170, 76.3598, 26.7781, 147.1678, 38.0206],
  [697, 431, 66.801, 29.706, 142.4067, 41.3539],
  [1316, 9, 112.3645, 25.569, 224.9872, 31.3501],
  [56, 235, 21.5966, 29.6595, 57.9888, 41.2265],
  [1730, 216, 143.8859, 29.6039, 318.1273, 40.9487],
  [1717, 36, 142.8833, 26.902, 314.0022, 40.8918],
  [907, 13, 129.0118, 27.9205, 185.4716, 30.0615],
  [1420, 4, 120.2039, 27.2816, 264.5496, 30.5092],
  [415, 210, 46.6659, 31.1876, 85.467, 40.1808],
  [67, 21, 22.3553, 26.1996, 50.2418, 28.8392],
  [1010, 61, 89.6058, 28.2348, 190.5714, 44.6378],
  [377, 301, 43.9824, 31.1111, 96.5448, 47.0754],
  [345, 7, 41.7282, 27.0602, 101.2559, 29.5006],
  [1699, 126, 141.4965, 31.8333, 291.5292, 46.7218],
  [1728, 2, 369.6806, 32.1597, 748.5289, 32.5244],
  [323, 545, 354.4871, 28.5102, 702.9484, 38.5142],
  [1043, 247, 351.0828, 31.8907, 692.7356, 46.8618],
  [1835, 13, 205.1821, 32.9213, 328.7232, 32.2703],
  [1478, 162, 124.5989, 32.8747, 276.8323, 39.1269],
  [1187, 295, 102.7142, 31.3158, 217.1163, 43.2468],
  [596, 12, 59.5447, 30.7978, 142.392, 32.2304],
  [1589, 8, 133.056, 34.8643, 280.2194, 63.8058],
  [1455, 29, 152.7552, 32.8087, 249.9958, 37.0707],
  [370, 3, 43.4889, 35.3873, 81.4337, 56.735],
  [347, 169, 64.3787, 32.6309, 93.3126, 47.2072],
  [553, 327, 56.4706, 30.1369, 128.8586, 38.7216],
  [668, 52, 95.3947, 34.7941, 174.0769, 37.2436],
  [768, 437, 71.9319, 28.3719, 146.3379, 35.0032],
  [994, 303, 88.4284, 30.0071, 198.9796, 37.677],
  [865, 468, 78.9816, 27.9197, 179.5584, 33.6264],
  [432, 45, 75.6369, 36.1122, 113.2209, 67.3247],
  [799, 14, 74.1799, 37.8337, 158.5059, 101.0584],
  [1665, 46, 138.8813, 36.8259, 296.987, 58.3746],
  [1421, 36, 120.2796, 37.0893, 438.613, 53.4974],
  [1238, 227, 223.6378, 30.6539, 429.1287, 35.2929],
  [1348, 23, 178.1786, 37.8046, 248.7763, 54.4496],
  [1608, 10, 154.8556, 37.6717, 300.8383, 51.7536],
  [849, 34, 77.8156, 36.232, 157.2449, 33.872],
  [1147, 68, 99.7384, 32.1994, 222.2649, 31.6308],
];

const column = (at: number): readonly number[] => ROWS.map((row) => row[at] as number);
const load = { gaps: gapsOf({ kind: 'poisson' }, ROWS.length, randomOf(0)), prompt: Int32Array.from(column(0)), output: Int32Array.from(column(1)) };
const printed = (seconds: Float64Array): readonly number[] => Array.from(seconds, (value) => Number((1e3 * value).toFixed(4)));

describe('40 requests, OPT-13B', () => {
  it.each<[string, number, Cluster, number]>([
    ['prefill on two GPUs, decode on one, 6 requests/s', 6, releasedCluster('distserve', 'opt-13b', [2, 1, 163_008], [1, 1, 66_144]), 2],
    ['vLLM on one, 2 requests/s', 2, releasedCluster('vllm', 'opt-13b', [1, 1, 66_144], null), 4],
  ])('%s', (_, rate, cluster, first) => {
    const outcome = simulate(requestsAt(load, rate), cluster);
    expect(printed(ttftOf(outcome))).toEqual(column(first));
    expect(printed(tpotOf(outcome))).toEqual(column(first + 1));
  });

  // 14.742974 + 0.068577 x 55 + 2.44957e-6 x 55^2 ms, 1 ms of the pipeline, 2 ms and 0.0001 ms for each token of the scheduler
  it('start with a prompt of 55 tokens, alone: 21.5276 ms', () => expect(ROWS[0]?.slice(0, 3)).toEqual([55, 4, 21.5276]));
});
