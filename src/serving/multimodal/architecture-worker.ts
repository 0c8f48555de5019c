import type { Accelerator } from '../../accelerators/accelerator.ts';
import type { PrecisionPolicy } from '../../layers/precision.ts';
import { modelCache } from '../../models/cache.ts';
import { encoderOf } from '../../models/encoder.ts';
import { type ImageShape, largestTile, mmCacheBytes, RESULT_BYTES, tileBytes } from '../../models/images/index.ts';
import type { Model } from '../../models/model.ts';
import { singleChip } from '../../timing/deployment.ts';
import { type EncoderAttention, encoderActivations } from '../../timing/encoder-memory.ts';
import { memoryOf } from '../../timing/memory.ts';
import type { ImageSize, MemoryStage, MultimodalWorker } from './memory.ts';

export interface ArchitectureWorkerOptions {
  readonly precision?: PrecisionPolicy;
  /** tiles that the multimedia cache holds */
  readonly cacheTiles: number;
  /** whether the encoder keeps its attention scores: `eager`, or not: `fused` */
  readonly attention: EncoderAttention;
}

/**
 * A worker of a stage on one chip, with what a pass takes from the architecture alone: no constant is fitted.
 *   patch   activations of the largest tile / its patches, see `encoderActivations`
 *   token   what one more token adds to a prefill pass, see `activationBytes`
 * Ignored: memory that driver and engine keep.
 * @throws RangeError where the model has no encoder
 */
export function architectureWorker(
  model: Model,
  chip: Accelerator,
  stage: MemoryStage,
  shape: ImageShape,
  { precision = model.precision, cacheTiles, attention }: ArchitectureWorkerOptions,
): MultimodalWorker {
  const spec = encoderOf(model, 'multimodal');
  const bytes = (sides: readonly ('attention' | 'ffn' | 'vocabulary' | 'vision')[]): number => memoryOf(model, chip, { deployment: singleChip, precision, sides }).weightBytes;
  const activations = (passTokens: number): number => memoryOf(model, chip, { deployment: singleChip, precision, passTokens }).use(1, 1).activations;
  const { patches: largest } = largestTile(shape);
  const tokens = Math.max(...shape.tiles.map((tile) => tile.tokens));
  return {
    stage,
    capacity: chip.memoryCapacity,
    model: {
      encoder: bytes(['vision']),
      language: bytes(['attention', 'ffn', 'vocabulary']),
      multimediaCache: mmCacheBytes.evaluate({ entries: cacheTiles, bytes: tileBytes.evaluate({ tokens, hidden: model.hidden, elementBytes: RESULT_BYTES }) }),
      kvPerToken: modelCache({ ...model, precision }).perToken,
    },
    activations: { patch: encoderActivations(spec, largest, attention) / largest, token: activations(2) - activations(1), reserved: 0 },
    context: model.maxContext,
  };
}

/** An image as the memory of workers depends on it. */
export const imageSizeOf = ({ patches, tokens, promptTokens }: ImageShape): ImageSize => ({ patches, tokens, promptTokens });
