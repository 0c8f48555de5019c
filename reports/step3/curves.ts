import { accelerator } from '../../src/accelerators/index.ts';
import type { CostCurveRow } from '../../src/chart/index.ts';
import { contextGrid } from '../../src/compare/index.ts';
import { compile } from '../../src/cost/compile.ts';
import { costAt } from '../../src/cost/evaluate.ts';
import { unitCosts } from '../../src/cost/unit-cost.ts';
import { type Counting, exactCounting } from '../../src/layers/counting.ts';
import { modelOf } from '../../src/models/index.ts';
import { MODEL_IDS, nameOf, type PaperModel } from './context.ts';

export const SHORTEST = 1024;
export const LONGEST = 1_048_576;

/** Contexts of a drawn curve: four an octave, and the one where the dashes begin. */
function contextsOf(model: PaperModel): readonly number[] {
  const { maxContext } = modelOf(model);
  const grid = contextGrid(SHORTEST, LONGEST, 4);
  return maxContext === null || maxContext > LONGEST || grid.includes(maxContext) ? grid : [...grid, maxContext].sort((a, b) => a - b);
}

/** Total cost of one model against context with attention on the cheapest of some chips and feed-forward on the cheapest: one chip gives the cost on it. */
export function curveOf(model: PaperModel, chips: readonly string[], counting: Counting): readonly CostCurveRow[] {
  const architecture = modelOf(model);
  const compiled = compile(architecture, { counting });
  const costs = chips.map((chip) => unitCosts(accelerator(chip).accelerator, architecture.precision.math));
  return contextsOf(model).map((context) => {
    const points = costs.map((cost) => costAt(compiled, cost, context));
    const least = (key: 'attentionUsdPerMtok' | 'ffnUsdPerMtok' | 'headUsdPerMtok'): number => Math.min(...points.map((point) => point[key]));
    return {
      model,
      name: nameOf(model),
      context,
      usdPerMtok: least('attentionUsdPerMtok') + least('ffnUsdPerMtok') + least('headUsdPerMtok'),
      beyondTrained: architecture.maxContext !== null && context > architecture.maxContext,
    };
  });
}

/** The curves of all nine models. */
export const curves = (chips: readonly string[], counting: Counting = exactCounting): readonly CostCurveRow[] => MODEL_IDS.flatMap((model) => curveOf(model, chips, counting));
