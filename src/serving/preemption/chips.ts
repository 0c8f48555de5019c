import type { Accelerator } from '../../accelerators/accelerator.ts';
import type { PrecisionPolicy } from '../../layers/precision.ts';
import type { Model } from '../../models/model.ts';
import { smallestSplit } from '../multimodal/media-cost.ts';

/** Tokens of the request that has to fit beside the weights. */
const CONTEXT_THAT_FITS = 1024;

/** Chips that work together on every layer. */
export interface ChipsThatHold {
  readonly tensorParallel: number;
  /** false where even all chips that are linked do not hold the weights */
  readonly fits: boolean;
}

/** As few chips as hold the weights and a short request, layers split over them; all that are linked where even they do not, which is then said. */
export function chipsThatHold(model: Model, chip: Accelerator, precision: PrecisionPolicy = model.precision): ChipsThatHold {
  try {
    return { tensorParallel: smallestSplit(model, chip, CONTEXT_THAT_FITS, precision).split.tensorParallel, fits: true };
  } catch (error) {
    if (error instanceof RangeError && error.message.includes(' does not fit ')) return { tensorParallel: chip.scaleUpDomain, fits: false };
    throw error;
  }
}
