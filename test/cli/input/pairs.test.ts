import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { pairs } from '../../../src/cli/input/pairs.ts';
import { InputError } from '../../../src/io/input-error.ts';

const KNOWN = ['tp', 'pp', 'on', 'so-on'] as const;
const of = pairs('disaggregate', 'prefill', KNOWN, 'tp=2,pp=1');

describe('pairs', () => {
  it.each([
    ['tp=2', { tp: '2' }],
    ['tp=2,pp=1', { tp: '2', pp: '1' }],
    ['pp=1,tp=2', { pp: '1', tp: '2' }],
    [' tp = 2 , on = h800 ', { tp: '2', on: 'h800' }],
    ['so-on=1', { 'so-on': '1' }],
    ['on=h800:datasheet', { on: 'h800:datasheet' }],
    ['on=a=b', { on: 'a=b' }],
    ['on=two words', { on: 'two words' }],
  ])('reads %j', (text, wanted) => expect(of(text)).toEqual(wanted));

  it.each(['', ' ', 'tp', 'tp=', 'tp= ', '=2', 'tp:2', 'tp=2,', ',tp=2', 'tp=2,,pp=1', 't p=2', '<b>=1'])('refuses %j', (text) =>
    expect(() => of(text)).toThrow(new InputError(`disaggregate: prefill ${text || '""'} is not a list such as tp=2,pp=1`)),
  );

  it.each(['TP', 'dp', '__proto__', 'constructor', 'toString', 'hasOwnProperty'])('does not know %j, and lists the nearest', (name) =>
    expect(() => of(`${name}=1`)).toThrow(/^disaggregate: prefill \S+ is unknown; nearest: (tp|pp|on|so-on)(, (tp|pp|on|so-on)){2}$/),
  );

  it('takes a name once', () => {
    expect(() => of('tp=1,pp=1,tp=2')).toThrow(new InputError('disaggregate: prefill tp is given twice'));
    expect(() => of('tp=1,tp=1')).toThrow(new InputError('disaggregate: prefill tp is given twice'));
  });

  test.prop([fc.uniqueArray(fc.constantFrom(...KNOWN)), fc.stringMatching(/^[\w.:=-]{1,12}$/)])('reads what it is given, in any order', (names, value) => {
    fc.pre(names.length > 0);
    expect(of(names.map((name) => `${name}=${value}`).join(','))).toEqual(Object.fromEntries(names.map((name) => [name, value])));
  });
});
