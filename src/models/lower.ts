import { type Counting, exactCounting } from '../layers/counting.ts';
import { lowerLayer, validateLayer } from '../layers/index.ts';
import type { LoweringContext, Phase } from '../layers/lowering.ts';
import type { Operator } from '../layers/operator.ts';
import type { PrecisionPolicy } from '../layers/precision.ts';
import { lowerVocabulary } from '../layers/vocabulary.ts';
import type { Model } from './model.ts';

export interface LowerOptions {
  readonly phase?: Phase;
  readonly counting?: Counting;
  readonly precision?: PrecisionPolicy;
}

/** An operator and the place it comes from: the index of its layer group and its side of the layer, or the ends of the model. */
export interface ModelOperator extends Operator {
  readonly group: number | null;
  readonly side: 'attention' | 'ffn' | 'vocabulary';
}

/**
 * All operators of a model, group by group: attention, feed-forward, then embedding and head. A group of `count` layers
 * gives operators with `repeat = count`. The defaults are decode, exact counting and the model's own precision policy.
 */
export function lowerModel(model: Model, options: LowerOptions = {}): readonly ModelOperator[] {
  const { phase = 'decode', counting = exactCounting, precision = model.precision } = options;
  const operators: ModelOperator[] = [];
  const add = (found: readonly Operator[], group: number | null, side: ModelOperator['side']): void => {
    for (const operator of found) operators.push({ ...operator, group, side });
  };
  model.layers.forEach(({ count, attention, ffn }, group) => {
    const context: LoweringContext = { phase, hidden: model.hidden, repeat: count, precision, counting };
    add(lowerLayer(attention, context), group, 'attention');
    add(lowerLayer(ffn, context), group, 'ffn');
  });
  add(lowerVocabulary({ vocabulary: model.vocabulary, tied: model.tiedEmbeddings }, { phase, hidden: model.hidden, repeat: 1, precision, counting }), null, 'vocabulary');
  return operators;
}

/**
 * Checks what a model's own type cannot: positive sizes, heads that divide, a known kind for every layer.
 * @throws RangeError in one line that names the model, the field and its value
 */
export function validateModel(model: Model): Model {
  const fail = (field: string, value: unknown, rule: string): never => {
    throw new RangeError(`model ${model.id}: ${field} ${String(value)} ${rule}`);
  };
  for (const field of ['hidden', 'vocabulary'] as const) if (!Number.isSafeInteger(model[field]) || model[field] < 1) fail(field, model[field], 'is not a positive integer');
  if (model.maxContext !== null && (!Number.isSafeInteger(model.maxContext) || model.maxContext < 1)) fail('maxContext', model.maxContext, 'is not a positive integer or null');
  if (model.layers.length === 0) fail('layers', '[]', 'is empty');
  model.layers.forEach(({ count, attention, ffn }, group) => {
    if (!Number.isSafeInteger(count) || count < 1) fail(`layers.${group}.count`, count, 'is not a positive integer');
    validateLayer(attention, model.hidden);
    validateLayer(ffn, model.hidden);
  });
  return model;
}

export const layerCount = (model: Model): number => model.layers.reduce((sum, { count }) => sum + count, 0);
