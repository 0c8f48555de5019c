import type { Model } from '../models/model.ts';
import type { CalibrationData, CalibrationEntry } from '../timing/calibration-data.ts';
import { familyOf } from '../timing/kernels/families.ts';
import { type ChipOf, datasets, type ReadTable } from './datasets.ts';
import { fitFamily, type HeldOut, meanError } from './fit.ts';
import { NO_PASSES, passResiduals } from './passes.ts';
import { calibrations } from './plan/index.ts';
import { withoutImpossible } from './rejected.ts';
import { coverage, digits, logRatios, type Residuals, thinned } from './residuals.ts';
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
    if (kept.length === 0 && Object.keys(calibration.start).length > 0) throw new RangeError(`calibrate: fit ${calibration.id} has no rows in the tables`);
    const fixed = calibration.fixed?.((id) => entries.get(id)?.constants ?? missing(id)) ?? {};
    const result = kept.length === 0 ? { constants: fixed, predicted: [], heldOut: [] } : fitFamily({ family: familyOf(calibration.family), start: calibration.start, fixed }, kept);
    heldOut.set(calibration.id, result.heldOut);
    const groups = residualGroups(result.heldOut);
    const inSample = (chip?: string): number => {
      const errors = kept.flatMap((each, at) => (chip === undefined || each.chip.id === chip ? [Math.abs((result.predicted[at] as number) / each.seconds - 1)] : []));
      return errors.reduce((sum, error) => sum + error, 0) / errors.length;
    };
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
        inSample: kept.length === 0 ? null : digits(inSample()),
        heldOut: result.heldOut.length === 0 ? null : digits(meanError(result.heldOut)),
        byAccelerator: Object.fromEntries(
          calibration.accelerators.flatMap((id) => {
            const rows = result.heldOut.filter(({ measurement }) => measurement.chip.id === id);
            return rows.length === 0 ? [] : [[id, { points: rows.length, inSample: digits(inSample(id)), heldOut: digits(meanError(rows)) }]];
          }),
        ),
        bySize: bySize(result.heldOut),
        coverage: coverage(groups),
      },
      residuals: groups.map(thinned),
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

/** Residuals of the groups that were left out. */
const residualGroups = (heldOut: readonly HeldOut[]): readonly Residuals[] =>
  logRatios(heldOut.map(({ measurement: { chip, group, seconds }, predicted }) => ({ group: `${chip.id} ${group}`, measured: seconds, predicted })));

/** Points of a parity plot, of each chip: predicted seconds and measured over predicted, at most as many of a group as stand for it. */
export type ParityPoints = Readonly<Record<string, readonly (readonly [group: number, predicted: number, ratio: number])[]>>;

/** What was predicted while it was left out, by entry and chip; groups by number, so that no table of others can be read from it. */
export function parityPoints({ heldOut }: CalibrationRun): Readonly<Record<string, ParityPoints>> {
  return Object.fromEntries(
    [...heldOut].map(([id, rows]) => {
      const chips = [...new Set(rows.map(({ measurement }) => measurement.chip.id))];
      return [id, Object.fromEntries(chips.map((chip) => [chip, pointsOf(rows.filter(({ measurement }) => measurement.chip.id === chip))]))];
    }),
  );
}

function pointsOf(rows: readonly HeldOut[]): ParityPoints[string] {
  const groups = [...new Set(rows.map(({ measurement }) => measurement.group))];
  return groups.flatMap((group, number) => {
    const of = rows.filter(({ measurement }) => measurement.group === group).sort((a, b) => a.predicted - b.predicted);
    return thinned(of).map(({ measurement, predicted }) => [number + 1, Number(predicted.toPrecision(3)), Number((measurement.seconds / predicted).toPrecision(3))] as const);
  });
}
