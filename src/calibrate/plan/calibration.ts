import type { FamilyId } from '../../timing/kernels/families.ts';
import type { Datasets } from '../datasets.ts';
import type { Measurement } from '../fit.ts';

/** Constants of entries that were fitted before, by entry. */
export type Fitted = (entry: string) => Readonly<Record<string, number>>;

/** One fit: a family on one or more chips, from some measurements. */
export interface Calibration {
  readonly id: string;
  readonly family: FamilyId;
  /** chips that the entry holds for as measured */
  readonly accelerators: readonly string[];
  /** bits of the arithmetic that it holds for; any unless given */
  readonly mathBits?: 8 | 16;
  /** whether launches came from the host one by one, or from a graph */
  readonly launchedFrom: 'host' | 'graph';
  readonly measurements: (data: Datasets) => readonly Measurement[];
  readonly start: Readonly<Record<string, number>>;
  /** constants that these measurements do not determine, and why */
  readonly fixed?: (fitted: Fitted) => Readonly<Record<string, number>>;
  readonly because?: string;
  /** what a group is */
  readonly leftOut: string;
}

export const on =
  (chip: string) =>
  ({ chip: { id } }: Measurement): boolean =>
    id === chip;
export const math =
  (precision: string) =>
  ({ kernel }: Measurement): boolean =>
    'math' in kernel && kernel.math === precision;

export const pick = (constants: Readonly<Record<string, number>>, names: readonly string[]): Readonly<Record<string, number>> =>
  Object.fromEntries(names.map((name) => [name, constants[name] as number]));
