import type { Model } from '../models/model.ts';
import { type CalibrationData, type CalibrationEntry, quantile } from '../timing/calibration-data.ts';
import { familyOf } from '../timing/kernels/families.ts';
import { type ChipOf, datasets, type ReadTable } from './datasets.ts';
import { fitFamily, type HeldOut, meanError } from './fit.ts';
import { NO_PASSES, passResiduals } from './passes.ts';
import { calibrations } from './plan/index.ts';
import { withoutImpossible } from './rejected.ts';
import { calibrateServing } from './serving.ts';

export interface CalibrationRun {
  readonly data: CalibrationData;
  readonly heldOut: ReadonlyMap<string, readonly HeldOut[]>;
}

/**
 * Fits every family to the measured tables.
 * @param read text of a measured table
 * @param chipOf the chip that a table's name for it means; modelOf the model of an id
 * @param progress called before each fit
 */
export function calibrate(read: ReadTable, chipOf: ChipOf, modelOf: (id: string) => Model, progress: (id: string) => void = () => undefined): CalibrationRun {
  const data = datasets(read, chipOf);
  const entries = new Map<string, CalibrationEntry>();
  const heldOut = new Map<string, readonly HeldOut[]>();
  const rejected = calibrations.flatMap((calibration) => {
    progress(calibration.id);
    const { kept, rejected } = withoutImpossible(calibration.measurements(data));
    const fixed = calibration.fixed?.((id) => entries.get(id)?.constants ?? missing(id)) ?? {};
    const result = kept.length === 0 ? { constants: fixed, predicted: [], heldOut: [] } : fitFamily({ family: familyOf(calibration.family), start: calibration.start, fixed }, kept);
    heldOut.set(calibration.id, result.heldOut);
    entries.set(calibration.id, {
      id: calibration.id,
      family: calibration.family,
      accelerators: calibration.accelerators,
      architecture: kept[0]?.chip.architecture ?? null,
      unitPeaks: [...new Set(kept.map(({ chip }) => digits(chip.peak.bf16 / chip.computeUnits)))],
      mathBits: calibration.mathBits ?? null,
      launchedFrom: calibration.launchedFrom,
      constants: rounded(result.constants),
      fitted: Object.keys(calibration.start),
      because: calibration.because ?? null,
      files: [...new Set(kept.map(({ file }) => file))],
      leftOut: calibration.leftOut,
      points: kept.length,
      error: {
        inSample: kept.length === 0 ? null : digits(kept.reduce((sum, { seconds }, at) => sum + Math.abs((result.predicted[at] as number) / seconds - 1), 0) / kept.length),
        heldOut: kept.length === 0 ? null : digits(meanError(result.heldOut)),
        byAccelerator: Object.fromEntries(
          calibration.accelerators.flatMap((id) => {
            const rows = result.heldOut.filter(({ measurement }) => measurement.chip.id === id);
            return rows.length === 0 ? [] : [[id, { points: rows.length, heldOut: digits(meanError(rows)) }]];
          }),
        ),
        bySize: bySize(result.heldOut),
        coverage: coverage(residualGroups(result.heldOut)),
      },
      residuals: residualGroups(result.heldOut).map(thinned),
    });
    return rejected;
  });
  const kernels = { entries: [...entries.values()], ceilings: data.ceilings, rejected };
  progress('serving');
  const withServing = { ...kernels, serving: calibrateServing(read, chipOf, modelOf, { ...kernels, passes: NO_PASSES }), passes: NO_PASSES };
  return { data: { ...withServing, passes: passResiduals(withServing) }, heldOut };
}

const missing = (id: string): never => {
  throw new RangeError(`calibrate: fixed ${id} is not fitted before it is used`);
};

const digits = (value: number): number => Number(value.toPrecision(4));
const rounded = (constants: Readonly<Record<string, number>>): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(constants).map(([name, value]) => [name, Number(value.toPrecision(5))]));

/** Collectives by their bytes, other kernels by their measured time. */
function bySize(heldOut: readonly HeldOut[]): CalibrationEntry['error']['bySize'] {
  const classes: Readonly<Record<string, (row: HeldOut) => boolean>> =
    heldOut[0]?.measurement.kernel.kind === 'collective'
      ? { 'below 64 KiB': (row) => bytesOf(row) < 65536, 'from 64 KiB': (row) => bytesOf(row) >= 65536 }
      : {
          'below 30 us': ({ measurement: { seconds } }) => seconds < 30e-6,
          '30 to 100 us': ({ measurement: { seconds } }) => seconds >= 30e-6 && seconds < 100e-6,
          'from 100 us': ({ measurement: { seconds } }) => seconds >= 100e-6,
        };
  return Object.fromEntries(
    Object.entries(classes).flatMap(([name, belongs]) => {
      const rows = heldOut.filter(belongs);
      return rows.length === 0 ? [] : [[name, { points: rows.length, heldOut: digits(meanError(rows)) }]];
    }),
  );
}

const bytesOf = ({ measurement: { kernel } }: HeldOut): number => (kernel.kind === 'collective' ? kernel.bytes : 0);

/** log(measured / predicted) of each group that was left out, sorted. */
function residualGroups(heldOut: readonly HeldOut[]): readonly (readonly number[])[] {
  const groups = new Map<string, number[]>();
  for (const { measurement, predicted } of heldOut) {
    const key = `${measurement.chip.id} ${measurement.group}`;
    const group = groups.get(key) ?? [];
    group.push(Math.log(measurement.seconds / predicted));
    groups.set(key, group);
  }
  return [...groups.values()].map((group) => group.sort((a, b) => a - b));
}

const MOST_RESIDUALS = 9;

/** At most nine values that stand for a group: the middles of as many equal parts of it. */
const thinned = (group: readonly number[]): readonly number[] => {
  const count = Math.min(MOST_RESIDUALS, group.length);
  return Array.from({ length: count }, (_, i) => Number((group[Math.floor(((i + 0.5) * group.length) / count)] as number).toFixed(4)));
};

/** Share of the points of each group that lie between the 10 % and 90 % quantiles of all other groups. */
function coverage(groups: readonly (readonly number[])[]): number | null {
  if (groups.length < 2) return null;
  let inside = 0;
  let all = 0;
  groups.forEach((group, at) => {
    const others = groups.filter((_, other) => other !== at).map(thinned);
    const [low, high] = [quantile(others, 0.1), quantile(others, 0.9)];
    inside += group.filter((residual) => residual >= low && residual <= high).length;
    all += group.length;
  });
  return digits(inside / all);
}
