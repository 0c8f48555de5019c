import { ContextCurve } from './context-curve.ts';
import { type ContextExpression, scaled } from './context-expression.ts';
import { type Span, spans } from './span.ts';

export type EnvelopeSide = 'upper' | 'lower' | 'mean';

/**
 * An expression with each periodic span replaced by its bound or its mean over a period, for S >= 1:
 *               upper             lower             mean
 *   chunk(S, c)   min(S, c)         1                 min(S, (c + 1) / 2)
 *   ceil(S / b)   (S + b - 1) / b   S / b             S / b + (b - 1) / (2 b)
 *   floor(S / m)  S / m             (S - m + 1) / m   S / m - (m - 1) / (2 m)
 * A floor of at most k blocks has min(S, m k) in place of S.
 * A prefix sum becomes the prefix sum of the replacement. Where a coefficient times its scale is negative, upper and lower
 * change places. The mean of a maximum is the maximum of the means.
 */
export function envelope(e: ContextExpression, side: EnvelopeSide): ContextExpression {
  if (e.kind !== 'curve') return { kind: e.kind, of: e.of.map((part) => envelope(part, side)) };
  const parts = e.curve.terms.map(({ coefficient, span }) => {
    const opposite = side === 'upper' ? 'lower' : 'upper';
    const { curve, over } = replacement(span, side === 'mean' || coefficient < 0 === e.scale < 0 ? side : opposite);
    return { curve: curve.times(coefficient), over };
  });
  const common = parts.reduce((multiple, { over }) => (multiple * over) / divisor(multiple, over), 1n);
  const total = ContextCurve.sum(parts.map(({ curve, over }) => curve.times(common / over)));
  const shared = total.terms.reduce((shared, { coefficient }) => divisor(shared, BigInt(coefficient)), common);
  const reduced = ContextCurve.sum(total.terms.map(({ coefficient, span }) => ContextCurve.of(BigInt(coefficient) / shared, span)));
  return scaled(reduced, e.scale / Number(common / shared));
}

/** A replacement is an integer curve over an integer. */
interface Ratio {
  readonly curve: ContextCurve;
  readonly over: bigint;
}

function replacement(span: Span, side: EnvelopeSide): Ratio {
  switch (span.kind) {
    case 'chunk':
      return chunkEnvelope(span.chunk, side);
    case 'ceil':
      return blocks(span.block, { upper: 2 * (span.block - 1), lower: 0, mean: span.block - 1 }[side]);
    case 'floor':
      return blocks(span.block, { upper: 0, lower: -2 * (span.block - 1), mean: -(span.block - 1) }[side], span.most);
    case 'prefix': {
      const { curve, over } = replacement(span.of, side);
      return { curve: curve.prefixSum(), over };
    }
    default:
      return { curve: ContextCurve.of(1, span), over: 1n };
  }
}

/** The mean min(S, (c + 1) / 2) is half of two windows, since (c + 1) / 2 may lie between integers. */
function chunkEnvelope(chunk: number, side: EnvelopeSide): Ratio {
  if (side === 'upper') return { curve: ContextCurve.of(1, spans.min(chunk)), over: 1n };
  if (side === 'lower') return { curve: ContextCurve.constant(1), over: 1n };
  const half = Math.floor(chunk / 2);
  return { curve: ContextCurve.of(1, spans.min(chunk - half)).plus(ContextCurve.of(1, spans.min(half + 1))), over: 2n };
}

/** (2 S + offset) / (2 block), S up to what fills `most` blocks */
const blocks = (block: number, offset: number, most?: number): Ratio => ({
  curve: ContextCurve.of(2, most === undefined ? spans.linear : spans.min(block * most)).plus(ContextCurve.constant(offset)),
  over: 2n * BigInt(block),
});

function divisor(a: bigint, b: bigint): bigint {
  return b === 0n ? (a < 0n ? -a : a) : divisor(b, a % b);
}
