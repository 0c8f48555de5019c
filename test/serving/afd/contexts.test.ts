import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { contextMix, expectedLargest, logNormalMix, oneContext, slowestReplica, spreadOf } from '../../../src/serving/afd/contexts.ts';
import { expectNear } from '../../timing/support.ts';

const weights = fc.uniqueArray(fc.record({ context: fc.integer({ min: 1, max: 1e6 }), weight: fc.double({ min: 1e-6, max: 1e6, noNaN: true }) }), {
  minLength: 1,
  maxLength: 8,
  selector: ({ context }) => context,
});

/** Quantiles of a standard normal number at 9/16 to 15/16, from tables. */
const UPPER = [0.15731, 0.31864, 0.48878, 0.67449, 0.88715, 1.15035, 1.53412];
const EDGES = [-8, ...UPPER.map((z) => -z).reverse(), 0, ...UPPER, 10];
/** Means of sixteen equal shares of a log-normal distribution of mean 1, by Simpson's rule over its density. */
function shareMeans(deviation: number): readonly number[] {
  const density = (z: number): number => Math.exp(deviation * z - deviation ** 2 / 2 - z ** 2 / 2) / Math.sqrt(2 * Math.PI);
  return EDGES.slice(1).map((to, at) => {
    const [from, steps] = [EDGES[at] as number, 2000];
    const width = (to - from) / steps;
    const terms = Array.from({ length: steps + 1 }, (_, step) => (step === 0 || step === steps ? 1 : step % 2 === 1 ? 4 : 2) * density(from + step * width));
    return (16 * width * terms.reduce((a, b) => a + b, 0)) / 3;
  });
}

describe('contextMix', () => {
  it('has shares in proportion to weights', () =>
    expect(
      contextMix([
        { context: 1000, weight: 3 },
        { context: 4000, weight: 1 },
      ]),
    ).toEqual([
      { context: 1000, share: 0.75 },
      { context: 4000, share: 0.25 },
    ]));

  test.prop([weights])('has shares that add up to 1, whatever the weights', (weighted) => {
    const mix = contextMix(weighted);
    expect(mix.map(({ context }) => context)).toEqual(weighted.map(({ context }) => context));
    expect(mix.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 12);
    for (const [at, { share }] of mix.entries()) expectNear(share * (weighted[0]?.weight as number), (mix[0]?.share as number) * (weighted[at]?.weight as number));
  });

  it('of one is `oneContext`', () => expect(contextMix([{ context: 77, weight: 5 }])).toEqual(oneContext(77)));

  it.each([
    [[], 'contexts: mix [] is empty'],
    [[{ context: 0, weight: 1 }], 'contexts: context 0 is not a positive integer'],
    [[{ context: 1.5, weight: 1 }], 'contexts: context 1.5 is not a positive integer'],
    [[{ context: Number.NaN, weight: 1 }], 'contexts: context NaN is not a positive integer'],
    [[{ context: 2 ** 53, weight: 1 }], 'contexts: context 9007199254740992 is not a positive integer'],
    [
      [
        { context: 1, weight: 1 },
        { context: 2, weight: 0 },
      ],
      'contexts: weight 0 is not a positive number',
    ],
    [
      [
        { context: 7, weight: 1 },
        { context: 8, weight: 1 },
        { context: 7, weight: 2 },
      ],
      'contexts: context 7 is given twice',
    ],
    [[{ context: 1, weight: -1 }], 'contexts: weight -1 is not a positive number'],
    [[{ context: 1, weight: Number.NaN }], 'contexts: weight NaN is not a positive number'],
    [[{ context: 1, weight: Number.POSITIVE_INFINITY }], 'contexts: weight Infinity is not a positive number'],
  ])('refuses %j: %s', (weighted, message) => {
    expect(() => contextMix(weighted)).toThrow(RangeError);
    expect(() => contextMix(weighted)).toThrow(new RangeError(message));
  });
});

