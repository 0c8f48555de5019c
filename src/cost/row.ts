import type { Accelerator } from '../accelerators/accelerator.ts';
import { COUNTING_SWITCHES, type Counting } from '../layers/counting.ts';
import type { PrecisionPolicy } from '../layers/precision.ts';
import type { Model } from '../models/model.ts';
import type { Bound } from '../roofline/roofline.ts';
import { type CompiledModel, compile } from './compile.ts';
import { type CostPoint, costAt } from './evaluate.ts';
import { requestCost } from './request.ts';
import { type UnitCosts, unitCosts } from './unit-cost.ts';

/** One row of `tokenroof cost`: plain SI numbers and USD per million tokens (documented shape of the command). */
export interface CostRow {
  readonly model: string;
  readonly accelerator: string;
  readonly context: number;
  readonly kvBytesRead: number;
  readonly attentionFlop: number;
  readonly linearFlop: number;
  readonly ffnFlop: number;
  readonly headFlop: number;
  readonly attentionUsdPerMtok: number;
  readonly ffnUsdPerMtok: number;
  readonly headUsdPerMtok: number;
  readonly totalUsdPerMtok: number;
  readonly bound: Bound;
  readonly maxContext: number | null;
  readonly notes: readonly string[];
}

export type CostQuery = {
  readonly counting: Counting;
  /** a policy for all models; without it each model keeps its own */
  readonly precision?: PrecisionPolicy;
  /** charges weight traffic; not in phase request */
  readonly batch?: number;
  /** adds rows `afd:x+y`: the cheapest attention chip and the cheapest feed-forward chip of those given */
  readonly afd?: boolean;
} & ({ readonly phase: 'decode' | 'prefill'; readonly contexts: readonly number[] } | { readonly phase: 'request'; readonly prompt: number; readonly output: number });

/**
 * Costs of every model on every chip at every context, models outermost, then chips, then contexts; AFD rows after the chips.
 * Decode: per decoded token. Prefill: work per prompt, USD per million prompt tokens. Request: work per request, USD per
 * million output tokens, prefill included; `context` is prompt + output.
 * @throws RangeError for an empty list, a repeated id, or whatever its parts refuse
 */
export function costRows(models: readonly Model[], accelerators: readonly Accelerator[], query: CostQuery): readonly CostRow[] {
  requireUnique('models', models);
  requireUnique('accelerators', accelerators);
  if (query.phase === 'request' && query.batch !== undefined) throw new RangeError(`cost: batch ${query.batch} is not available for phase request`);
  if (query.phase !== 'request' && query.contexts.length === 0) throw new RangeError('cost: contexts [] is empty');
  return models.flatMap((model) => {
    const evaluate = evaluator(model, query);
    const byChip = accelerators.map((accelerator) => evaluate(accelerator));
    return query.afd ? [...byChip.flat(), ...disaggregated(byChip)] : byChip.flat();
  });
}

function evaluator(model: Model, query: CostQuery): (accelerator: Accelerator) => readonly CostRow[] {
  const options = { counting: query.counting, precision: query.precision ?? model.precision };
  const math = options.precision.math;
  if (query.phase === 'request') {
    return (accelerator) => [requestRow(model, accelerator, unitCosts(accelerator, math), query, options)];
  }
  const compiled = compile(model, { ...options, phase: query.phase });
  return (accelerator) => {
    const costs = unitCosts(accelerator, math);
    return query.contexts.map((context) => row(compiled, accelerator, costs, context, costAt(compiled, costs, context, query.batch), query.batch));
  };
}

function row(compiled: CompiledModel, accelerator: Accelerator, costs: UnitCosts, context: number, point: CostPoint, batch: number | undefined): CostRow {
  const { contextLength: _, bound, ...numbers } = point;
  const { model } = compiled;
  return {
    model: model.id,
    accelerator: accelerator.id,
    context,
    ...numbers,
    bound,
    maxContext: model.maxContext,
    notes: [...notesOf(model, accelerator, compiled, costs, context), ...(batch === undefined ? ['weights: not charged (ideal batch)'] : [`weights: charged at batch ${batch}`])],
  };
}

