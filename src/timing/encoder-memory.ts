import type { VisionSpec } from '../layers/vision.ts';
import { formula } from '../provenance/card.ts';

/** Activations of one tile at the widest moment of an engine that frees nothing within a layer; the counterpart of `activationBytes`. */
export const encoderActivationBytes = formula({
  id: 'timing/encoder-activation-bytes',
  name: 'Activation bytes of a tile in a vision encoder',
  symbols: {
    patches: { unit: '1', meaning: 'patches of the tile', tex: 'S' },
    hidden: { unit: '1', meaning: 'width of the encoder', tex: 'H' },
    attentionWidth: { unit: '1', meaning: 'width of all heads', tex: 'W' },
    widest: { unit: '1', meaning: 'outputs of the widest matrix of a layer', tex: 'n' },
  },
  expression: '2 [B] * patches * (2 * hidden + 4 * attentionWidth + 2 * widest)',
  unit: 'B',
  evaluate: ({ patches, hidden, attentionWidth, widest }) => 2 * patches * (2 * hidden + 4 * attentionWidth + 2 * widest),
  source: { kind: 'assumed', because: 'an engine keeps the residual, the normed input, query, key, value, attention output, and input and output of the widest matrix in 16 bit' },
});

/** Outputs of the widest matrix of an encoder layer: query, key and value at once, or into the intermediate width, gate included. */
export const encoderWidest = formula({
  id: 'timing/encoder-widest',
  name: 'Outputs of the widest matrix of a vision encoder layer',
  symbols: {
    attentionWidth: { unit: '1', meaning: 'width of all heads', tex: 'W' },
    intermediate: { unit: '1', meaning: 'intermediate width', tex: 'I' },
    inputMatrices: { unit: '1', meaning: '2 when gated, else 1', tex: 'g' },
  },
  expression: 'max(3 * attentionWidth, inputMatrices * intermediate)',
  unit: '1',
  evaluate: ({ attentionWidth, intermediate, inputMatrices }) => Math.max(3 * attentionWidth, inputMatrices * intermediate),
  source: { kind: 'derived', from: 'definition' },
});

/**
 * Scores of one layer where attention is not fused, every pair of patches of every head, while the softmax is cast back: the scores in FP16, still named by
 * the caller, their softmax in 32 bit, and its copy in FP16. (In BF16 the scores are copied to 32 bit before the softmax, which is 4 B more.)
 */
export const encoderScoreBytes = formula({
  id: 'timing/encoder-score-bytes',
  name: 'Bytes of the attention scores of a tile in a vision encoder',
  symbols: { heads: { unit: '1', meaning: 'heads of the encoder', tex: 'n_h' }, patches: { unit: '1', meaning: 'patches of the tile', tex: 'S' } },
  expression: '(2 [B] + 4 [B] + 2 [B]) * heads * patches ^ 2',
  unit: 'B',
  evaluate: ({ heads, patches }) => 8 * heads * patches ** 2,
  source: {
    kind: 'repository',
    repo: 'vllm-project/vllm',
    file: 'vllm/model_executor/models/na_vit.py (SiglipAttention: the encoder of MiniCPM-V 2.6 without flash attention)',
    revision: '23f3a636018510f3de5c9345d5f20897762d34dc',
    read: '2026-11-28',
  },
});

/** Whether the scores of a layer are kept whole (`eager`) or never leave the chip's own memory (`fused`, as flash attention does). */
export type EncoderAttention = 'fused' | 'eager';

/**
 * Activation bytes of one tile of `patches` patches while its encoder runs, from the architecture alone: what grows with the tiles of a pass.
 *   fused  2 S (2 H + 4 W + 2 n)   [B]   n the wider of 3 W and the outputs into the intermediate width, gate included
 *   eager  and 8 n_h S^2
 * Ignored: pixels, the connector, weights, what an allocator holds beside.
 * @throws RangeError when `patches` is not a positive integer
 */
export function encoderActivations({ hidden, attentionWidth, heads, intermediate, gated }: VisionSpec, patches: number, attention: EncoderAttention = 'fused'): number {
  if (!Number.isSafeInteger(patches) || patches < 1) throw new RangeError(`memory: patches ${patches} is not a positive integer`);
  const widest = encoderWidest.evaluate({ attentionWidth, intermediate, inputMatrices: gated ? 2 : 1 });
  return encoderActivationBytes.evaluate({ patches, hidden, attentionWidth, widest }) + (attention === 'eager' ? encoderScoreBytes.evaluate({ heads, patches }) : 0);
}
