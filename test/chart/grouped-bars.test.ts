import { describe, expect, it } from 'vitest';
import { groupedBars } from '../../src/chart/grouped-bars.ts';
import { renderSvg } from '../../src/chart/render.ts';
import { CAPTION, models, named, point } from './fixtures.ts';
import { chartLaws, count, texts } from './laws.ts';

const rows = models('pangu-pro-moe', 'step-3').flatMap((model) =>
  [8192, 32768].map((context) => {
    const { totalUsdPerMtok } = point(model, 'ascend-910b', context);
    return { ...named(model), group: `Decode, ${context / 1024}K`, usdPerMtok: totalUsdPerMtok, printed: totalUsdPerMtok.toFixed(3) };
  }),
);

chartLaws('groupedBars', (given) => groupedBars(given, CAPTION), rows);

describe('groupedBars', () => {
  it('has a bar, a value and a hollow tick for every row', async () => {
    const svg = await renderSvg(groupedBars(rows, CAPTION), 'css');
    const legend = 1;
    expect(count(svg, /<path[^>]*fill="var\(--model-step-3\)"/g)).toBe(2 + legend);
    expect(count(svg, /<path[^>]*fill="var\(--page\)"[^>]*stroke="var\(--text\)"/g)).toBe(rows.length);
    for (const { usdPerMtok } of rows) expect(texts(svg)).toContain(`$${usdPerMtok.toFixed(3)}`);
  });

  it('starts at zero and names the groups in the order of the rows', async () => {
    const shown = texts(await renderSvg(groupedBars(rows, CAPTION), 'light'));
    expect(shown).toContain('$0');
    expect(shown.filter((text) => text.startsWith('Decode'))).toEqual(['Decode, 8K', 'Decode, 32K']);
  });
});
