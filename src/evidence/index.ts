import { acceleratorResolver, contextResolver, modelResolver } from './catalogue.ts';
import { crossoverResolver, savingResolver } from './comparison.ts';
import { activationRatioResolver, costResolver, effectiveRankResolver, intensityResolver, ridgeResolver, trainingResolver, unitCostResolver } from './cost.ts';
import type { Resolver } from './evidence.ts';
import { operatorResolver } from './operators.ts';
import { decodeResolver, parameterResolver, tokenResolver } from './totals.ts';

export { CITATION_STYLES, type CitationContext, type CitationStyle, citation } from './cite.ts';
export { createEvidence, type Evidence, type Resolver } from './evidence.ts';
export { type ExplainNode, explainText, explainTree, expressionOf, valueText } from './explain.ts';
export type { NumberSpec, ReportedNumber } from './number.ts';
export { SUM } from './number.ts';
export { defaultScenario, paperScenario, type Scenario, scenarioOf } from './scenario.ts';

/** The numbers that the catalogue and the cost model give, by the first part of their id. Papers add their own. */
export const coreResolvers: Readonly<Record<string, Resolver>> = {
  model: modelResolver,
  accelerator: acceleratorResolver,
  context: contextResolver,
  operator: operatorResolver,
  decode: decodeResolver,
  token: tokenResolver,
  parameters: parameterResolver,
  'unit-cost': unitCostResolver,
  'ridge-point': ridgeResolver,
  intensity: intensityResolver,
  'effective-rank': effectiveRankResolver,
  'activation-ratio': activationRatioResolver,
  cost: costResolver,
  training: trainingResolver,
  saving: savingResolver,
  crossover: crossoverResolver,
};
