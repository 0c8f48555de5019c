import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { contexts, count, secondsOf, tokens } from '../../../src/cli/input/numbers.ts';

const of = contexts('cost');

describe('contexts', () => {
  it.each([
    ['8192', [8192]],
    ['8K', [8192]],
    ['8k,1M', [8192, 1048576]],
    [' 1 , 2 ', [1, 2]],
    ['1K..8K', [1024, 2048, 4096, 8192]],
    ['1K..7K', [1024, 2048, 4096]],
    ['5..5', [5]],
    ['9007199254740991', [Number.MAX_SAFE_INTEGER]],
  ])('reads %j', (text, wanted) => expect(of(text)).toEqual(wanted));

  it('adds a second option to the first', () => expect(of('2K', of('1K'))).toEqual([1024, 2048]));

  it.each(['0', '-1', '1e16', '10000000000000000', '9007199254740992', 'NaN', 'Infinity', '1.5', '8G', '0x10', '<b>', '8 K', '9000000000000M'])('refuses %j', (text) =>
    expect(() => of(text)).toThrow(`cost: contexts ${text} is not a whole number from 1 to 9007199254740991, such as 8192, 8K or 1M`),
  );
  it.each(['8K..1K', '1..2..3', '1K..'])('refuses the range %j', (text) => expect(() => of(text)).toThrow(/^cost: contexts \S+ is not a (range|whole number)/));
  it('refuses an empty list, an empty place and a repetition', () => {
    expect(() => of('')).toThrow('cost: contexts [] is empty');
    expect(() => of('1,,2')).toThrow('cost: contexts 1,,2 has an empty place between commas');
    expect(() => of('8192,8K')).toThrow('cost: contexts 8192 is given twice');
    expect(() => of('8K', [8192])).toThrow('cost: contexts 8192 is given twice');
  });

  test.prop([fc.integer({ min: 1, max: 2 ** 40 }), fc.integer({ min: 0, max: 12 })])('a range doubles as far as its end and no further', (from, doublings) => {
    const list = of(`${from}..${from * 2 ** doublings}`);
    expect(list).toHaveLength(doublings + 1);
    expect(list.at(-1)).toBe(from * 2 ** doublings);
    expect(of(`${from}..${from * 2 ** (doublings + 1) - 1}`)).toEqual(list);
  });
});

describe('count, tokens and secondsOf', () => {
  it('read plain numbers', () => {
    expect(count('cost', 'batch')('64')).toBe(64);
    expect(tokens('cost', 'prompt')('4K')).toBe(4096);
    expect(secondsOf('notebook', 'timeout')('0.5')).toBe(0.5);
  });
  it.each(['0', '-1', '1K', 'NaN', '', '1.5', '99999999999999999999'])('count refuses %j', (text) =>
    expect(() => count('cost', 'batch')(text)).toThrow(/^cost: batch \S+ is not a whole number from 1 to 9007199254740991$/),
  );
  it.each(['0', '-1', '', '1e3', '86401', 'NaN'])('secondsOf refuses %j', (text) => expect(() => secondsOf('notebook', 'timeout')(text)).toThrow(/^notebook: timeout \S+ is not a number of seconds/));
});
