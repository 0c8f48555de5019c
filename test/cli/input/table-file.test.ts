import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fc, test } from '@fast-check/vitest';
import { csvFormatRows } from 'd3-dsv';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readTable, type TableRow } from '../../../src/cli/input/table-file.ts';
import { InputError } from '../../../src/io/input-error.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tokenroof-table-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const path = (): string => join(folder, 'table.csv');
const read = async (text: string | Uint8Array, required: readonly string[] = ['a', 'b']): Promise<readonly TableRow[]> => {
  await writeFile(path(), text);
  return readTable('time', path(), required);
};
const refusal = async (text: string | Uint8Array, message: string): Promise<void> => {
  const error: unknown = await read(text).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(InputError);
  expect((error as Error).message).toBe(message);
};

describe('readTable', () => {
  it('reads rows by the names of their columns, with the line at which each stands', async () =>
    expect(await read('a,b\n1,2\n3,4\n')).toEqual([
      { line: 2, cells: { a: '1', b: '2' } },
      { line: 3, cells: { a: '3', b: '4' } },
    ]));

  it.each([
    ['in any order', 'b,a\n2,1\n'],
    ['without a line end', 'a,b\n1,2'],
    ['with the line ends of Windows', 'a,b\r\n1,2\r\n'],
    ['with a byte order mark', '\ufeffa,b\n1,2\n'],
    ['with spaces around cells and names', ' a , b \n 1 , 2 \n'],
    ['with quotes', '"a","b"\n"1","2"\n'],
  ])('takes columns %s', async (_, text) => expect((await read(text)).map(({ cells }) => cells)).toEqual([{ a: '1', b: '2' }]));

  it('keeps columns that nobody asked for, and cells that are empty', async () => expect(await read('a,b,note\n1,,"x, ""y"""\n')).toEqual([{ line: 2, cells: { a: '1', b: '', note: 'x, "y"' } }]));

  it('passes over empty lines, and counts them', async () =>
    expect((await read('a,b\n\n1,2\n\n\n3,4\n\n')).map(({ line, cells }) => [line, cells.a])).toEqual([
      [3, '1'],
      [6, '3'],
    ]));

  it('takes a column of any name as one of its own', async () => {
    const [row] = await read('a,b,toString,constructor\n1,2,3,4\n');
    expect(row?.cells).toEqual({ a: '1', b: '2', toString: '3', constructor: '4' });
    await expect(read('a,b\n1,2\n', ['a', 'toString'])).rejects.toThrow('lacks the column toString');
  });

  const word = fc.string({ unit: fc.constantFrom('x', 'y', '1', ',', '"', 'é', '中'), minLength: 1, maxLength: 6 });
  test.prop(
    [
      fc
        .uniqueArray(
          word.filter((text) => !/^\d+$/.test(text)),
          { minLength: 2, maxLength: 5 },
        )
        .chain((header) => fc.tuple(fc.constant(header), fc.array(fc.array(word, { minLength: header.length, maxLength: header.length }), { minLength: 1 }))),
    ],
    {
      numRuns: 40,
    },
  )('gives back whatever a writer of CSV wrote, in its order', async ([header, rows]) => {
    const found = await read(csvFormatRows([header, ...rows]), header);
    expect(found.map(({ line }) => line)).toEqual(rows.map((_, at) => at + 2));
    expect(found.map(({ cells }) => header.map((column) => cells[column]))).toEqual(rows);
  });
});

describe('readTable refuses', () => {
  it.each(['', '\n', ' ', ',\n1,2\n', '\ufeff'])('a file without a header: %j', (text) => refusal(text, `time: file ${path()} is empty, a CSV with a header is expected`));
  it.each(['a,b', 'a,b\n', 'a,b\r\n', 'a,b\n\n', 'a,b\n\n\n\n'])('a header without rows: %j', (text) => refusal(text, `time: file ${path()} has a header and no rows`));
  it('a column that is given twice, spaces aside', async () => {
    await refusal('a,b,a\n1,2,3\n', `time: file ${path()} has the column a twice`);
    await refusal('a,b, a \n1,2,3\n', `time: file ${path()} has the column a twice`);
    await refusal('a,b,,\n1,2,3,4\n', `time: file ${path()} has the column "" twice`);
  });
  it('a column that is asked for and lacks, the first of them', async () => {
    await refusal('a,c\n1,2\n', `time: file ${path()} lacks the column b`);
    await refusal('x,y\n1,2\n', `time: file ${path()} lacks the column a`);
    await refusal('A,b\n1,2\n', `time: file ${path()} lacks the column a`);
  });
  it.each([
    ['fewer', 'a,b\n1,2\n3\n', 3, 1],
    ['more', 'a,b\n1,2,3\n4,5\n', 2, 3],
    ['fewer, in the last, cut row', 'a,b,c\n1,2,3\n4,5,6\n7,8', 4, 2],
    ['fewer, after an empty line', 'a,b\n\n1\n', 3, 1],
  ])('a row of %s cells than the header, by its line', (_, text, line, cells) =>
    refusal(text, `time: ${path()} line ${line} has ${cells} cells, the header ${text.split('\n')[0]?.split(',').length}`),
  );
  it('a file that is no text', () => refusal(new Uint8Array([0x61, 0x2c, 0xff, 0xfe]), `time: file ${path()} is not UTF-8 text`));
  it('a file that is not there, and a folder', async () => {
    await expect(readTable('capacity', '/none/table.csv', [])).rejects.toThrow(new InputError('capacity: file /none/table.csv does not exist'));
    await expect(readTable('time', folder, [])).rejects.toThrow(new InputError(`time: file ${folder} is a folder`));
  });
});
