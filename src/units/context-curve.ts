import { compareSpans, type Span, spanAt, spanExactly, spans, spanText } from './span.ts';

export { type Span, spans } from './span.ts';

/** One coefficient times one span: a `number` up to 2^53 - 1 in size, a `bigint` above. */
export interface Term {
  readonly coefficient: number | bigint;
  readonly span: Span;
}

/**
 * An exact function of the context length: a sum of integer coefficients times spans.
 * Terms are normalised: one per span, in canonical order, none zero; so equal term lists mean equal curves.
 * Contexts are integers >= 0, meant for S >= 1 (at S = 0 every span is 0, except `one`).
 * @throws RangeError for a coefficient that is no integer, and for a context that is none or negative
 */
export class ContextCurve {
  readonly terms: readonly Term[];

  static readonly zero: ContextCurve = new ContextCurve(Object.freeze([]));

  private constructor(terms: readonly Term[]) {
    this.terms = terms;
  }

  static constant(c: number | bigint): ContextCurve {
    return ContextCurve.of(c, spans.one);
  }

  static linear(c: number | bigint): ContextCurve {
    return ContextCurve.of(c, spans.linear);
  }

  /** `c` times one span. */
  static of(c: number | bigint, span: Span): ContextCurve {
    const coefficient = integer('coefficient', c);
    return coefficient === 0 ? ContextCurve.zero : new ContextCurve([{ coefficient, span }]);
  }

  static sum(curves: Iterable<ContextCurve>): ContextCurve {
    let total = ContextCurve.zero;
    for (const curve of curves) total = total.plus(curve);
    return total;
  }

  plus(other: ContextCurve): ContextCurve {
    const a = this.terms;
    const b = other.terms;
    if (b.length === 0) return this;
    if (a.length === 0) return other;
    const merged: Term[] = [];
    let i = 0;
    let j = 0;
    while (i < a.length && j < b.length) {
      const left = a[i] as Term;
      const right = b[j] as Term;
      const order = compareSpans(left.span, right.span);
      if (order === 0) {
        const coefficient = add(left.coefficient, right.coefficient);
        if (coefficient !== 0) merged.push({ coefficient, span: left.span });
        i++;
        j++;
      } else if (order < 0) {
        merged.push(left);
        i++;
      } else {
        merged.push(right);
        j++;
      }
    }
    while (i < a.length) merged.push(a[i++] as Term);
    while (j < b.length) merged.push(b[j++] as Term);
    return merged.length === 0 ? ContextCurve.zero : new ContextCurve(merged);
  }

  /** Every coefficient times an integer, which may be negative: `a.plus(b.times(-1))` is a difference. */
  times(factor: number | bigint): ContextCurve {
    const by = integer('factor', factor);
    if (by === 1) return this;
    if (by === 0 || this.isZero) return ContextCurve.zero;
    return new ContextCurve(this.terms.map(({ coefficient, span }) => ({ coefficient: multiply(coefficient, by), span })));
  }

  /**
   * sum_{t=1..S} of this curve, again a curve.
   * @throws RangeError when a term is already a prefix sum
   */
  prefixSum(): ContextCurve {
    return ContextCurve.sum(this.terms.map(({ coefficient, span }) => ContextCurve.of(coefficient, spans.prefix(span))));
  }

  /** Value at S as a double: exact when below 2^53 in size. */
  evaluate(contextLength: number): number {
    context('context length', contextLength);
    const { terms } = this;
    let total = 0;
    let largest = 0;
    let smallest = 0;
    for (let i = 0; i < terms.length; i++) {
      const { coefficient, span } = terms[i] as Term;
      const value = Number(coefficient) * spanAt(span, contextLength);
      if (value > 0) largest += value;
      else smallest += value;
      total += value;
    }
    const cancels = smallest < 0 && largest > 0 && largest - smallest > Number.MAX_SAFE_INTEGER;
    return cancels ? Number(this.exact(contextLength)) : total;
  }

