import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as aq from 'arquero';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Chart } from '../../src/chart/spec.ts';
import { mimeBundle, type Showable, show } from '../../src/notebook/display.ts';

const chart: Chart = {
  id: 'rise',
  title: 'Costs rise',
  description: 'A "line" that rises',
  spec: {
    data: { name: 'rows' },
    mark: { type: 'line', color: 'var(--accent)' },
    encoding: { x: { field: 'x', type: 'quantitative', title: 'Context' }, y: { field: 'y', type: 'quantitative', title: 'Cost' } },
  },
  data: [
    { x: 1, y: 2 },
    { x: 2, y: 5 },
  ],
};

describe('mimeBundle of a chart', () => {
  it('holds the spec without a version, the drawing as an image and the words', async () => {
    const bundle = await mimeBundle(chart);
    expect(Object.keys(bundle)).toEqual(['application/vnd.vegalite.v5+json', 'text/html', 'text/plain']);
    expect(bundle['application/vnd.vegalite.v5+json']).toMatchObject({ title: 'Costs rise', datasets: { rows: chart.data }, background: '#ffffff' });
    expect(bundle['text/plain']).toBe('Costs rise\nA "line" that rises');
    const [, alt, base64 = ''] = /^<img alt="([^"]*)" .*src="data:image\/svg\+xml;base64,([^"]+)">$/.exec(String(bundle['text/html'])) ?? [];
    expect(alt).toBe('A &#34;line&#34; that rises');
    const svg = Buffer.from(base64, 'base64').toString();
    expect(svg).toMatch(/^<svg .*<\/svg>$/s);
    for (const words of ['Costs rise', 'Context', 'Cost']) expect(svg).toContain(words);
  });

  it('leaves no colour to a page and names no version', async () => {
    const text = JSON.stringify(await mimeBundle(chart));
    expect(text).not.toContain('var(--');
    expect(text).not.toContain('$schema');
  });

  it('is the same twice', async () => {
    expect(await mimeBundle(chart)).toEqual(await mimeBundle(chart));
  });

  it('refuses a spec that Vega-Lite only warns about', async () => {
    await expect(mimeBundle({ ...chart, spec: { ...chart.spec, encoding: { colour: { field: 'x', type: 'nominal' } } } })).rejects.toThrow(/^chart: rise /);
  });
});

describe('mimeBundle of a table', () => {
  it('takes an Arquero table in its order and filter', async () => {
    const table = aq
      .table({ model: ['a', 'b', 'c'], usd: [2.806e-19, 3, 12.3456789] })
      .filter((row: { usd: number }) => row.usd > 1e-18)
      .orderby(aq.desc('usd'));
    expect((await mimeBundle(table))['text/plain']).toBe('model      usd\nc      12.3457\nb            3');
  });

  it('takes rows with different fields, sets numbers to the right and escapes text', async () => {
    const bundle = await mimeBundle([
      { name: '<i>&', count: 10n },
      { name: null, note: { a: 1 } },
    ]);
    expect(bundle['text/html']).toContain('<td style="text-align:left">&#60;i&#62;&#38;</td><td style="text-align:right">10</td>');
    expect(bundle['text/plain']).toBe('name  count  note\n<i>&     10\n             {"a":1}');
  });

  it('shows the first rows and counts the others', async () => {
    const rows = Array.from({ length: 3 }, (_, n) => ({ n }));
    expect((await mimeBundle(rows, { rows: 2 }))['text/plain']).toBe('n\n0\n1\nand 1 more row');
    expect((await mimeBundle(aq.from(rows), { rows: 1 }))['text/html']).toContain('<p>and 2 more rows</p>');
    expect((await mimeBundle([]))['text/plain']).toBe('');
  });

  it.each([
    [null, /^show: value null is not a chart, an Arquero table or a list of rows$/],
    [[1, 2], /^show: value with fields 0, 1 is not a chart/],
    [{ spec: {} }, /^show: value with fields spec is not a chart/],
  ])('refuses %j', async (value, message) => {
    await expect(mimeBundle(value as unknown as Showable)).rejects.toThrow(message);
  });

  it('refuses a number of rows that cannot be', async () => {
    await expect(mimeBundle([], { rows: 0 })).rejects.toThrow('show: rows 0 is not an integer of at least 1');
  });
});

describe('show', () => {
  afterEach(() => vi.restoreAllMocks());

  it('writes the plain text outside a notebook', async () => {
    const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    await show([{ a: 1 }]);
    expect(write.mock.calls).toEqual([['a\n1\n']]);
  });

  it('sends one message through the kernel that runs, not through a copy that does not', async () => {
    const home = await mkdtemp(join(tmpdir(), 'kernel-'));
    const require = createRequire(join(home, 'x.js'));
    const load = async (where: string, source: string) => {
      const folder = join(home, where, 'tslab', 'dist');
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, 'jupyter.js'), source);
      return { file: join(folder, 'jupyter.js'), module: require(join(folder, 'jupyter.js')) };
    };
    const idle = await load('global', 'exports.lastWriteDisplayData = null;');
    const running = await load('local', 'exports.sent = []; exports.lastWriteDisplayData = (...message) => exports.sent.push(message);');
    try {
      await show([{ a: 1 }]);
      expect(running.module.sent).toEqual([[{ data: await mimeBundle([{ a: 1 }]), metadata: {}, transient: {} }, false]]);
    } finally {
      for (const { file } of [idle, running]) delete require.cache[file];
      await rm(home, { recursive: true });
    }
  });
});
