/** A function of the context length S that a curve is made of; every span is 0 at S = 0, except `one`. */
export type Span = BaseSpan | { readonly kind: 'prefix'; readonly of: SummedSpan };

export type BaseSpan =
  | { readonly kind: 'one' }
  | { readonly kind: 'linear' }
  | { readonly kind: 'min'; readonly window: number }
  | { readonly kind: 'chunk'; readonly chunk: number }
  | { readonly kind: 'ceil'; readonly block: number }
  | { readonly kind: 'floor'; readonly block: number; readonly most?: number };

/** What a prefix sum is taken of: that of `one` is `linear`. */
type SummedSpan = Exclude<BaseSpan, { readonly kind: 'one' }>;

const one: Span = Object.freeze({ kind: 'one' });
const linear: Span = Object.freeze({ kind: 'linear' });

/**
 * The spans by name, S the context length in tokens.
 *   one        1
 *   linear     S
 *   min(w)     min(S, w)             a sliding window
 *   chunk(c)   ((S - 1) mod c) + 1   a window that starts anew every c tokens
 *   ceil(b)    ceil(S / b)           blocks begun
 *   floor(m)   floor(S / m)          blocks completed; floor(m, k): at most k of them, min(floor(S / m), k)
 *   prefix(f)  sum_{t=1..S} f(t)     in closed form; prefix(one) is linear
 * @throws RangeError when w, c, b, m or k is not an integer of at least 1, or f is itself a prefix
 */
export const spans = {
  one,
  linear,
  min: (window: number): Span => ({ kind: 'min', window: positive('window', window) }),
  chunk: (chunk: number): Span => ({ kind: 'chunk', chunk: positive('chunk', chunk) }),
  ceil: (block: number): Span => ({ kind: 'ceil', block: positive('block', block) }),
  floor: (block: number, most?: number): Span => ({ kind: 'floor', block: positive('block', block), ...(most === undefined ? {} : { most: positive('most', most) }) }),
  prefix(of: Span): Span {
    if (of.kind === 'one') return linear;
    if (of.kind === 'prefix') throw new RangeError(`span: prefix of ${spanText(of)} has no closed form here`);
    return { kind: 'prefix', of };
  },
} as const;

function positive(field: string, value: number): number {
  if (!Number.isSafeInteger(value) || value < 1) throw new RangeError(`span: ${field} ${value} is not an integer of at least 1`);
  return value;
}

/** Value at an integer S >= 0 (unchecked): exact when below 2^53, at least 2^53 otherwise. */
export function spanAt(span: Span, S: number): number {
  switch (span.kind) {
    case 'one':
      return 1;
    case 'linear':
      return S;
    case 'min':
      return S < span.window ? S : span.window;
    case 'chunk':
      return S === 0 ? 0 : ((S - 1) % span.chunk) + 1;
    case 'ceil':
      return quotient(S, span.block) + (S % span.block === 0 ? 0 : 1);
    case 'floor':
      return Math.min(quotient(S, span.block), span.most ?? Number.POSITIVE_INFINITY);
    case 'prefix':
      return prefixAt(span.of, S);
  }
}

/** Sum of a span over 1..S: blocks that are whole, plus the rest. */
function prefixAt(span: SummedSpan, S: number): number {
  switch (span.kind) {
    case 'linear':
      return triangle(S);
    case 'min':
      return S <= span.window ? triangle(S) : triangle(span.window) + (S - span.window) * span.window;
    case 'chunk':
      return quotient(S, span.chunk) * triangle(span.chunk) + triangle(S % span.chunk);
    case 'ceil': {
      const blocks = quotient(S, span.block);
      return span.block * triangle(blocks) + (S % span.block) * (blocks + 1);
    }
    case 'floor': {
      const last = lastGrowing(span);
      if (S > last) return prefixAt(span, last) + (S - last) * (span.most as number);
      const blocks = quotient(S, span.block);
      return blocks === 0 ? 0 : span.block * triangle(blocks - 1) + ((S % span.block) + 1) * blocks;
    }
  }
}

/** Last context at which one more block can be completed. */
const lastGrowing = ({ block, most }: Extract<Span, { kind: 'floor' }>): number => (most === undefined ? Number.POSITIVE_INFINITY : block * most);

const quotient = (S: number, by: number): number => (S - (S % by)) / by;
const triangle = (n: number): number => (n % 2 === 0 ? (n / 2) * (n + 1) : n * ((n + 1) / 2));

