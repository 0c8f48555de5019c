import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { type AcceleratorOverrides, accelerator, withOverrides } from '../../src/accelerators/index.ts';

const h800 = accelerator('h800').accelerator;

test('replaces what is named, keeps the rest and the original', () => {
  const cheaper = withOverrides(h800, { usdPerHour: 1.5, peak: { fp8: null } });
  expect(cheaper).toEqual({ ...h800, usdPerHour: 1.5, peak: { ...h800.peak, fp8: null } });
  expect(h800.usdPerHour).toBe(2);
  expect(Object.isFrozen(cheaper) && Object.isFrozen(cheaper.peak)).toBe(true);
});

test('no override is the same chip', () => expect(withOverrides(h800, {})).toEqual(h800));
test('a free chip and a chip without a price are both possible', () => {
  expect(withOverrides(h800, { usdPerHour: 0 }).usdPerHour).toBe(0);
  expect(withOverrides(h800, { usdPerHour: null }).usdPerHour).toBeNull();
});

property.prop([fc.double({ min: 1e6, max: 1e21, noNaN: true })])('any bandwidth in range is kept as it is', (memoryBandwidth) => {
  expect(withOverrides(h800, { memoryBandwidth }).memoryBandwidth).toBe(memoryBandwidth);
});

describe('refuses with one line', () => {
  const range = (unit: string): string => `is not a number from 1000000 to 1e+21 ${unit}`;
  test.each<readonly [unknown, string]>([
    [{ memoryBandwidth: 0 }, `h800.memoryBandwidth 0 ${range('B/s')}`],
    [{ memoryBandwidth: 3350 }, `h800.memoryBandwidth 3350 ${range('B/s')}`],
    [{ memoryBandwidth: Number.NaN }, `h800.memoryBandwidth NaN ${range('B/s')}`],
    [{ memoryBandwidth: Number.POSITIVE_INFINITY }, `h800.memoryBandwidth Infinity ${range('B/s')}`],
    [{ memoryBandwidth: null }, `h800.memoryBandwidth null ${range('B/s')}`],
    [{ memoryBandwidth: '3.35e12' }, `h800.memoryBandwidth "3.35e12" ${range('B/s')}`],
    [{ memoryCapacity: -1 }, `h800.memoryCapacity -1 ${range('B')}`],
    [{ peak: { bf16: null } }, `h800.peak.bf16 null ${range('FLOP/s')}`],
    [{ peak: { fp8: -1 } }, `h800.peak.fp8 -1 ${range('FLOP/s')}`],
    [{ peak: 1.98e15 }, 'h800.peak 1980000000000000 is not an object'],
    [{ peak: null }, 'h800.peak null is not an object'],
    [{ peak: { fp16: 1e15 } }, 'h800.peak.fp16 is unknown; nearest: bf16, fp8, fp4'],
    [{ usdPerHour: -1 }, 'h800.usdPerHour -1 is not a finite number of at least 0'],
    [{ usdPerHour: Number.NaN }, 'h800.usdPerHour NaN is not a finite number of at least 0'],
    [{ scaleUpDomain: 2.5 }, 'h800.scaleUpDomain 2.5 is not a whole number of at least 1'],
    [{ acceleratorsPerServer: 0 }, 'h800.acceleratorsPerServer 0 is not a whole number of at least 1'],
    [{ memoryBandwith: 1e12 }, 'h800.memoryBandwith is unknown; nearest: memoryBandwidth, memoryCapacity, computeUnits'],
    [JSON.parse('{"__proto__": {}}'), 'h800.__proto__ is unknown; nearest: peak, usdPerHour, scaleUpDomain'],
  ])('%j', (overrides, message) => {
    expect(() => withOverrides(h800, overrides as AcceleratorOverrides)).toThrow(new RangeError(`accelerators: ${message}`));
  });
});
