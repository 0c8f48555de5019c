import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildReport, loadAssets, type ReportAssets } from '../../src/report/render.ts';
import { unpack } from '../../src/report/runtime/unpack.ts';
import type { Block, ReportView, TableBlock } from '../../src/report/view.ts';
import { fixture, tableSix } from './fixture.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
let assets: ReportAssets;
let page: string;

beforeAll(async () => {
  assets = await loadAssets((path) => (path.startsWith('dist/') ? Promise.resolve('void 0;') : readFile(`${ROOT}${path}`, 'utf8')));
  page = await buildReport(fixture, assets);
});

const withBlocks = (...blocks: readonly Block[]): ReportView => ({
  ...fixture,
  lead: { ...fixture.lead, source: 'Computed.' },
  deviations: [],
  sections: [{ anchor: 'extra', heading: 'Extra', takeaway: 'More.', blocks }],
});
const rejected = (change: Partial<ReportView>): Promise<string> => buildReport({ ...fixture, ...change }, assets);
const between = (start: string, end: string): string => page.slice(page.indexOf(start), page.indexOf(end, page.indexOf(start)));

const row = (header: string): string =>
  between('id="table-6:caption"', '</table>')
    .split('<tr>')
    .find((each) => each.includes(`</i>${header}</th>`)) ?? '';

