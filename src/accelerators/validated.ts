import { type Accelerator, ARCHITECTURES, PEAK_PRECISIONS } from './accelerator.ts';

const SMALLEST = 1e6;
const LARGEST = 1e21;

/**
 * A frozen copy of an accelerator that can exist: rates and capacity between 1e6 and 1e21 in SI base units (a bandwidth
 * of 3350 is a figure in GB/s that lost its unit), counts whole and at least 1, a price of at least 0.
 * @throws RangeError that names the field, the value and the rule
 */
export function validated(accelerator: Accelerator): Accelerator {
  const check = (field: string, value: unknown, holds: (value: number) => boolean, rule: string): void => {
    if (typeof value !== 'number' || !holds(value))
      throw new RangeError(`accelerators: ${accelerator.id}.${field} ${typeof value === 'string' ? JSON.stringify(value) : String(value)} is not ${rule}`);
  };
  const magnitude = (field: string, value: number | null, unit: string, nullable = false): void => {
    if (value === null && nullable) return;
    check(field, value, (v) => v >= SMALLEST && v <= LARGEST, `a number from ${SMALLEST} to ${LARGEST} ${unit}`);
  };
  const count = (field: string, value: number): void => check(field, value, (v) => Number.isSafeInteger(v) && v >= 1, 'a whole number of at least 1');

  for (const precision of PEAK_PRECISIONS) magnitude(`peak.${precision}`, accelerator.peak[precision], 'FLOP/s', precision !== 'bf16');
  magnitude('memoryBandwidth', accelerator.memoryBandwidth, 'B/s');
  magnitude('memoryCapacity', accelerator.memoryCapacity, 'B');
  magnitude('scaleUpPerDirection', accelerator.scaleUpPerDirection, 'B/s', true);
  magnitude('nicPerAcceleratorPerDirection', accelerator.nicPerAcceleratorPerDirection, 'B/s', true);
  count('scaleUpDomain', accelerator.scaleUpDomain);
  count('acceleratorsPerServer', accelerator.acceleratorsPerServer);
  count('computeUnits', accelerator.computeUnits);
  if (!ARCHITECTURES.includes(accelerator.architecture))
    throw new RangeError(`accelerators: ${accelerator.id}.architecture ${JSON.stringify(accelerator.architecture)} is not one of ${ARCHITECTURES.join(', ')}`);
  if (accelerator.usdPerHour !== null) check('usdPerHour', accelerator.usdPerHour, (v) => v >= 0 && v < Number.POSITIVE_INFINITY, 'a finite number of at least 0');
  return Object.freeze({ ...accelerator, peak: Object.freeze({ ...accelerator.peak }) });
}
