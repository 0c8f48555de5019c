import type { Accelerator } from '../accelerators/accelerator.ts';
import type { Basis } from '../provenance/source.ts';
import { quantile } from './calibration-data.ts';
import { type Choice, type ChoiceOptions, choose } from './choice.ts';
import { idealTime } from './ideal.ts';
import { familyOf } from './kernels/families.ts';
import type { Kernel } from './kernels/kernel.ts';

/** What a kernel is expected to take on a chip, without its interval: what a search over deployments asks for. */
export interface KernelTime {
  readonly seconds: number;
  readonly idealSeconds: number;
  readonly bound: 'compute' | 'memory' | 'network';
  readonly choice: Choice;
}

export interface KernelEstimate extends KernelTime {
  /** 80 % interval */
  readonly low: number;
  readonly high: number;
  /** measured: at least five groups of measurements on this chip were predicted while left out; assumed otherwise */
  readonly basis: Extract<Basis, 'measured' | 'assumed'>;
}

export interface EstimateOptions extends ChoiceOptions {
  /** compute units that do something else meanwhile */
  readonly reservedUnits?: number;
}

/** Fewer groups say too little about how far off a prediction can be. */
const ENOUGH_GROUPS = 5;

/** The expected time of one kernel; never below the roofline bound. */
export function kernelTime(kernel: Kernel, chip: Accelerator, options: EstimateOptions = {}): KernelTime {
  const choice = choose(kernel, chip, options);
  const { seconds: idealSeconds, bound } = idealTime(kernel, chip);
  const seconds = Math.max(idealSeconds, familyOf(choice.family).time(kernel, reserving(chip, options.reservedUnits ?? 0), choice.constants));
  return { seconds, idealSeconds, bound, choice };
}

/** The expected time of one kernel with its 80 % interval. */
export const kernelEstimate = (kernel: Kernel, chip: Accelerator, options: EstimateOptions = {}): KernelEstimate => estimateOf(kernelTime(kernel, chip, options));

/** An expected time with its interval and basis. */
export function estimateOf(time: KernelTime): KernelEstimate {
  const { seconds, idealSeconds, choice } = time;
  return {
    ...time,
    // quantiles of residuals take longer than the time itself: found when they are asked for
    get low() {
      return Math.max(idealSeconds, seconds * Math.exp(Math.min(0, residualInterval(choice).low)));
    },
    get high() {
      return seconds * Math.exp(Math.max(0, residualInterval(choice).high));
    },
    basis: basisOf(choice),
  };
}

export const basisOf = ({ carried, entry }: Choice): KernelEstimate['basis'] => (carried === null && entry.residuals.length >= ENOUGH_GROUPS ? 'measured' : 'assumed');

/** A chip with some of its compute units taken away, and their part of its peaks. */
function reserving(chip: Accelerator, units: number): Accelerator {
  if (units === 0) return chip;
  if (!Number.isSafeInteger(units) || units < 0 || units >= chip.computeUnits)
    throw new RangeError(`timing: reservedUnits ${units} is not a whole number below the ${chip.computeUnits} of ${chip.id}`);
  const left = (chip.computeUnits - units) / chip.computeUnits;
  const peak = Object.fromEntries(Object.entries(chip.peak).map(([format, rate]) => [format, rate === null ? null : rate * left])) as unknown as Accelerator['peak'];
  return { ...chip, computeUnits: chip.computeUnits - units, peak };
}

/** The 10 % and 90 % quantiles of log(measured / predicted), widened where constants were carried. */
function residualInterval({ entry: { residuals }, widening }: Choice): { readonly low: number; readonly high: number } {
  const [low, high] = [quantile(residuals, 0.1), quantile(residuals, 0.9)];
  const half = Math.hypot((high - low) / 2, widening);
  return { low: (low + high) / 2 - half, high: (low + high) / 2 + half };
}
