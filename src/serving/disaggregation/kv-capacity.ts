import type { LayerGroup, Model } from '../../models/model.ts';
import { formula } from '../../provenance/card.ts';
import type { Split } from './estimator.ts';

const RELEASED = (file: string) => ({ kind: 'repository', repo: 'github.com/LLMServe/DistServe', file, revision: '82831f1604cc6b10bebd360f6c437a07790dde9f', read: '2026-11-28' }) as const;
/** Where the released code computes the capacity. */
export const PROFILE = RELEASED('simdistserve/profilers/profile_memory.py');

const hidden = { unit: '1', meaning: 'width of the residual stream', tex: 'h' } as const;
const layers = { unit: '1', meaning: 'layers', tex: 'L' } as const;
const elementBytes = { unit: 'B', meaning: 'bytes of an element', tex: 'e' } as const;
const tensorParallel = { unit: '1', meaning: 'devices that share a layer', tex: 'n_t' } as const;
const pipelineParallel = { unit: '1', meaning: 'stages', tex: 'n_p' } as const;
const blockTokens = { unit: '1', meaning: 'tokens of a block of the cache', tex: 'b' } as const;

/** What the released profiler takes: FP16, blocks of 16 tokens, memory as an A100 with 80 GB reports it, 95 % of it used, 1 % of it kept free. */
export const RELEASED_MEMORY = { elementBytes: 2, blockTokens: 16, memory: 84_990_616_000, share: 0.95, reserve: 0.01 } as const;

/**
 * Bytes of weights on one device as the released profiler counts them:
 *   W = e (V h + P h + 12 (L / n_p) h^2 / n_t + 5 (L / n_p) h)   [B]
 * Vocabulary and positions are on every device; a feed-forward layer is 4 h wide; what 5 h of a layer are (norms and biases) is not split.
 */
export const releasedWeightBytes = formula({
  id: 'distserve/released-weight-bytes',
  name: 'Weights of one device, as the released profiler counts them',
  symbols: {
    elementBytes,
    vocabulary: { unit: '1', meaning: 'rows of the table of tokens', tex: 'V' },
    positions: { unit: '1', meaning: 'rows of the table of positions', tex: 'P' },
    hidden,
    layers,
    tensorParallel,
    pipelineParallel,
  },
  expression: 'elementBytes * (vocabulary * hidden + positions * hidden + 12 * (layers / pipelineParallel) * hidden^2 / tensorParallel + 5 * (layers / pipelineParallel) * hidden)',
  unit: 'B',
  evaluate: ({ elementBytes, vocabulary, positions, hidden, layers, tensorParallel, pipelineParallel }) => {
    const layersOfStage = layers / pipelineParallel;
    return elementBytes * (vocabulary * hidden + positions * hidden + (12 * layersOfStage * hidden ** 2) / tensorParallel + 5 * layersOfStage * hidden);
  },
  source: PROFILE,
});

/** Bytes of a block of the cache on one device: keys and values of its layers and heads, 2 b e (L / n_p) (n / n_t) (h / n) [B]. */
export const releasedBlockBytes = formula({
  id: 'distserve/released-block-bytes',
  name: 'A block of the cache on one device',
  symbols: { elementBytes, blockTokens, hidden, layers, heads: { unit: '1', meaning: 'attention heads', tex: 'n' }, tensorParallel, pipelineParallel },
  expression: '2 * blockTokens * elementBytes * (layers / pipelineParallel) * (heads / tensorParallel) * (hidden / heads)',
  unit: 'B',
  evaluate: ({ elementBytes, blockTokens, hidden, layers, heads, tensorParallel, pipelineParallel }) =>
    2 * blockTokens * elementBytes * (layers / pipelineParallel) * (heads / tensorParallel) * (hidden / heads),
  source: PROFILE,
});

/** Blocks that fit beside the weights: floor((share T - (reserve T + W)) / block), none where the weights leave no room. */
export const releasedBlocks = formula({
  id: 'distserve/released-blocks',
  name: 'Blocks of the cache that fit beside the weights',
  symbols: {
    memory: { unit: 'B', meaning: 'memory of the device', tex: 'T' },
    share: { unit: '1', meaning: 'share of the memory that is used', tex: 'u' },
    reserve: { unit: '1', meaning: 'share of the memory that activations may need', tex: 'r' },
    weightBytes: { unit: 'B', meaning: 'weights of the device', tex: 'W' },
    blockBytes: { unit: 'B', meaning: 'a block of the cache on the device', tex: 'B' },
  },
  expression: 'max(0, floor((memory * share - (memory * reserve + weightBytes)) / blockBytes))',
  unit: '1',
  evaluate: ({ memory, share, reserve, weightBytes, blockBytes }) => Math.max(0, Math.floor((memory * share - (memory * reserve + weightBytes)) / blockBytes)),
  source: PROFILE,
});

