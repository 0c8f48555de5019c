import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { ContextCurve, spans } from '../../src/units/context-curve.ts';
import { maxOf, scaled, sumOf, sumOver } from '../../src/units/context-expression.ts';
import { crossings, periodicCrossings, signs } from '../../src/units/crossings.ts';
import { anyCurve, difference, exactExpression, scannedCrossings, smallCurve } from './curves.ts';

const S = ContextCurve.linear(1);
const constant = ContextCurve.constant;

describe('crossings of curves', () => {
  it.each([
    ['a line through a level between integers', ContextCurve.linear(2), constant(7), [{ at: 4, before: -1, after: 1, tieFrom: null }]],
    ['a tie of one context', S, constant(50), [{ at: 51, before: -1, after: 1, tieFrom: 50 }]],
    ['a tie of thirty-one contexts', S.plus(ContextCurve.of(1, spans.min(10))), constant(10).plus(ContextCurve.of(1, spans.min(40))), [{ at: 41, before: -1, after: 1, tieFrom: 10 }]],
    ['a tie that was never crossed', S, ContextCurve.of(1, spans.min(40)), []],
    ['a tie that is touched and left on the same side', S.prefixSum(), ContextCurve.linear(8).plus(constant(-28)), []],
    [
      'both ways through a parabola',
      S.prefixSum().plus(constant(30)),
      ContextCurve.linear(11),
      [
        { at: 4, before: 1, after: -1, tieFrom: null },
        { at: 18, before: -1, after: 1, tieFrom: null },
      ],
    ],
    [
      'jumps at each chunk',
      ContextCurve.of(1, spans.chunk(30)),
      constant(20),
      [
        { at: 21, before: -1, after: 1, tieFrom: 20 },
        { at: 31, before: 1, after: -1, tieFrom: null },
        { at: 51, before: -1, after: 1, tieFrom: 50 },
      ],
    ],
  ] as const)('%s', (_, a, b, expected) => {
    expect(crossings(a, b, 1, 60)).toEqual(expected);
    expect(scannedCrossings((at) => Number(a.exact(at) - b.exact(at)), 1, 60)).toEqual(expected);
  });

  it('equal a scan for small coefficients', () => {
    fc.assert(
      fc.property(smallCurve, smallCurve, fc.integer({ min: 0, max: 100 }), (a, b, from) => {
        expect(crossings(a, b, from, 2000)).toEqual(scannedCrossings((at) => Number(a.exact(at) - b.exact(at)), from, 2000));
      }),
      { numRuns: 300 },
    );
  });

  it('equal a scan for coefficients up to 2^70', () => {
    fc.assert(
      fc.property(anyCurve, anyCurve, (a, b) => {
        expect(crossings(a, b, 1, 1000)).toEqual(scannedCrossings((at) => Number(a.exact(at) - b.exact(at)), 1, 1000));
      }),
      { numRuns: 200 },
    );
  });

  it('equal a scan where the two sides differ by little', () => {
    fc.assert(
      fc.property(anyCurve, smallCurve, (a, small) => {
        expect(crossings(a.plus(small), a, 1, 2000)).toEqual(scannedCrossings((at) => Number(small.exact(at)), 1, 2000));
      }),
      { numRuns: 200 },
    );
  });

  it('have opposite signs when the sides are exchanged', () => {
    fc.assert(
      fc.property(smallCurve, smallCurve, (a, b) => {
        expect(crossings(b, a, 1, 2000)).toEqual(crossings(a, b, 1, 2000).map((c) => ({ ...c, before: -c.before, after: -c.after })));
      }),
    );
  });

  it('are confirmed at both neighbours far out', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e12 }), fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 1, max: 1e6 }), (start, a, b) => {
        const quadratic = S.prefixSum().times(a).plus(ContextCurve.linear(b));
        const level = constant(quadratic.exact(start) - 1n);
        expect(crossings(quadratic, level, 1, 2e12)).toEqual(start === 1 ? [] : [{ at: start, before: -1, after: 1, tieFrom: null }]);
      }),
    );
  });

  it('find all 1,220 chunks and the last part of ten million contexts', () => {
    const found = crossings(ContextCurve.of(3, spans.chunk(8192)), constant(3 * 4096 + 1), 1, 10_000_000);
    expect(found.length).toBe(2 * 1220 + 1);
    expect(found.at(-1)).toEqual({ at: 1220 * 8192 + 4097, before: -1, after: 1, tieFrom: null });
  });

  it('look only near the crossing when blocks are tiny', () => {
    const blocks = ContextCurve.of(16, spans.ceil(16));
    expect(crossings(blocks, constant(5_000_001), 1, 10_000_000)).toEqual([{ at: 5_000_001, before: -1, after: 1, tieFrom: null }]);
  });

  it('refuse a range that needs too many pieces', () => {
    expect(() => crossings(ContextCurve.of(2, spans.ceil(2)), S, 1, 10_000_000)).toThrow(/^sign-runs: contexts 1..10000000 of -S \+ 2\*ceil\(S \/ 2\) need more than 1048576 pieces$/);
  });
});