  /** Value at S, exact at any size. */
  exact(contextLength: number | bigint): bigint {
    const S = typeof contextLength === 'bigint' ? contextLength : BigInt(context('context length', contextLength));
    if (S < 0n) throw new RangeError(`context-curve: context length ${S} is not an integer of at least 0`);
    let total = 0n;
    for (const { coefficient, span } of this.terms) total += BigInt(coefficient) * spanExactly(span, S);
    return total;
  }

  /**
   * sum_{S=from..to} of this curve, both ends included, exact.
   * @throws RangeError when from > to, or when from < to and a term is a prefix sum
   */
  sumOver(from: number, to: number): bigint {
    contextRange(from, to);
    if (from === to) return this.exact(from);
    const prefix = this.prefixSum();
    return from === 0 ? this.exact(0) + prefix.exact(to) : prefix.exact(to) - prefix.exact(from - 1);
  }

  get isZero(): boolean {
    return this.terms.length === 0;
  }

  equals(other: ContextCurve): boolean {
    if (this.terms.length !== other.terms.length) return false;
    return this.terms.every((term, i) => {
      const { coefficient, span } = other.terms[i] as Term;
      return term.coefficient === coefficient && compareSpans(term.span, span) === 0;
    });
  }

  /** `589824*S + 12*min(S, 8192)`; `0` for no terms. */
  toString(): string {
    if (this.isZero) return '0';
    return this.terms.map((term, i) => (i === 0 ? termText(term) : term.coefficient < 0 ? ` - ${termText(negated(term))}` : ` + ${termText(term)}`)).join('');
  }

  /** The terms; a coefficient above 2^53 - 1 as a decimal string. */
  toJSON(): readonly { readonly coefficient: number | string; readonly span: Span }[] {
    return this.terms.map(({ coefficient, span }) => ({ coefficient: typeof coefficient === 'bigint' ? coefficient.toString() : coefficient, span }));
  }
}

/** Whether a value is a curve, of this copy of the class or of another: one program can load both builds of the library. */
export const isCurve = (value: object): value is ContextCurve => 'terms' in value;

/**
 * Passes an integer context length of at least 0.
 * @throws RangeError for any other number
 */
export function context(field: string, value: number): number {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`context-curve: ${field} ${value} is not an integer of at least 0`);
  return value;
}

/**
 * Passes a range of integer context lengths, both ends included.
 * @throws RangeError when an end is not an integer of at least 0, or from > to
 */
export function contextRange(from: number, to: number): void {
  if (context('from', from) > context('to', to)) throw new RangeError(`context-curve: from ${from} is above to ${to}`);
}

function integer(field: string, value: number | bigint): number | bigint {
  if (typeof value === 'bigint') return narrow(value);
  if (Number.isSafeInteger(value)) return value;
  const rule = Number.isInteger(value) ? 'is above 2^53 - 1 in size and must be a bigint' : 'is not an integer';
  throw new RangeError(`context-curve: ${field} ${value} ${rule}`);
}

const narrow = (value: bigint): number | bigint => (Number.isSafeInteger(Number(value)) ? Number(value) : value);

function add(a: number | bigint, b: number | bigint): number | bigint {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return narrow(BigInt(a) + BigInt(b));
}

function multiply(a: number | bigint, b: number | bigint): number | bigint {
  if (typeof a === 'number' && typeof b === 'number') {
    const product = a * b;
    if (Number.isSafeInteger(product)) return product;
  }
  return narrow(BigInt(a) * BigInt(b));
}

const negated = ({ coefficient, span }: Term): Term => ({ coefficient: -coefficient, span });

function termText({ coefficient, span }: Term): string {
  if (span.kind === 'one') return `${coefficient}`;
  return coefficient === 1 ? spanText(span) : coefficient === -1 ? `-${spanText(span)}` : `${coefficient}*${spanText(span)}`;
}
