import { describe, expect, it } from 'vitest';
import { elasticityBars } from '../../src/chart/elasticity-bars.ts';
import { renderSvg } from '../../src/chart/render.ts';
import { CAPTION } from './fixtures.ts';
import { chartLaws, count, texts } from './laws.ts';

const rows = [
  { input: 'layers', label: 'Layers', rising: 0.02, falling: 0.02 },
  { input: 'bandwidth', label: 'Memory bandwidth', rising: -0.42, falling: -0.61 },
  { input: 'price', label: 'Price per hour', rising: 1, falling: 1 },
];

chartLaws('elasticityBars', (given) => elasticityBars(given, CAPTION), rows, 'label');

describe('elasticityBars', () => {
  it('sorts by magnitude and draws a second bar where there is a kink', async () => {
    const svg = await renderSvg(elasticityBars(rows, CAPTION), 'css');
    expect(
      texts(svg)
        .filter((text) => /^−?\d\.\d\d$/.test(text) || rows.some(({ label }) => label === text))
        .sort(),
    ).toEqual(['0.02', '1.00', 'Layers', 'Memory bandwidth', 'Price per hour', '−0.42', '−0.61']);
    expect(elasticityBars(rows, CAPTION).data.map((row) => row.input)).toEqual(['price', 'bandwidth', 'layers']);
    const keys = 2;
    expect(count(svg, /<path[^>]*fill="var\(--link\)"/g)).toBe(4 + keys);
  });

  it('has no key where no input has a kink', async () => {
    const smooth = rows.filter(({ rising, falling }) => rising === falling);
    expect(texts(await renderSvg(elasticityBars(smooth, CAPTION), 'light')).filter((text) => text.startsWith('Input'))).toEqual([]);
  });

  it('is drawn when nothing moves the cost', async () => {
    expect(await renderSvg(elasticityBars([{ input: 'a', label: 'A', rising: 0, falling: 0 }], CAPTION), 'light')).not.toContain('NaN');
  });
});