describe('crossings of expressions', () => {
  it('equal a scan', () => {
    fc.assert(
      fc.property(exactExpression(), exactExpression(), fc.integer({ min: 0, max: 50 }), (a, b, from) => {
        expect(crossings(a, b, from, 1000)).toEqual(scannedCrossings(difference(a, b), from, 1000));
      }),
      { numRuns: 400 },
    );
  });

  it('a roofline: memory bound until 100, then compute bound', () => {
    const a = maxOf(scaled(S, 3), scaled(constant(300), 1));
    const b = sumOf(scaled(constant(299), 1), scaled(S, 0.5));
    expect(crossings(a, b, 1, 1000)).toEqual([
      { at: 3, before: 1, after: -1, tieFrom: 2 },
      { at: 120, before: -1, after: 1, tieFrom: null },
    ]);
  });

  it('two sides that hold the same parts in another order tie everywhere', () => {
    const parts = [scaled(S, 0.1), scaled(ContextCurve.of(7, spans.ceil(5)), 0.3), scaled(constant(11), 1e-7)] as const;
    expect(crossings(sumOf(...parts), sumOf(...[...parts].reverse()), 1, 10_000)).toEqual([]);
  });

  it('scales of doubles are taken for the numbers they are', () => {
    expect(crossings(scaled(S, 1 / 3), scaled(constant(100), 1), 1, 1000)).toEqual([{ at: 301, before: -1, after: 1, tieFrom: null }]);
    expect(crossings(scaled(S, 0.5), scaled(constant(100), 1), 1, 1000)).toEqual([{ at: 201, before: -1, after: 1, tieFrom: 200 }]);
  });
});

describe('refusals', () => {
  it.each([
    [3, 2],
    [0.5, 2],
    [-1, 2],
    [1, Number.NaN],
    [1, Number.POSITIVE_INFINITY],
  ])('from %s to %s', (from, to) => {
    expect(() => crossings(S, constant(1), from, to)).toThrow(RangeError);
  });
});

describe('periodicCrossings', () => {
  it('one crossing of each envelope stands for many of the curve', () => {
    const { exact, mean, upper, lower } = periodicCrossings(ContextCurve.of(100, spans.chunk(100)), S, 1, 20_000);
    expect(exact.length).toBeGreaterThan(100);
    expect(mean.map(({ at }) => at)).toEqual([5051]);
    expect(upper.map(({ at }) => at)).toEqual([10_001]);
    expect(lower.map(({ at }) => at)).toEqual([101]);
  });

  it('are the exact ones where nothing is periodic', () => {
    const { exact, mean, upper, lower } = periodicCrossings(ContextCurve.of(100, spans.min(100)), S, 1, 20_000);
    expect(exact).toEqual([{ at: 10_001, before: 1, after: -1, tieFrom: 10_000 }]);
    expect([mean, upper, lower]).toEqual([exact, exact, exact]);
  });

  it('the mean of whole blocks ties exactly', () => {
    expect(periodicCrossings(ContextCurve.of(3, spans.ceil(3)), S.plus(constant(1)), 1, 1000).mean).toEqual([]);
  });
});

describe('signs', () => {
  it('are those of a - b at every context, in runs that leave no gap', () =>
    fc.assert(
      fc.property(exactExpression(), exactExpression(), fc.integer({ min: 0, max: 50 }), (a, b, from) => {
        const found = signs(a, b, from, 300).flatMap((run) => Array.from({ length: run.to - run.from + 1 }, (_, index) => [run.from + index, run.sign]));
        const contexts = Array.from({ length: 301 - from }, (_, index) => from + index);
        expect(found).toEqual(contexts.map((context) => [context, Math.sign(difference(a, b)(context)) + 0]));
      }),
    ));

  it('show a tie at the start, which is no crossing', () => {
    const [line, level] = [S, ContextCurve.of(1, spans.min(40))];
    expect(signs(line, level, 1, 50)).toEqual([
      { from: 1, to: 40, sign: 0 },
      { from: 41, to: 50, sign: 1 },
    ]);
    expect(crossings(line, level, 1, 50)).toEqual([]);
  });

  it('refuse a range that is none', () => expect(() => signs(S, S, 9, 3)).toThrow(RangeError));
});

it('takes curves of another copy of the library, as a program has that imports one build and requires the other', async () => {
  vi.resetModules();
  const other = await import('../../src/units/context-curve.ts');
  const line = other.ContextCurve.linear(2);
  expect(line).not.toBeInstanceOf(ContextCurve);
  expect(crossings(line, constant(7), 1, 100)).toEqual(crossings(ContextCurve.linear(2), constant(7), 1, 100));
  const top = maxOf(scaled(line, 0.5), scaled(constant(10), 1));
  expect(sumOver(top, 1, 20)).toBe(sumOver(maxOf(scaled(S, 1), scaled(constant(10), 1)), 1, 20));
});
