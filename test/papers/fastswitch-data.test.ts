import { describe, expect, it } from 'vitest';
import { figure4 } from '../../src/papers/fastswitch/data/figure4.ts';
import { figure8Latency, figure8Throughput, METRICS, MODELS, PATTERNS, SYSTEMS } from '../../src/papers/fastswitch/data/figure8.ts';
import { figure9, figure10, type OverFrequency } from '../../src/papers/fastswitch/data/overheads.ts';
import { figure11, figure12, figure13 } from '../../src/papers/fastswitch/data/sensitivity.ts';
import { abstractSpeedups, RUNS, speedups, table1 } from '../../src/papers/fastswitch/data/text.ts';
import { figure1, figure2, PERCENTILES } from '../../src/papers/fastswitch/data/waiting.ts';

const cases = MODELS.flatMap((model) => PATTERNS.map((pattern) => [model, pattern] as const));
const rises = (values: readonly number[]): boolean => values.every((value, at) => at === 0 || value >= (values[at - 1] as number));
const lines: readonly (readonly [string, OverFrequency])[] = [
  ...Object.entries(figure9).map(([name, line]) => [`Figure 9, ${name}`, line] as const),
  ...Object.entries(figure10).map(([name, line]) => [`Figure 10, ${name}`, line] as const),
];

describe('bars of Figure 8', () => {
  it.each(cases)('%s, %s: each step of the ablation shortens every tail, and vLLM is 1 as near as bars are read', (model, pattern) => {
    const bars = figure8Latency[model][pattern];
    for (const metric of METRICS) {
      expect(Math.abs(bars.vllm[metric] - 1)).toBeLessThan(2e-4);
      const steps = (['vllm', ...SYSTEMS] as const).map((system) => bars[system][metric]);
      expect(rises([...steps].reverse()), metric).toBe(true);
    }
  });

  it.each(cases)('%s, %s: and raises the throughput', (model, pattern) => {
    const bars = figure8Throughput[model][pattern];
    expect(bars.vllm).toBe(1);
    expect(rises((['vllm', ...SYSTEMS] as const).map((system) => bars[system]))).toBe(true);
  });
});

describe('lines', () => {
  it.each(lines)('%s: a share for every frequency, both rising', (_, { frequency, share }) => {
    expect(share).toHaveLength(frequency.length);
    expect(rises(frequency) && rises(share)).toBe(true);
    expect(Math.max(...share)).toBeLessThan(0.5);
  });

  it('of Figure 10 have the same frequencies, those of Figure 9 with their ends too', () => {
    expect(figure10.dbg.frequency).toEqual(figure10.vllm.frequency);
    for (const system of ['dbg', 'dbg-reuse', 'fastswitch'] as const) for (const f of figure9[system].frequency) expect(figure9.vllm.frequency).toContain(f);
  });

  it('of Figures 2, 11, 12 and 13 have a value for every place', () => {
    expect(figure2.waiting).toHaveLength(figure2.percentile.length);
    expect(rises(figure2.waiting)).toBe(true);
    expect(figure11.ratio).toHaveLength(figure11.frequency.length);
    expect(Math.min(...figure11.ratio)).toBeGreaterThan(1);
    for (const series of [figure12.baseline, figure12.fastswitch]) {
      expect(series).toHaveLength(figure12.percentile.length);
      expect(rises(series)).toBe(true);
    }
    expect(Math.max(...figure12.fastswitch)).toBe(1);
    expect(figure13.share).toHaveLength(figure13.hostGigabytes.length);
    // the last gigabytes change nothing, the first halve it and more
    const last = figure13.share.slice(figure13.hostGigabytes.indexOf(60));
    expect(Math.max(...last) - Math.min(...last)).toBeLessThan(1e-4);
    expect((figure13.share[0] as number) / (last[0] as number)).toBeGreaterThan(3);
  });
});

describe('distributions of Figure 4', () => {
  it.each(Object.entries(figure4))('%s: from nothing to nearly all', (_, { x, y }) => {
    expect(y).toHaveLength(x.length);
    expect(rises(x) && rises(y)).toBe(true);
    expect(y[0]).toBeLessThan(0.001);
    expect(y.at(-1)).toBeGreaterThan(0.997);
    expect(y.at(-1)).toBeLessThanOrEqual(1);
  });

  it('of turns climbs at every second number only', () => {
    const { x, y } = figure4.turns;
    const between = (from: number, to: number): number => {
      const [low, high] = [from, to].map((turns) => y[x.findLastIndex((corner) => corner <= turns)] as number) as [number, number];
      return high - low;
    };
    for (const turns of [2, 4, 6, 8, 10]) {
      expect(between(Math.max(1, turns - 1.2), turns + 0.4), `${turns} turns`).toBeGreaterThan(0.08);
      expect(between(turns + 0.35, turns + 0.8), `behind ${turns} turns`).toBeLessThan(0.002);
    }
  });
});

describe('Figure 1', () => {
  it('has longer stalls at higher percentiles, and none at the median', () => {
    expect(rises(PERCENTILES.map((percentile) => figure1.stall[percentile]))).toBe(true);
    expect(figure1.stall.p50).toBe(0);
  });
});

describe('Table 1 and the text', () => {
  it('has fewer blocks, operations, smaller groups and less time with reuse', () => {
    const [without, withReuse] = RUNS.map((run) => table1[run]);
    for (const field of ['blocks', 'operations', 'granularity', 'seconds'] as const) expect(Number(withReuse?.[field])).toBeLessThan(Number(without?.[field]));
  });

  it('has the abstract from the least to the most of the speedups', () => {
    const all = cases.flatMap(([model, pattern]) => Object.values(speedups[model][pattern]).map(Number));
    expect([Math.min(...all), Math.max(...all)]).toEqual([abstractSpeedups.least, abstractSpeedups.most].map(Number));
  });
});
