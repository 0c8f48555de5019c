import { describe, expect, it } from 'vitest';
import { type Arrivals, gapsOf } from '../../../src/serving/engine/arrivals.ts';
import { randomOf } from '../../../src/serving/engine/random.ts';

const variationOf = (gaps: Float64Array): readonly [number, number] => {
  const values = gaps.subarray(1);
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return [mean, Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length) / mean];
};

describe('gapsOf', () => {
  it('starts with no gap, then one each', () => {
    expect(Array.from(gapsOf({ kind: 'fixed' }, 4, randomOf(0)))).toEqual([0, 1, 1, 1]);
    expect(Array.from(gapsOf({ kind: 'fixed' }, 1, randomOf(0)))).toEqual([0]);
    expect(gapsOf({ kind: 'poisson' }, 0, randomOf(0)).length).toBe(0);
  });

  // numpy.random.seed(0); numpy.random.gamma(shape=1, scale=1/3, size=39).sum(), numpy 2.4: the arrivals of the released simulator
  it('has the Poisson arrivals of the released simulator: the 40th of seed 0 at 3 requests/s after 15.097549489593796 s', () => {
    const gaps = gapsOf({ kind: 'poisson' }, 40, randomOf(0));
    expect(gaps[0]).toBe(0);
    expect(gaps.reduce((a, b) => a + b, 0) / 3).toBeCloseTo(15.097549489593796, 12);
  });

  it.each<[string, Arrivals, number]>([
    ['Poisson', { kind: 'poisson' }, 1],
    ['gamma of variation 0.1', { kind: 'gamma', cv: 0.1 }, 0.1],
    ['gamma of variation 0.5', { kind: 'gamma', cv: 0.5 }, 0.5],
    ['gamma of variation 1', { kind: 'gamma', cv: 1 }, 1],
    ['gamma of variation 2', { kind: 'gamma', cv: 2 }, 2],
    ['gamma of variation 4', { kind: 'gamma', cv: 4 }, 4],
  ])('has gaps of mean 1 and that variation: %s', (_, arrivals, cv) => {
    const [mean, variation] = variationOf(gapsOf(arrivals, 60_001, randomOf(2)));
    expect(Math.abs(mean - 1)).toBeLessThan((4 * cv) / Math.sqrt(60_000));
    expect(Math.abs(variation / cv - 1)).toBeLessThan(0.05);
  });

  it('refuses a variation that is none, even of no gaps', () => {
    const refusal = (cv: number): RangeError => new RangeError(`arrivals: cv ${cv} is not from 0.01 to 100`);
    for (const cv of [0, 0.009, 101, -1, Number.NaN, Number.POSITIVE_INFINITY]) expect(() => gapsOf({ kind: 'gamma', cv }, 0, randomOf(0))).toThrow(refusal(cv));
    for (const cv of [0.01, 100]) expect(gapsOf({ kind: 'gamma', cv }, 3, randomOf(0)).every((gap) => gap >= 0)).toBe(true);
  });
});
