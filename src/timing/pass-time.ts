import type { Accelerator } from '../accelerators/accelerator.ts';
import type { PrecisionPolicy } from '../layers/precision.ts';
import type { Model } from '../models/model.ts';
import type { CalibrationData } from './calibration-data.ts';
import { calibration, type Launch, type Power } from './choice.ts';
import type { Deployment } from './deployment.ts';
import { type KernelEstimate, kernelEstimate } from './estimate.ts';
import { interval, togetherOf } from './interval.ts';
import { type LowLatencyConstants, wireTime } from './kernels/expert-exchange.ts';
import type { Kernel } from './kernels/kernel.ts';
import { type KernelRun, type Pass, stepKernels } from './step/index.ts';

export interface PassOptions {
  readonly deployment: Deployment;
  /** the model's own policy unless given */
  readonly precision?: PrecisionPolicy;
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
export function passTime(model: Model, chip: Accelerator, pass: Pass, { deployment, precision, launch = 'graph', power, data }: PassOptions): PassEstimate {
  const step = { deployment, ...(precision === undefined ? {} : { precision }) };
  const whole = stepKernels(model, pass, step);
  // without exchanges with experts there is nothing to hide, and no reason to split the batch
  const twoBatch = deployment.overlap === 'two-batch' && requestsOf(pass) >= 2 && whole.some(({ kernel }) => kernel.kind === 'expert-exchange');
  const reservedUnits = twoBatch && pass.phase === 'prefill' ? Math.round(chip.computeUnits * EXCHANGE_SHARE) : 0;
  const options = { launch, power: power ?? (pass.phase === 'decode' ? 'burst' : 'sustained'), reservedUnits, ...(data === undefined ? {} : { data }) } as const;
  const runs = twoBatch ? halves(pass).flatMap((each) => stepKernels(model, each, step)) : whole;
  const parts = runs.map((run): PassPart => {
    const estimate = kernelEstimate(run.kernel, chip, options);
    return {
      ...run,
      seconds: run.count * estimate.seconds,
      idealSeconds: run.count * estimate.idealSeconds,
      estimate,
      hidden: twoBatch ? hiddenShare(run.kernel, chip, estimate) : 0,
    };
  });
  const seconds = togetherOf(parts, (part) => part.seconds);
  const idealSeconds = togetherOf(parts, (part) => part.idealSeconds);
  const major = parts.filter((part) => part.seconds >= MINOR * seconds);
  let known: { readonly low: number; readonly high: number } | undefined;
  // drawn when it is asked for: a search over deployments looks at the expected time first
  const bounds = (): { readonly low: number; readonly high: number } => {
    known ??= interval(
      parts.map((part) => ({ ...part, shape: JSON.stringify(part.kernel) })),
      (data ?? calibration).passes.groups.map(({ residuals }) => residuals),
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

function hiddenShare(kernel: Kernel, chip: Accelerator, { seconds, choice }: KernelEstimate): number {
  if (kernel.kind !== 'expert-exchange' || seconds === 0) return 0;
  return kernel.mode === 'normal' ? 1 : wireTime(kernel, chip, choice.constants as unknown as LowLatencyConstants) / seconds;
}

const requestsOf = (pass: Pass): number => (pass.phase === 'decode' ? pass.batch : pass.prompts);

/** The two halves of a pass, by requests; the first has one more where they are odd. */
function halves(pass: Pass): readonly Pass[] {
  const requests = requestsOf(pass);
  return [Math.ceil(requests / 2), Math.floor(requests / 2)].map((some) => (pass.phase === 'decode' ? { ...pass, batch: some } : { ...pass, prompts: some }));
}
