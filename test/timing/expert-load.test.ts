import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { busiestShare } from '../../src/timing/expert-load.ts';
import { expectNear, expectNotLess } from './support.ts';

const powerLaw = (exponent: number, experts: number, expertParallel: number, redundantExperts = 0): number =>
  busiestShare({ kind: 'power-law', exponent }, { experts, expertParallel, redundantExperts });

const exponents = fc.double({ min: 0.01, max: 9.99, noNaN: true });
const counts = fc.integer({ min: 1, max: 64 });
/** e groups of experts, each with one or more */
const groups = fc.record({ experts: counts, extra: fc.integer({ min: 0, max: 32 }), pick: fc.nat() }).map(({ experts, extra, pick }) => ({
  experts,
  redundantExperts: extra,
  expertParallel: 1 + (pick % (experts + extra)),
}));
const shareOf = (expert: number, exponent: number, experts: number): number => expert ** -exponent / Array.from({ length: experts }, (_, i) => (i + 1) ** -exponent).reduce((a, b) => a + b, 0);

describe('busiestShare, balanced', () => {
  it('is 1 / e, whatever the experts and their copies', () =>
    fc.assert(
      fc.property(groups, (given) => {
        expect(busiestShare({ kind: 'balanced' }, given)).toBe(1 / given.expertParallel);
      }),
    ));
});

describe('busiestShare, power law', () => {
  // four experts with i^-1: 12, 6, 4, 3 parts of 25
  // four experts with i^-2: 144, 36, 16, 9 parts of 205
  it.each([
    ['1 group has all rows', powerLaw(2, 4, 1), 205, 205],
    ['i^-1, 2 groups: 12 + 3 against 6 + 4', powerLaw(1, 4, 2), 15, 25],
    ['i^-1, 4 groups: the first expert', powerLaw(1, 4, 4), 12, 25],
    ['i^-2, 2 groups: 144 + 9 against 36 + 16', powerLaw(2, 4, 2), 153, 205],
    ['i^-2, 2 groups, one copy: 72 + 36 against 72 + 16 + 9', powerLaw(2, 4, 2, 1), 108, 205],
    ['i^-2, 2 groups, two copies: 48 + 48 + 9 against 48 + 36 + 16', powerLaw(2, 4, 2, 2), 105, 205],
    ['i^-2, 5 groups of one slot, one copy: half of the first expert', powerLaw(2, 4, 5, 1), 72, 205],
    ['i^-2, 8 groups of one slot, four copies: the second expert', powerLaw(2, 4, 8, 4), 36, 205],
    ['i^-2, 4 groups of two slots, four copies: two of five copies of the first', powerLaw(2, 4, 4, 4), 57.6, 205],
    ['i^-1, three experts in 2 groups of at most two: 6 against 3 + 2', powerLaw(1, 3, 2), 6, 11],
  ])('%s', (_, share, parts, all) => expectNear(share, parts / all));

  it('lies between 1 / e and 1, and holds at least the busiest copy', () =>
    fc.assert(
      fc.property(groups, exponents, (given, exponent) => {
        const { experts, expertParallel, redundantExperts } = given;
        const share = powerLaw(exponent, experts, expertParallel, redundantExperts);
        expectNotLess(share, 1 / expertParallel);
        expectNotLess(share, shareOf(1, exponent, experts) / (1 + redundantExperts));
        expect(share).toBeLessThanOrEqual(1 + 1e-12);
      }),
    ));

  it('is the share of the first expert where each group holds one, which grows with the exponent', () =>
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 64 }), exponents, exponents, (experts, a, b) => {
        const [even, uneven] = [Math.min(a, b), Math.max(a, b)];
        expectNear(powerLaw(even, experts, experts), shareOf(1, even, experts));
        expectNotLess(powerLaw(uneven, experts, experts), powerLaw(even, experts, experts));
      }),
    ));

  it('falls with every copy where each group holds one slot', () =>
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 32 }), fc.integer({ min: 0, max: 32 }), exponents, (experts, copies, exponent) => {
        expectNotLess(powerLaw(exponent, experts, experts + copies, copies), powerLaw(exponent, experts, experts + copies + 1, copies + 1));
      }),
    ));

  it('falls with more groups, which divide those before', () =>
    fc.assert(
      fc.property(counts, counts, fc.constantFrom(1, 2, 3, 4), exponents, (each, few, factor, exponent) => {
        const [experts, many] = [Math.min(each, 4) * few * factor, few * factor];
        expectNotLess(powerLaw(exponent, experts, few), powerLaw(exponent, experts, many));
      }),
    ));

  it('tends to 1 / e for an exponent towards 0, and to 1 for a large one', () => {
    expect(powerLaw(1e-9, 256, 32)).toBeCloseTo(1 / 32, 9);
    expect(powerLaw(9.99, 256, 32)).toBeGreaterThan(0.99);
  });

  it('of 256 experts, four a chip, is that of the first and the last three (exponent 0.8); copies bring it near the average', () => {
    const first = [1, 254, 255, 256].reduce((sum, expert) => sum + shareOf(expert, 0.8, 256), 0);
    expectNear(powerLaw(0.8, 256, 64), first);
    const overAverage = [0, 32, 64].map((copies) => 64 * powerLaw(0.8, 256, 64, copies)) as [number, number, number];
    expect(overAverage[0]).toBeGreaterThan(6);
    expect(overAverage[1]).toBeLessThan(1.05);
    expect(overAverage[2]).toBeLessThan(overAverage[1]);
  });
});
