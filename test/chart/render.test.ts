import { describe, expect, it } from 'vitest';
import { compileToVega, renderSvg } from '../../src/chart/render.ts';
import type { Chart, VegaLiteSpec } from '../../src/chart/spec.ts';
import { modelColour } from '../../src/chart/theme.ts';
import { costCurves } from '../report/fixture.ts';

const chart = (spec: VegaLiteSpec, id = 'demo'): Chart => ({ id, title: 'A claim', description: 'Two "bars" & <more>', data: [{ a: 1, b: 2 }], spec });
const bars: VegaLiteSpec = { data: { name: 'rows' }, mark: { type: 'bar', clip: true }, encoding: { x: { field: 'a', type: 'quantitative' }, y: { field: 'b', type: 'nominal' } } };

describe('renderSvg', () => {
  it('gives the same bytes for the same chart', async () => {
    expect(await renderSvg(costCurves, 'css')).toBe(await renderSvg(costCurves, 'css'));
  });

  it('leaves colours to the page, or resolves them', async () => {
    const [css, light, dark] = await Promise.all((['css', 'light', 'dark'] as const).map((mode) => renderSvg(costCurves, mode)));
    expect(css).toContain('stroke="var(--model-step-3)"');
    expect(light).toContain(`stroke="${modelColour('step-3', 'light')}"`);
    expect(dark).toContain(`stroke="${modelColour('step-3', 'dark')}"`);
    expect(light).not.toContain('var(');
    expect(dark).not.toContain('var(');
  });

  it('draws nothing that only a pointer finds', async () => {
    expect(JSON.stringify((await compileToVega(costCurves)).vega)).toContain('voronoi');
    expect(await renderSvg(costCurves, 'css')).not.toMatch(/voronoi|opacity="0"/);
  });

  it('prefixes ids with the id of the chart', async () => {
    const svg = await renderSvg(chart(bars), 'light');
    const [, id] = svg.match(/ id="(demo-clip\d+)"/) ?? [];
    expect(svg).toContain(`url(#${id})`);
    expect(svg).not.toMatch(/["#]clip/);
    expect(await renderSvg(chart(bars), 'light')).toBe(svg);
  });

  it('is one image whose name is the description, escaped', async () => {
    const svg = await renderSvg(chart(bars), 'light');
    expect(svg).toMatch(/^<svg [^>]*role="img" aria-label="Two &#34;bars&#34; &#38; &#60;more&#62;"/);
    expect(svg.match(/aria-label/g)).toHaveLength(1);
  });

  it('fits a single plot to its width and leaves small multiples as they are', async () => {
    expect(await renderSvg(chart(bars), 'light')).toContain('width="760"');
    expect((await compileToVega(chart(bars))).responsive).toBe(true);
    const columns = { ...bars, encoding: { ...(bars.encoding as object), column: { field: 'a', type: 'nominal' } } };
    expect((await compileToVega(chart(columns as VegaLiteSpec))).responsive).toBe(false);
  });

  it('refuses what Vega-Lite only warns about', async () => {
    await expect(renderSvg(chart({ ...bars, encoding: { x: { field: 'a', type: 'quantitative' }, shape: { field: 'b', type: 'quantitative' } } }), 'light')).rejects.toThrow(/^chart: demo /);
  });

  it('refuses data from outside', async () => {
    await expect(renderSvg(chart({ ...bars, data: { url: 'https://example.org/rows.json' } }), 'light')).rejects.toThrow(/^chart: demo .*a chart holds its own data/);
  });
});
