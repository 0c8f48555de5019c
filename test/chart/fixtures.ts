import { accelerator } from '../../src/accelerators/index.ts';
import { compile } from '../../src/cost/compile.ts';
import { type CostPoint, costAt } from '../../src/cost/evaluate.ts';
import { unitCosts } from '../../src/cost/unit-cost.ts';
import { step3Counting } from '../../src/layers/counting.ts';
import { modelEntries } from '../../src/models/index.ts';
import type { Model } from '../../src/models/model.ts';

/** Rows for chart tests, computed as the Step-3 paper counts. */
export const CONTEXTS: readonly number[] = Array.from({ length: 21 }, (_, half) => Math.round(1024 * 2 ** (half / 2)));
export const CHIPS = { h800: 'H800', h20: 'H20', a800: 'A800', 'ascend-910b': '910B' } as const;
export const CAPTION = { id: 'fixture', title: 'A claim', description: 'A picture of fixtures' } as const;

export const MODELS: readonly Model[] = modelEntries.filter(({ paperName }) => paperName !== null).map(({ model }) => model);
export const named = (model: Model) => ({ model: model.id, name: modelEntries.find((entry) => entry.model === model)?.paperName ?? model.name });
export const models = (...ids: readonly string[]): readonly Model[] => MODELS.filter(({ id }) => ids.includes(id));

export const point = (model: Model, chip: string, context: number): CostPoint =>
  costAt(compile(model, { counting: step3Counting }), unitCosts(accelerator(chip).accelerator, model.precision.math), context);

/** The contexts of a curve with the trained one among them. */
const contextsOf = ({ maxContext }: Model): readonly number[] => [...new Set([...CONTEXTS, ...(maxContext !== null && maxContext <= 2 ** 20 ? [maxContext] : [])])].sort((a, b) => a - b);

export const curveRows = (chip: string, of = MODELS) =>
  of.flatMap((model) =>
    contextsOf(model).map((context) => {
      const { totalUsdPerMtok: usdPerMtok, kvBytesRead } = point(model, chip, context);
      const printed = context === 8192 ? { printed: usdPerMtok.toFixed(3), number: `cost/${model.id}/${chip}/8192/total` } : {};
      return { ...named(model), context, usdPerMtok, kvBytesRead, beyondTrained: model.maxContext !== null && context > model.maxContext, ...printed };
    }),
  );
