import { type ContextExpression, integerTree, sharedShift, sumOf } from '../units/context-expression.ts';
import { segments } from '../units/segments.ts';
import { type SignRun, signRuns } from '../units/sign-runs.ts';

/**
 * The sign of a - b at every context of from..to (unchecked), as runs in order; exact, as `crossings` is, which keeps only the
 * changes of sign: here a tie at `from` and the sign after it are seen too.
 */
export function signsBetween(a: ContextExpression, b: ContextExpression, from: number, to: number): readonly SignRun[] {
  const difference = sumOf(a, negated(b));
  return segments(integerTree(difference, sharedShift(difference)), from, to).flatMap((part) => signRuns(part.curve, part.from, part.to));
}

function negated(e: ContextExpression): ContextExpression {
  if (e.kind === 'curve') return { ...e, scale: -e.scale };
  return { kind: e.kind === 'sum' ? 'sum' : e.kind === 'max' ? 'min' : 'max', of: e.of.map(negated) };
}
