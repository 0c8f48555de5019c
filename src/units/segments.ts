import { type ContextCurve, isCurve } from './context-curve.ts';
import { signRuns } from './sign-runs.ts';

/** Exact integer curves under sums, maxima and minima. */
export type CurveTree = ContextCurve | { readonly kind: 'sum' | 'max' | 'min'; readonly of: readonly CurveTree[] };

/** Consecutive contexts, both ends included, where a tree equals one curve. */
export interface Segment {
  readonly from: number;
  readonly to: number;
  readonly curve: ContextCurve;
}

/** A tree on from..to (unchecked) as segments in order: a maximum or minimum is cut where its sides change places. */
export function segments(tree: CurveTree, from: number, to: number): readonly Segment[] {
  if (isCurve(tree)) return [{ from, to, curve: tree }];
  return tree.of.map((side) => segments(side, from, to)).reduce((a, b) => joined(tree.kind, a, b));
}

/**
 * Sum of a tree over from..to (unchecked), exact.
 * @throws RangeError when a term is a prefix sum and from < to
 */
export function treeSum(tree: CurveTree, from: number, to: number): bigint {
  const add = (sum: bigint, part: bigint): bigint => sum + part;
  if (!isCurve(tree) && tree.kind === 'sum') return tree.of.map((side) => treeSum(side, from, to)).reduce(add);
  return segments(tree, from, to)
    .map((segment) => segment.curve.sumOver(segment.from, segment.to))
    .reduce(add);
}

/** Two segment lists over the same range as one. */
function joined(kind: 'sum' | 'max' | 'min', a: readonly Segment[], b: readonly Segment[]): readonly Segment[] {
  const result: { from: number; to: number; curve: ContextCurve }[] = [];
  const push = (from: number, to: number, curve: ContextCurve): void => {
    const last = result.at(-1);
    if (last?.curve === curve) last.to = to;
    else result.push({ from, to, curve });
  };
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const x = a[i] as Segment;
    const y = b[j] as Segment;
    const from = Math.max(x.from, y.from);
    const to = Math.min(x.to, y.to);
    if (kind === 'sum') push(from, to, x.curve.plus(y.curve));
    else for (const run of signRuns(x.curve.plus(y.curve.times(-1)), from, to)) push(run.from, run.to, run.sign === 0 || run.sign > 0 === (kind === 'max') ? x.curve : y.curve);
    if (x.to === to) i++;
    if (y.to === to) j++;
  }
  return result;
}
