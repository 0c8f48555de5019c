import { describe, expect, test } from 'vitest';
import { accelerator, accelerators, type PeakPrecision, peakFor, withOverrides } from '../../src/accelerators/index.ts';
import type { Precision } from '../../src/layers/precision.ts';

const cells: readonly (readonly [string, Precision, PeakPrecision, number, boolean])[] = [
  ['h800', 'fp8', 'fp8', 1.98e15, false],
  ['h800', 'bf16', 'bf16', 9.89e14, false],
  ['h800', 'fp16', 'bf16', 9.89e14, false],
  ['h800', 'int8', 'int8', 1.979e15, false],
  ['h800', 'fp4', 'fp8', 1.98e15, true],
  ['h800', 'int4', 'fp8', 1.98e15, true],
  ['a800', 'fp8', 'bf16', 3.12e14, true],
  ['a800', 'int8', 'int8', 6.24e14, false],
  ['a800', 'int4', 'bf16', 3.12e14, true],
  ['ascend-910b', 'fp8', 'bf16', 2.8e14, true],
  ['ascend-910b', 'fp4', 'bf16', 2.8e14, true],
];

describe('the peak for a format', () => {
  test.each(cells)('%s computes %s in %s', (id, precision, used, flopPerSecond, fallback) => {
    expect(peakFor(accelerator(id).accelerator, precision)).toEqual({ flopPerSecond, precision: used, fallback });
  });

  test('a chip with FP4 uses it for FP4 and not for INT4, whose 5 and 7 it cannot hold', () => {
    const chip = withOverrides(accelerator('h200').accelerator, { peak: { fp4: 9e15 } });
    expect(peakFor(chip, 'fp4')).toEqual({ flopPerSecond: 9e15, precision: 'fp4', fallback: false });
    expect(peakFor(chip, 'int4').precision).toBe('fp8');
  });

  test('a chip without INT8 computes it in BF16, which holds every INT8 value', () => {
    const chip = withOverrides(accelerator('h200').accelerator, { peak: { int8: null } });
    expect(peakFor(chip, 'int8')).toEqual({ flopPerSecond: 9.89e14, precision: 'bf16', fallback: true });
  });

  test('FP32 is refused on every chip', () => {
    for (const { accelerator: chip } of accelerators) expect(() => peakFor(chip, 'fp32')).toThrow(new RangeError(`accelerators: ${chip.id}.peak fp32 is not catalogued`));
  });
});