describe('logNormalMix', () => {
  it('without deviation is one context', () => expect(logNormalMix(4096, 0)).toEqual(oneContext(4096)));

  it('of mean 8192 and deviation 1 has sixteen contexts, each the mean of its share', () => {
    const mix = logNormalMix(8192, 1);
    expect(mix.length).toBe(16);
    for (const { share } of mix) expect(share).toBe(1 / 16);
    const contexts = mix.map(({ context }) => context);
    expect(contexts).toEqual([...contexts].sort((a, b) => a - b));
    // quantiles of 1/16, 14/16 and 15/16 are -1.5341, 1.1503 and 1.5341; normal shares below -2.5341, 0.1503 and 0.5341 from tables
    const by = (from: number, to: number): number => 8192 * 16 * (to - from);
    expect(Math.abs((contexts[0] as number) / by(0, 0.005637) - 1)).toBeLessThan(0.001);
    expect(Math.abs((contexts[14] as number) / by(0.55974, 0.70336) - 1)).toBeLessThan(0.001);
    expect(Math.abs((contexts[15] as number) / by(0.70336, 1) - 1)).toBeLessThan(0.001);
  });

  it.each([0.5, 1, 2])('with deviation %d is the means of sixteen equal shares of the whole distribution', (deviation) => {
    const mix = logNormalMix(1_000_000, deviation);
    expect(mix.length).toBe(16);
    for (const [at, mean] of shareMeans(deviation).entries()) expect(Math.abs((mix[at]?.context as number) / (1e6 * mean) - 1), `share ${at}`).toBeLessThanOrEqual(2e-4);
  });

  it('has a standard deviation of 0.867 of the mean at deviation 0.8, and 1.128 at 1', () => {
    const of = (deviation: number): number => spreadOf(logNormalMix(1_000_000, deviation), (context) => context).deviation / 1e6;
    expect([of(0.8).toFixed(3), of(1).toFixed(3)]).toEqual(['0.867', '1.128']);
  });

  // the standard deviation of a log-normal number is its mean times (e^(deviation^2) - 1)^(1/2)
  it.each([
    [0.5, 0.03, 0.05],
    [1, 0.13, 0.15],
    [2, 0.6, 0.7],
  ])('with deviation %d loses a share of its spread between %d and %d', (deviation, from, to) => {
    const spread = spreadOf(logNormalMix(1_000_000, deviation), (context) => context).deviation;
    const lost = 1 - spread / (1_000_000 * Math.sqrt(Math.exp(deviation ** 2) - 1));
    expect(lost).toBeGreaterThan(from);
    expect(lost).toBeLessThan(to);
  });

  test.prop([fc.integer({ min: 1, max: 1_000_000 }), fc.double({ min: 0, max: 2, noNaN: true })])('keeps the mean to a token, in contexts of a token at least', (mean, deviation) => {
    const mix = logNormalMix(mean, deviation);
    expect(mix.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 12);
    expect(Math.abs(spreadOf(mix, (context) => context).mean - mean)).toBeLessThanOrEqual(1);
    for (const { context } of mix) expect(Number.isSafeInteger(context) && context >= 1).toBe(true);
    expect(new Set(mix.map(({ context }) => context)).size).toBe(mix.length);
  });

  test.prop([fc.double({ min: 0, max: 1.89, noNaN: true }), fc.double({ min: 0.01, max: 0.1, noNaN: true })])('spreads the more the larger the deviation', (deviation, more) => {
    const spread = (of: number): number => spreadOf(logNormalMix(100_000, of), (context) => context).deviation;
    expect(spread(deviation + more)).toBeGreaterThan(spread(deviation));
  });

  it.each([
    [0, 1, 'contexts: mean 0 is not a positive integer'],
    [1.5, 1, 'contexts: mean 1.5 is not a positive integer'],
    [100, -0.1, 'contexts: deviation -0.1 is not from 0 to 2'],
    [100, 2.1, 'contexts: deviation 2.1 is not from 0 to 2'],
    [100, Number.NaN, 'contexts: deviation NaN is not from 0 to 2'],
  ])('refuses mean %d with deviation %d: %s', (mean, deviation, message) => {
    expect(() => logNormalMix(mean, deviation)).toThrow(RangeError);
    expect(() => logNormalMix(mean, deviation)).toThrow(new RangeError(message));
  });
});