/** Value at an integer S >= 0 (unchecked), exact at any size. */
export function spanExactly(span: Span, S: bigint): bigint {
  switch (span.kind) {
    case 'one':
      return 1n;
    case 'linear':
      return S;
    case 'min':
      return S < span.window ? S : BigInt(span.window);
    case 'chunk':
      return S === 0n ? 0n : ((S - 1n) % BigInt(span.chunk)) + 1n;
    case 'ceil':
      return (S + BigInt(span.block) - 1n) / BigInt(span.block);
    case 'floor': {
      const blocks = S / BigInt(span.block);
      return span.most !== undefined && blocks > BigInt(span.most) ? BigInt(span.most) : blocks;
    }
    case 'prefix':
      return prefixExactly(span.of, S);
  }
}

function prefixExactly(span: SummedSpan, S: bigint): bigint {
  const half = (n: bigint): bigint => (n * (n + 1n)) / 2n;
  switch (span.kind) {
    case 'linear':
      return half(S);
    case 'min': {
      const window = BigInt(span.window);
      return S <= window ? half(S) : half(window) + (S - window) * window;
    }
    case 'chunk': {
      const chunk = BigInt(span.chunk);
      return (S / chunk) * half(chunk) + half(S % chunk);
    }
    case 'ceil': {
      const block = BigInt(span.block);
      return block * half(S / block) + (S % block) * (S / block + 1n);
    }
    case 'floor': {
      const last = span.most === undefined ? S : BigInt(span.block) * BigInt(span.most);
      if (S > last) return prefixExactly(span, last) + (S - last) * BigInt(span.most as number);
      const block = BigInt(span.block);
      const blocks = S / block;
      return block * half(blocks - 1n) + ((S % block) + 1n) * blocks;
    }
  }
}

const RANK = { one: 0, linear: 1, min: 2, chunk: 3, ceil: 4, floor: 5, prefix: 6 } as const;

/** Canonical order: kinds as listed in `Span`, then by size; 0 for equal spans. */
export function compareSpans(a: Span, b: Span): number {
  if (a === b) return 0;
  if (a.kind === 'prefix' && b.kind === 'prefix') return compareSpans(a.of, b.of);
  return RANK[a.kind] - RANK[b.kind] || sizeOf(a) - sizeOf(b) || mostOf(a) - mostOf(b);
}

function sizeOf(span: Span): number {
  switch (span.kind) {
    case 'min':
      return span.window;
    case 'chunk':
      return span.chunk;
    case 'ceil':
    case 'floor':
      return span.block;
    default:
      return 0;
  }
}

const mostOf = (span: Span): number => (span.kind === 'floor' ? (span.most ?? 0) : 0);

/** A span as text: `S`, `min(S, 8192)`, `ceil(S / 64)`, `sum(t, t = 1..S)`. */
export function spanText(span: Span, variable = 'S'): string {
  switch (span.kind) {
    case 'one':
      return '1';
    case 'linear':
      return variable;
    case 'min':
      return `min(${variable}, ${span.window})`;
    case 'chunk':
      return `chunk(${variable}, ${span.chunk})`;
    case 'ceil':
      return `ceil(${variable} / ${span.block})`;
    case 'floor':
      return span.most === undefined ? `floor(${variable} / ${span.block})` : `min(floor(${variable} / ${span.block}), ${span.most})`;
    case 'prefix':
      return `sum(${spanText(span.of, 't')}, t = 1..${variable})`;
  }
}

/**
 * Last context of the piece that holds S (unchecked): between two such ends a span is a polynomial of degree <= 2 and never
 * falls. Windows end a piece once, blocks end one every block.
 */
export function pieceEnd(span: Span, S: number): number {
  switch (span.kind) {
    case 'one':
    case 'linear':
      return Number.POSITIVE_INFINITY;
    case 'min':
      return S <= span.window ? span.window : Number.POSITIVE_INFINITY;
    case 'chunk':
      return S % span.chunk === 0 ? S : S - (S % span.chunk) + span.chunk;
    case 'ceil':
      return S % span.block === 0 ? S : S - (S % span.block) + span.block;
    case 'floor':
      return S >= lastGrowing(span) ? Number.POSITIVE_INFINITY : S - (S % span.block) + span.block - 1;
    case 'prefix':
      return pieceEnd(span.of, S);
  }
}
