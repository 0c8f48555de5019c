import { accelerator } from '../../accelerators/index.ts';
import { largestTile, modelOf } from '../../models/index.ts';
import { singleChip } from '../../timing/deployment.ts';
import { memoryOf } from '../../timing/memory.ts';
import type { EpdModel } from './data/tables.ts';
import { imageIn } from './images.ts';
import { fittedConstants } from './memory-fit.ts';

/** A constant from the architecture alone beside the fitted one. */
export interface PredictedConstant {
  readonly predicted: number;
  readonly fitted: number;
  /** fitted over predicted */
  readonly ratio: number;
}

const against = (predicted: number, fitted: number): PredictedConstant => ({ predicted, fitted, ratio: fitted / predicted });

/** Bytes that one more token adds to the activations of a prefill pass, as `activationBytes` of timing counts them: residual, widest layer, nothing else. */
export function predictedTokenBytes(id: EpdModel): PredictedConstant {
  const of = (passTokens: number): number => memoryOf(modelOf(id), accelerator('a100-80g').accelerator, { deployment: singleChip, passTokens }).use(1, 1).activations;
  return against(of(2) - of(1), fittedConstants(id).token);
}

/**
 * Activations of one tile of 4032 x 3024 against what the architecture gives for it, bytes; that number is an argument.
 * @throws RangeError where it is not positive
 */
export function predictedTileBytes(id: EpdModel, architectureTileBytes: number): PredictedConstant {
  if (!(architectureTileBytes > 0 && architectureTileBytes < Number.POSITIVE_INFINITY))
    throw new RangeError(`epd memory: architectureTileBytes ${architectureTileBytes} is not a positive number of bytes`);
  return against(architectureTileBytes, fittedConstants(id).patch * largestTile(imageIn(id, '4032x3024')).patches);
}
