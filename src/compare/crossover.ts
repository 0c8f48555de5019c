import type { Accelerator } from '../accelerators/accelerator.ts';
import type { Model } from '../models/model.ts';
import { type ContextExpression, evaluate } from '../units/context-expression.ts';
import { crossings } from '../units/crossings.ts';
import { envelope } from '../units/envelope.ts';
import { type CostBasis, costOf } from './candidate.ts';
import { requireRange } from './range.ts';

/** A context at which the cheaper of two models changes. */
export interface CostCrossover {
  /** first context at which `after` is strictly cheaper */
  readonly context: number;
  /** id of the model that is cheaper before it */
  readonly before: string;
  readonly after: string;
  /** first context of a run of equal costs that ends just before `context`; null when there is none */
  readonly tieFrom: number | null;
  /** USD per million tokens at `context`, of the first and the second model */
  readonly usdPerMtok: readonly [number, number];
}

export interface CostCrossovers {
  readonly exact: readonly CostCrossover[];
  /** with periodic layers (chunked attention), those of the period means and of the envelopes: the trend behind many exact ones */
  readonly periodic: { readonly mean: readonly CostCrossover[]; readonly upper: readonly CostCrossover[]; readonly lower: readonly CostCrossover[] } | null;
}

export interface CrossoverQuery extends CostBasis {
  /** 1 unless given */
  readonly from?: number;
  /** 1,048,576 unless given */
  readonly to?: number;
}

/**
 * Every context in from..to at which the cheaper of two models on one chip changes (decode, ideal batch), solved in closed form.
 * @throws RangeError when both models have one id, from..to is no range of positive integers, or the chip has no price
 */
export function costCrossovers(modelA: Model, modelB: Model, accelerator: Accelerator, query: CrossoverQuery): CostCrossovers {
  const { from = 1, to = 1_048_576 } = query;
  requireRange('crossover', from, to);
  if (modelA.id === modelB.id) throw new RangeError(`crossover: models ${modelA.id} is given twice`);
  const cheaper = (sign: -1 | 1): string => (sign < 0 ? modelA.id : modelB.id);
  const between = (a: ContextExpression, b: ContextExpression): readonly CostCrossover[] =>
    crossings(a, b, from, to).map(({ at, before, after, tieFrom }) => ({ context: at, before: cheaper(before), after: cheaper(after), tieFrom, usdPerMtok: [evaluate(a, at), evaluate(b, at)] }));
  const a = costOf({ model: modelA, accelerator }, query);
  const b = costOf({ model: modelB, accelerator }, query);
  const of = (side: 'mean' | 'upper' | 'lower'): readonly CostCrossover[] => between(envelope(a, side), envelope(b, side));
  return { exact: between(a, b), periodic: isPeriodic(a) || isPeriodic(b) ? { mean: of('mean'), upper: of('upper'), lower: of('lower') } : null };
}

function isPeriodic(e: ContextExpression): boolean {
  if (e.kind !== 'curve') return e.of.some(isPeriodic);
  return e.curve.terms.some(({ span }) => span.kind === 'chunk' || span.kind === 'ceil' || span.kind === 'floor');
}
