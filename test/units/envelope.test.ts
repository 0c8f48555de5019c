import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ContextCurve, type Span, spans } from '../../src/units/context-curve.ts';
import { evaluate, maxOf, scaled } from '../../src/units/context-expression.ts';
import { type EnvelopeSide, envelope } from '../../src/units/envelope.ts';
import { exactExpression, smallCurve } from './curves.ts';

const at = (span: Span, side: EnvelopeSide, S: number): number => evaluate(envelope(scaled(ContextCurve.of(1, span), 1), side), S);

describe('envelope', () => {
  it.each([
    ['chunk(S, 8)', spans.chunk(8), 'upper', 8],
    ['chunk(S, 8)', spans.chunk(8), 'lower', 1],
    ['chunk(S, 8)', spans.chunk(8), 'mean', 4.5],
    ['chunk(S, 7)', spans.chunk(7), 'mean', 4],
    ['ceil(S / 8)', spans.ceil(8), 'upper', (100 + 7) / 8],
    ['ceil(S / 8)', spans.ceil(8), 'lower', 100 / 8],
    ['ceil(S / 8)', spans.ceil(8), 'mean', 100 / 8 + 7 / 16],
    ['floor(S / 8)', spans.floor(8), 'upper', 100 / 8],
    ['floor(S / 8)', spans.floor(8), 'lower', 93 / 8],
    ['floor(S / 8)', spans.floor(8), 'mean', 100 / 8 - 7 / 16],
    ['min(floor(S / 8), 5)', spans.floor(8, 5), 'upper', 5],
    ['min(floor(S / 8), 5)', spans.floor(8, 5), 'mean', 5 - 7 / 16],
    ['min(S, 8)', spans.min(8), 'upper', 8],
    ['sum(chunk(t, 8))', spans.prefix(spans.chunk(8)), 'upper', 28 + 93 * 8],
    ['sum(chunk(t, 8))', spans.prefix(spans.chunk(8)), 'lower', 100],
  ] as const)('of %s at S = 100, %s side', (_, span, side, expected) => {
    expect(at(span, side, 100)).toBe(expected);
  });

  it('the mean of a chunk is min(S, (c + 1) / 2)', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 100 }), (chunk, S) => at(spans.chunk(chunk), 'mean', S) === Math.min(S, (chunk + 1) / 2)));
  });

  it('the mean over a whole period is the mean of the span, beyond the first period', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 5 }), fc.constantFrom(spans.chunk, spans.ceil, spans.floor), (block, periods, of) => {
        const span = of(block);
        let exact = 0;
        let mean = 0;
        const start = span.kind === 'floor' ? periods * block : periods * block + 1;
        for (let S = start; S < start + block; S++) {
          exact += ContextCurve.of(1, span).evaluate(S);
          mean += at(span, 'mean', S);
        }
        expect(mean).toBeCloseTo(exact, 9);
      }),
    );
  });

  it('bounds the curve, negative terms and scales included', () => {
    fc.assert(
      fc.property(smallCurve, fc.constantFrom(1, -1, 0.5, -3e-9), fc.integer({ min: 1, max: 500 }), (curve, scale, S) => {
        const e = scaled(curve, scale);
        const slack = 1e-12 * curve.terms.reduce((size, { coefficient, span }) => size + Math.abs(Number(coefficient) * scale) * (ContextCurve.of(1, span).evaluate(S) + S * S), 1e-300);
        expect(evaluate(envelope(e, 'upper'), S)).toBeGreaterThanOrEqual(evaluate(e, S) - slack);
        expect(evaluate(envelope(e, 'lower'), S)).toBeLessThanOrEqual(evaluate(e, S) + slack);
      }),
      { numRuns: 500 },
    );
  });

  it('bounds sums, maxima and minima', () => {
    fc.assert(
      fc.property(exactExpression(), fc.integer({ min: 1, max: 500 }), (e, S) => {
        const slack = 1e-9;
        expect(evaluate(envelope(e, 'upper'), S)).toBeGreaterThanOrEqual(evaluate(e, S) - slack);
        expect(evaluate(envelope(e, 'lower'), S)).toBeLessThanOrEqual(evaluate(e, S) + slack);
      }),
      { numRuns: 500 },
    );
  });

  it('leaves what is not periodic as it is', () => {
    const curve = ContextCurve.linear(3)
      .plus(ContextCurve.of(2, spans.min(9)))
      .plus(ContextCurve.constant(4))
      .plus(ContextCurve.linear(1).prefixSum());
    const e = maxOf(scaled(curve, 0.7), scaled(ContextCurve.zero, 1));
    for (const side of ['upper', 'lower', 'mean'] as const) expect(envelope(e, side)).toEqual(e);
  });
});
