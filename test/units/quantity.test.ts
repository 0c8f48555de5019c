import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytes, bytesPerSecond, flopPerSecond, seconds, usdPerHour } from '../../src/units/quantity.ts';

const constructors = { B: bytes, s: seconds, 'FLOP/s': flopPerSecond, 'B/s': bytesPerSecond, 'USD/h': usdPerHour };

describe.each(Object.entries(constructors))('quantity in %s', (symbol, quantity) => {
  it('passes every finite number of at least 0 unchanged', () => {
    fc.assert(fc.property(fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }), (value) => Object.is(quantity(value), value)));
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1, -Number.MIN_VALUE])('refuses %s and names the unit', (value) => {
    expect(() => quantity(value)).toThrow(new RangeError(`quantity: ${symbol} ${value} is not a finite number of at least 0`));
  });
});
