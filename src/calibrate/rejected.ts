import { idealTime } from '../timing/ideal.ts';
import type { Measurement } from './fit.ts';

/** Kernels at least this long by the roofline are large: their launch no longer hides what they reach. */
const LARGE_SECONDS = 50e-6;

export interface Rejected {
  readonly file: string;
  readonly shape: string;
  readonly rows: number;
  readonly utilisation: number;
}

/** Splits off whole shapes of which a large kernel ran faster than its chip can: a measurement that is wrong there is not trusted elsewhere. */
export function withoutImpossible(measurements: readonly Measurement[]): { readonly kept: readonly Measurement[]; readonly rejected: readonly Rejected[] } {
  const worst = new Map<string, number>();
  const key = ({ file, group, chip }: Measurement): string => `${file}|${chip.id}|${group}`;
  for (const each of measurements) {
    const ideal = idealTime(each.kernel, each.chip).seconds;
    if (ideal >= LARGE_SECONDS) worst.set(key(each), Math.max(worst.get(key(each)) ?? 0, ideal / each.seconds));
  }
  const impossible = (each: Measurement): boolean => (worst.get(key(each)) ?? 0) > 1;
  const shapes = new Map<string, Rejected>();
  for (const each of measurements.filter(impossible)) {
    const { file, group: shape, chip } = each;
    shapes.set(key(each), { file, shape: `${chip.id} ${shape}`, rows: (shapes.get(key(each))?.rows ?? 0) + 1, utilisation: worst.get(key(each)) as number });
  }
  return { kept: measurements.filter((each) => !impossible(each)), rejected: [...shapes.values()] };
}
