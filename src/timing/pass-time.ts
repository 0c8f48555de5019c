import type { Accelerator } from '../accelerators/accelerator.ts';
import type { PrecisionPolicy } from '../layers/precision.ts';
import type { Model } from '../models/model.ts';
import type { CalibrationData } from './calibration-data.ts';
import { calibration, type Launch, type Power } from './choice.ts';
import type { Deployment } from './deployment.ts';
import { estimateOf, type KernelEstimate, type KernelTime, kernelTime } from './estimate.ts';
import { interval, togetherOf } from './interval.ts';
import { type LowLatencyConstants, wireTime } from './kernels/expert-exchange.ts';
import type { Kernel } from './kernels/kernel.ts';
import { type KernelRun, type Pass, stepKernels } from './step/index.ts';

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

/** One kernel of a pass with its time: `count` runs together. */
export interface PassPart extends KernelRun {
  readonly seconds: number;
  readonly idealSeconds: number;
  readonly estimate: KernelEstimate;
  /** share of the time that goes on behind computation */
  readonly hidden: number;
}

export interface PassEstimate {
  readonly seconds: number;
  /** 80 % interval */
  readonly low: number;
  readonly high: number;
  readonly idealSeconds: number;
  readonly parts: readonly PassPart[];
  /** measured where every kernel that takes a tenth of the time or more is */
  readonly basis: 'measured' | 'assumed';
}

/** A kernel whose time is less than this share of a pass does not decide how well the pass is known. */
const MINOR = 0.1;

/** Share of the compute units that DeepSeek-V3 sets aside for exchanges in prompts: 20 of 132 (arXiv:2412.19437, section 3.2.2). */
const EXCHANGE_SHARE = 20 / 132;

/**
 * The expected time of one pass of a model on a deployment: the sum of its kernels, one after the other. With two-batch overlap the pass runs as
 * two halves, where there are two requests, and exchanges with experts go on behind the computation of the other half: in decode what the links take of them, in prefill all
 * of it, on compute units that are set aside. The longer of the two counts.
 * The interval draws one residual for each shape of kernel, however often it runs, and one of whole passes that were measured: see `interval`.
 * Ignored: host, scheduler, sampling; gaps between kernels beyond those of the measured graphs.
 */
export function passTime(model: Model, chip: Accelerator, pass: Pass, options: PassOptions): PassEstimate {
  const { data = calibration } = options;
  const timed = timedRuns(model, chip, pass, options);
  const { seconds, idealSeconds } = together(timed);
  const parts = timed.map(({ time, ...run }): PassPart => ({ ...run, estimate: estimateOf(time) }));
  const major = parts.filter((part) => part.seconds >= MINOR * seconds);
  let known: { readonly low: number; readonly high: number } | undefined;
  // drawn when it is asked for: a search over deployments looks at the expected time first
  const bounds = (): { readonly low: number; readonly high: number } => {
    known ??= interval(
      parts.map((part) => ({ ...part, shape: JSON.stringify(part.kernel) })),
      data.passes.groups.map(({ residuals }) => residuals),
    );
    return known;
  };
  return {
    seconds,
    get low() {
      return Math.max(idealSeconds, Math.min(bounds().low, seconds));
    },
    get high() {
      return Math.max(bounds().high, seconds);
    },
    idealSeconds,
    parts,
    basis: major.every(({ estimate }) => estimate.basis === 'measured') ? 'measured' : 'assumed',
  };
}

/** `passTime` without interval, basis and parts: for searches. */
export const passSeconds = (model: Model, chip: Accelerator, pass: Pass, options: PassOptions): Pick<PassEstimate, 'seconds' | 'idealSeconds'> => together(timedRuns(model, chip, pass, options));

const together = (runs: readonly TimedRun[]): Pick<PassEstimate, 'seconds' | 'idealSeconds'> => ({
  seconds: togetherOf(runs, (run) => run.seconds),
  idealSeconds: togetherOf(runs, (run) => run.idealSeconds),
});

type TimedRun = Omit<PassPart, 'estimate'> & { readonly time: KernelTime };

/** The kernels of a pass with their times, twice where it runs as two halves. */
function timedRuns(model: Model, chip: Accelerator, pass: Pass, { deployment, precision, queries = 1, launch = 'graph', power, data }: PassOptions): readonly TimedRun[] {
  const step = { deployment, queries, ...(precision === undefined ? {} : { precision }) };
  const whole = stepKernels(model, pass, step);
  // without exchanges with experts there is nothing to hide, and no reason to split the batch
  const twoBatch = deployment.overlap === 'two-batch' && requestsOf(pass) >= 2 && whole.some(({ kernel }) => kernel.kind === 'expert-exchange');
  const reservedUnits = twoBatch && pass.phase === 'prefill' ? Math.round(chip.computeUnits * EXCHANGE_SHARE) : 0;
  const options = { launch, power: power ?? (pass.phase === 'decode' ? 'burst' : 'sustained'), reservedUnits, ...(data === undefined ? {} : { data }) } as const;
  const timed = ({ id, part, kernel, count }: KernelRun): TimedRun => {
    const time = kernelTime(kernel, chip, options);
    return { id, part, kernel, count, seconds: count * time.seconds, idealSeconds: count * time.idealSeconds, time, hidden: twoBatch ? hiddenShare(kernel, chip, time) : 0 };
  };
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
