import { describe, expect, it } from 'vitest';
import { parseExpression } from '../../scripts/generate/expression.ts';
import { describeDimension, dimensionOf, parseUnit } from './dimension.ts';

describe('parseUnit', () => {
  it.each([
    ['1', '1'],
    ['FLOP', 'FLOP'],
    ['FLOP/s', 'FLOP s^-1'],
    ['USD/h', 'h^-1 USD'],
    ['B*token', 'B token'],
    ['FLOP/(B)', 'FLOP B^-1'],
    ['FLOP/(B*s)/h', 'FLOP B^-1 s^-1 h^-1'],
    ['1/s^2', 's^-2'],
    ['(B/s)^-1', 'B^-1 s'],
    ['s/s', '1'],
  ])('%s', (unit, dimension) => expect(describeDimension(parseUnit(unit))).toBe(dimension));

  it.each(['', 'flop', 'FLOP/', 'FLOP s', '2*B', 'B^x', '(B', 'B)', 'B^0.5', 'GB'])('refuses %j', (unit) => expect(() => parseUnit(unit)).toThrow(/^unit: ".*" is not a product of FLOP, /));
});

describe('dimensionOf', () => {
  const symbols = new Map(Object.entries({ S: 'token', b: 'B/token', t: 's', price: 'USD/h', n: '1' }).map(([name, unit]) => [name, parseUnit(unit)]));
  const of = (text: string) => describeDimension(dimensionOf(parseExpression(text), symbols));

  it.each([
    ['2 [FLOP] * n / t', 'FLOP s^-1'],
    ['price * t / 3600 [s/h]', 'USD'],
    ['sum(i, 1 [token], S, i * b)', 'B'],
    ['((S - 1 [token]) mod 8192 [token]) + 1 [token]', 'token'],
    ['max(t, 2 * t) ^ -2', 's^-2'],
    ['(1 - 1 / n) ^ n', '1'],
    ['ceil(S / 16 [token]) * b', 'B token^-1'],
  ])('%s', (expression, dimension) => expect(of(expression)).toBe(dimension));

  it.each([
    ['S + t', /\+ of token and s needs equal dimensions/],
    ['max(0, t)', /max of 1 and s needs equal dimensions/],
    ['S mod n', /mod of token and 1 needs equal dimensions/],
    ['ceil(t)', /ceil of s depends on the unit/],
    ['2 ^ t', /exponent of s is not a number/],
    ['t ^ n', /s needs a constant exponent/],
    ['n * x', /symbol x is not declared/],
  ])('refuses %s', (expression, message) => expect(() => of(expression)).toThrow(message));
});
