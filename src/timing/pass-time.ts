import type { Accelerator } from '../accelerators/accelerator.ts';
import type { PrecisionPolicy } from '../layers/precision.ts';
import type { Model } from '../models/model.ts';
import type { CalibrationData } from './calibration-data.ts';
import type { Launch, Power } from './choice.ts';
import type { Deployment } from './deployment.ts';
import type { KernelTime } from './estimate.ts';
import { type LowLatencyConstants, wireTime } from './kernels/expert-exchange.ts';
import type { Kernel } from './kernels/kernel.ts';
import { type KernelRun, type Pass, stepKernels } from './step/index.ts';
import { type PassEstimate, passEstimate, type TimedRun, timedRun, together } from './timed-runs.ts';

export type { PassEstimate, PassPart } from './timed-runs.ts';

export interface PassOptions {
  readonly deployment: Deployment;
  /** the model's own policy unless given */
  readonly precision?: PrecisionPolicy;
  /** tokens of a request in a decode step, drafted ones included: 1 unless given */
  readonly queries?: number;
  /** from a graph unless given */
  readonly launch?: Launch;
  /** burst in decode and sustained in prefill unless given */
  readonly power?: Power;
  /** the committed calibration unless given */
  readonly data?: CalibrationData;
}

/** Share of the compute units that DeepSeek-V3 sets aside for exchanges in prompts: 20 of 132 (arXiv:2412.19437, section 3.2.2). */
const EXCHANGE_SHARE = 20 / 132;

/**
 * The expected time of one pass of a model on a deployment: the sum of its kernels, one after the other. With two-batch overlap the pass runs as
 * two halves, where there are two requests, and exchanges with experts go on behind the computation of the other half: in decode what the links take of them, in prefill all
 * of it, on compute units that are set aside. The longer of the two counts. The interval is that of `passEstimate`.
 * Ignored: host, scheduler, sampling; gaps between kernels beyond those of the measured graphs.
 */
export function passTime(model: Model, chip: Accelerator, pass: Pass, options: PassOptions): PassEstimate {
  return passEstimate(timedRuns(model, chip, pass, options), options.data);
}

/** `passTime` without interval, basis and parts: for searches. */
export const passSeconds = (model: Model, chip: Accelerator, pass: Pass, options: PassOptions): Pick<PassEstimate, 'seconds' | 'idealSeconds'> => together(timedRuns(model, chip, pass, options));

/** The kernels of a pass with their times, twice where it runs as two halves. */
function timedRuns(model: Model, chip: Accelerator, pass: Pass, { deployment, precision, queries = 1, launch = 'graph', power, data }: PassOptions): readonly TimedRun[] {
  const step = { deployment, queries, ...(precision === undefined ? {} : { precision }) };
  const whole = stepKernels(model, pass, step);
  // without exchanges with experts there is nothing to hide, and no reason to split the batch
  const twoBatch = deployment.overlap === 'two-batch' && requestsOf(pass) >= 2 && whole.some(({ kernel }) => kernel.kind === 'expert-exchange');
  const reservedUnits = twoBatch && pass.phase === 'prefill' ? Math.round(chip.computeUnits * EXCHANGE_SHARE) : 0;
  const options = { launch, power: power ?? (pass.phase === 'decode' ? 'burst' : 'sustained'), reservedUnits, ...(data === undefined ? {} : { data }) } as const;
  const timed = (run: KernelRun): TimedRun => timedRun(run, chip, options, (time) => (twoBatch ? hiddenShare(run.kernel, chip, time) : 0));
  if (!twoBatch) return whole.map(timed);
  const [first, second] = halves(pass);
  const before = stepKernels(model, first, step).map(timed);
  return [...before, ...(requestsOf(first) === requestsOf(second) ? before : stepKernels(model, second, step).map(timed))];
}

function hiddenShare(kernel: Kernel, chip: Accelerator, { seconds, choice }: KernelTime): number {
  if (kernel.kind !== 'expert-exchange' || seconds === 0) return 0;
  return kernel.mode === 'normal' ? 1 : wireTime(kernel, chip, choice.constants as unknown as LowLatencyConstants) / seconds;
}

const requestsOf = (pass: Pass): number => (pass.phase === 'decode' ? pass.batch : pass.prompts);

/** The two halves of a pass, by requests; the first has one more where they are odd. */
function halves(pass: Pass): readonly [Pass, Pass] {
  const requests = requestsOf(pass);
  const of = (some: number): Pass => (pass.phase === 'decode' ? { ...pass, batch: some } : { ...pass, prompts: some });
  return [of(Math.ceil(requests / 2)), of(Math.floor(requests / 2))];
}
