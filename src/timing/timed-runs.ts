import type { Accelerator } from '../accelerators/accelerator.ts';
import type { CalibrationData } from './calibration-data.ts';
import { calibration } from './choice.ts';
import { type EstimateOptions, estimateOf, type KernelEstimate, type KernelTime, kernelTime } from './estimate.ts';
import { interval, togetherOf } from './interval.ts';
import type { KernelRun } from './step/index.ts';

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

export type TimedRun = Omit<PassPart, 'estimate'> & { readonly time: KernelTime };

/** A kernel whose time is less than this share of a pass does not decide how well the pass is known. */
const MINOR = 0.1;

/** One kernel with its time, as often as it runs; `hiddenOf` says which share of it goes on behind computation, none unless given. */
export function timedRun({ id, part, kernel, count }: KernelRun, chip: Accelerator, options: EstimateOptions, hiddenOf: (time: KernelTime) => number = () => 0): TimedRun {
  const time = kernelTime(kernel, chip, options);
  return { id, part, kernel, count, seconds: count * time.seconds, idealSeconds: count * time.idealSeconds, time, hidden: hiddenOf(time) };
}

/** Times of the kernels of a pass put together: one after the other, or the longer of what is shown and what is hidden. */
export const together = (runs: readonly TimedRun[]): Pick<PassEstimate, 'seconds' | 'idealSeconds'> => ({
  seconds: togetherOf(runs, (run) => run.seconds),
  idealSeconds: togetherOf(runs, (run) => run.idealSeconds),
});

/**
 * `together` with parts, basis and interval, which draws one residual for each shape of kernel, however often it runs, and one of whole passes
 * that were measured: see `interval`.
 */
export function passEstimate(timed: readonly TimedRun[], data: CalibrationData = calibration): PassEstimate {
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
