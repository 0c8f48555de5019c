import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { largest, largestWithin, mostEfficient } from '../../src/units/largest.ts';

/** How often a function was asked. */
function counted<T>(of: (value: number) => T): { readonly of: (value: number) => T; readonly calls: () => number } {
  let calls = 0;
  const asked = (value: number): T => {
    calls++;
    return of(value);
  };
  return { of: asked, calls: () => calls };
}

/** The last whole number of a range that holds, looked for one by one. */
const scanned = (holds: (value: number) => boolean, from: number, to: number, none: number): number => {
  let found = none;
  for (let value = from; value <= to && holds(value); value++) found = value;
  return found;
};

describe('largest', () => {
  test.prop([fc.integer({ min: -5, max: 600 }), fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 300 })], { numRuns: 1000 })('equals a scan', (threshold, from, more) => {
    const holds = (value: number): boolean => value <= threshold;
    expect(largest(holds, { from, to: from + more })).toBe(scanned(holds, from + 1, from + more, from));
  });

  it('is the start where the next does not hold, without asking for the start itself', () => {
    const asked: number[] = [];
    const never = (value: number): boolean => {
      asked.push(value);
      return false;
    };
    expect(largest(never)).toBe(0);
    expect(largest(never, { from: 7, to: 100 })).toBe(7);
    expect(asked).not.toContain(0);
    expect(asked).not.toContain(7);
  });

  it('is the end where all hold: 2^40 unless given', () => {
    expect(largest(() => true)).toBe(2 ** 40);
    expect(largest(() => true, { to: 8192 })).toBe(8192);
    expect(largest(() => true, { from: 3, to: 10 })).toBe(10);
    expect(largest(() => true, { to: 0 })).toBe(0);
  });

  test.prop([fc.integer({ min: 1, max: 2 ** 39 })])('asks about twice as often as there are digits', (threshold) => {
    const { of, calls } = counted((value) => value <= threshold);
    expect(largest(of)).toBe(threshold);
    expect(calls()).toBeLessThanOrEqual(2 * Math.log2(threshold) + 3);
  });
});

describe('largestWithin', () => {
  /** Steps of a function that grows, flat in places, with jumps. */
  const growing = fc.array(fc.oneof(fc.constant(0), fc.double({ min: 0, max: 10, noNaN: true }), fc.double({ min: 0, max: 1e9, noNaN: true })), { minLength: 1, maxLength: 200 });

  test.prop([growing, fc.integer({ min: 1, max: 50 }), fc.double({ min: 0, max: 1.1, noNaN: true })], { numRuns: 2000 })('equals a scan', (steps, from, share) => {
    let sum = 0;
    const values = steps.map((step) => {
      sum += step;
      return sum;
    });
    const of = (value: number): number => values[value - from] as number;
    const [to, limit] = [from + values.length - 1, share * sum];
    expect(largestWithin(of, limit, { from, to })).toBe(scanned((value) => of(value) <= limit, from, to, 0));
  });

  test.prop([fc.integer({ min: 1, max: 8192 }), fc.double({ min: 0.01, max: 100, noNaN: true }), fc.double({ min: 0, max: 1000, noNaN: true })])(
    'asks a line five times at most',
    (at, slope, base) => {
      const { of, calls } = counted((value) => base + slope * value);
      expect(largestWithin(of, base + slope * (at + 0.5), { to: 8192 })).toBe(at);
      expect(calls()).toBeLessThanOrEqual(5);
    },
  );

  test.prop([fc.integer({ min: 1, max: 2 ** 20 }), fc.integer({ min: 1, max: 8 })])('asks any other function little more than halving twice would', (threshold, power) => {
    const { of, calls } = counted((value) => value ** power);
    expect(largestWithin(of, threshold ** power, { to: 2 ** 20 })).toBe(threshold);
    expect(calls()).toBeLessThanOrEqual(2 * 20 + 4);
  });

  it('is 0 where even the start is too much, or there is no range', () => {
    expect(largestWithin((value) => value, 4, { from: 5, to: 9 })).toBe(0);
    expect(largestWithin((value) => value, 4, { from: 5, to: 5 })).toBe(0);
    expect(largestWithin(() => 0, 4, { to: 0 })).toBe(0);
    expect(largestWithin(() => 0, 4, { from: 3, to: 2 })).toBe(0);
  });

  it('is the end where that is within, and the limit itself is within', () => {
    expect(largestWithin((value) => value, 9, { from: 5, to: 9 })).toBe(9);
    expect(largestWithin((value) => value, 5, { from: 5, to: 5 })).toBe(5);
    expect(largestWithin((value) => value, 7, { to: 9 })).toBe(7);
  });

  it('finds the step of a function that is flat but for one', () => {
    for (const step of [2, 3, 500, 999, 1000]) expect(largestWithin((value) => (value < step ? 1 : 1e12), 2, { to: 1000 })).toBe(step - 1);
  });
});

describe('mostEfficient', () => {
  /** Costs of waves: the same for all of a wave, however full. */
  const waves = fc.record({ wave: fc.integer({ min: 1, max: 600 }), base: fc.double({ min: 0, max: 10, noNaN: true }), slope: fc.double({ min: 0, max: 0.1, noNaN: true }) });
  const costOf =
    ({ wave, base, slope }: { readonly wave: number; readonly base: number; readonly slope: number }) =>
    (value: number): number =>
      base + Math.ceil(value / wave) + slope * value;

  test.prop([waves, fc.integer({ min: 1, max: 2000 }), fc.integer({ min: 1, max: 4 })], { numRuns: 1000 })(
    'is in the upper half, no worse than the end, and no worse than any other by more than an eighth',
    (given, to, most) => {
      const of = costOf(given);
      const rate = (value: number): number => value / of(value);
      const tried = mostEfficient(of, to, { most });
      expect(tried.length).toBeGreaterThanOrEqual(1);
      expect(tried.length).toBeLessThanOrEqual(most);
      expect(tried.map(rate)).toEqual(tried.map(rate).sort((a, b) => b - a));
      for (const value of tried) expect(Number.isInteger(value) && value >= Math.max(1, Math.floor(to / 2)) && value <= to).toBe(true);
      const found = tried[0] as number;
      expect(rate(found)).toBeGreaterThanOrEqual(rate(to));
      const best = Math.max(...Array.from({ length: to - Math.floor(to / 2) }, (_, at) => (to - at) / of(to - at)));
      if (to >= 32) expect(rate(found)).toBeGreaterThanOrEqual((best * 8 * (1 - 2 / to)) / 9);
    },
  );

  it('is the end where cost has a fixed part and no jumps, and the last before a jump that is not filled', () => {
    const found = (of: (value: number) => number, to: number): number => mostEfficient(of, to)[0] as number;
    expect(found((value) => 10 + value, 1000)).toBe(1000);
    expect(found((value) => 1 + Math.ceil(value / 128), 260)).toBe(256);
    expect(found((value) => 1 + Math.ceil(value / 128), 384)).toBe(384);
    expect(found(() => 1, 1)).toBe(1);
  });

  it('names what lies before a jump and is better than what follows, and the end', () => {
    const steps = (value: number): number => 1 + Math.ceil(value / 128);
    expect([mostEfficient(steps, 260), mostEfficient(steps, 260, { most: 2 }), mostEfficient(steps, 260, { most: 3 })]).toEqual([[256], [256, 260], [256, 260]]);
    expect(mostEfficient((value) => 10 + value, 1000, { most: 3 })).toEqual([1000]);
  });
});
