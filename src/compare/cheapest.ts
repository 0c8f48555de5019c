import type { ContextExpression } from '../units/context-expression.ts';
import { signs } from '../units/crossings.ts';
import type { SignRun } from '../units/sign-runs.ts';
import { type Candidate, costOf } from './candidate.ts';
import type { CrossoverQuery } from './crossover.ts';
import { requireRange } from './range.ts';

/** Contexts from..to, both included, where one candidate is the cheapest; ids as in cost rows. */
export interface CheapestRange {
  readonly from: number;
  readonly to: number;
  readonly model: string;
  readonly accelerator: string;
}

/**
 * The lower envelope of many candidates: who is cheapest at each context of from..to (decode, ideal batch), as ranges in order
 * that leave no gap. Exact: the ends are solved pair by pair. A candidate stays until another is strictly cheaper; where several
 * take over at once, or tie at `from`, the one that is cheapest next; equal costs all the way go to the earliest listed.
 * @throws RangeError when there is no candidate, from..to is no range of positive integers, or a chip has no price
 */
export function cheapestRanges(candidates: readonly Candidate[], query: CrossoverQuery): readonly CheapestRange[] {
  const { from = 1, to = 1_048_576 } = query;
  requireRange('cheapest', from, to);
  if (candidates.length === 0) throw new RangeError('cheapest: candidates [] is empty');
  const costs = candidates.map((candidate) => costOf(candidate, query));
  const known = new Map<string, readonly SignRun[]>();
  /** signs of cost a - cost b */
  const between = (a: number, b: number): readonly SignRun[] => {
    const key = `${a},${b}`;
    const runs = known.get(key) ?? signs(costs[a] as ContextExpression, costs[b] as ContextExpression, from, to);
    known.set(key, runs);
    return runs;
  };
  const ranges: CheapestRange[] = [];
  let contenders = costs.map((_, index) => index);
  for (let start = from; start <= to; ) {
    const owner = contenders.reduce((best, other) => (between(best, other).find((run) => run.to >= start && run.sign !== 0)?.sign === 1 ? other : best));
    let end = to;
    contenders = [];
    for (let other = 0; other < costs.length; other++) {
      if (other === owner) continue;
      const loss = between(owner, other).find((run) => run.to >= start && run.sign === 1);
      if (loss === undefined || loss.from > end + 1) continue;
      if (loss.from <= end) contenders = [];
      contenders.push(other);
      end = loss.from - 1;
    }
    const { model, accelerator } = candidates[owner] as Candidate;
    ranges.push({ from: start, to: end, model: model.id, accelerator: accelerator.id });
    start = end + 1;
  }
  return ranges;
}
