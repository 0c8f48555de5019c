import type { NumberSpec } from '../../evidence/number.ts';
import { modelOf } from '../../models/index.ts';
import {
  PROFILE,
  RELEASED_MEMORY,
  releasedBlockBytes,
  releasedBlocks,
  releasedDimensions,
  releasedKvCapacity,
  releasedKvTokens,
  releasedWeightBytes,
} from '../../serving/disaggregation/kv-capacity.ts';
import { derived, ID } from './item.ts';

const MODELS: readonly string[] = ['opt-13b', 'opt-66b', 'opt-175b'];

const released = (label: string, value: number, unit: string): NumberSpec => ({ kind: 'leaf', label, value, unit, source: PROFILE });

/** What the released profiler takes, as inputs. */
export const capacityInputs: Readonly<Record<string, NumberSpec>> = {
  'input/memory': released('memory that an A100 with 80 GB has, as reported', RELEASED_MEMORY.memory, 'B'),
  'input/memory-share': released('share of the memory that is used', RELEASED_MEMORY.share, '1'),
  'input/memory-reserve': released('share of the memory that is kept for activations', RELEASED_MEMORY.reserve, '1'),
  'input/block-tokens': released('tokens of a block of the cache', RELEASED_MEMORY.blockTokens, '1'),
};

/** Whether the released profiler counts an instance: its degrees divide layers and heads. */
function isInstance(model: string, tensorParallel: number, pipelineParallel: number): boolean {
  try {
    return releasedKvCapacity(releasedDimensions(modelOf(model)), { tensorParallel, pipelineParallel }).blocks >= 0;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/**
 * `distserve/kv-capacity/<model>/<tensor>x<pipeline>/<tokens|blocks|block-bytes|weight-bytes>`: what an instance can keep as the released profiler counts it;
 * `distserve/degree/<n>`: a degree that is asked for.
 */
export function capacityNumber([kind = '', model = '', split = '', what = '', ...rest]: readonly string[]): NumberSpec | null {
  if (kind === 'degree') {
    const asked = /^[1-9]\d{0,2}$/.test(model) && split === '';
    return asked ? { kind: 'leaf', label: 'devices or stages that an instance is split over', value: Number(model), unit: '1', source: { kind: 'derived', from: 'the question asked' } } : null;
  }
  const [, tensor = '', pipeline = ''] = /^([1-9]\d{0,2})x([1-9]\d{0,2})$/.exec(split) ?? [];
  if (kind !== 'kv-capacity' || rest.length > 0 || !MODELS.includes(model) || tensor === '' || !isInstance(model, Number(tensor), Number(pipeline))) return null;
  const of = (name: string): string => `${ID}/kv-capacity/${model}/${split}/${name}`;
  const input = (name: string): string => `${ID}/input/${name}`;
  const dimensions = {
    elementBytes: `model/${model}/bytes-per-element/0/weights`,
    hidden: `model/${model}/hidden`,
    layers: `model/${model}/layer-count`,
    tensorParallel: `${ID}/degree/${tensor}`,
    pipelineParallel: `${ID}/degree/${pipeline}`,
  };
  const instance = `of ${model}, ${split} devices`;
  switch (what) {
    case 'tokens':
      return derived(`tokens that an instance ${instance}, can keep`, releasedKvTokens, { blockTokens: input('block-tokens'), blocks: of('blocks') });
    case 'blocks':
      return derived(`blocks of the cache ${instance}`, releasedBlocks, {
        memory: input('memory'),
        share: input('memory-share'),
        reserve: input('memory-reserve'),
        weightBytes: of('weight-bytes'),
        blockBytes: of('block-bytes'),
      });
    case 'block-bytes':
      return derived(`a block of the cache on one device ${instance}`, releasedBlockBytes, {
        ...dimensions,
        blockTokens: input('block-tokens'),
        heads: `model/${model}/layers.0.attention.queryHeads`,
      });
    case 'weight-bytes':
      return derived(`weights on one device ${instance}`, releasedWeightBytes, { ...dimensions, vocabulary: `model/${model}/vocabulary`, positions: `model/${model}/maxContext` });
    default:
      return null;
  }
}
