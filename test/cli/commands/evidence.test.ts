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
  const prediction = z.strictObject({ cell: z.string(), measured: z.string(), predicted: z.string(), error: z.number().nullable(), aim: z.string() });
  const shape = z.array(
    z.strictObject({
      paper: z.string(),
      table: z.string(),
      cells: z.int(),
      reproduced: z.int(),
      deviations: z.array(cell.extend({ computed: z.string() })),
      open: z.array(cell),
      predictions: z.array(prediction),
    }),
  );
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
    const totals = out
      .match(/^all +(\d+) +(\d+) +(\d+) +(\d+)$/m)
      ?.slice(1)
      .map(Number);
    const [cells, reproduced, deviations, open] = totals as [number, number, number, number];
    expect([cells, reproduced, deviations, open]).toEqual([
      rows.reduce((sum, row) => sum + row.cells, 0),
      rows.reduce((sum, row) => sum + row.reproduced, 0),
      rows.reduce((sum, row) => sum + row.deviations.length, 0),
      rows.reduce((sum, row) => sum + row.open.length, 0),
    ]);
    expect(reproduced + deviations + open).toBe(cells);
    expect([...new Set(rows.map(({ paper }) => paper))]).toEqual(['step3', 'model-cards', 'timing', 'afd', 'distserve', 'epd', 'fastswitch']);
  }, 60_000);

  it('lists every prediction with its error in percent and what is asked of it, and none for a paper without', async () => {
    const rows = shape.parse(await json('scoreboard', '--papers', 'timing'));
    const predictions = rows.flatMap((row) => row.predictions);
    expect(predictions.length).toBe(rows.reduce((sum, { cells }) => sum + cells, 0));
    const table = (await cli('scoreboard', '--papers', 'timing')).out.split('\nPredictions\n')[1] ?? '';
    expect(table).toMatch(/^\ncell +measured or asked +predicted +error +aim\n/);
    for (const { cell, measured, predicted, error, aim } of predictions) {
      const line = table.split('\n').find((each) => each.startsWith(`${cell} `)) ?? '';
      const percent = error === null ? [] : [`${error > 0 ? '+' : ''}${(100 * error).toFixed(1)} %`];
      expect(line.split(/ {2,}/).map((part) => part.trim())).toEqual([cell, measured, predicted, ...percent, aim]);
    }
    expect((await cli('scoreboard', '--papers', 'model-cards')).out).not.toContain('Predictions');
  });

  it('has a line of counts for each table as CSV', async () => {
    const rows = shape.parse(await json('scoreboard'));
    const lines = (await cli('scoreboard', '--format', 'csv')).out.trim().split('\n');
    expect(lines[0]).toBe('paper,table,cells,reproduced,deviations,open');
    expect(lines.slice(1)).toEqual(rows.map(({ paper, table, cells, reproduced, deviations, open }) => [paper, table, cells, reproduced, deviations.length, open.length].join(',')));
  });
});
