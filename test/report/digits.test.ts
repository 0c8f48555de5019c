import { describe, expect, it } from 'vitest';
import { alignDigits, plainDigits, splitDigits, unitBehind, valueText } from '../../src/report/digits.ts';

describe('digits', () => {
  it.each([
    ['2.88e8', '2.88', '8'],
    ['1.66e-16', '1.66', '−16'],
    ['1e+06', '1', '6'],
    ['-0.5', '−0.5', ''],
    ['0.055', '0.055', ''],
    ['8.16 + 4.68', '8.16 + 4.68', ''],
    ['', '', ''],
  ])('splits %j', (text, mantissa, exponent) => {
    expect(splitDigits(text)).toEqual({ mantissa, exponent });
  });

  it('writes powers of ten in one line', () => {
    expect(['2.88e8', '1.66e-16', '1e6', '0.5'].map(plainDigits)).toEqual(['2.88×10⁸', '1.66×10⁻¹⁶', '10⁶', '0.5']);
  });

  it('puts decimal points below each other', () => {
    expect(alignDigits(['0.055', '0.1', '12', 'none', '']).map(({ pad }) => pad)).toEqual(['', '\u2007\u2007', '\u2008\u2007\u2007\u2007', '', '']);
    expect(alignDigits(['1', '20']).map(({ pad }) => pad)).toEqual(['', '']);
    expect(alignDigits(['1.2e9', '1.2e10']).map(({ digits }) => digits.exponent)).toEqual(['9\u2007', '10']);
  });

  it('leaves out the unit behind a text that names its own', () => {
    expect(['0.055', '2.88e8', '256 MB', '$0.05', '40%'].map((text) => unitBehind(text, 'USD'))).toEqual(['USD', 'USD', '', '', '']);
  });

  it('keeps 12 significant digits of a value and the text of a curve', () => {
    expect(valueText(0.1 + 0.2)).toBe('0.3');
    expect(valueText('512*S')).toBe('512*S');
  });
});
