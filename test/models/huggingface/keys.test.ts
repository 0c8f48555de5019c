import { describe, expect, it } from 'vitest';
import { type KeyLog, Keys } from '../../../src/models/huggingface/keys.ts';

const origin = { repo: 'some/model', file: 'config.json' };
function keysOf(fields: Readonly<Record<string, unknown>>, ignored: readonly string[] = []): { readonly keys: Keys; readonly log: KeyLog } {
  const log: KeyLog = { defaults: [], ignored: [], notes: [] };
  return { keys: new Keys(fields, 'family', origin, log, new Set(ignored)), log };
}
const keys = (fields: Readonly<Record<string, unknown>>): Keys => keysOf(fields).keys;
const fallback = { otherwise: 7, because: 'class default' };

describe('a value has its source', () => {
  it('the key where it is stated', () => expect(keys({ a: 3 }).size('a')).toEqual({ value: 3, source: { kind: 'config', repo: 'some/model', file: 'config.json', key: 'a' } }));
  it('the path of a key in a section', () =>
    expect(
      keys({ s: { a: 3 } })
        .required('s')
        .size('a').source,
    ).toMatchObject({ key: 's.a' }));
  it('the path of a key in a list', () =>
    expect(
      keys({ s: [{ a: 3 }, { a: 4 }] })
        .sections('s', 2)
        .map((section) => section.size('a').source),
    ).toMatchObject([{ key: 's[0].a' }, { key: 's[1].a' }]));
  it('why it is taken where the key is absent', () => {
    const { keys: some, log } = keysOf({ s: {} });
    expect(some.required('s').size('a', fallback)).toEqual({ value: 7, source: { kind: 'derived', from: 'class default; key s.a is absent from some/model config.json' } });
    expect(log.defaults).toEqual(['s.a = 7 (class default)']);
  });
  it('and nothing is told of a default that goes without saying', () => {
    const { keys: some, log } = keysOf({});
    expect(some.flag('a', { otherwise: false, because: 'off', quiet: true }).value).toBe(false);
    expect(log.defaults).toEqual([]);
  });
  it('what it follows from', () => expect(keys({}).derived('a over b')(4).source).toEqual({ kind: 'derived', from: 'a over b, of some/model config.json' }));
});

describe('null and absence', () => {
  it('are the same to most', () => {
    for (const fields of [{ a: null }, {}]) {
      expect(keys(fields).has('a')).toBe(false);
      expect(keys(fields).size('a', fallback).value).toBe(7);
      expect(keys(fields).optionalSize('a')).toBeUndefined();
      expect(keys(fields).integers('a', 3)).toBeUndefined();
      expect(keys(fields).section('a')).toBeUndefined();
      expect(keys(fields).take('a')).toBeUndefined();
      expect(() => keys(fields).size('a')).toThrow('config family: a (absent) is missing');
      expect(() => keys(fields).required('a')).toThrow('config family: a (absent) is missing');
      expect(() => keys(fields).sections('a', 1)).toThrow('config family: a (absent) is missing');
    }
  });
  it('differ where null says that there is none', () => {
    expect(keys({ a: null }).sizeOrNull('a')).toBeUndefined();
    expect(keys({ a: 3 }).sizeOrNull('a')?.value).toBe(3);
    expect(() => keys({}).sizeOrNull('a')).toThrow('config family: a (absent) is missing; null says that there is none');
  });
  it('are not names of values', () => expect(keys({ a: 1, b: null, c: false }).names()).toEqual(['a', 'c']));
});

describe('getters refuse', () => {
  const NOT_SIZES = [0, -1, 1.5, '3', true, [], {}, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60];
  it.each(NOT_SIZES)('size %j', (a) => expect(() => keys({ a }).size('a')).toThrow(/^config family: a .* is not a positive integer$/));
  it.each(NOT_SIZES)('size or null %j', (a) => expect(() => keys({ a }).sizeOrNull('a')).toThrow(/ is not a positive integer$/));
  it.each(NOT_SIZES.slice(1))('count %j', (a) => expect(() => keys({ a }).count('a')).toThrow(/^config family: a .* is not an integer of at least 0$/));
  it('a size above the largest', () => {
    expect(keys({ a: 2 ** 31 }).size('a').value).toBe(2 ** 31);
    expect(() => keys({ a: 2 ** 31 + 1 }).size('a')).toThrow('config family: a 2147483649 is more than 2147483648');
    expect(() => keys({ a: 2 ** 31 + 1 }).count('a')).toThrow('config family: a 2147483649 is more than 2147483648');
    expect(keys({ a: 4096 }).layers('a').value).toBe(4096);
    expect(() => keys({ a: 4097 }).layers('a')).toThrow('config family: a 4097 is more than 4096');
  });
  it('takes a count of 0', () => expect(keys({ a: 0 }).count('a').value).toBe(0));
  it.each([0, 1, 'true', [], {}])('flag %j', (a) => expect(() => keys({ a }).flag('a')).toThrow(/^config family: a .* is not true or false$/));
  it.each([0, true, [], {}])('text %j', (a) => expect(() => keys({ a }).text('a')).toThrow(/^config family: a .* is not a text$/));
  it.each(['c', '', 0, true, ['a'], 'toString'])('choice %j', (a) => expect(() => keys({ a }).choice('a', ['a', 'b'])).toThrow(/^config family: a .* is not one of a, b$/));
  it.each([0, 'text', true, []])('section %j', (a) => expect(() => keys({ a }).section('a')).toThrow(/^config family: a .* is not an object$/));
  it('a value that is not among those understood', () => {
    expect(() => keys({ a: 2 }).only('a', [1], 'is not 1')).toThrow('config family: a 2 is not 1');
    for (const fields of [{ a: 1 }, { a: null }, {}]) expect(() => keys(fields).only('a', [1], 'is not 1')).not.toThrow();
  });
});

