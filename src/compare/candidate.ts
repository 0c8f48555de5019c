import type { Accelerator } from '../accelerators/accelerator.ts';
import { compile } from '../cost/compile.ts';
import { type CostPart, costExpression } from '../cost/expression.ts';
import { unitCosts } from '../cost/unit-cost.ts';
import type { Counting } from '../layers/counting.ts';
import type { PrecisionPolicy } from '../layers/precision.ts';
import type { Model } from '../models/model.ts';
import { type ContextExpression, evaluate } from '../units/context-expression.ts';

/** A model on a chip: what is compared. */
export interface Candidate {
  readonly model: Model;
  readonly accelerator: Accelerator;
}

/** What two costs must share to be comparable. */
export interface CostBasis {
  readonly counting: Counting;
  /** a policy for all models; without it each model keeps its own */
  readonly precision?: PrecisionPolicy;
  /** `total` unless given */
  readonly part?: CostPart;
}

/** USD per million decoded tokens of a candidate as an exact function of the context, ideal batch. */
export function costOf({ model, accelerator }: Candidate, { counting, precision = model.precision, part = 'total' }: CostBasis): ContextExpression {
  return costExpression(compile(model, { counting, precision }), unitCosts(accelerator, precision.math), part);
}

/** The same at one context. */
export interface ContextQuery extends CostBasis {
  readonly context: number;
}

/** @throws RangeError when the context is not a positive integer or the chip has no price */
export function costAtContext(candidate: Candidate, query: ContextQuery): number {
  const { context } = query;
  if (!Number.isSafeInteger(context) || context < 1) throw new RangeError(`compare: context ${context} is not a positive integer`);
  return evaluate(costOf(candidate, query), context);
}
