import { cacheResolver } from './cache.ts';
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
export { defaultScenario, paperScenario, type Scenario, scenarioOf, withModels } from './scenario.ts';

/** A resolver that answers only ids with this many parts after the prefix, none of them empty: an id has one spelling. */
const parts =
  (resolver: Resolver, ...lengths: readonly number[]): Resolver =>
  (path, scenario) =>
    lengths.includes(path.length) && !path.includes('') ? resolver(path, scenario) : null;

/** The numbers that the catalogue and the cost model give, by the first part of their id. Papers add their own. */
export const coreResolvers: Readonly<Record<string, Resolver>> = {
  model: parts(modelResolver, 2, 4),
  accelerator: parts(acceleratorResolver, 2, 3),
  context: parts(contextResolver, 1),
  operator: parts(operatorResolver, 4),
  decode: parts(decodeResolver, 3, 4),
  token: parts(tokenResolver, 2, 3),
  cache: parts(cacheResolver, 3, 4),
  parameters: parts(parameterResolver, 3, 4),
  'unit-cost': parts(unitCostResolver, 2, 3),
  'ridge-point': parts(ridgeResolver, 2),
  intensity: parts(intensityResolver, 2),
  'effective-rank': parts(effectiveRankResolver, 1),
  'activation-ratio': parts(activationRatioResolver, 1),
  cost: parts(costResolver, 4, 5),
  training: parts(trainingResolver, 3, 4),
  saving: parts(savingResolver, 5),
  crossover: parts(crossoverResolver, 4),
};
