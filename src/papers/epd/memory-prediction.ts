import { accelerator } from '../../accelerators/index.ts';
import type { VisionSpec } from '../../layers/vision.ts';
import { largestTile, modelOf } from '../../models/index.ts';
import { singleChip } from '../../timing/deployment.ts';
import { type EncoderAttention, encoderActivations } from '../../timing/encoder-memory.ts';
import { memoryOf } from '../../timing/memory.ts';
import type { EpdModel } from './data/tables.ts';
import { imageIn } from './images.ts';
import { fittedConstants } from './memory-fit.ts';
import { LARGE } from './memory-model.ts';

/** A constant from the architecture alone beside the fitted one. */
interface PredictedConstant {
  readonly predicted: number;
  readonly fitted: number;
  /** predicted over fitted */
  readonly ratio: number;
}

const against = (predicted: number, fitted: number): PredictedConstant => ({ predicted, fitted, ratio: predicted / fitted });

/** Bytes that one more token adds to the activations of a prefill pass, as `activationBytes` of timing counts them: residual, widest layer, nothing else. */
export function predictedTokenBytes(id: EpdModel): PredictedConstant {
  const of = (passTokens: number): number => memoryOf(modelOf(id), accelerator('a100-80g').accelerator, { deployment: singleChip, passTokens }).use(1, 1).activations;
  return against(of(2) - of(1), fittedConstants(id).token);
}

/** Activations of a tile of 4032 x 3024 on the encode worker, bytes, with and without the scores of a layer: see `encoderActivations`. */
export function predictedTileBytes(id: EpdModel, attention: EncoderAttention): PredictedConstant {
  const { patches } = largestTile(imageIn(id, LARGE));
  return against(encoderActivations(modelOf(id).vision as VisionSpec, patches, attention), fittedConstants(id).patch * patches);
}
