import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { type Aim, asPrinted, isMeasured, isPrediction, meets, type PrintedCell } from '../../src/papers/printed.ts';

const cell = (printed: string, aim?: Aim, scale = 1): PrintedCell => ({ id: 'a/b/c', paper: 'a', table: 'b', printed, scale, where: 'here', ...(aim === undefined ? {} : { aim }) });
const within = (share: number): Aim => ({ kind: 'within', share });
const factor = (by: number): Aim => ({ kind: 'factor', by });
const AT_MOST: Aim = { kind: 'at-most' };
const upTo = (value: number): Aim => ({ kind: 'up-to', value });
const near = (by: number): Aim => ({ kind: 'near', by });

describe('meets', () => {
  it.each([
    // without an aim: the printed digits, no more and no less
    [cell('0.040'), 0.04049, true],
    [cell('0.040'), 0.0406, false],
    [cell('7.89e8'), 7.894e8, true],
    [cell('7.89e8'), 7.896e8, false],
    [cell('316', undefined, 1e9), 316.4e9, true],
    [cell('316', undefined, 1e9), 316, false],
    // off by at most a share, to either side, both ends included
    [cell('200', within(0.1)), 180, true],
    [cell('200', within(0.25)), 250, true],
    [cell('200', within(0.25)), 150, true],
    [cell('200', within(0.25)), 251, false],
    [cell('200', within(0.25)), 149, false],
    [cell('200', within(0.25), 1e-6), 200e-6, true],
    [cell('200', within(0.25), 1e-6), 200, false],
    [cell('200', within(0)), 200, true],
    // at most a factor above or below, both ends included
    [cell('200', factor(2)), 400, true],
    [cell('200', factor(2)), 100, true],
    [cell('200', factor(2)), 400.1, false],
    [cell('200', factor(2)), 99.9, false],
    [cell('200', factor(2), 1e-6), 400e-6, true],
    [cell('200', factor(2), 1e-6), 200, false],
    [cell('200', factor(1)), 200, true],
    [cell('200', factor(2)), -200, false],
    // at most
    [cell('8.0', AT_MOST, 0.01), 0.08, true],
    [cell('8.0', AT_MOST, 0.01), 0.0801, false],
    [cell('8.0', AT_MOST, 0.01), 0, true],
    // from one value to another, both included; the other is not scaled
    [cell('70.0', upTo(0.9), 0.01), 0.7, true],
    [cell('70.0', upTo(0.9), 0.01), 0.9, true],
    [cell('70.0', upTo(0.9), 0.01), 0.6999, false],
    [cell('70.0', upTo(0.9), 0.01), 0.9001, false],
    // off by at most so much in the unit of print, to either side, both ends included, whatever the digits
    [cell('0.2055', near(0.0005)), 0.206, true],
    [cell('0.2055', near(0.0005)), 0.205, true],
    [cell('0.2055', near(0.0005)), 0.20601, false],
    [cell('0.2055', near(0.0005)), 0.20499, false],
    [cell('91.33', near(0.02), 0.01), 0.9135, true],
    [cell('91.33', near(0.02), 0.01), 0.9136, false],
    [cell('91.33', near(0.02), 0.01), 91.33, false],
    [cell('0', near(0)), 0, true],
  ] as const)('%j: %d is %s', (given, value, met) => expect(meets(value, given)).toBe(met));

  it.each([undefined, within(0.3), factor(3), AT_MOST, upTo(1000), near(1000)])('is never what has no value: %j', (aim) => {
    for (const nothing of [Number.NaN, Number.POSITIVE_INFINITY]) expect(meets(nothing, cell('200', aim))).toBe(false);
  });

  const values = fc.double({ min: 1e-3, max: 1e6, noNaN: true });
  const shares = fc.double({ min: 0.01, max: 0.5, noNaN: true });
  test.prop([fc.integer({ min: 1, max: 10_000 }), shares, fc.double({ min: -1, max: 1, noNaN: true })])('within a share is a band around the printed value', (printed, share, at) => {
    fc.pre(Math.abs(Math.abs(at) - share) > 1e-9);
    expect(meets(printed * (1 + at), cell(String(printed), within(share)))).toBe(Math.abs(at) < share);
  });
  test.prop([values, shares, shares])('a wider aim is met where a narrower is', (value, one, other) => {
    const [narrow, wide] = [Math.min(one, other), Math.max(one, other)];
    for (const aim of [within, near]) if (meets(value, cell('1000', aim(narrow)))) expect(meets(value, cell('1000', aim(wide)))).toBe(true);
  });
  test.prop([values, values, fc.double({ min: 1, max: 100, noNaN: true })])('within a factor is the same either way', (one, other, by) => {
    fc.pre(Math.abs(Math.abs(Math.log(one / other)) - Math.log(by)) > 1e-9);
    const met = meets(one, cell(other.toFixed(12), factor(by)));
    expect(met).toBe(meets(other, cell(one.toFixed(12), factor(by))));
    expect(met).toBe(Math.max(one / other, other / one) < by);
  });
  test.prop([fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 0, max: 1000 })])('at most is met by less', (printed, value) => {
    expect(meets(value, cell(String(printed), AT_MOST))).toBe(value <= printed);
  });
  test.prop([values])('without an aim a value meets what it is printed as, in either form', (value) => {
    for (const form of ['0.00', '1.00e3']) expect(meets(value, cell(asPrinted(value, form)))).toBe(true);
  });
});

describe('isPrediction', () => {
  it.each([
    [undefined, false],
    [near(0.1), false],
    [within(0.1), true],
    [factor(2), true],
    [AT_MOST, true],
    [upTo(1), true],
  ] as const)('of a cell with aim %j: %s', (aim, expected) => expect(isPrediction(cell('1', aim))).toBe(expected));
});

describe('isMeasured', () => {
  it.each([
    [undefined, false],
    [near(0.1), false],
    [within(0.1), true],
    [factor(2), true],
    [AT_MOST, false],
    [upTo(1), false],
  ] as const)('of a cell with aim %j: %s', (aim, expected) => expect(isMeasured(cell('1', aim))).toBe(expected));
});
