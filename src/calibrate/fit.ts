import type { Accelerator } from '../accelerators/accelerator.ts';
import type { Family } from '../timing/kernels/family.ts';
import type { Kernel } from '../timing/kernels/kernel.ts';
import { minimise, type SearchOptions } from './nelder-mead.ts';

/** One measured kernel. */
export interface Measurement {
  readonly kernel: Kernel;
  readonly chip: Accelerator;
  readonly seconds: number;
  /** what is left out together: a shape, which a model fixes; residuals of one shape are not independent */
  readonly group: string;
  readonly file: string;
}

/** A measurement with what was predicted for it while its group was left out of the fit. */
export interface HeldOut {
  readonly measurement: Measurement;
  readonly predicted: number;
}

export interface FitPlan {
  readonly family: Family;
  /** where the search starts; what is not free keeps its value in `fixed` */
  readonly start: Readonly<Record<string, number>>;
  readonly fixed: Readonly<Record<string, number>>;
}

export interface Fit {
  readonly constants: Readonly<Record<string, number>>;
  readonly predicted: readonly number[];
  readonly heldOut: readonly HeldOut[];
}

/**
 * Constants that make the mean of |log(predicted / measured)| least, found in the logarithm of amounts and the log-odds of shares; then
 * once more for each group without its measurements.
 */
export function fitFamily({ family, start, fixed }: FitPlan, measurements: readonly Measurement[], search?: SearchOptions): Fit {
  const names = Object.keys(start);
  const constantsAt = (point: readonly number[]): Readonly<Record<string, number>> => ({
    ...fixed,
    ...Object.fromEntries(names.map((name, at) => [name, fromLine(family, name, point[at] as number)])),
  });
  const solve = (rows: readonly Measurement[], from: readonly number[], options?: SearchOptions): readonly number[] =>
    minimise((point) => meanLogError(family, constantsAt(point), rows), from, options);
  const origin = names.map((name) => toLine(family, name, start[name] as number));
  const point = solve(measurements, origin, search);
  const groups = [...new Set(measurements.map(({ group }) => group))];
  // with one group nothing is left to fit
  const heldOut = (groups.length < 2 ? [] : groups).flatMap((group) => {
    const others = measurements.filter((each) => each.group !== group);
    const constants = constantsAt(solve(others, origin, search));
    return measurements.filter((each) => each.group === group).map((measurement) => ({ measurement, predicted: family.time(measurement.kernel, measurement.chip, constants) }));
  });
  const constants = constantsAt(point);
  return { constants, predicted: measurements.map(({ kernel, chip }) => family.time(kernel, chip, constants)), heldOut };
}

function meanLogError(family: Family, constants: Readonly<Record<string, number>>, rows: readonly Measurement[]): number {
  let sum = 0;
  for (const { kernel, chip, seconds } of rows) sum += Math.abs(Math.log(family.time(kernel, chip, constants) / seconds));
  return sum / rows.length;
}

const isShare = (family: Family, name: string): boolean => family.constants[name]?.unit === 'share';
const toLine = (family: Family, name: string, value: number): number => (isShare(family, name) ? Math.log(value / (1 - value)) : Math.log(value));
const fromLine = (family: Family, name: string, value: number): number => (isShare(family, name) ? 1 / (1 + Math.exp(-value)) : Math.exp(value));

/** Mean of |predicted / measured - 1|. */
export const meanError = (rows: readonly HeldOut[]): number => rows.reduce((sum, { measurement, predicted }) => sum + Math.abs(predicted / measurement.seconds - 1), 0) / rows.length;
