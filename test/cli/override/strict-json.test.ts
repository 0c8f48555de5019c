import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { parseStrictJson } from '../../../src/cli/override/strict-json.ts';

const parse = (text: string): unknown => parseStrictJson(text, 'o.json');
const outcome = (parser: (text: string) => unknown, text: string): unknown => {
  try {
    return [parser(text)];
  } catch {
    return 'refused';
  }
};

describe('parseStrictJson', () => {
  it.each([
    ['', 1, 1, 'end of file is not a JSON value'],
    ['{"a": NaN}', 1, 7, 'NaN is not a JSON value'],
    ['{"a":\n  0x10}', 2, 3, '0x10 is not a JSON value'],
    ['{"a": 1,\n "b": -}', 2, 7, '- is not a JSON value'],
    ['{"a": 1,\n}', 2, 1, '} is not a key in double quotes'],
    ["{'a': 1}", 1, 2, "' is not a key in double quotes"],
    ['{"a" 1}', 1, 6, '1 is not :'],
    ['{"a": 1 "b": 2}', 1, 9, '"b" is not , or }'],
    ['[1 2]', 1, 4, '2 is not , or ]'],
    ['{"a": 1}}', 1, 9, '} comes after the end of the JSON value'],
    ['{"a": "x\ny"}', 1, 7, '"x is not a JSON value'],
    ['{"a": 1e400}', 1, 7, '1e400 is not a finite number'],
    ['{"a": 1, "a": 1}', 1, 10, '"a" is given twice'],
    ['{"a": 1, "\\u0061": 1}', 1, 10, '"\\u0061" is given twice'],
  ])('%j: line %i, column %i, %s', (text, line, column, rule) => expect(() => parse(text)).toThrow(`override: file o.json line ${line}, column ${column} ${rule}`));

  it('refuses deep nesting instead of overflowing the stack', () => expect(() => parse('['.repeat(100_000))).toThrow('column 33 [ nests deeper than 32'));

  test.prop([fc.json({ maxDepth: 8 })])('agrees with JSON.parse on JSON', (text) => {
    expect(parse(text)).toEqual(JSON.parse(text));
  });

  const pieces = ['{', '}', '[', ']', ':', ',', '"a"', '"', '\\', '1', '-', '0', '.5', 'e3', 'true', 'null', ' ', '\n', '\u00a0', '\u0001', '\u0080', 'x'];
  test.prop([fc.array(fc.constantFrom(...pieces), { maxLength: 12 })], { numRuns: 2000 })('accepts what JSON.parse accepts, without repeated keys', (parts) => {
    const text = parts.join('');
    fc.pre((text.match(/"a"\s*:/g) ?? []).length < 2);
    expect(outcome(parse, text)).toEqual(outcome(JSON.parse, text));
  });
});
