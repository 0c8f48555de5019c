import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { booleans, LARGEST_SIZE, multipleOf, positiveIntegers } from '../../src/layers/checks.ts';

describe('positiveIntegers', () => {
  it('passes positive integers and does not look at other fields', () =>
    fc.assert(
      fc.property(fc.integer({ min: 1, max: LARGEST_SIZE }), (heads) => {
        const spec = { heads, width: -1 };
        expect(() => positiveIntegers('gqa', spec, ['heads'])).not.toThrow();
      }),
    ));

  it.each([0, -3, 2.5, Number.NaN, Number.NEGATIVE_INFINITY, 2 ** 53, '4', true, null, undefined])('refuses %s', (value) => {
    const check = (): void => positiveIntegers('gqa', { heads: value }, ['heads']);
    expect(check).toThrow(RangeError);
    expect(check).toThrow(`gqa: heads ${String(value)} is not a positive integer`);
  });

  it('names the first bad field', () => expect(() => positiveIntegers('gqa', { a: 1, b: 0, c: 0 }, ['a', 'b', 'c'])).toThrow(/^gqa: b 0 is not a positive integer$/));
});

describe('multipleOf', () => {
  it('passes multiples', () =>
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 1, max: 1000 }), (divisor, times) => {
        expect(() => multipleOf('gqa', 'a', divisor * times, 'b', divisor)).not.toThrow();
      }),
    ));
  it('names both values of what is none', () => expect(() => multipleOf('gqa', 'queryHeads', 40, 'kvHeads', 6)).toThrow(/^gqa: queryHeads 40 is not a multiple of kvHeads 6$/));
});

describe('booleans', () => {
  it('passes true and false and names anything else', () => {
    expect(() => booleans('moe', { gated: true, tied: false }, ['gated', 'tied'])).not.toThrow();
    expect(() => booleans('moe', { gated: 'false' }, ['gated'])).toThrow(/^moe: gated false is not true or false$/);
  });
});

describe('LARGEST_SIZE', () => {
  it('bounds what a dimension may be', () => {
    expect(() => positiveIntegers('gqa', { heads: LARGEST_SIZE }, ['heads'])).not.toThrow();
    expect(() => positiveIntegers('gqa', { heads: LARGEST_SIZE + 1 }, ['heads'])).toThrow(/^gqa: heads 2147483649 is more than 2147483648$/);
  });
});