/** Tokens whose keys and values an instance can keep: b tokens of each block; every device holds its part of the same tokens. */
export const releasedKvTokens = formula({
  id: 'distserve/released-kv-tokens',
  name: 'Tokens that the cache of an instance can keep',
  symbols: { blockTokens, blocks: { unit: '1', meaning: 'blocks that fit', tex: 'N' } },
  expression: 'blockTokens * blocks',
  unit: '1',
  evaluate: ({ blockTokens, blocks }) => blockTokens * blocks,
  source: PROFILE,
});

/** What the capacity depends on; a feed-forward layer is taken to be four times as wide as the stream. */
export interface ReleasedDimensions {
  readonly layers: number;
  readonly heads: number;
  readonly hidden: number;
  readonly vocabulary: number;
  /** rows of the table of positions as the profiler counts them: the longest context */
  readonly positions: number;
}

export interface ReleasedKvCapacity {
  /** weights of one device */
  readonly weightBytes: number;
  /** a block of the cache on one device */
  readonly blockBytes: number;
  readonly blocks: number;
  /** tokens that the instance can keep */
  readonly tokens: number;
}

/**
 * KV capacity of one instance on A100 with 80 GB as the released profiler computes it: what its simulator and its placement read from a table.
 * Ignored: what activations really need, that the first stage alone holds the embedding.
 * @throws RangeError where a number is no positive integer, stages do not divide the layers, or devices do not divide the heads
 */
export function releasedKvCapacity({ layers, heads, hidden, vocabulary, positions }: ReleasedDimensions, { tensorParallel, pipelineParallel }: Split): ReleasedKvCapacity {
  for (const [field, value] of Object.entries({ layers, heads, hidden, vocabulary, positions, tensorParallel, pipelineParallel }))
    check(field, value, Number.isSafeInteger(value) && value >= 1, 'is not a positive integer');
  check('pipelineParallel', pipelineParallel, layers % pipelineParallel === 0, `does not divide the ${layers} layers`);
  check('tensorParallel', tensorParallel, heads % tensorParallel === 0, `does not divide the ${heads} heads`);
  const { elementBytes, blockTokens, ...memory } = RELEASED_MEMORY;
  const weightBytes = releasedWeightBytes.evaluate({ elementBytes, vocabulary, positions, hidden, layers, tensorParallel, pipelineParallel });
  const blockBytes = releasedBlockBytes.evaluate({ elementBytes, blockTokens, hidden, layers, heads, tensorParallel, pipelineParallel });
  const blocks = releasedBlocks.evaluate({ ...memory, weightBytes, blockBytes });
  return { weightBytes, blockBytes, blocks, tokens: releasedKvTokens.evaluate({ blockTokens, blocks }) };
}

/**
 * Dimensions of a model that the profiler can count: multi-head attention as wide as the stream in every layer, feed-forward layers without a gate and
 * four times as wide, a table of positions.
 * @throws RangeError for another model
 */
export function releasedDimensions({ id, hidden, vocabulary, maxContext, positions, layers }: Model): ReleasedDimensions {
  const [{ count, attention, ffn }, ...others] = layers as readonly [LayerGroup, ...LayerGroup[]];
  const plainFfn = ffn.kind === 'dense' && !ffn.gated && ffn.intermediate === 4 * hidden;
  if (
    others.length > 0 ||
    attention.kind !== 'gqa' ||
    attention.kvHeads !== attention.queryHeads ||
    attention.queryHeads * attention.headDim !== hidden ||
    !plainFfn ||
    positions === undefined ||
    maxContext === null
  )
    throw new RangeError(`kv-capacity: model ${id} is not one that the released profiler counts: multi-head attention, plain feed-forward layers of 4 x ${hidden}, a table of positions`);
  return { layers: count, heads: attention.queryHeads, hidden, vocabulary, positions: maxContext };
}

function check(field: string, value: number, holds: boolean, rule: string): void {
  if (!holds) throw new RangeError(`kv-capacity: ${field} ${value} ${rule}`);
}
