import { type ColumnTable, from, table } from 'arquero';
import type { Accelerator } from '../accelerators/accelerator.ts';
import { type CompiledModel, compile } from '../cost/compile.ts';
import { type CostQuery, costRows } from '../cost/row.ts';
import { unitCosts } from '../cost/unit-cost.ts';
import type { Counting } from '../layers/counting.ts';
import type { PrecisionPolicy } from '../layers/precision.ts';
import type { Model } from '../models/model.ts';
import { costColumns } from '../sweep/columns.ts';

/** Rows of `costRows` as an Arquero table; the notes of a row are one text, joined by `; `. */
export function costTable(models: readonly Model[], accelerators: readonly Accelerator[], query: CostQuery): ColumnTable {
  return from(costRows(models, accelerators, query).map((row) => ({ ...row, notes: row.notes.join('; ') })));
}

const COSTS = { attentionUsdPerMtok: 'attention', ffnUsdPerMtok: 'ffn', headUsdPerMtok: 'head', totalUsdPerMtok: 'total' } as const;
const CURVES = { kvBytesRead: 'kvBytesRead', attentionFlop: 'coreFlop', linearFlop: 'linearFlop', ffnFlop: 'ffnFlop', headFlop: 'headFlop' } as const;

export type CurveColumn = keyof typeof COSTS | keyof typeof CURVES;
export const CURVE_COLUMNS = [...Object.keys(COSTS), ...Object.keys(CURVES)] as readonly CurveColumn[];

export interface CurveQuery {
  readonly models: readonly Model[];
  readonly accelerators: readonly Accelerator[];
  /** tokens, in any order */
  readonly contexts: ArrayLike<number>;
  readonly counting: Counting;
  /** one policy or several for all models; without it each model keeps its own */
  readonly precision?: PrecisionPolicy | readonly PrecisionPolicy[];
  /** all of them unless given */
  readonly columns?: readonly CurveColumn[];
}

/**
 * Cost, KV bytes and FLOP of one decoded token (ideal batch) for every model, policy, chip and context, contexts innermost.
 * Columns: model, accelerator, precision (id of the policy), context, maxContext (trained, null where unknown), then `columns`,
 * named and defined as in a cost row. Built column by column.
 * @throws RangeError for an empty list, a context that is not a positive integer, or a chip without a price
 */
export function curveTable({ models, accelerators, contexts, counting, precision, columns = CURVE_COLUMNS }: CurveQuery): ColumnTable {
  for (const [name, { length }] of Object.entries({ models, accelerators, contexts })) if (length === 0) throw new RangeError(`curve-table: ${name} [] is empty`);
  const compiled = models.flatMap((model) => [precision ?? model.precision].flat().map((policy) => compile(model, { counting, precision: policy })));
  if (compiled.length === 0) throw new RangeError('curve-table: precision [] is empty');
  const grid = Float64Array.from(contexts);
  const curves = compiled.flatMap((one) => accelerators.map((accelerator) => ({ compiled: one, accelerator })));
  const rows = curves.length * grid.length;
  const keys = {
    model: new Array<string>(rows),
    accelerator: new Array<string>(rows),
    precision: new Array<string>(rows),
    context: new Float64Array(rows),
    maxContext: new Array<number | null>(rows),
  };
  const costs = { attention: new Float64Array(rows), ffn: new Float64Array(rows), head: new Float64Array(rows), total: new Float64Array(rows) };
  curves.forEach(({ compiled, accelerator }, index) => {
    const start = index * grid.length;
    const end = start + grid.length;
    keys.model.fill(compiled.model.id, start, end);
    keys.accelerator.fill(accelerator.id, start, end);
    keys.precision.fill(compiled.precision.id, start, end);
    keys.context.set(grid, start);
    keys.maxContext.fill(compiled.model.maxContext, start, end);
    const slice = (column: Float64Array): Float64Array => column.subarray(start, end);
    costColumns(compiled, unitCosts(accelerator, compiled.precision.math), grid, { attention: slice(costs.attention), ffn: slice(costs.ffn), head: slice(costs.head), total: slice(costs.total) });
  });
  const column = (name: CurveColumn): Float64Array =>
    name in COSTS ? costs[COSTS[name as keyof typeof COSTS]] : curveColumn(compiled, CURVES[name as keyof typeof CURVES], grid, accelerators.length);
  return table({ ...keys, ...Object.fromEntries(columns.map((name) => [name, column(name)])) });
}

/** A curve of every model over the grid, repeated for every chip. */
function curveColumn(compiled: readonly CompiledModel[], curve: (typeof CURVES)[keyof typeof CURVES], grid: Float64Array, chips: number): Float64Array {
  const column = new Float64Array(compiled.length * chips * grid.length);
  compiled.forEach((model, index) => {
    const values = grid.map((context) => model[curve].evaluate(context));
    for (let chip = 0; chip < chips; chip++) column.set(values, (index * chips + chip) * grid.length);
  });
  return column;
}
