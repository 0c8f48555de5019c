import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { contexts, count, milliseconds, positive, positives, secondsOf, shareOf, tokens, whole } from '../../../src/cli/input/numbers.ts';
import { InputError } from '../../../src/io/input-error.ts';

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

describe('count with a limit', () => {
  const of = count('afd', 'max-instances', 256);

  it.each([
    ['1', 1],
    ['256', 256],
    ['0256', 256],
  ])('reads %j', (text, wanted) => expect(of(text)).toBe(wanted));

  it.each(['0', '257', '1000', '-1', '1.5', '1K', '99999999999999999999', ''])('refuses %j', (text) =>
    expect(() => of(text)).toThrow(new InputError(`afd: max-instances ${text || '""'} is not a whole number from 1 to 256`)),
  );
});

describe('shareOf', () => {
  const [positive, any] = [shareOf('afd', 'nic-share'), shareOf('afd', 'acceptance', 'at least 0')];

  it.each([
    ['1', 1],
    ['0.8', 0.8],
    ['.5', 0.5],
    ['1.0', 1],
    ['0.0001', 1e-4],
  ])('reads %j, with 0 or without', (text, wanted) => expect([positive(text), any(text)]).toEqual([wanted, wanted]));

  it.each(['0', '0.0', '00'])('reads %j only where nothing is a share too', (text) => {
    expect(any(text)).toBe(0);
    expect(() => positive(text)).toThrow(new InputError(`afd: nic-share ${text} is not above 0 and at most 1`));
  });

  it.each(['1.1', '1.0000001', '2', '-0', '-0.1', '+0.5', '1e-1', '0x1', '50%', '1.', 'NaN', 'Infinity', 'half', ' 0.5', ''])('refuses %j, with 0 or without', (text) => {
    expect(() => positive(text)).toThrow(new InputError(`afd: nic-share ${text || '""'} is not above 0 and at most 1`));
    expect(() => any(text)).toThrow(new InputError(`afd: acceptance ${text || '""'} is not at least 0 and at most 1`));
  });

  test.prop([fc.double({ min: 0, max: 1, noNaN: true })])('reads every share as it was written', (share) => {
    const text = share.toFixed(20);
    expect(any(text)).toBe(Number(text));
  });
});

describe('whole', () => {
  const of = whole('afd', 'draft-tokens');

  it.each([
    ['0', 0],
    ['1', 1],
    ['007', 7],
    ['999999', 999_999],
  ])('reads %j', (text, wanted) => expect(of(text)).toBe(wanted));

  it.each(['-1', '-0', '1.0', '1e3', '1K', '1000000', 'one', 'NaN', ' 1', ''])('refuses %j', (text) =>
    expect(() => of(text)).toThrow(new InputError(`afd: draft-tokens ${text || '""'} is not a whole number from 0 to 999999`)),
  );
});

describe('whole with a limit', () => {
  const of = whole('afd', 'draft-tokens', 16);

  it.each(['0', '16', '016'])('reads %j', (text) => expect(of(text)).toBe(Number(text)));

  it.each(['17', '999999', '1000000', '-1', '1.5', ''])('refuses %j', (text) => expect(() => of(text)).toThrow(new InputError(`afd: draft-tokens ${text || '""'} is not a whole number from 0 to 16`)));
});

describe('milliseconds', () => {
  const of = milliseconds('afd', 'tpot');

  it.each([
    ['50', [0.05]],
    ['0.5', [0.0005]],
    ['20, 30 ,50', [0.02, 0.03, 0.05]],
    ['1000000', [1000]],
    ['100,20', [0.1, 0.02]],
  ])('reads %j, as seconds, in its order', (text, wanted) => expect(of(text)).toEqual(wanted));

  it('adds a second option to the first', () => expect(of('20', of('50'))).toEqual([0.05, 0.02]));

  it.each(['0', '0.0', '-1', '1e3', '1000001', '1000000.1', 'abc', 'NaN', 'Infinity', '50ms', '.5'])('refuses %j', (text) => {
    expect(() => of(text)).toThrow(new InputError(`afd: tpot ${text} is not a number of milliseconds up to 1000000`));
    expect(() => of(`50,${text}`)).toThrow(new InputError(`afd: tpot ${text} is not a number of milliseconds up to 1000000`));
  });

  it('refuses an empty list, an empty place and a repetition', () => {
    expect(() => of('')).toThrow(new InputError('afd: tpot [] is empty'));
    expect(() => of('20,,30')).toThrow(new InputError('afd: tpot 20,,30 has an empty place between commas'));
  });

  it('names a repetition as it is given, in milliseconds', () => {
    for (const text of ['50,50', '50,50.0', '20,50,050']) expect(() => of(text), text).toThrow(new InputError('afd: tpot 50 is given twice'));
    expect(() => of('50', [0.05])).toThrow(new InputError('afd: tpot 50 is given twice'));
  });

  test.prop([fc.integer({ min: 1, max: 10_000_000 }), fc.integer({ min: 0, max: 4 })])('knows again what a former option gave, whatever the digits', (value, decimals) => {
    const text = String(value / 10 ** decimals);
    fc.pre(Number(text) <= 1e6 && !text.includes('e'));
    expect(() => of(text, of(text))).toThrow(new InputError(`afd: tpot ${text} is given twice`));
  });
});

