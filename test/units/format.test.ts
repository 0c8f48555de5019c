import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { binary, contextLabel, fixed, scientific, si, significant, usdPerMtok } from '../../src/units/format.ts';

describe('significant', () => {
  it.each([
    [0, 3, '0.00'],
    [1234.5, 3, '1230'],
    [1234.5, 6, '1234.50'],
    [0.055, 3, '0.0550'],
    [0.055, 2, '0.055'],
    [9.996, 3, '10.0'],
    [999.6, 3, '1000'],
    [-0.00123456, 2, '-0.0012'],
    [1e21, 3, '1000000000000000000000'],
  ])('%s to %s digits is %s', (value, digits, text) => {
    expect(significant(value, digits)).toBe(text);
  });

  it('reads back as the number rounded to those digits', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -1e20, max: 1e20, noNaN: true }).filter((x) => x === 0 || Math.abs(x) > 1e-20),
        fc.integer({ min: 1, max: 15 }),
        (value, digits) => Number(significant(value, digits)) === Number(value.toPrecision(digits)) + 0,
      ),
    );
  });
});

describe('fixed', () => {
  it.each([
    [1.25, 1, '1.3'],
    [2, 3, '2.000'],
    [-0.0001, 2, '0.00'],
    [-0.006, 2, '-0.01'],
    [1e21, 0, '1000000000000000000000'],
    [1e21, 2, '1000000000000000000000.00'],
  ])('%s to %s decimals is %s', (value, decimals, text) => {
    expect(fixed(value, decimals)).toBe(text);
  });
});

describe('scientific', () => {
  it.each([
    [789_000_000, 3, '7.89e8'],
    [5.5e-8, 2, '5.5e-8'],
    [1, 1, '1e0'],
    [0, 2, '0.0e0'],
    [9.999e8, 3, '1.00e9'],
  ])('%s to %s digits is %s', (value, digits, text) => {
    expect(scientific(value, digits)).toBe(text);
  });
});

describe('si', () => {
  it.each([
    [1.48e14, 'FLOP/s', 3, '148 TFLOP/s'],
    [4e12, 'B/s', 3, '4.00 TB/s'],
    [999.9, 'B', 3, '1.00 kB'],
    [999.4, 'B', 3, '999 B'],
    [1e18, 'FLOP', 2, '1.0 EFLOP'],
    [2.5e21, 'FLOP', 2, '2500 EFLOP'],
    [5e-5, 's', 3, '50.0 µs'],
    [1e-9, 's', 1, '1 ns'],
    [2e-10, 's', 1, '0.2 ns'],
    [1e-3, 's', 2, '1.0 ms'],
    [-2500, 'B', 2, '-2.5 kB'],
    [0, 's', 1, '0 s'],
    [12, '', 2, '12'],
  ])('%s %s to %s digits is %s', (value, unit, digits, text) => {
    expect(si(value, unit, digits)).toBe(text);
  });

  it('powers of 1000 walk through the prefixes', () => {
    expect(Array.from({ length: 7 }, (_, n) => si(1000 ** n, 'B', 1))).toEqual(['1 B', '1 kB', '1 MB', '1 GB', '1 TB', '1 PB', '1 EB']);
  });
});

describe('binary', () => {
  it.each([
    [103_079_215_104, 3, '96.0 GiB'],
    [1023, 4, '1023 B'],
    [1023.6, 4, '1.000 KiB'],
    [0.5, 1, '0.5 B'],
    [0, 1, '0 B'],
  ])('%s to %s digits is %s', (value, digits, text) => {
    expect(binary(value, 'B', digits)).toBe(text);
  });

  it('powers of 1024 walk through the prefixes', () => {
    expect(Array.from({ length: 8 }, (_, n) => binary(1024 ** n, 'B', 1))).toEqual(['1 B', '1 KiB', '1 MiB', '1 GiB', '1 TiB', '1 PiB', '1 EiB', '1000 EiB']);
  });
});

describe('usdPerMtok', () => {
  it('prints a price with its unit', () => {
    expect(usdPerMtok(0.055)).toBe('0.0550 USD/Mtok');
    expect(usdPerMtok(1.2345, 2)).toBe('1.2 USD/Mtok');
  });
});

describe('contextLabel', () => {
  it.each([
    [0, '0'],
    [1, '1'],
    [1000, '1000'],
    [1024, '1K'],
    [1536, '1536'],
    [8192, '8K'],
    [131_072, '128K'],
    [1_048_576, '1M'],
    [1_049_600, '1025K'],
    [1_572_864, '1536K'],
    [10_485_760, '10M'],
    [10_000_000, '10000000'],
  ])('%s is %s', (contextLength, label) => {
    expect(contextLabel(contextLength)).toBe(label);
  });
});

describe('refusals', () => {
  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])('%s is no value to print', (value) => {
    const message = `format: value ${value} is not finite`;
    for (const print of [() => significant(value), () => fixed(value, 1), () => scientific(value), () => si(value, 'B'), () => binary(value), () => usdPerMtok(value)])
      expect(print).toThrow(new RangeError(message));
    expect(() => contextLabel(value)).toThrow(RangeError);
  });

  it('digits that are none', () => {
    for (const digits of [0, 1.5, 101, Number.NaN])
      for (const print of [significant, scientific]) expect(() => print(1, digits)).toThrow(new RangeError(`format: digits ${digits} is not an integer from 1 to 100`));
    expect(() => si(0, 'B', 0)).toThrow(RangeError);
    expect(() => fixed(1, -1)).toThrow(RangeError);
    expect(() => contextLabel(-8)).toThrow(RangeError);
    expect(() => contextLabel(0.5)).toThrow(RangeError);
  });
});
