import { describe, expect, it } from 'vitest';
import { costCurvesByChip } from '../../src/chart/cost-curves-by-chip.ts';
import { renderSvg } from '../../src/chart/render.ts';
import { CAPTION, CHIPS, curveRows, models } from './fixtures.ts';
import { chartLaws, count, texts, vertices } from './laws.ts';

const rows = Object.entries(CHIPS).flatMap(([chip, chipName]) => curveRows(chip, models('step-3', 'deepseek-v3', 'kimi-k2')).map((row) => ({ ...row, chip, chipName })));

chartLaws('costCurvesByChip', (given) => costCurvesByChip(given, CAPTION), rows);

describe('costCurvesByChip', () => {
  it('has a panel per chip in the order of the rows, each with all its lines', async () => {
    const svg = await renderSvg(costCurvesByChip(rows, CAPTION), 'css');
    expect(texts(svg).filter((text) => Object.values<string>(CHIPS).includes(text))).toEqual(Object.values(CHIPS));
    const own = rows.filter(({ model }) => model === 'step-3');
    expect(vertices(svg, 'var(--model-step-3)')).toBe(own.length + 4);
  });

  it('shares the scales and has one key', async () => {
    const svg = await renderSvg(costCurvesByChip(rows, CAPTION), 'css');
    const dollars = texts(svg).filter((text) => text.startsWith('$'));
    expect(dollars.length % 4).toBe(0);
    expect(new Set(dollars).size).toBe(dollars.length / 4);
    expect(count(svg, />Paper's value</g)).toBe(1);
  });
});
