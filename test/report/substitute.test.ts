import { describe, expect, it } from 'vitest';
import { substitute } from '../../src/report/substitute.ts';

describe('substitute', () => {
  it.each([
    ['2 [FLOP] * m * k', { m: '8', k: '7168' }, '2 FLOP × 8 × 7168'],
    ['1e6 * (max(a * u, b) + c) / 3600 [s/h]', { a: '3', u: '10⁻⁹', b: '5', c: '0.5' }, '10⁶ × (max(3 × 10⁻⁹, 5) + 0.5) / 3600 s/h'],
    ['-(a - b) ^ 2', { a: '1', b: '2' }, '−(1 − 2)^2'],
    ['sum(i, 1, n, i * w)', { n: '4', w: '9' }, 'sum(i, 1, 4, i × 9)'],
    ['1000000 * a / 3600', { a: '2' }, '10⁶ × 2 / 3600'],
    ['x1 + e', { x1: '7', e: '8' }, '7 + 8'],
    ['max(-a, constructor)', { a: '1' }, 'max(−1, constructor)'],
  ])('puts values into %j', (expression, values, text) => {
    expect(substitute(expression, values)).toBe(text);
  });
});
