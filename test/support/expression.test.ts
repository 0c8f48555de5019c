import { describe, expect, it } from 'vitest';
import { parseExpression, symbolsOf } from '../../scripts/generate/expression.ts';
import { evaluateExpression } from './expression.ts';

const inputs = { a: 7, b: 3, c: 0.5 };
const evaluate = (text: string) => evaluateExpression(parseExpression(text), inputs);

describe('evaluateExpression', () => {
  it.each([
    ['2 [FLOP] * a * b', 42, true],
    ['a - b - 1', 3, true],
    ['a / b * b', 7, false],
    ['(a + 2) / b', 3, true],
    ['12 / 2 / 3', 2, true],
    ['2 ^ b ^ 2', 512, true],
    ['-a ^ 2', -49, true],
    ['a mod b', 1, true],
    ['(0 - 1) mod a', 6, true],
    ['mod(a, b)', 1, true],
    ['ceil(a / b)', 3, true],
    ['floor(a / b)', 2, true],
    ['ceil(a * c)', 4, false],
    ['max(a, b, 9) + min(a, b)', 12, true],
    ['sum(i, 1, b, i ^ 2)', 14, true],
    ['sum(i, 1, 0, a)', 0, true],
    ['1.5e1 * c', 7.5, false],
    ['94906267 * 94906267', 94906267 ** 2, false],
  ])('%s = %d (exact: %s)', (text, value, exact) => expect(evaluate(text)).toEqual({ value, exact }));

  it('rounds no quotient of integers before ceil and floor', () => {
    const [a, b] = [2 ** 53 - 2, 7];
    expect(evaluateExpression(parseExpression('floor(a / b)'), { a, b }).value).toBe(Number(BigInt(a) / BigInt(b)));
  });

  it('refuses a symbol without value', () => expect(() => evaluate('a * d')).toThrow(/symbol d has no value/));
});

describe('symbolsOf', () => {
  it('leaves out what a sum binds', () => expect([...symbolsOf(parseExpression('max(a, 1) * sum(i, n, m, i * -b)'))]).toEqual(['a', 'n', 'm', 'b']));
});

describe('parseExpression', () => {
  it('reads the unit of a constant', () => expect(parseExpression('3600 [s/h]')).toEqual({ kind: 'constant', value: 3600, unit: 's/h' }));

  it.each([
    '2 a',
    'a [B]',
    'a2 [B]',
    'sqrt(a)',
    'max(a)',
    'mod(a)',
    'ceil(a, b)',
    'sum(1, 2, 3, 4)',
    'sum(i, 1, 2)',
    'a % b',
    'a < b',
    'a ? b : 1',
    'a!',
    '[a, b]',
    'a = 1',
    '+a',
    '"a"',
    'true',
    'a.b',
    'a; b',
  ])('refuses %s', (text) => expect(() => parseExpression(text)).toThrow(/^expression: .*(is not in the grammar of formula cards|does not parse)/s));

  it('names what it refuses as it was written', () => expect(() => parseExpression('a + sqrt(3600 [s/h])')).toThrow('expression: sqrt(3600 [s/h]) is not in'));

  it.each(['', '(a', 'a *', 'a )', '2 [FLOP * a'])('refuses the broken %j', (text) => expect(() => parseExpression(text)).toThrow(/^expression: /));
});
