import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ContextCurve, spans } from '../../src/units/context-curve.ts';
import { anyCurve, anySpan, baseCurve, counted, countedSum } from './curves.ts';

const contextLength = fc.integer({ min: 1, max: 600 });
const safe = 2n ** 53n - 1n;

describe('spans', () => {
  it.each([
    [spans.one, [1n, 1n, 1n, 1n, 1n, 1n]],
    [spans.linear, [0n, 1n, 2n, 3n, 4n, 5n]],
    [spans.min(3), [0n, 1n, 2n, 3n, 3n, 3n]],
    [spans.chunk(3), [0n, 1n, 2n, 3n, 1n, 2n]],
    [spans.ceil(2), [0n, 1n, 1n, 2n, 2n, 3n]],
    [spans.floor(2), [0n, 0n, 1n, 1n, 2n, 2n]],
    [spans.prefix(spans.linear), [0n, 1n, 3n, 6n, 10n, 15n]],
    [spans.prefix(spans.min(3)), [0n, 1n, 3n, 6n, 9n, 12n]],
    [spans.prefix(spans.chunk(3)), [0n, 1n, 3n, 6n, 7n, 9n]],
    [spans.prefix(spans.ceil(2)), [0n, 1n, 2n, 4n, 6n, 9n]],
    [spans.prefix(spans.floor(2)), [0n, 0n, 1n, 2n, 4n, 6n]],
  ])('%o has these values at S = 0..5', (span, values) => {
    const curve = ContextCurve.of(1, span);
    expect(values.map((_, S) => curve.exact(S))).toEqual(values);
    expect(values.map((_, S) => BigInt(curve.evaluate(S)))).toEqual(values);
  });

  it('equal their definitions, counted out', () => {
    fc.assert(fc.property(anySpan, contextLength, (span, S) => ContextCurve.of(1, span).exact(S) === counted(span, S)));
  });

  it('one and linear are shared, and the prefix sum of one is linear', () => {
    expect(spans.prefix(spans.one)).toBe(spans.linear);
    expect(ContextCurve.constant(7).prefixSum().equals(ContextCurve.linear(7))).toBe(true);
  });

  it.each([0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])('refuse a size of %s', (size) => {
    expect(() => spans.min(size)).toThrow(new RangeError(`span: window ${size} is not an integer of at least 1`));
    expect(() => spans.chunk(size)).toThrow(new RangeError(`span: chunk ${size} is not an integer of at least 1`));
    expect(() => spans.ceil(size)).toThrow(new RangeError(`span: block ${size} is not an integer of at least 1`));
    expect(() => spans.floor(size)).toThrow(new RangeError(`span: block ${size} is not an integer of at least 1`));
  });

  it('refuse the prefix of a prefix', () => {
    expect(() => spans.prefix(spans.prefix(spans.min(4)))).toThrow(/^span: prefix of sum\(min\(t, 4\), t = 1..S\) has no closed form here$/);
  });
});

describe('terms', () => {
  it('are one per span, in canonical order, none zero, numbers up to 2^53 - 1 and bigints above', () => {
    const curve = ContextCurve.sum([
      ContextCurve.of(2, spans.floor(4)),
      ContextCurve.of(3, spans.min(9)),
      ContextCurve.of(1, spans.min(5)),
      ContextCurve.constant(safe),
      ContextCurve.of(-2, spans.floor(4)),
    ]);
    expect(curve.terms).toEqual([
      { coefficient: Number(safe), span: spans.one },
      { coefficient: 1, span: spans.min(5) },
      { coefficient: 3, span: spans.min(9) },
    ]);
    expect(curve.plus(ContextCurve.constant(1)).terms[0]).toEqual({ coefficient: safe + 1n, span: spans.one });
  });

  it('do not depend on the order of adding', () => {
    fc.assert(
      fc.property(anyCurve, anyCurve, anyCurve, (a, b, c) => {
        expect(a.plus(b).plus(c).terms).toEqual(c.plus(b).plus(a).terms);
      }),
    );
  });

  it('have a coefficient type that follows from its size', () => {
    fc.assert(
      fc.property(anyCurve, fc.bigInt({ min: -(2n ** 60n), max: 2n ** 60n }), (curve, factor) => {
        for (const { coefficient } of curve.times(factor).terms) {
          expect(BigInt(coefficient)).not.toBe(0n);
          expect(typeof coefficient).toBe(BigInt(coefficient) <= safe && BigInt(coefficient) >= -safe ? 'number' : 'bigint');
        }
      }),
    );
  });
});

