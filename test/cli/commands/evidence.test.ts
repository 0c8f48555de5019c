import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import packageJson from '../../../package.json';
import { cli, json } from '../support.ts';

const ID = 'step3/table-6/step-3/h20/attention-8k';

describe('explain', () => {
  it('prints a tree that ends in sources', async () => {
    const { out } = await cli('explain', ID);
    expect(out).toMatch(new RegExp(`^0\\.0400\\d+ USD {2}${ID} `));
    expect(out).toContain('source: arXiv:2507.19427v1, Table 4, H20');
  });
  it('gives the tree as JSON and every number of it once as CSV', async () => {
    const tree = z
      .looseObject({ id: z.literal(ID), value: z.number(), unit: z.literal('USD'), expression: z.string(), inputs: z.record(z.string(), z.looseObject({})) })
      .parse(await json('explain', ID));
    expect(Object.keys(tree.inputs).length).toBeGreaterThan(0);
    const ids = (await cli('explain', ID, '--format', 'csv')).out
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.split(',')[0]);
    expect(ids[0]).toBe(ID);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('cite', () => {
  it.each(['markdown', 'bibtex', 'csl-json'])('%s names number, scenario, version and the printed value', async (style) => {
    const { code, out } = await cli('cite', ID, '--as', style);
    expect(code).toBe(0);
    for (const part of [`${ID}@paper`, packageJson.version, 'printed 0.040']) expect(out).toContain(part);
  });
});

describe('scoreboard', () => {
  const cell = z.strictObject({ cell: z.string(), printed: z.string(), because: z.string() });
  const shape = z.array(z.strictObject({ paper: z.string(), table: z.string(), cells: z.int(), reproduced: z.int(), deviations: z.array(cell.extend({ computed: z.string() })), open: z.array(cell) }));
  it('accounts for every cell', async () => {
    const rows = shape.parse(await json('scoreboard', '--papers', 'step3'));
    expect(rows.find(({ table }) => table === 'table-6')).toMatchObject({ paper: 'step3', cells: 108, reproduced: 108 });
    for (const { cells, reproduced, deviations, open } of rows) expect(reproduced + deviations.length + open.length).toBe(cells);
  });
  it('adds up and lists every deviation in the table', async () => {
    const rows = shape.parse(await json('scoreboard'));
    const { out } = await cli('scoreboard');
    expect(out).toMatch(new RegExp(`^all +${rows.reduce((sum, row) => sum + row.cells, 0)} `, 'm'));
    for (const { cell } of rows.flatMap(({ deviations }) => deviations)) expect(out).toContain(cell);
  });
});
