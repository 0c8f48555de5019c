import { ContextCurve, contextRange } from './context-curve.ts';
import { type CurveTree, treeSum } from './segments.ts';

/** Money or time as a function of the context length: curves times a double, under sums, maxima and minima. */
export type ContextExpression = { readonly kind: 'curve'; readonly curve: ContextCurve; readonly scale: number } | { readonly kind: 'sum' | 'max' | 'min'; readonly of: readonly ContextExpression[] };

/** What depends on the context length but is no such expression: it can be evaluated, not solved. `because` says why. */
export interface ContextFunction {
  readonly evaluate: (contextLength: number) => number;
  readonly exact: false;
  readonly because: string;
}

/**
 * A curve times a finite double, which may be negative.
 * @throws RangeError for a scale that is not finite
 */
export function scaled(curve: ContextCurve, scale: number): ContextExpression {
  return { kind: 'curve', curve, scale: finite(scale) };
}

/** Sum of expressions; of none it is 0. */
export const sumOf = (...of: readonly ContextExpression[]): ContextExpression => (of.length === 0 ? scaled(ContextCurve.zero, 1) : { kind: 'sum', of });

/** @throws RangeError for an empty list */
export const maxOf = (...of: readonly ContextExpression[]): ContextExpression => extreme('max', of);

/** @throws RangeError for an empty list */
export const minOf = (...of: readonly ContextExpression[]): ContextExpression => extreme('min', of);

function extreme(kind: 'max' | 'min', of: readonly ContextExpression[]): ContextExpression {
  if (of.length === 0) throw new RangeError(`context-expression: ${kind} of 0 expressions is not defined`);
  return { kind, of };
}

/**
 * Value at context length S.
 * @throws RangeError when S is not an integer of at least 0
 */
export function evaluate(e: ContextExpression, contextLength: number): number {
  if (e.kind === 'curve') return e.scale * e.curve.evaluate(contextLength);
  let value = evaluate(e.of[0] as ContextExpression, contextLength);
  for (let i = 1; i < e.of.length; i++) {
    const next = evaluate(e.of[i] as ContextExpression, contextLength);
    value = e.kind === 'sum' ? value + next : e.kind === 'max' ? Math.max(value, next) : Math.min(value, next);
  }
  return value;
}

/**
 * sum_{S=from..to} e(S), both ends included, in closed form: split where a maximum or minimum changes sides, then prefix sums.
 * Nothing is rounded before the result, since every scale, a double, is an integer over a power of two.
 * @throws RangeError when from > to, an end is not an integer of at least 0, or a term is a prefix sum and from < to
 */
export function sumOver(e: ContextExpression, from: number, to: number): number {
  contextRange(from, to);
  const shift = sharedShift(e);
  return overPowerOfTwo(treeSum(integerTree(e, shift), from, to), shift);
}

/** Smallest n for which every scale of an expression times 2^n is an integer. */
export function sharedShift(e: ContextExpression): number {
  return e.kind === 'curve' ? fraction(e.scale).shift : e.of.reduce((shift, side) => Math.max(shift, sharedShift(side)), 0);
}

/** An expression times `2^shift`, exact in integers, for a shift of at least its own. */
export function integerTree(e: ContextExpression, shift: number): CurveTree {
  if (e.kind !== 'curve') return { kind: e.kind, of: e.of.map((side) => integerTree(side, shift)) };
  const own = fraction(e.scale);
  return e.curve.times(BigInt(own.integer) << BigInt(shift - own.shift));
}

/** A double as integer / 2^shift, the smallest such shift. */
function fraction(scale: number): { readonly integer: number; readonly shift: number } {
  let integer = finite(scale);
  let shift = 0;
  for (; !Number.isInteger(integer); integer *= 2) shift++;
  return { integer, shift };
}

function finite(scale: number): number {
  if (!Number.isFinite(scale)) throw new RangeError(`context-expression: scale ${scale} is not finite`);
  return scale;
}

/** value / 2^shift, rounded once. */
function overPowerOfTwo(value: bigint, shift: number): number {
  const dropped = Math.max(0, value.toString(16).length * 4 - 1000);
  return Number(value >> BigInt(dropped)) * 2 ** (dropped - shift);
}