describe('algebra', () => {
  it('plus and times act on values', () => {
    fc.assert(
      fc.property(anyCurve, anyCurve, fc.bigInt({ min: -(2n ** 60n), max: 2n ** 60n }), contextLength, (a, b, factor, S) => {
        expect(a.plus(b).exact(S)).toBe(a.exact(S) + b.exact(S));
        expect(a.times(factor).exact(S)).toBe(a.exact(S) * factor);
      }),
    );
  });

  it('a curve less itself is the zero curve', () => {
    fc.assert(
      fc.property(anyCurve, (curve) => {
        expect(curve.plus(curve.times(-1))).toBe(ContextCurve.zero);
        expect(curve.times(0)).toBe(ContextCurve.zero);
        expect(curve.plus(ContextCurve.zero)).toBe(curve);
      }),
    );
  });

  it('spans written out by hand merge with the shared ones', () => {
    expect(ContextCurve.of(1, { kind: 'linear' }).plus(ContextCurve.linear(2)).terms).toEqual([{ coefficient: 3, span: spans.linear }]);
  });

  it('sum of none is zero', () => {
    expect(ContextCurve.sum([])).toBe(ContextCurve.zero);
    expect(ContextCurve.zero.isZero).toBe(true);
    expect(ContextCurve.linear(1).isZero).toBe(false);
  });

  it('equals compares spans and coefficients', () => {
    expect(ContextCurve.of(3, spans.min(4)).equals(ContextCurve.of(3, spans.min(4)))).toBe(true);
    expect(ContextCurve.of(3, spans.min(4)).equals(ContextCurve.of(3, spans.min(5)))).toBe(false);
    expect(ContextCurve.of(3, spans.ceil(4)).equals(ContextCurve.of(3, spans.floor(4)))).toBe(false);
    expect(ContextCurve.of(3, spans.prefix(spans.ceil(4))).equals(ContextCurve.of(3, spans.prefix(spans.floor(4))))).toBe(false);
    expect(ContextCurve.linear(3).equals(ContextCurve.linear(4))).toBe(false);
    expect(ContextCurve.linear(3).equals(ContextCurve.zero)).toBe(false);
  });
});

describe('evaluate and exact', () => {
  it('exact equals the terms counted out', () => {
    fc.assert(fc.property(anyCurve, contextLength, (curve, S) => curve.exact(S) === countedSum(curve.terms, S) && curve.exact(BigInt(S)) === curve.exact(S)));
  });

  it('evaluate is exact below 2^53, also where large terms cancel, and within 1e-15 x terms above', () => {
    fc.assert(
      fc.property(anyCurve, fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }), (curve, S) => {
        const exact = curve.exact(S);
        if (exact <= safe && exact >= -safe) expect(curve.evaluate(S)).toBe(Number(exact));
        else expect(Math.abs(curve.evaluate(S) / Number(exact) - 1)).toBeLessThan(1e-14);
      }),
      { numRuns: 1000 },
    );
  });

  it('evaluate keeps a 1 that is left of cancelled terms above 2^53', () => {
    const curve = ContextCurve.linear(2n ** 60n)
      .plus(ContextCurve.of(-(2n ** 60n), spans.min(1000)))
      .plus(ContextCurve.constant(1));
    expect(curve.evaluate(1000)).toBe(1);
    expect(curve.evaluate(1001)).toBe(Number(2n ** 60n + 1n));
  });

  it.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])('refuse context length %s', (S) => {
    const message = `context-curve: context length ${S} is not an integer of at least 0`;
    expect(() => ContextCurve.linear(1).evaluate(S)).toThrow(new RangeError(message));
    expect(() => ContextCurve.linear(1).exact(S)).toThrow(new RangeError(message));
  });

  it('refuse a negative bigint context', () => {
    expect(() => ContextCurve.linear(1).exact(-1n)).toThrow(RangeError);
  });
});