describe('lists', () => {
  it('are checked entry by entry, the place in the message', () => {
    expect(keys({ a: [1, 0, 2] }).integers('a', 3)).toEqual([1, 0, 2]);
    for (const [odd, shown] of [
      [-1, '-1'],
      [1.5, '1.5'],
      ['1', '"1"'],
      [null, 'null'],
    ] as const)
      expect(() => keys({ a: [1, odd] }).integers('a', 2)).toThrow(`config family: a[1] ${shown} is not an integer of at least 0`);
    expect(keys({ a: ['x', 'y'] }).words('a', 2, ['x', 'y'])).toEqual(['x', 'y']);
    expect(() => keys({ a: ['x', 'z'] }).words('a', 2, ['x', 'y'])).toThrow('config family: a[1] "z" is not one of x, y');
    expect(() => keys({ a: [{}, 7] }).sections('a', 2)).toThrow('config family: a[1] 7 is not an object');
  });
  it('have their length', () => {
    for (const a of [[1], [1, 2, 3]]) expect(() => keys({ a }).integers('a', 2)).toThrow(`config family: a of ${a.length} entries does not have 2`);
    expect(keys({ a: [1, 2, 3] }).integers('a', null)).toEqual([1, 2, 3]);
  });
  it('have at most 4096 entries', () => {
    expect(keys({ a: Array(4096).fill(1) }).integers('a', null)).toHaveLength(4096);
    expect(() => keys({ a: Array(4097).fill(1) }).integers('a', null)).toThrow('config family: a of 4097 entries has more than 4096');
  });
  it.each([{}, 'text', 3, true])('are not %j', (a) => expect(() => keys({ a }).integers('a', null)).toThrow(/^config family: a .* is not a list$/));
});

describe('finish', () => {
  const refused = 'is not understood and may change the arithmetic';

  it('refuses a key that nobody asked for, and says which is alike', () => {
    const some = keys({ hidden_size: 3, hidden_sizes: 4 });
    some.size('hidden_size');
    expect(() => some.finish()).toThrow(`config family: hidden_sizes 4 ${refused} (nearest understood: hidden_size); if it does not, it can be ignored by name`);
  });
  it('takes what was asked for in any way', () => {
    const some = keys({ a: 1, b: 2, c: {}, d: [], e: true, f: 'x', g: null });
    some.size('a');
    some.optionalSize('b');
    some.section('c');
    some.integers('d', null);
    some.take('e');
    some.only('f', ['x'], '');
    expect(() => some.finish()).not.toThrow();
  });
  it('is told to ignore a key by name, or by path', () => {
    const fields = { s: { odd: 1 } };
    for (const [ignored, passes] of [
      ['odd', true],
      ['s.odd', true],
      ['s', false],
      ['t.odd', false],
    ] as const) {
      const { keys: some, log } = keysOf(fields, [ignored]);
      some.section('s');
      const finish = (): void => some.finish();
      if (passes) expect(finish).not.toThrow();
      else expect(finish).toThrow(`config family: s.odd 1 ${refused}`);
      expect(log.ignored).toEqual(passes ? ['s.odd'] : []);
    }
  });
  it('lists what changes no count', () => {
    const { keys: some, log } = keysOf({ rope_theta: 1e4, odd: null, s: { initializer_range: 0.02 } });
    some.section('s');
    some.finish();
    expect(log.ignored).toEqual(['rope_theta', 'odd', 's.initializer_range']);
  });
  it('leaves out a section that something else supersedes', () => {
    const some = keys({ s: { odd: 1 } });
    some.section('s')?.ignoreAll();
    expect(() => some.finish()).not.toThrow();
  });
  it('gives one object for a section, however often it is asked', () => {
    const some = keys({ s: { a: 1 } });
    some.section('s')?.size('a');
    expect(some.section('s')).toBe(some.section('s'));
    expect(() => some.finish()).not.toThrow();
  });
});

describe('messages', () => {
  it('cut a long value', () => expect(() => keys({ a: 'z'.repeat(1000) }).size('a')).toThrow(`config family: a "${'z'.repeat(56)}... is not a positive integer`));
  it('show what JSON cannot', () => {
    const circular: Record<string, unknown> = {};
    circular.self = circular;
    expect(() => keys({ a: circular }).size('a')).toThrow('config family: a [object Object] is not a positive integer');
    expect(() => keys({ a: 10n }).size('a')).toThrow('config family: a 10 is not a positive integer');
  });
  it('are RangeErrors', () => expect(() => keys({}).size('a')).toThrow(RangeError));
});
