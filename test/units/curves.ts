import fc from 'fast-check';
import { ContextCurve, type Span, spans, type Term } from '../../src/units/context-curve.ts';
import { type ContextExpression, evaluate, maxOf, minOf, scaled, sumOf } from '../../src/units/context-expression.ts';
import type { Crossing } from '../../src/units/crossings.ts';

/** What each span means, counted out instead of in closed form. */
export function counted(span: Span, S: number): bigint {
  switch (span.kind) {
    case 'one':
      return 1n;
    case 'linear':
      return BigInt(S);
    case 'min':
      return BigInt(Math.min(S, span.window));
    case 'chunk': {
      let inChunk = 0;
      for (let t = 1; t <= S; t++) inChunk = inChunk === span.chunk ? 1 : inChunk + 1;
      return BigInt(inChunk);
    }
    case 'ceil':
      return BigInt(Math.ceil(S / span.block));
    case 'floor':
      return BigInt(Math.min(Math.floor(S / span.block), span.most ?? S));
    case 'prefix': {
      let sum = 0n;
      for (let t = 1; t <= S; t++) sum += counted(span.of, t);
      return sum;
    }
  }
}

export const countedSum = (terms: readonly Term[], S: number): bigint => terms.reduce((sum, { coefficient, span }) => sum + BigInt(coefficient) * counted(span, S), 0n);

/** Small blocks and windows, so that a few hundred contexts hold many of them. */
export const baseSpan: fc.Arbitrary<Span> = fc.oneof(
  fc.constant(spans.one),
  fc.constant(spans.linear),
  fc.integer({ min: 1, max: 300 }).map(spans.min),
  fc.integer({ min: 1, max: 70 }).map(spans.chunk),
  fc.integer({ min: 1, max: 70 }).map(spans.ceil),
  fc.integer({ min: 1, max: 70 }).map((block) => spans.floor(block)),
  fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 12 })).map(([block, most]) => spans.floor(block, most)),
);
export const anySpan: fc.Arbitrary<Span> = fc.oneof(baseSpan, baseSpan.map(spans.prefix));

const coefficient = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: -9, max: 9 }) },
  { weight: 2, arbitrary: fc.integer({ min: -3000, max: 3000 }) },
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }),
);

const curveOf = (span: fc.Arbitrary<Span>, of: fc.Arbitrary<number | bigint>): fc.Arbitrary<ContextCurve> =>
  fc.array(fc.tuple(of, span), { maxLength: 5 }).map((terms) => ContextCurve.sum(terms.map(([c, s]) => ContextCurve.of(c, s))));

export const baseCurve = curveOf(baseSpan, coefficient);
export const anyCurve = curveOf(anySpan, coefficient);
export const smallCurve = curveOf(anySpan, fc.integer({ min: -9, max: 9 }));
const smallBaseCurve = curveOf(baseSpan, fc.integer({ min: -40, max: 40 }));

/** Trees whose scales are whole or halves, so that doubles carry every value exactly and a scan can be the judge. */
export const exactExpression = (leaf: fc.Arbitrary<ContextCurve> = smallBaseCurve): fc.Arbitrary<ContextExpression> =>
  fc.letrec<{ tree: ContextExpression; leaf: ContextExpression }>((tie) => ({
    leaf: fc.tuple(leaf, fc.constantFrom(1, -1, 2, 0.5, 0.25)).map(([curve, scale]) => scaled(curve, scale)),
    tree: fc.oneof(
      { maxDepth: 3, depthSize: 'small' },
      tie('leaf'),
      fc.tuple(fc.constantFrom(sumOf, maxOf, minOf), fc.array(tie('tree'), { minLength: 1, maxLength: 3 })).map(([node, sides]) => node(...sides)),
    ),
  })).tree;

/** The definition of a crossing, by looking at every context. */
export function scannedCrossings(sign: (S: number) => number, from: number, to: number): readonly Crossing[] {
  const found: Crossing[] = [];
  let before: -1 | 0 | 1 = 0;
  let tieFrom: number | null = null;
  for (let at = from; at <= to; at++) {
    const after = Math.sign(sign(at)) as -1 | 0 | 1;
    if (after === 0) {
      tieFrom ??= at;
      continue;
    }
    if (before !== 0 && after !== before) found.push({ at, before, after, tieFrom });
    before = after;
    tieFrom = null;
  }
  return found;
}

export const difference =
  (a: ContextExpression, b: ContextExpression) =>
  (S: number): number =>
    evaluate(a, S) - evaluate(b, S);
