import { type ContextCurve, contextRange, isCurve } from './context-curve.ts';
import { type ContextExpression, integerTree, scaled, sharedShift, sumOf } from './context-expression.ts';
import { envelope } from './envelope.ts';
import { segments } from './segments.ts';
import { type SignRun, signRuns } from './sign-runs.ts';

/**
 * An integer context where the sign of a - b changes.
 *   at       first context of the new sign
 *   before   the last sign before it that was not 0
 *   after    the sign at `at`
 *   tieFrom  first context of a run of exact equality that ends at `at` - 1; null when there is none
 */
export interface Crossing {
  readonly at: number;
  readonly before: -1 | 1;
  readonly after: -1 | 1;
  readonly tieFrom: number | null;
}

type Comparable = ContextExpression | ContextCurve;

/**
 * Every context in from..to where a - b changes its sign, in order. Exact: scales are taken for the numbers they are (a double
 * is an integer over a power of two), so no rounding can add, lose or move a crossing.
 * @throws RangeError when from > to, an end is not an integer of at least 0, or blocks are so small and a and b so close that
 *   more than 2^20 pieces must be solved
 */
export function crossings(a: Comparable, b: Comparable, from: number, to: number): readonly Crossing[] {
  const found: Crossing[] = [];
  let before: -1 | 0 | 1 = 0;
  let tieFrom: number | null = null;
  for (const { from: at, sign: after } of signs(a, b, from, to)) {
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

/**
 * The sign of a - b at every context of from..to, as runs in order; exact, as `crossings` is, which keeps only the changes of
 * sign: here a tie at `from` and the sign after it are seen too.
 * @throws RangeError as `crossings` does
 */
export function signs(a: Comparable, b: Comparable, from: number, to: number): readonly SignRun[] {
  contextRange(from, to);
  const difference = sumOf(expression(a), negated(expression(b)));
  return segments(integerTree(difference, sharedShift(difference)), from, to).flatMap((part) => signRuns(part.curve, part.from, part.to));
}

const expression = (a: Comparable): ContextExpression => (isCurve(a) ? scaled(a, 1) : a);

function negated(e: ContextExpression): ContextExpression {
  if (e.kind === 'curve') return { ...e, scale: -e.scale };
  return { kind: e.kind === 'sum' ? 'sum' : e.kind === 'max' ? 'min' : 'max', of: e.of.map(negated) };
}

export interface PeriodicCrossings {
  readonly exact: readonly Crossing[];
  readonly mean: readonly Crossing[];
  readonly upper: readonly Crossing[];
  readonly lower: readonly Crossing[];
}

/** Crossings as they are, and of both sides' means, upper and lower envelopes (see `envelope`): the trend behind many small ones. */
export function periodicCrossings(a: Comparable, b: Comparable, from: number, to: number): PeriodicCrossings {
  const between = (side: 'mean' | 'upper' | 'lower'): readonly Crossing[] => crossings(envelope(expression(a), side), envelope(expression(b), side), from, to);
  return { exact: crossings(a, b, from, to), mean: between('mean'), upper: between('upper'), lower: between('lower') };
}
