import type { NumberSpec } from '../../evidence/number.ts';
import { procedure } from '../../provenance/card.ts';
import type { Source } from '../../provenance/source.ts';
import type { CalibrationEntry } from '../../timing/calibration-data.ts';
import { calibration } from '../../timing/choice.ts';
import { familyOf } from '../../timing/kernels/families.ts';
import { engineOf } from '../../timing/serving.ts';

/** How the constants were found. */
export const fitProcedure = procedure({
  id: 'timing/fit',
  name: 'Calibration of a family of kernels',
  steps: [
    'read the measured tables; leave out whole shapes of which a large kernel beat the roofline',
    'find the constants that make the mean of |log(predicted / measured)| least (Nelder and Mead)',
    'again for each group without its measurements, and predict them: held-out errors and residuals',
  ],
  source: { kind: 'derived', from: 'npm run calibrate' },
});

/** The entry of an id. @throws RangeError when it is not calibrated */
export function entryOf(id: string): CalibrationEntry {
  const found = calibration.entries.find((entry) => entry.id === id);
  if (found === undefined) throw new RangeError(`timing: entry ${id} is not calibrated`);
  return found;
}

const MEASURED = '2026-11-23';

const sourceOf = ({ fitted, files, points, because }: CalibrationEntry, name: string): Source =>
  fitted.includes(name) ? { kind: 'measured', what: `fitted to ${points} points of ${files.join(' and ')}`, date: MEASURED } : { kind: 'assumed', because: because ?? 'taken from another entry' };

const UNITS: Readonly<Record<string, string>> = { share: '1', '1/s': '1/s' };

/** A constant of an entry: measured where the fit determines it. */
function constant(entry: CalibrationEntry, name: string): NumberSpec | null {
  if (!Object.hasOwn(entry.constants, name)) return null;
  const [value, spec] = [entry.constants[name], familyOf(entry.family).constants[name]];
  if (value === undefined || spec === undefined) return null;
  return { kind: 'leaf', label: `${entry.id}: ${spec.meaning}`, value, unit: UNITS[spec.unit] ?? spec.unit, source: sourceOf(entry, name) };
}

/** An error or a count of a fit. */
function figure({ id, points, residuals, error }: CalibrationEntry, what: string): NumberSpec | null {
  const values: Readonly<Record<string, number | null>> = { points, groups: residuals.length, 'in-sample': error.inSample, 'held-out': error.heldOut, coverage: error.coverage };
  const value = Object.hasOwn(values, what) ? values[what] : undefined;
  return value === undefined || value === null ? null : { kind: 'found', label: `${what} of ${id}`, value, unit: '1', card: fitProcedure, inputs: {} };
}

/** `timing/constant/<entry>/<name>`, `timing/fit/<entry>/<points|groups|in-sample|held-out|coverage>`, `timing/host/<engine>`. */
export function fitNumber([kind = '', id = '', what = '', ...more]: readonly string[]): NumberSpec | null {
  if (more.length > 0) return null;
  if (kind === 'host' && what === '') {
    const engine = engineOf(id);
    const source: Source = { kind: 'measured', what: `fitted to ${engine.points} rows of ${calibration.serving.file}`, date: MEASURED };
    return { kind: 'leaf', label: `host time of ${id} for a sequence of a step`, value: engine.hostSecondsPerSequence, unit: 's', source };
  }
  const entry = calibration.entries.find((each) => each.id === id);
  if (entry === undefined) return null;
  return kind === 'constant' ? constant(entry, what) : kind === 'fit' ? figure(entry, what) : null;
}
