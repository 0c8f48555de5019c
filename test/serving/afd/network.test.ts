import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { COMBINE, DISPATCH, idealBatch, instancesReached, networkBatch, tokenBytes, transferTime } from '../../../src/serving/afd/network.ts';
import { chipOf, expectNear, expectNotLess } from '../../timing/support.ts';

const h800 = chipOf('h800');
const whole = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max });
const positive = (max: number): fc.Arbitrary<number> => fc.double({ min: 1e-3, max, noNaN: true });

describe('a token of Step-3, 7168 wide', () => {
  it('goes there in FP8 with 56 scales in FP32, and comes back in BF16', () => {
    expect(tokenBytes.evaluate({ hidden: 7168, ...DISPATCH })).toBe(7168 + 56 * 4);
    expect(tokenBytes.evaluate({ hidden: 7168, ...COMBINE })).toBe(14_336);
  });

  it('takes 3 bytes an element there and back without scales: the 3 H of section 5.4', () =>
    expect(tokenBytes.evaluate({ hidden: 7168, ...DISPATCH, scaleBytes: 0 }) + tokenBytes.evaluate({ hidden: 7168, ...COMBINE })).toBe(3 * 7168));
});

describe('instancesReached', () => {
  const reached = (instances: number, activeExperts: number): number => instancesReached.evaluate({ instances, activeExperts });

  it.each([
    [2, 2, 1.5],
    [2, 3, 1.75],
    [4, 3, 2.3125],
    [3, 2, 5 / 3],
  ])('of %i, %i experts: %d', (instances, activeExperts, expected) => expectNear(reached(instances, activeExperts), expected));

  test.prop([whole(1, 300), whole(1, 20)])('is 1 of one, 1 for one expert, and otherwise between 1 and both', (instances, activeExperts) => {
    expect(reached(1, activeExperts)).toBe(1);
    expectNear(reached(instances, 1), 1);
    expectNotLess(reached(instances, activeExperts), 1);
    expectNotLess(Math.min(instances, activeExperts), reached(instances, activeExperts));
  });

  test.prop([whole(1, 100)])('is all of them for endless experts', (instances) => {
    expect(reached(instances, 1e6)).toBe(instances);
  });

  test.prop([whole(2, 300), whole(1, 20)])('grows with instances and experts', (instances, activeExperts) => {
    expect(reached(instances, activeExperts + 1)).toBeGreaterThan(reached(instances, activeExperts));
    expectNotLess(reached(instances + 1, activeExperts), reached(instances, activeExperts));
  });

  it('is what dealing experts to instances at random gives, with replacement', () => {
    // all 4^3 ways to put three experts into four instances
    const ways = Array.from({ length: 64 }, (_, at) => new Set([at % 4, Math.floor(at / 4) % 4, Math.floor(at / 16)]).size);
    expectNear(reached(4, 3), ways.reduce((a, b) => a + b, 0) / 64);
  });
});

describe('transferTime', () => {
  const given = { tokens: 1024, reached: 2, bytes: 7392, chips: 8, nicBandwidth: 5e10, nicShare: 0.8 };

  it('of 1024 tokens of Step-3 to two instances by a server of H800: 47.3 us', () => {
    expect(h800.nicPerAcceleratorPerDirection).toBe(5e10);
    expectNear(transferTime.evaluate(given), (1024 * 2 * 7392) / 3.2e11);
    expect(transferTime.evaluate(given) * 1e6).toBeCloseTo(47.3, 1);
  });

  test.prop([positive(1e5), positive(100), positive(1e5), whole(1, 512), positive(1e12), fc.double({ min: 0.01, max: 1, noNaN: true }), whole(2, 9)])(
    'is in proportion to what is sent, and to one over what sends',
    (tokens, reached, bytes, chips, nicBandwidth, nicShare, times) => {
      const at = { tokens, reached, bytes, chips, nicBandwidth, nicShare };
      const base = transferTime.evaluate(at);
      for (const field of ['tokens', 'reached', 'bytes'] as const) expect(transferTime.evaluate({ ...at, [field]: times * at[field] }) / base / times).toBeCloseTo(1, 9);
      for (const field of ['chips', 'nicBandwidth', 'nicShare'] as const) expect((transferTime.evaluate({ ...at, [field]: times * at[field] }) * times) / base).toBeCloseTo(1, 9);
    },
  );
});

describe('networkBatch', () => {
  it('of one server of H800 at the full rate for 272 us, 3 H bytes a token: 5059', () =>
    expect(Math.floor(networkBatch.evaluate({ stageTime: 272e-6, attentionInstances: 1, reached: 1, networkBandwidth: 4e11, bytes: 3 * 7168 }))).toBe(5059));

  test.prop([positive(1), whole(1, 64), positive(32), positive(1e12), positive(1e5), fc.double({ min: 0.01, max: 1, noNaN: true })])(
    'takes, there and back, the time that it was found for',
    (stageTime, attentionInstances, reached, nicBandwidth, bytes, nicShare) => {
      const tokens = networkBatch.evaluate({ stageTime, attentionInstances, reached, networkBandwidth: 8 * nicBandwidth * nicShare, bytes });
      const take = (part: number): number => transferTime.evaluate({ tokens, reached, bytes: part * bytes, chips: 8 * attentionInstances, nicBandwidth, nicShare });
      expect((take(1 / 3) + take(2 / 3)) / stageTime).toBeCloseTo(1, 9);
    },
  );
});

describe('idealBatch', () => {
  it.each([
    ['h800', 1.98e15, 3.35e12, 295.52],
    ['h20', 2.96e14, 4e12, 37],
  ] as const)('of dense layers on %s is half of peak over bandwidth', (id, peak, memoryBandwidth, expected) => {
    expect([chipOf(id).peak.fp8, chipOf(id).memoryBandwidth]).toEqual([peak, memoryBandwidth]);
    expect(idealBatch.evaluate({ peak, memoryBandwidth, activationRatio: 1 })).toBeCloseTo(expected, 2);
  });

  it('of Step-3, 4 of 49 experts, on H800: 3620', () => expect(idealBatch.evaluate({ peak: 1.98e15, memoryBandwidth: 3.35e12, activationRatio: 4 / 49 })).toBeCloseTo((295.5224 * 49) / 4, 1));

  test.prop([positive(1e16), positive(1e13), fc.double({ min: 0.001, max: 1, noNaN: true })])('reads weights for as long as it multiplies', (peak, memoryBandwidth, activationRatio) => {
    const batch = idealBatch.evaluate({ peak, memoryBandwidth, activationRatio });
    // one matrix of a byte an element in each of E experts: B S E rows, E matrices
    expect((2 * batch * activationRatio) / peak / (1 / memoryBandwidth)).toBeCloseTo(1, 9);
  });
});
