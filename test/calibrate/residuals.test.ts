import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coverage, digits, logRatios, median, thinned } from '../../src/calibrate/residuals.ts';

describe('logRatios', () => {
  it('are those of each group, in order of appearance, sorted, to four decimals', () => {
    const rows = [
      { group: 'b', measured: 4, predicted: 1 },
      { group: 'a', measured: 1, predicted: 1 },
      { group: 'b', measured: 1, predicted: 4 },
    ];
    expect(logRatios(rows)).toEqual([[-1.3863, 1.3863], [0]]);
  });
  it('of nothing are nothing', () => expect(logRatios([])).toEqual([]));
});

describe('thinned', () => {
  it('keeps up to nine as they are', () => {
    for (const count of [0, 1, 9]) {
      const list = Array.from({ length: count }, (_, at) => at);
      expect(thinned(list)).toEqual(list);
    }
  });
  it('takes the middles of nine equal parts of more', () => {
    expect(thinned(Array.from({ length: 27 }, (_, at) => at))).toEqual([1, 4, 7, 10, 13, 16, 19, 22, 25]);
    expect(thinned(Array.from({ length: 900 }, (_, at) => at))).toEqual([50, 150, 250, 350, 450, 550, 650, 750, 850]);
  });
});

describe('coverage', () => {
  it('is unknown of one group', () => {
    expect(coverage([])).toBeNull();
    expect(coverage([[0, 1]])).toBeNull();
  });
  it('is the share of points between the 10 % and 90 % quantiles of the other groups', () => {
    // [0] is not between 1 and 3, nor 1 or 3 at 0, nor 2
    expect(coverage([[0], [1, 2, 3]])).toBe(0);
    expect(coverage([[2], [1, 2, 3]])).toBe(2 / 4);
  });
  it('is all where groups are alike, and none where each is off on its own', () => {
    expect(
      coverage([
        [-1, 0, 1],
        [-1, 0, 1],
        [-1, 0, 1],
      ]),
    ).toBe(1);
    expect(coverage([[-1], [1]])).toBe(0);
  });
  it('leaves a group out of its own interval', () => expect(coverage([[0], [0], [0], [5]])).toBe(3 / 4));
});

describe('median', () => {
  it.each([
    [[3, 1, 2], 2],
    [[4, 1, 3, 2], 2.5],
    [[7], 7],
  ])('of %j is %d', (values, expected) => expect(median(values)).toBe(expected));
  it('has as many below as above', () =>
    fc.assert(
      fc.property(fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 50 }), (values) => {
        const middle = median(values);
        const half = values.length / 2;
        expect(values.filter((value) => value < middle).length).toBeLessThanOrEqual(half);
        expect(values.filter((value) => value > middle).length).toBeLessThanOrEqual(half);
      }),
    ));
});

describe('digits', () => {
  it('keeps four that are significant', () => expect([0.123449, 1.23456e-7, 99995, 0].map(digits)).toEqual([0.1234, 1.235e-7, 100_000, 0]));
});