describe('renderReport', () => {
  it('gives the same page for the same view', async () => {
    expect((await buildReport(fixture, assets)) === page).toBe(true);
  });

  it('allows one script by its hash, and nothing from outside', () => {
    const policy = page
      .match(/http-equiv="Content-Security-Policy" content="([^"]*)"/)?.[1]
      ?.replaceAll('&#x27;', "'")
      .replaceAll('&#x3D;', '=');
    const hash = createHash('sha256').update('void 0;').digest('base64');
    expect(policy).toBe(`default-src 'none'; script-src 'sha256-${hash}'; style-src 'unsafe-inline'; img-src data: blob:; font-src data:; base-uri 'none'; form-action 'none'`);
    expect(page.match(/<script>/g)).toHaveLength(1);
    expect(page.match(/<(?:link|img|script|iframe)[^>]+(?:src|href)="(?!data:,)/)).toBeNull();
  });

  it('has every id once, and a target for every link inside the page', () => {
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
    const links = [...page.matchAll(/ href="#([^"]+)"/g)].map(([, id]) => id);
    expect(links.filter((link) => !ids.includes(link))).toEqual([]);
  });

  it('has headings in order, one of them the first', () => {
    const levels = [...page.matchAll(/<h([1-6])/g)].map(([, level]) => Number(level));
    expect(levels.filter((level) => level === 1)).toHaveLength(1);
    expect(levels.every((level, index) => level <= (levels[index - 1] ?? 0) + 1)).toBe(true);
  });

  it('sets a printed value beside ours, with a tick or with the sign that they differ and a footnote', () => {
    expect(row('DeepSeek-V3')).toMatch(/0\.127.*0\.128.*aria-label="differs".*href="#table-6:a"/);
    expect(between('id="table-6:a"', '</li>')).toMatch(/rounded values of <a href="#table-2">Table 2<\/a>/);
    expect(page.match(/aria-label="agrees"/g)).toHaveLength(25);
  });

  it('sets the smallest value of a column bold', () => {
    expect(between('id="table-6:caption"', '</table>').match(/numeric best/g)).toHaveLength(3);
  });

  it('gives table heads their scope and their span', () => {
    const heads = between('id="table-6:caption"', '</thead>');
    expect(heads).toContain('<th class="head-cell corner" scope="col" colspan="1" rowspan="3">Model</th>');
    expect(heads).toContain('<th class="head-cell group" scope="colgroup" colspan="4" rowspan="1">Attention at 8K</th>');
    expect(heads).toContain('<th class="head-cell numeric" scope="col" colspan="1" rowspan="3">Attention + FFN, H20');
    expect(heads.match(/>printed</g)).toHaveLength(3);
  });

  it('substitutes a case into its formula', () => {
    expect(between('class="substituted"', '</p>')).toContain('= 10⁶ × (max(3.27×10¹⁰ × 7.51×10⁻¹⁹, 2.56×10⁸ × 5.56×10⁻¹⁷) + 2.07×10¹⁰ × 7.51×10⁻¹⁹)');
  });

  it('lists the derivation of each number it shows, leaves with their source', () => {
    const shown = Object.keys(JSON.parse(page.match(/id="numbers-data">(.*?)<\/script>/s)?.[1] ?? '').numbers);
    expect([...page.matchAll(/<li class="derivation" id="([^"]+)"/g)].map(([, id]) => id)).toEqual(shown);
    const line = between('id="h20/usd-per-flop"', '</li>');
    expect(line).toMatch(/<data value="7\.50750750751e-19">7\.51×10⁻¹⁹<\/data>.*href="#formula:cost\/unit".*<span>price = 0\.8<\/span> <span>rate = 2\.96×10¹⁴<\/span>.*weakest input assumed/);
    expect(between('id="step-3/kv"', '</li>')).toContain('Table 2, row &quot;Step-3&quot; <a href="#source-1">[1]</a>');
  });

  it('packs all derivations and the charts for its script', async () => {
    const { derivations, charts } = await unpack(page.match(/id="page-data">([^<]*)</)?.[1] ?? '');
    expect(derivations).toHaveLength(fixture.numbers.length);
    expect(derivations.find(({ id }) => id === 'h20/peak')).toEqual({
      ...{ id: 'h20/peak', label: 'Dense FP8 peak of one H20', text: '2.96×10¹⁴', unit: 'FLOP/s', basis: 'stated', weakest: 'stated', note: '', via: null, inputs: [] },
      source: { number: 1, locator: 'Table 4, row "NVIDIA H20"' },
    });
    expect(derivations.find(({ id }) => id === 'h20/usd-per-flop')).toMatchObject({
      via: 'formula:cost/unit',
      inputs: [
        ['price', 'h20/price'],
        ['rate', 'h20/peak'],
      ],
      source: null,
    });
    expect(Object.keys(charts)).toEqual(['figure-1', 'figure-2']);
  });

  it('holds the numbers it shows as data', () => {
    const data = JSON.parse(page.match(/id="numbers-data">(.*?)<\/script>/s)?.[1] ?? '');
    expect(data).toMatchObject({ report: 'demo', scenario: 'paper' });
    expect(data.numbers['demo/ratio']).toEqual({ value: 2.05, unit: 'times' });
    expect(data.numbers).not.toHaveProperty('h20/bandwidth');
  });

  it('escapes what a view says, in text, in attributes and in data', async () => {
    const evil = '</script><script>alert(1)</script>"\'';
    const lead = { ...fixture.lead, chart: { ...fixture.lead.chart, title: evil, description: evil, data: fixture.lead.chart.data.map((row) => ({ ...row, name: evil })) } };
    const html = await rejected({ title: evil, subtitle: evil, lead });
    expect(html.match(/<script>/g)).toHaveLength(1);
    expect(html.includes('alert(1)</script>')).toBe(false);
  });

  it.each<[string, Partial<ReportView>, RegExp]>([
    ['a number that is not there', { subtitle: 'Costs {{demo/none}}.' }, /^report: number demo\/none is not on the page/],
    ['an anchor that is not there', { subtitle: 'See {{#table-9}}.' }, /^report: anchor table-9 is not on the page/],
    ['a number twice', { numbers: [...fixture.numbers, ...fixture.numbers.slice(0, 1)] }, /^report: number h800\/price is not unique/],
    ['an input that is missing', { numbers: fixture.numbers.filter(({ id }) => id !== 'h20/peak') }, /^report: number h20\/peak is not on the page/],
    ['an anchor twice', { lead: { ...fixture.lead, anchor: 'table-6' } }, /^report: anchor table-6 is not unique/],
    ['an anchor unfit for a URL', { lead: { ...fixture.lead, anchor: 'figure 1' } }, /^report: anchor "figure 1" is not fit for a URL/],
    ['a formula that is missing', { formulas: fixture.formulas.slice(0, 2) }, /^report: formula cost\/unit is not on the page/],
  ])('refuses %s', async (_, change, message) => {
    await expect(rejected(change)).rejects.toThrow(message);
  });

  it('refuses a cell without a column, a match without a printed value, and a case of another formula', async () => {
    const table = (cells: TableBlock['rows'][number]['cells']): TableBlock => ({ ...tableSix, rows: [{ header: 'x', cells }] });
    await expect(buildReport(withBlocks(table({ none: { text: '1' } })), assets)).rejects.toThrow('report: table-6 cell none has no column');
    await expect(buildReport(withBlocks(table({ h20: { text: '1', match: 'match' } })), assets)).rejects.toThrow('report: table-6 cell h20 has a match without a printed value');
    await expect(buildReport(withBlocks({ kind: 'formula', formula: 'cost/ffn', number: 'demo/ratio' }), assets)).rejects.toThrow('report: number demo/ratio does not follow from formula cost/ffn');
  });
});