describe('spreadOf', () => {
  it('of 1000 and 4000, three to one: mean 1750, deviation 750 sqrt 3', () => {
    const mix = contextMix([
      { context: 1000, weight: 3 },
      { context: 4000, weight: 1 },
    ]);
    const { mean, deviation } = spreadOf(mix, (context) => context);
    expect(mean).toBe(1750);
    // (3/4 750^2 + 1/4 2250^2)^(1/2)
    expectNear(deviation, 750 * Math.sqrt(3));
  });

  it('of one context is that, without deviation', () => expect(spreadOf(oneContext(500), (context) => 2 * context)).toEqual({ mean: 1000, deviation: 0 }));

  test.prop([weights, fc.double({ min: 0, max: 10, noNaN: true }), fc.double({ min: 0, max: 10, noNaN: true })])('is moved by a constant, and stretched by a factor', (weighted, base, slope) => {
    const mix = contextMix(weighted);
    const [plain, moved] = [spreadOf(mix, (context) => context), spreadOf(mix, (context) => base + slope * context)];
    expect(Math.abs(moved.mean - (base + slope * plain.mean))).toBeLessThanOrEqual(1e-9 * (1 + moved.mean));
    expect(Math.abs(moved.deviation - slope * plain.deviation)).toBeLessThanOrEqual(1e-6 * (1 + moved.mean));
  });
});

describe('expectedLargest', () => {
  it('of one normal number is 0', () => expect(expectedLargest(1)).toBe(0));

  // Tippett 1925, Teichroew 1956; of two and three the quantile is further off than of more
  it.each([
    [2, 0.5642, 0.026],
    [3, 0.8463, 0.024],
    [4, 1.0294, 0.02],
    [5, 1.163, 0.02],
    [10, 1.5388, 0.02],
    [25, 1.9653, 0.02],
    [50, 2.2491, 0.02],
    [100, 2.5076, 0.02],
    [1000, 3.2414, 0.02],
  ])('of %i is %d, within %d', (n, exact, within) => expect(Math.abs(expectedLargest(n) - exact)).toBeLessThanOrEqual(within));

  test.prop([fc.integer({ min: 1, max: 1e6 })])('grows', (n) => {
    expect(expectedLargest(n + 1)).toBeGreaterThan(expectedLargest(n));
  });

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('refuses %d', (n) => {
    expect(() => expectedLargest(n)).toThrow(RangeError);
    expect(() => expectedLargest(n)).toThrow(new RangeError(`contexts: replicas ${n} is not a positive integer`));
  });
});

describe('slowestReplica', () => {
  it('of 16 requests, mean 10 ms and deviation 2 ms, at z = 1.5: 10.75 ms', () => expectNear(slowestReplica.evaluate({ mean: 0.01, deviation: 0.002, requests: 16, z: 1.5 }), 0.01075));

  it('is the mean for one replica, and for endless requests', () => {
    expect(slowestReplica.evaluate({ mean: 3, deviation: 2, requests: 4, z: expectedLargest(1) })).toBe(3);
    expect(slowestReplica.evaluate({ mean: 3, deviation: 2, requests: Number.POSITIVE_INFINITY, z: 1 })).toBe(3);
  });

  it('is what drawing contexts at random gives: 8 replicas of 64 requests of two contexts', () => {
    // a linear congruential generator: the same draws on every run
    let state = 12_345;
    const random = (): number => {
      state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
      return state / 2 ** 31;
    };
    const replica = (): number => Array.from({ length: 64 }, () => (random() < 0.75 ? 1000 : 4000)).reduce((a, b) => a + b, 0) / 64;
    const drawn = Array.from({ length: 2000 }, () => Math.max(...Array.from({ length: 8 }, replica))).reduce((a, b) => a + b, 0) / 2000;
    const expected = slowestReplica.evaluate({ mean: 1750, deviation: 750 * Math.sqrt(3), requests: 64, z: expectedLargest(8) });
    expect(Math.abs(expected / drawn - 1)).toBeLessThanOrEqual(0.02);
  });
});
