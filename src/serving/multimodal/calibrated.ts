import type { Accelerator } from '../../accelerators/accelerator.ts';
import { type ImageShape, RESULT_BYTES, tileBytes } from '../../models/images/index.ts';
import type { Model } from '../../models/model.ts';
import { singleChip } from '../../timing/deployment.ts';
import { memoryOf } from '../../timing/memory.ts';
import { type CalibratedEstimatorOptions, calibratedEstimators } from '../disaggregation/calibrated-estimator.ts';
import { type MultimodalEstimator, withEncoding } from './estimator.ts';
import { languageModelOf } from './media-cost.ts';
import { batchSeconds } from './shapes.ts';

/** Chips of each stage; encode and prefill instances that are one are of the chip of prefill. */
export type StageChips = Readonly<Record<'encode' | 'prefill' | 'decode', Accelerator>>;

export interface CalibratedMultimodalOptions extends CalibratedEstimatorOptions {
  /** of every image of the load */
  readonly shape: ImageShape;
  /** time of each request before it waits for anything: host, preprocessing; s, 0 unless given */
  readonly entrySeconds?: number;
}

/**
 * Any vision-language model of the catalogue on any chips: calibrated kernels, memory, links; media of the load are images.
 *   encode    passes of the tiles of a batch of images, on one chip
 *   transfer  tokens of an image x width x 2 B over NVLink within a server of one chip, else over network cards
 * Ignored: reading and cutting of images on the host beyond `entrySeconds`; the room that multimedia caches take beside the KV cache; activations of the encoder;
 * that instances of one chip may stand in several servers: neither way to prefill, nor the KV link beside encode instances, asks how many chips there are in all.
 * @throws RangeError where encoder weights do not fit an encode chip, or chips have no link
 */
export function calibratedMultimodal(model: Model, { encode, prefill, decode }: StageChips, { shape, entrySeconds = 0, ...options }: CalibratedMultimodalOptions): MultimodalEstimator {
  const { precision, linkShare } = options;
  const memory = memoryOf(model, encode, { deployment: singleChip, sides: ['vision'], precision });
  if (memory.weightBytes > encode.memoryCapacity) throw new RangeError(`multimodal: the encoder of ${model.id} does not fit one ${encode.id}`);
  const language = languageModelOf(model);
  const seconds = (chip: Accelerator): ((images: number) => number) => {
    const known = new Map<number, number>();
    return (images) => {
      const found = known.get(images) ?? batchSeconds(model, chip, shape, images, { precision });
      known.set(images, found);
      return found;
    };
  };
  const bytes = shape.tokens > 0 ? tileBytes.evaluate({ tokens: shape.tokens, hidden: model.hidden, elementBytes: RESULT_BYTES }) : 0;
  return {
    encode: { seconds: seconds(encode), transferSeconds: bytes / (linkShare * linkRate(encode, prefill)), usdPerHour: encode.usdPerHour },
    apart: calibratedEstimators(language, options)({ prefill, decode, colocated: prefill }),
    together: withEncoding(calibratedEstimators(model, options)({ prefill, decode, colocated: prefill }), seconds(prefill)),
    entrySeconds,
  };
}

/** Rate at which one chip sends to another, B/s. */
function linkRate(from: Accelerator, to: Accelerator): number {
  if (from.id === to.id && from.scaleUpPerDirection !== null) return from.scaleUpPerDirection;
  const cards = [from, to].map(({ id, nicPerAcceleratorPerDirection }) => {
    if (nicPerAcceleratorPerDirection === null) throw new RangeError(`multimodal: ${id} has no network card to another server`);
    return nicPerAcceleratorPerDirection;
  });
  return Math.min(...cards);
}