describe('tokens with a limit', () => {
  const of = tokens('disaggregate', 'prompt', 8 * 1024 ** 2);

  it.each([
    ['1', 1],
    ['8M', 8_388_608],
    ['8388608', 8_388_608],
    ['8192k', 8_388_608],
  ])('reads %j', (text, wanted) => expect(of(text)).toBe(wanted));

  it.each(['8388609', '9M', '4294967297', '9007199254740991', '0', '-1', '1.5', ''])('refuses %j', (text) =>
    expect(() => of(text)).toThrow(new InputError(`disaggregate: prompt ${text || '""'} is not a whole number from 1 to 8388608, such as 8192, 8K or 1M`)),
  );
});

describe('positives', () => {
  const of = positives('disaggregate', 'rates');

  it.each([
    ['1', [1]],
    ['0.5,1,2', [0.5, 1, 2]],
    ['.25, 3 ', [0.25, 3]],
    ['2,1', [2, 1]],
    ['1000000', [1e6]],
    ['0.000001', [1e-6]],
  ])('reads %j, in its order', (text, wanted) => expect(of(text)).toEqual(wanted));

  it('adds a second option to the first', () => expect(of('2', of('1'))).toEqual([1, 2]));

  it.each(['0', '0.0', '-1', '+1', '1e3', '1.', '1000001', '1000000.1', 'abc', 'NaN', 'Infinity', '0x1', '1/2'])('refuses %j', (text) => {
    expect(() => of(text)).toThrow(new InputError(`disaggregate: rates ${text} is not a number above 0 and up to 1000000`));
    expect(() => of(`5,${text}`)).toThrow(new InputError(`disaggregate: rates ${text} is not a number above 0 and up to 1000000`));
  });

  it('refuses an empty list, an empty place, a repetition and what is above its limit', () => {
    expect(() => of('')).toThrow(new InputError('disaggregate: rates [] is empty'));
    expect(() => of('1,,2')).toThrow(new InputError('disaggregate: rates 1,,2 has an empty place between commas'));
    expect(() => of('1,1.0')).toThrow(new InputError('disaggregate: rates 1 is given twice'));
    expect(() => of('1', [1])).toThrow(new InputError('disaggregate: rates 1 is given twice'));
    expect(() => positives('disaggregate', 'scales', 1000)('1001')).toThrow(new InputError('disaggregate: scales 1001 is not a number above 0 and up to 1000'));
  });

  test.prop([fc.double({ min: 0, max: 1e6, noNaN: true })])('reads every number as it was written', (value) => {
    const text = value.toFixed(20);
    fc.pre(Number(text) > 0);
    expect(of(text)).toEqual([Number(text)]);
  });
});

describe('positive', () => {
  const of = positive('disaggregate', 'rate');

  it.each([
    ['3', 3],
    ['0.5', 0.5],
    ['.5', 0.5],
    ['1000000', 1e6],
  ])('reads %j', (text, wanted) => expect(of(text)).toBe(wanted));

  it.each(['0', '-1', '1e3', '1000001', 'fast', 'NaN'])('refuses %j', (text) => expect(() => of(text)).toThrow(new InputError(`disaggregate: rate ${text} is not a number above 0 and up to 1000000`)));

  it('refuses more than one, and none', () => {
    expect(() => of('1,2')).toThrow(new InputError('disaggregate: rate 1,2 is more than one number'));
    expect(() => of('')).toThrow(new InputError('disaggregate: rate [] is empty'));
    expect(() => positive('disaggregate', 'within', 10)('11')).toThrow(new InputError('disaggregate: within 11 is not a number above 0 and up to 10'));
  });
});
