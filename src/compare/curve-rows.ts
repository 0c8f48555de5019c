import type { Accelerator } from '../accelerators/accelerator.ts';
import { compile } from '../cost/compile.ts';
import { costExpression } from '../cost/expression.ts';
import { unitCosts } from '../cost/unit-cost.ts';
import { type Counting, exactCounting } from '../layers/counting.ts';
import type { Model } from '../models/model.ts';
import { type ContextExpression, evaluate, scaled, sumOf } from '../units/context-expression.ts';
import { envelope } from '../units/envelope.ts';
import { contextGrid } from './context-grid.ts';

/** One point of a drawn cost curve. */
export interface CurveRow {
  /** id of the model */
  readonly model: string;
  readonly name: string;
  readonly context: number;
  readonly kvBytesRead: number;
  readonly usdPerMtok: number;
  readonly beyondTrained: boolean;
}

export interface CurveRowsOptions {
  /** exact unless given */
  readonly counting?: Counting;
  /** 1,024 unless given */
  readonly from?: number;
  /** 1,048,576 unless given */
  readonly to?: number;
  /** points per doubling of the context; 4 unless given */
  readonly pointsPerOctave?: number;
}

/**
 * Decoding cost against context as rows to draw (`costCurves`, `kvCurves`), ideal batch. On one chip: the total cost on it. On
 * several: attention on the chip where it is cheapest, feed-forward where that is, and the head with it (AFD, communication hidden).
 * The trained context of a model is among its points, so that a curve can change there. A model whose layers read their position
 * in a chunk is drawn as the mean over the positions: points apart would show a saw-tooth that is not there.
 * @throws RangeError for an empty list, a range that is none, or a chip without a price
 */
export function curveRows(models: readonly Model[], accelerators: readonly Accelerator[], options: CurveRowsOptions = {}): readonly CurveRow[] {
  const { counting = exactCounting, from = 1024, to = 1_048_576, pointsPerOctave = 4 } = options;
  for (const [name, { length }] of Object.entries({ models, accelerators })) if (length === 0) throw new RangeError(`curve-rows: ${name} [] is empty`);
  const grid = contextGrid(from, to, pointsPerOctave);
  return models.flatMap((model) => {
    const { id, name, maxContext, precision } = model;
    const compiled = compile(model, { counting });
    const costs = accelerators.map((accelerator) => unitCosts(accelerator, precision.math));
    const attention = costs.map((cost) => envelope(costExpression(compiled, cost, 'attention'), 'mean'));
    const rest = costs.map((cost) => sumOf(costExpression(compiled, cost, 'ffn'), costExpression(compiled, cost, 'head')));
    const ffn = costs.map((cost) => costExpression(compiled, cost, 'ffn'));
    const kvBytes = envelope(scaled(compiled.kvBytesRead, 1), 'mean');
    return withContext(grid, maxContext).map(
      (context): CurveRow => ({
        model: id,
        name,
        context,
        kvBytesRead: evaluate(kvBytes, context),
        usdPerMtok: Math.min(...attention.map((cost) => evaluate(cost, context))) + evaluate(cheapestAt(ffn, rest, context), context),
        beyondTrained: maxContext !== null && context > maxContext,
      }),
    );
  });
}

/** The one of `costs` whose key is least. */
function cheapestAt(keys: readonly ContextExpression[], costs: readonly ContextExpression[], context: number): ContextExpression {
  const values = keys.map((key) => evaluate(key, context));
  return costs[values.indexOf(Math.min(...values))] as ContextExpression;
}

const withContext = (grid: readonly number[], context: number | null): readonly number[] => {
  const inside = context !== null && context > (grid[0] as number) && context < (grid.at(-1) as number) && !grid.includes(context);
  return inside ? [...grid, context].sort((a, b) => a - b) : grid;
};
