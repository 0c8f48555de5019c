import { nearest } from '../units/nearest.ts';
import { type Accelerator, PEAK_PRECISIONS, type PeakPrecision } from './accelerator.ts';
import { validated } from './validated.ts';

/** What a user may replace on a chip, as plain numbers in SI base units; formats of `peak` that are left out stay. */
export interface AcceleratorOverrides {
  readonly peak?: Readonly<Partial<Record<PeakPrecision, number | null>>>;
  readonly memoryBandwidth?: number;
  readonly memoryCapacity?: number;
  readonly scaleUpPerDirection?: number | null;
  readonly scaleUpDomain?: number;
  readonly nicPerAcceleratorPerDirection?: number | null;
  readonly acceleratorsPerServer?: number;
  readonly computeUnits?: number;
  readonly usdPerHour?: number | null;
}

const OVERRIDABLE = [
  'peak',
  'memoryBandwidth',
  'memoryCapacity',
  'scaleUpPerDirection',
  'scaleUpDomain',
  'nicPerAcceleratorPerDirection',
  'acceleratorsPerServer',
  'computeUnits',
  'usdPerHour',
] as const satisfies readonly (keyof AcceleratorOverrides)[];

/**
 * The chip with some figures replaced, under its own id.
 * @throws RangeError for a field that does not exist or a value that no chip can have
 */
export function withOverrides(accelerator: Accelerator, overrides: AcceleratorOverrides): Accelerator {
  const { peak = {} } = overrides;
  if (typeof peak !== 'object' || peak === null || Array.isArray(peak)) throw new RangeError(`accelerators: ${accelerator.id}.peak ${JSON.stringify(peak)} is not an object`);
  refuseUnknown(accelerator.id, overrides, OVERRIDABLE);
  refuseUnknown(`${accelerator.id}.peak`, peak, PEAK_PRECISIONS);
  // plain numbers become branded ones here: `validated` refuses what the brands would
  return validated({ ...accelerator, ...overrides, peak: { ...accelerator.peak, ...peak } } as Accelerator);
}

function refuseUnknown(place: string, given: object, known: readonly string[]): void {
  const unknown = Object.keys(given).find((key) => !known.includes(key));
  if (unknown !== undefined) throw new RangeError(`accelerators: ${place}.${unknown} is unknown; nearest: ${nearest(unknown, known).join(', ')}`);
}