function requestRow(
  model: Model,
  accelerator: Accelerator,
  costs: UnitCosts,
  { prompt, output }: { readonly prompt: number; readonly output: number },
  options: { readonly counting: Counting; readonly precision: PrecisionPolicy },
): CostRow {
  const cost = requestCost(model, () => costs, { prompt, output }, options);
  const perMtok = (usd: number): number => (1e6 * usd) / output;
  return {
    model: model.id,
    accelerator: accelerator.id,
    context: prompt + output,
    kvBytesRead: cost.kvBytesRead,
    attentionFlop: cost.attentionFlop,
    linearFlop: cost.linearFlop,
    ffnFlop: cost.ffnFlop,
    headFlop: cost.headFlop,
    attentionUsdPerMtok: perMtok(cost.attentionUsd),
    ffnUsdPerMtok: perMtok(cost.ffnUsd),
    headUsdPerMtok: perMtok(cost.headUsd),
    totalUsdPerMtok: perMtok(cost.totalUsd),
    bound: cost.bound,
    maxContext: model.maxContext,
    notes: [
      ...notesOf(model, accelerator, options, costs, prompt + output),
      `request: prompt ${prompt}, output ${output}; USD per million output tokens, prefill included`,
      'weights: not charged (ideal batch)',
    ],
  };
}

function notesOf(
  model: Model,
  accelerator: Accelerator,
  { counting, precision }: { readonly counting: Counting; readonly precision: PrecisionPolicy },
  costs: UnitCosts,
  context: number,
): readonly string[] {
  const notes = [`counting: ${countingName(counting)}`, `precision: ${precision.id}`];
  for (const { asked, computesIn } of costs.fallbacks) notes.push(`math: ${asked} runs at the ${computesIn} peak of ${accelerator.id}`);
  if (model.maxContext !== null && context > model.maxContext) notes.push(`context: ${context} is beyond the trained ${model.maxContext}`);
  return notes;
}

/** `step3`, `exact (…)` with its differences, or the switches that are on. */
export function countingName(counting: Counting): string {
  const on = COUNTING_SWITCHES.filter((name) => counting[name]);
  if (on.length === 0) return 'step3';
  return on.length === COUNTING_SWITCHES.length ? `exact (${on.join(', ')})` : `step3 with ${on.join(', ')}`;
}

/** At each context: attention on the chip where it is cheapest; feed-forward on the chip where that is cheapest, and the head with it. */
function disaggregated(byChip: readonly (readonly CostRow[])[]): readonly CostRow[] {
  const first = byChip[0] ?? [];
  return first.map((_, index) => {
    const rows = byChip.map((chip) => chip[index] as CostRow);
    const cheapest = (key: 'attentionUsdPerMtok' | 'ffnUsdPerMtok'): CostRow => rows.reduce((best, row) => (row[key] < best[key] ? row : best));
    const attention = cheapest('attentionUsdPerMtok');
    const ffn = cheapest('ffnUsdPerMtok');
    return {
      ...attention,
      accelerator: `afd:${attention.accelerator}+${ffn.accelerator}`,
      ffnUsdPerMtok: ffn.ffnUsdPerMtok,
      headUsdPerMtok: ffn.headUsdPerMtok,
      totalUsdPerMtok: attention.attentionUsdPerMtok + ffn.ffnUsdPerMtok + ffn.headUsdPerMtok,
      notes: [...new Set([...attention.notes, ...ffn.notes]), 'afd: communication hidden'],
    };
  });
}

function requireUnique(place: string, items: readonly { readonly id: string }[]): void {
  if (items.length === 0) throw new RangeError(`cost: ${place} [] is empty`);
  const seen = new Set<string>();
  for (const { id } of items) {
    if (seen.has(id)) throw new RangeError(`cost: ${place} ${id} is given twice`);
    seen.add(id);
  }
}