describe('prefixSum and sumOver', () => {
  it('prefixSum adds the curve up from S = 1', () => {
    fc.assert(
      fc.property(baseCurve, fc.integer({ min: 0, max: 300 }), (curve, S) => {
        let sum = 0n;
        for (let t = 1; t <= S; t++) sum += curve.exact(t);
        expect(curve.prefixSum().exact(S)).toBe(sum);
      }),
    );
  });

  it('sumOver adds the curve up over both ends, from 0 on too', () => {
    fc.assert(
      fc.property(baseCurve, fc.nat(200), fc.nat(200), (curve, from, length) => {
        let sum = 0n;
        for (let S = from; S <= from + length; S++) sum += curve.exact(S);
        expect(curve.sumOver(from, from + length)).toBe(sum);
      }),
    );
  });

  it('a single context needs no prefix sum, so it works for prefix spans', () => {
    fc.assert(fc.property(anyCurve, contextLength, (curve, S) => curve.sumOver(S, S) === curve.exact(S)));
  });

  it('refuses a second prefix sum, an inverted range and contexts that are none', () => {
    const prefix = ContextCurve.linear(1).prefixSum();
    expect(() => prefix.prefixSum()).toThrow(RangeError);
    expect(() => prefix.sumOver(1, 2)).toThrow(RangeError);
    expect(() => ContextCurve.linear(1).sumOver(3, 2)).toThrow(new RangeError('context-curve: from 3 is above to 2'));
    expect(() => ContextCurve.linear(1).sumOver(Number.NaN, 2)).toThrow(new RangeError('context-curve: from NaN is not an integer of at least 0'));
    expect(() => ContextCurve.linear(1).sumOver(0, 2.5)).toThrow(new RangeError('context-curve: to 2.5 is not an integer of at least 0'));
  });
});

describe('coefficients', () => {
  it.each([0.5, Number.NaN, Number.POSITIVE_INFINITY])('refuses %s', (c) => {
    expect(() => ContextCurve.of(c, spans.one)).toThrow(new RangeError(`context-curve: coefficient ${c} is not an integer`));
    expect(() => ContextCurve.linear(1).times(c)).toThrow(new RangeError(`context-curve: factor ${c} is not an integer`));
  });

  it('refuses a number that may have been rounded', () => {
    expect(() => ContextCurve.constant(2 ** 53)).toThrow(new RangeError('context-curve: coefficient 9007199254740992 is above 2^53 - 1 in size and must be a bigint'));
  });
});

describe('text', () => {
  it.each([
    [ContextCurve.zero, '0'],
    [ContextCurve.linear(589824).plus(ContextCurve.of(12, spans.min(8192))), '589824*S + 12*min(S, 8192)'],
    [ContextCurve.constant(5).plus(ContextCurve.linear(-1)), '5 - S'],
    [ContextCurve.of(-1, spans.chunk(8)).plus(ContextCurve.of(-2, spans.ceil(64))), '-chunk(S, 8) - 2*ceil(S / 64)'],
    [
      ContextCurve.linear(3)
        .prefixSum()
        .plus(ContextCurve.of(1, spans.floor(16))),
      'floor(S / 16) + 3*sum(t, t = 1..S)',
    ],
  ])('%s', (curve, text) => {
    expect(curve.toString()).toBe(text);
  });

  it('JSON carries the terms, large coefficients as decimal strings', () => {
    const curve = ContextCurve.linear(2n ** 64n).plus(ContextCurve.of(3, spans.min(8)));
    expect(JSON.parse(JSON.stringify(curve))).toEqual([
      { coefficient: '18446744073709551616', span: { kind: 'linear' } },
      { coefficient: 3, span: { kind: 'min', window: 8 } },
    ]);
  });
});
