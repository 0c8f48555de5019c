import { describe, expect, it } from 'vitest';
import { csv } from '../../../src/cli/output/csv.ts';
import { footnotes } from '../../../src/cli/output/footnotes.ts';
import { markdownTable } from '../../../src/cli/output/markdown.ts';
import { printed } from '../../../src/cli/output/print.ts';
import { scaleFor } from '../../../src/cli/output/scale.ts';
import { type TextTable, textTable } from '../../../src/cli/output/text-table.ts';

const TABLE: TextTable = {
  columns: [{ header: 'chip' }, { header: 'FFN', number: true, group: 'USD per million tokens' }, { header: 'total', number: true, group: 'USD per million tokens' }, { header: 'note' }],
  rows: [
    ['h20', '0.0400', '12.3', ''],
    ['ascend', '0.1', '7', '1'],
  ],
  notes: ['1 a note'],
};

describe('textTable', () => {
  it('sets numbers on their decimal points under grouped headers', () =>
    expect(textTable(TABLE)).toBe(`\
        USD per million tokens
chip                FFN  total  note
h20              0.0400   12.3
ascend           0.1       7    1

1 a note
`));
  it('draws a line through a group that has room', () => {
    const wide = { header: 'a wide header', group: 'FLOP' };
    expect(textTable({ columns: [wide, wide], rows: [] })).toBe('─────────── FLOP ───────────\na wide header  a wide header\n');
  });
  it('never lets a cell break its line or speak to the terminal', () => expect(textTable({ columns: [{ header: 'a' }], rows: [['x\ny\u001b[31m']] })).toBe('a\nx y\\u001b[31m\n'));
});

describe('markdownTable', () => {
  it('escapes what Markdown would read', () =>
    expect(markdownTable({ columns: [{ header: 'a|b' }, { header: 'n', number: true, group: 'GB' }], rows: [['<b>*x*_|`', '1']], notes: ['a\nb'] })).toBe(
      '| a\\|b | n (GB) |\n| --- | ---: |\n| \\<b\\>\\*x\\*\\_\\|\\` | 1 |\n\n- a b\n',
    ));
});

describe('csv', () => {
  it('quotes commas, quotes, line ends and outer spaces; joins lists; leaves null empty', () =>
    expect(csv([{ a: 'x,y', b: 'say "hi"', c: 'two\nlines', d: ' x', e: ['p', 'q'], f: null, g: 1e-7, h: true }])).toBe('a,b,c,d,e,f,g,h\n"x,y","say ""hi""","two\nlines"," x",p; q,,1e-7,true\n'));
  it('is a line end for no rows', () => expect(csv([])).toBe('\n'));
});

describe('footnotes', () => {
  it('says notes of all rows once and numbers the others', () => expect(footnotes([['all', 'x'], ['all'], ['all', 'y', 'x']])).toEqual({ marks: ['1', '', '1 2'], lines: ['all', '1  x', '2  y'] }));
});

describe('scaleFor', () => {
  it('takes one prefix for all numbers', () => {
    const scale = scaleFor([3.27e10, 1.85e9, 5.33e10], 'FLOP');
    expect([scale.unit, scale.text(3.27e10), scale.text(1.85e9), scale.text(0)]).toEqual(['GFLOP', '32.7', '1.85', '0']);
    expect(scaleFor([1.05e12], 'FLOP').text(1.05e12)).toBe('1050');
    expect(scaleFor([0], 'B').unit).toBe('B');
    expect(scaleFor([7], 'B').text(7)).toMatch(/^7/);
  });
});

it('json is printed with plain numbers and ends its line', () => expect(printed('json', { json: [{ a: 1.5e10 }], rows: [], tables: [] })).toBe('[\n  {\n    "a": 15000000000\n  }\n]\n'));
