import { describe, expect, it } from 'vitest';
import { paretoScatter } from '../../src/chart/pareto-scatter.ts';
import { renderSvg } from '../../src/chart/render.ts';
import { CAPTION, MODELS, named, point } from './fixtures.ts';
import { chartLaws, count, texts } from './laws.ts';

const rows = MODELS.map((model, index) => ({
  ...named(model),
  attention: ['mla', 'gqa', 'hybrid', 'mfa'][index % 4] ?? 'gqa',
  activatedParameters: 1e9 * (17 + 3 * index),
  usdPerMtok: point(model, 'h20', 8192).totalUsdPerMtok,
  printed: point(model, 'h20', 8192).totalUsdPerMtok.toFixed(3),
  printedActivated: String(17 + 3 * index),
}));
const ids = rows.map(({ model }) => model);
const options = {
  ...CAPTION,
  fronts: [
    { label: 'all models', models: ids.slice(0, 3) },
    { label: 'GQA models', models: ids.slice(2, 5), dashed: true },
  ],
};

chartLaws('paretoScatter', (given) => paretoScatter(given, options), rows);

describe('paretoScatter', () => {
  it('has a point, a ring and a name for every row', async () => {
    const svg = await renderSvg(paretoScatter(rows, options), 'css');
    for (const { model, name } of rows) {
      const token = `var\\(--model-${model.replaceAll('.', '-')}\\)`;
      expect(count(svg, new RegExp(`<path[^>]*fill="${token}"`, 'g'))).toBe(1);
      expect(count(svg, new RegExp(`<path[^>]*stroke="${token}" stroke-width="1.25"`, 'g'))).toBe(1);
      expect(texts(svg)).toContain(name);
    }
  });

  it('draws and names the fronts, one dashed', async () => {
    const svg = await renderSvg(paretoScatter(rows, options), 'css');
    expect(count(svg, /<path[^>]*stroke="var\(--muted\)"[^>]*stroke-width="1.5"/g)).toBe(2);
    expect(count(svg, /<path[^>]*stroke-dasharray="5,4"/g)).toBe(1);
    expect(texts(svg)).toEqual(expect.arrayContaining(['all models', 'GQA models']));
  });

  it('refuses a front with a model that has no row', () => {
    expect(() => paretoScatter(rows, { ...CAPTION, fronts: [{ label: 'all', models: ['gpt-9'] }] })).toThrow(new RangeError('paretoScatter: fronts gpt-9 has no row'));
  });

  it('draws a single model', async () => {
    const svg = await renderSvg(paretoScatter(rows.slice(0, 1), { ...CAPTION, fronts: [] }), 'light');
    expect(svg).not.toContain('NaN');
  });
});
