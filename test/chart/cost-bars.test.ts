import { describe, expect, it } from 'vitest';
import { costBars } from '../../src/chart/cost-bars.ts';
import { compileToVega, renderSvg } from '../../src/chart/render.ts';
import { CAPTION, CHIPS, models, named, point } from './fixtures.ts';
import { chartLaws, count, texts } from './laws.ts';

const rows = models('deepseek-v3', 'step-3').flatMap((model) =>
  [8192, 32768].flatMap((context) =>
    Object.entries(CHIPS).map(([chip, chipName]) => {
      const { attentionUsdPerMtok, ffnUsdPerMtok } = point(model, chip, context);
      return { ...named(model), chip, chipName, context, attentionUsdPerMtok, ffnUsdPerMtok, attentionPrinted: attentionUsdPerMtok.toFixed(3) };
    }),
  ),
);

chartLaws('costBars', (given) => costBars(given, CAPTION), rows);

describe('costBars', () => {
  it('has two segments and the sum for every row', async () => {
    const svg = await renderSvg(costBars(rows, CAPTION), 'css');
    expect(count(svg, /<path[^>]*fill="var\(--model-step-3\)"[^>]*stroke="var\(--model-step-3\)"/g)).toBe(2 * rows.filter(({ model }) => model === 'step-3').length);
    for (const { attentionUsdPerMtok, ffnUsdPerMtok } of rows) expect(texts(svg)).toContain(`$${(attentionUsdPerMtok + ffnUsdPerMtok).toFixed(3)}`);
  });

  it('heads a panel per model and context, starts each at zero, and keys the parts once', async () => {
    const shown = texts(await renderSvg(costBars(rows, CAPTION), 'light'));
    expect(shown.filter((text) => / at /.test(text))).toEqual(['DSv3 at 8K', 'DSv3 at 32K', 'Step-3 at 8K', 'Step-3 at 32K']);
    expect(shown.filter((text) => text === '$0')).toHaveLength(4);
    expect(shown.filter((text) => text === 'FFN' || text === 'Attention')).toEqual(['Attention', 'FFN']);
  });

  it('shares the scale among models at one context', async () => {
    const { vega } = await compileToVega(costBars(rows, CAPTION));
    const tops = [...JSON.stringify(vega).matchAll(/"domain":\[0,([\d.]+)\]/g)].map(([, top]) => Number(top));
    expect(new Set(tops).size).toBe(2);
  });
});
