import { type Counting, exactCounting } from '../layers/counting.ts';
import { lowerLayer } from '../layers/index.ts';
import type { LoweringContext, Phase } from '../layers/lowering.ts';
import type { Operator } from '../layers/operator.ts';
import type { PrecisionPolicy } from '../layers/precision.ts';
import { lowerVision } from '../layers/vision.ts';
import { lowerVocabulary } from '../layers/vocabulary.ts';
import type { Model } from './model.ts';

export interface LowerOptions {
  readonly phase?: Phase;
  readonly counting?: Counting;
  readonly precision?: PrecisionPolicy;
}

/** A place in a model: the index of a layer group and a side of the layer, or the ends of the model. */
export interface ModelPlace {
  readonly group: number | null;
  readonly side: 'attention' | 'ffn' | 'vocabulary' | 'vision';
}

export interface ModelOperator extends Operator, ModelPlace {}

export interface ModelPart extends ModelPlace {
  readonly operators: readonly Operator[];
}

/**
 * All operators of a model, group by group: attention, feed-forward, then embedding and head, then the vision encoder. A group of `count` layers
 * gives operators with `repeat = count`. The defaults are decode, exact counting and the model's own precision policy.
 */
export function lowerModel(model: Model, options: LowerOptions = {}): readonly ModelOperator[] {
  return lowerParts(model, options).flatMap(({ group, side, operators }) => operators.map((operator) => ({ ...operator, group, side })));
}

/** `lowerModel` without copying an operator: operators by the place they come from. Kept for a model: searches ask for the same parts again and again. */
export function lowerParts(model: Model, options: LowerOptions = {}): readonly ModelPart[] {
  const { phase = 'decode', counting = exactCounting, precision = model.precision } = options;
  const before = lowered.get(model);
  if (before !== undefined && before.phase === phase && before.counting === counting && before.precision === precision) return before.parts;
  const parts = lower(model, phase, counting, precision);
  lowered.set(model, { phase, counting, precision, parts });
  return parts;
}

/** The parts that were asked for last, of each model. */
const lowered = new WeakMap<Model, Required<LowerOptions> & { readonly parts: readonly ModelPart[] }>();

function lower(model: Model, phase: Phase, counting: Counting, precision: PrecisionPolicy): readonly ModelPart[] {
  const context = (repeat: number): LoweringContext => ({ phase, hidden: model.hidden, repeat, precision, counting });
  const parts: ModelPart[] = [];
  model.layers.forEach(({ count, attention, ffn }, group) => {
    parts.push({ group, side: 'attention', operators: lowerLayer(attention, context(count)) }, { group, side: 'ffn', operators: lowerLayer(ffn, context(count)) });
  });
  parts.push({ group: null, side: 'vocabulary', operators: lowerVocabulary(vocabularyOf(model), context(1)) });
  if (model.vision) parts.push({ group: null, side: 'vision', operators: lowerVision(model.vision, context(1)) });
  return parts;
}

const vocabularyOf = ({ vocabulary, tiedEmbeddings, positions }: Model) => ({ vocabulary, tied: tiedEmbeddings, ...(positions === undefined ? {} : { positions }) });

export const layerCount = (model: Model): number => model.layers.reduce((sum, { count }) => sum + count, 0);
