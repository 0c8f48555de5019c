import { describe, expect, it } from 'vitest';
import { type Lengths, lengthsOf } from '../../../src/serving/engine/lengths.ts';
import { randomOf } from '../../../src/serving/engine/random.ts';

const meanOf = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => a + b, 0) / values.length;
const of = (lengths: Lengths, count = 40_000): Int32Array => lengthsOf(lengths, count, randomOf(4));

describe('lengthsOf', () => {
  it('gives every request a fixed length, and draws no number for it', () => {
    const never = (): number => {
      throw new Error('drawn');
    };
    expect(Array.from(lengthsOf({ kind: 'fixed', tokens: 7 }, 3, never))).toEqual([7, 7, 7]);
    expect(of({ kind: 'fixed', tokens: 7 }, 0).length).toBe(0);
  });

  // 40,000 draws: the standard error of the mean is mean x sqrt(exp(spread^2) - 1) / 200
  it.each([
    [500, 0.3],
    [500, 1],
    [200, 1.2],
  ])('has a log-normal mean of %d tokens, of spread %d', (mean, spread) => {
    const values = of({ kind: 'log-normal', mean, spread, longest: 1_000_000 });
    expect(Math.abs(meanOf(values) / mean - 1)).toBeLessThan((4 * Math.sqrt(Math.exp(spread ** 2) - 1)) / 200);
    const logarithms = Array.from(values, Math.log);
    const middle = meanOf(logarithms);
    expect(Math.abs(middle - (Math.log(mean) - spread ** 2 / 2))).toBeLessThan(0.03);
    expect(Math.abs(Math.sqrt(meanOf(logarithms.map((value) => (value - middle) ** 2))) / spread - 1)).toBeLessThan(0.03);
  });

  it('has log-normal lengths from 1 token to the longest, and all alike without spread', () => {
    const values = of({ kind: 'log-normal', mean: 3, spread: 2, longest: 50 });
    expect([Math.min(...values), Math.max(...values)]).toEqual([1, 50]);
    expect(new Set(of({ kind: 'log-normal', mean: 300, spread: 0, longest: 300 }))).toEqual(new Set([300]));
  });

  it('has a histogram: bins as often as they are likely, even within', () => {
    const values = of({ kind: 'histogram', edges: [0, 100, 200, 1000], probabilities: [1, 0, 3] });
    const [short, middle, long] = [[0, 100] as const, [101, 199] as const, [200, 1000] as const].map(([from, to]) => values.filter((value) => value >= from && value <= to));
    expect(middle?.length).toBe(0);
    expect(Math.abs((short as Int32Array).length / values.length - 0.25)).toBeLessThan(0.01);
    expect(Math.abs(meanOf(short as Int32Array) - 50)).toBeLessThan(1.5);
    expect(Math.abs(meanOf(long as Int32Array) - 600)).toBeLessThan(6);
    expect(Math.min(...values)).toBe(1);
  });

  it.each<[Lengths, string]>([
    [{ kind: 'fixed', tokens: 0 }, 'lengths: tokens 0 is not a whole number of at least 1'],
    [{ kind: 'fixed', tokens: 1.5 }, 'lengths: tokens 1.5 is not a whole number of at least 1'],
    [{ kind: 'fixed', tokens: Number.NaN }, 'lengths: tokens NaN is not a whole number of at least 1'],
    [{ kind: 'log-normal', mean: 0.5, spread: 1, longest: 10 }, 'lengths: mean 0.5 is not from 1 to 10'],
    [{ kind: 'log-normal', mean: 11, spread: 1, longest: 10 }, 'lengths: mean 11 is not from 1 to 10'],
    [{ kind: 'log-normal', mean: 5, spread: 1, longest: 16_777_217 }, 'lengths: longest 16777217 is more than 16777216 tokens'],
    [{ kind: 'log-normal', mean: 5, spread: -1, longest: 10 }, 'lengths: spread -1 is not from 0 to 3'],
    [{ kind: 'log-normal', mean: 5, spread: 3.5, longest: 10 }, 'lengths: spread 3.5 is not from 0 to 3'],
    [{ kind: 'histogram', edges: [1, 2], probabilities: [0.5, 0.5] }, 'lengths: edges 2 are not one more than 2 probabilities'],
    [{ kind: 'histogram', edges: [1, 2, 3], probabilities: [0.5, -0.5] }, 'lengths: probability -0.5 is below 0'],
    [{ kind: 'histogram', edges: [1, 2, 3], probabilities: [0, 0] }, 'lengths: probabilities 0 are not above 0 together'],
    [{ kind: 'histogram', edges: [1], probabilities: [] }, 'lengths: probabilities 0 are not above 0 together'],
    [{ kind: 'histogram', edges: [1, 5, 3], probabilities: [0.5, 0.5] }, 'lengths: edge 3 is below the one before it, 5'],
    [{ kind: 'histogram', edges: [-1, 5], probabilities: [1] }, 'lengths: edge -1 is not from 0 to 16777216'],
    [{ kind: 'histogram', edges: [1, Number.NaN], probabilities: [1] }, 'lengths: edge NaN is not from 0 to 16777216'],
    [{ kind: 'histogram', edges: [1, 5], probabilities: [Number.POSITIVE_INFINITY] }, 'lengths: probability Infinity is not finite'],
  ])('refuses %j', (lengths, message) => {
    expect(() => of(lengths, 0)).toThrow(new RangeError(message));
  });
});
