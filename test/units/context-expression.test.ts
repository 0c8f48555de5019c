import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ContextCurve, spans } from '../../src/units/context-curve.ts';
import { evaluate, maxOf, minOf, scaled, sumOf, sumOver } from '../../src/units/context-expression.ts';
import { exactExpression, smallCurve } from './curves.ts';

const S = scaled(ContextCurve.linear(1), 1);
const hundred = scaled(ContextCurve.constant(100), 1);

describe('evaluate', () => {
  it('scales, adds, and takes the larger or smaller side', () => {
    expect(evaluate(scaled(ContextCurve.linear(3), 0.5), 7)).toBe(10.5);
    expect(evaluate(sumOf(S, hundred, S), 7)).toBe(114);
    expect([99, 100, 101].map((at) => evaluate(maxOf(S, hundred), at))).toEqual([100, 100, 101]);
    expect([99, 100, 101].map((at) => evaluate(minOf(S, hundred), at))).toEqual([99, 100, 100]);
    expect(evaluate(sumOf(), 7)).toBe(0);
  });

  it('refuses contexts that are none', () => {
    for (const at of [-1, 0.5, Number.NaN]) expect(() => evaluate(maxOf(S, hundred), at)).toThrow(RangeError);
  });
});

describe('construction', () => {
  it.each([Number.NaN, Number.POSITIVE_INFINITY])('refuses a scale of %s', (scale) => {
    expect(() => scaled(ContextCurve.linear(1), scale)).toThrow(new RangeError(`context-expression: scale ${scale} is not finite`));
  });

  it('refuses an extreme of nothing', () => {
    expect(() => maxOf()).toThrow(new RangeError('context-expression: max of 0 expressions is not defined'));
    expect(() => minOf()).toThrow(RangeError);
  });
});

describe('sumOver', () => {
  it('equals adding up one by one, also where sides change within the range', () => {
    fc.assert(
      fc.property(exactExpression(), fc.nat(150), fc.nat(400), (e, from, length) => {
        let sum = 0;
        for (let at = from; at <= from + length; at++) sum += evaluate(e, at);
        expect(sumOver(e, from, from + length)).toBe(sum);
      }),
      { numRuns: 500 },
    );
  });

  it('a maximum that changes sides at 100', () => {
    expect(sumOver(maxOf(S, hundred), 1, 200)).toBe(100 * 100 + (200 * 201) / 2 - (100 * 101) / 2);
  });

  it('is rounded once: a tenth summed a million times is a hundred thousand tenths of the double 0.1', () => {
    expect(sumOver(scaled(ContextCurve.constant(1), 0.1), 1, 1e6)).toBe(1e5);
    expect(sumOver(scaled(ContextCurve.constant(3), 2 ** -1074), 1, 5)).toBe(15 * 2 ** -1074);
    expect(sumOver(sumOf(scaled(ContextCurve.constant(1), 1e300), scaled(ContextCurve.constant(1), 1e-300)), 1, 10)).toBe(1e301);
  });

  it('with money-sized scales is within rounding of adding up', () => {
    const scale = fc.double({ min: 1e-24, max: 1e-9, noNaN: true });
    const side = fc.tuple(smallCurve, scale).map(([curve, by]) => scaled(curve, by));
    fc.assert(
      fc.property(side, side, fc.nat(1000), (a, b, at) => {
        const value = evaluate(maxOf(a, b), at);
        expect(Math.abs(sumOver(maxOf(a, b), at, at) - value)).toBeLessThanOrEqual(1e-14 * Math.abs(value));
      }),
    );
  });

  it('sums ten million contexts of a chunked curve in closed form', () => {
    const chunked = scaled(ContextCurve.of(2, spans.chunk(8192)), 0.5);
    expect(sumOver(maxOf(chunked, scaled(ContextCurve.constant(0), 1)), 1, 8192 * 1220)).toBe(1220 * ((8192 * 8193) / 2));
  });

  it('refuses an inverted range and contexts that are none', () => {
    expect(() => sumOver(S, 3, 2)).toThrow(new RangeError('context-curve: from 3 is above to 2'));
    expect(() => sumOver(S, -1, 2)).toThrow(RangeError);
    expect(() => sumOver(S, 1, Number.NaN)).toThrow(RangeError);
    expect(() => sumOver({ kind: 'curve', curve: ContextCurve.linear(1), scale: Number.NaN }, 1, 2)).toThrow(RangeError);
  });
});
