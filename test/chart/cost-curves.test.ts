import { describe, expect, it } from 'vitest';
import { costCurves } from '../../src/chart/cost-curves.ts';
import { renderSvg } from '../../src/chart/render.ts';
import { CAPTION, curveRows } from './fixtures.ts';
import { chartLaws, count, texts, vertices } from './laws.ts';

const rows = curveRows('h20');
const crossings = [
  { context: 63477, usdPerMtok: 0.25, label: 'MM M1 below Step-3' },
  { context: 13467, usdPerMtok: 0.096, label: 'Step-3 below Pangu Pro', number: 'crossover/step-3/pangu-pro-moe/h20/1' },
];

chartLaws('costCurves', (given) => costCurves(given, { ...CAPTION, crossings }), rows);

describe('costCurves', () => {
  it('draws each line through every row, dashed from the trained context on', async () => {
    const svg = await renderSvg(costCurves(rows, CAPTION), 'css');
    const own = rows.filter(({ model }) => model === 'step-3');
    expect(own.some(({ beyondTrained }) => beyondTrained)).toBe(true);
    expect(vertices(svg, 'var(--model-step-3)')).toBe(own.length + 1);
    expect(svg).toMatch(/stroke="var\(--model-step-3\)"[^>]*stroke-dasharray/);
  });

  it('names every line at its end and labels the axis at 1K 8K 32K 128K 1M', async () => {
    const shown = texts(await renderSvg(costCurves(rows, CAPTION), 'light'));
    for (const { name } of rows) expect(shown).toContain(name);
    expect(shown.filter((text) => /^\d+[KM]$/.test(text))).toEqual(['1K', '8K', '32K', '128K', '1M']);
  });

  it('draws printed values hollow, and says so only where there are any', async () => {
    const printed = rows.filter((row) => 'printed' in row);
    const svg = await renderSvg(costCurves(rows, CAPTION), 'css');
    expect(count(svg, /<path[^>]*fill="var\(--page\)"[^>]*stroke="var\(--model-/g)).toBe(printed.length);
    expect(texts(svg)).toContain("Paper's value");
    const plain = rows.map((row) => ({ ...row, printed: undefined, beyondTrained: false }));
    expect(texts(await renderSvg(costCurves(plain, CAPTION), 'light')).filter((text) => /Paper|training/.test(text))).toEqual([]);
  });

  it('marks crossings and lists them with the exact context, in order', async () => {
    const svg = await renderSvg(costCurves(rows, { ...CAPTION, crossings }), 'css');
    expect(count(svg, /<path[^>]*fill="var\(--page\)"[^>]*stroke="var\(--text\)"/g)).toBe(2);
    expect(texts(svg).filter((text) => text.startsWith('From'))).toEqual(['From 13,467 tokens: Step-3 below Pangu Pro', 'From 63,477 tokens: MM M1 below Step-3']);
  });

  it('refuses what a log scale has no place for, and printed text that is no number', () => {
    const [row] = rows;
    if (row === undefined) throw new Error('no fixture');
    expect(() => costCurves([{ ...row, usdPerMtok: 0 }], CAPTION)).toThrow(new RangeError('costCurves: usdPerMtok 0 is not positive'));
    expect(() => costCurves([{ ...row, context: Number.NaN }], CAPTION)).toThrow(new RangeError('costCurves: context NaN is not a finite number'));
    expect(() => costCurves([row], CAPTION)).toThrow(new RangeError('costCurves: context 1024 is the only one, an axis needs two'));
    expect(() =>
      costCurves(
        [
          { ...row, printed: '16.6 ms' },
          { ...row, context: 2048 },
        ],
        CAPTION,
      ),
    ).toThrow(new RangeError('costCurves: printed "16.6 ms" is not a plain number'));
  });
});
