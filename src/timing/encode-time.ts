import type { Accelerator } from '../accelerators/accelerator.ts';
import type { EncoderInput } from '../layers/encoder.ts';
import type { PrecisionPolicy } from '../layers/precision.ts';
import { encoderOf } from '../models/encoder.ts';
import type { Model } from '../models/model.ts';
import type { CalibrationData } from './calibration-data.ts';
import type { Launch, Power } from './choice.ts';
import { encoderKernels } from './step/index.ts';
import { type PassEstimate, passEstimate, type TimedRun, timedRun, together } from './timed-runs.ts';

export interface EncodeOptions {
  /** the model's own policy unless given */
  readonly precision?: PrecisionPolicy;
  /** from a graph unless given */
  readonly launch?: Launch;
  /** sustained unless given */
  readonly power?: Power;
  /** the committed calibration unless given */
  readonly data?: CalibrationData;
}

/**
 * The expected time of a model's vision encoder, its connector included, for some tiles in one pass on one chip: the sum of its kernels, one after the
 * other, as `passTime` adds up those of a language model. Several chips encode several tiles (intra-request parallelism): an encoder is not split.
 * Ignored: reading and cutting images, host, scheduler; what `encoderKernels` ignores.
 * @throws RangeError `encode: model <id> has no vision encoder`, or when a count is not a positive integer
 */
export const encodeTime = (model: Model, chip: Accelerator, input: EncoderInput, options: EncodeOptions = {}): PassEstimate => passEstimate(timedRuns(model, chip, input, options), options.data);

/** `encodeTime` without interval, basis and parts: for searches. */
export const encodeSeconds = (model: Model, chip: Accelerator, input: EncoderInput, options: EncodeOptions = {}): Pick<PassEstimate, 'seconds' | 'idealSeconds'> =>
  together(timedRuns(model, chip, input, options));

function timedRuns(model: Model, chip: Accelerator, input: EncoderInput, { precision = model.precision, launch = 'graph', power = 'sustained', data }: EncodeOptions): readonly TimedRun[] {
  const options = { launch, power, ...(data === undefined ? {} : { data }) };
  return encoderKernels(encoderOf(model), input, precision).map((run) => timedRun(run, chip, options));
}
