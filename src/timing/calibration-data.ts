import type { FamilyId } from './kernels/families.ts';

/** Constants of one family on some chips, how they were found, and how far off they are. */
export interface CalibrationEntry {
  readonly id: string;
  readonly family: FamilyId;
  /** chips that were measured, and their architecture; none where all constants are assumed */
  readonly accelerators: readonly string[];
  readonly architecture: string | null;
  /** dense 16-bit peak of one compute unit of each, FLOP/s: a chip whose peak is cut reaches another share of it */
  readonly unitPeaks: readonly number[];
  /** bits of the arithmetic that was measured; null where that makes no difference */
  readonly mathBits: 8 | 16 | null;
  /** whether kernels were launched one by one from the host, or from a graph */
  readonly launchedFrom: 'host' | 'graph';
  /** SI base units; shares between 0 and 1 */
  readonly constants: Readonly<Record<string, number>>;
  /** which of them the measurements determine; the others are taken from elsewhere, `because` says why */
  readonly fitted: readonly string[];
  readonly because: string | null;
  readonly files: readonly string[];
  /** what was left out at a time for the held-out errors */
  readonly leftOut: string;
  readonly points: number;
  readonly error: {
    /** mean of |predicted / measured - 1| */
    readonly inSample: number | null;
    readonly heldOut: number | null;
    readonly byAccelerator: Readonly<Record<string, { readonly points: number; readonly inSample: number; readonly heldOut: number }>>;
    /** held-out error of classes of kernels, by size */
    readonly bySize: Readonly<Record<string, { readonly points: number; readonly heldOut: number }>>;
    /** share of held-out points inside the 80 % interval that the other groups give; null with one group */
    readonly coverage: number | null;
  };
  /** log(measured / predicted) of the groups that were left out, each by at most nine of its quantiles */
  readonly residuals: readonly (readonly number[])[];
}

/**
 * Two ceilings of a chip whose power is limited, as shares of its dense peak: what a large matrix multiply reaches in its first 25 ms, and
 * after seconds, when the clock has fallen.
 */
export interface PowerCeiling {
  /** chips that it holds for: the one measured, and those with the same silicon and power */
  readonly accelerators: readonly string[];
  readonly mathBits: 8 | 16;
  readonly burst: number;
  readonly sustained: number;
  readonly file: string;
}

/**
 * What a serving engine spends on the host for every sequence of a step, beside the kernels: scheduling, sampling, detokenisation. One constant
 * a version, and one for the engine where a version was not measured.
 */
export interface EngineEntry {
  readonly engine: string;
  /** null: all versions together */
  readonly version: string | null;
  readonly hostSecondsPerSequence: number;
  readonly models: readonly string[];
  readonly points: number;
  /** median of |predicted / measured - 1| over the rows of the fit */
  readonly medianError: number;
  /** log(measured / predicted), a group for each model on a chip, at most nine quantiles each */
  readonly residuals: readonly (readonly number[])[];
}

/** Half of the models fitted, the other half predicted: median of |predicted / measured - 1|. */
export interface ServingFold {
  readonly fitted: readonly string[];
  readonly predicted: readonly string[];
  readonly points: number;
  readonly medianError: number;
  /** the same from a decode step alone, without prompts of other requests and without the host */
  readonly decodeOnly: number;
}

export interface ServingCalibration {
  readonly file: string;
  readonly engines: readonly EngineEntry[];
  readonly folds: readonly ServingFold[];
  /** rows that were not used, by reason */
  readonly leftOut: readonly { readonly because: string; readonly rows: number }[];
}

/**
 * How far off sums of kernels were for whole passes that were measured: log(measured / predicted), a group for each model, chip and phase. They
 * widen intervals of passes and move no expected time.
 */
export interface PassResiduals {
  readonly groups: readonly { readonly id: string; readonly residuals: readonly number[] }[];
  /** passes that lie in their 80 % interval while their group is left out of it */
  readonly coverage: { readonly points: number; readonly inside: number };
}

export interface CalibrationData {
  readonly entries: readonly CalibrationEntry[];
  readonly ceilings: readonly PowerCeiling[];
  readonly serving: ServingCalibration;
  readonly passes: PassResiduals;
  /** shapes of which a large kernel beat the roofline, and which were left out whole */
  readonly rejected: readonly { readonly file: string; readonly shape: string; readonly rows: number; readonly utilisation: number }[];
}

/** The quantile of residuals in which every group weighs the same, and every residual of a group. */
export function quantile(groups: readonly (readonly number[])[], share: number): number {
  const weighted = groups.flatMap((group) => group.map((value) => ({ value, weight: 1 / (groups.length * group.length) }))).sort((a, b) => a.value - b.value);
  let sum = 0;
  for (const { value, weight } of weighted) {
    sum += weight;
    if (sum >= share - 1e-12) return value;
  }
  return weighted.at(-1)?.value ?? 0;
}
