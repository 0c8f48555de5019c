import { describe, expect, it } from 'vitest';
import { asPrinted, assertPrinted } from './printed.ts';

describe('asPrinted', () => {
  it.each([
    [788_529_152, '7.89e8', '7.89e8'],
    [9.996e8, '9.99e8', '1.00e9'],
    [2.806e-19, '2.80e-19', '2.81e-19'],
    [0.0396, '0.040', '0.040'],
    [0.0394, '0.040', '0.039'],
    [590.6, '591', '591'],
    [4038.7, '4,039', '4,039'],
    [1_234_567.4, '1,234,567', '1,234,567'],
    [912.3, '4,039', '912'],
    [-0.25, '-0.3', '-0.3'],
    [1e9, '1e9', '1e9'],
  ])('%d as %s is %s', (actual, printed, expected) => expect(asPrinted(actual, printed)).toBe(expected));

  it.each(['', 'about 8', '1.2.3', '0.04 USD', '1,23'])('refuses %j', (printed) => expect(() => asPrinted(1, printed)).toThrow(/^printed: .* is not a number/));
});

describe('assertPrinted', () => {
  it('passes what rounds to the printed digits', () => expect(() => assertPrinted(0.0546, '0.055', 'Table 6')).not.toThrow());
  it('names the place and both values of what does not', () => expect(() => assertPrinted(0.0544, '0.055', 'Table 6, Step-3')).toThrow('Table 6, Step-3: printed 0.055, computed 0.054 (0.0544)'));
});
