import { describe, expect, it } from 'vitest';
import { type ImageCostBarsOptions, type ImageCostRow, imageCostBars } from '../../src/chart/image-cost-bars.ts';
import { renderSvg } from '../../src/chart/render.ts';
import { CAPTION } from './fixtures.ts';
import { chartLaws, texts } from './laws.ts';

const rows: readonly ImageCostRow[] = [
  { model: 'Dear', chip: 'Fast', encodeUsd: 6e-4, prefillUsd: 2e-4, number: 'image/dear/fast' },
  { model: 'Dear', chip: 'Slow', encodeUsd: 12e-4, prefillUsd: 4e-4 },
  { model: 'Cheap', chip: 'Fast', encodeUsd: 1e-6, prefillUsd: 3e-6 },
  { model: 'Cheap', chip: 'Slow', encodeUsd: 2e-6, prefillUsd: 6e-6 },
];
const chart = (given: readonly ImageCostRow[] = rows, more: Partial<ImageCostBarsOptions> = {}) => imageCostBars(given, { ...CAPTION, ...more });
const drawn = (...given: Parameters<typeof chart>) => renderSvg(chart(...given), 'css');
/** Bars from left to right and top to bottom. */
const bars = (svg: string) =>
  [...svg.matchAll(/<path d="M([\d.]+),([\d.]+)h([\d.]+)v14[^"]*" fill="([^"]*)"/g)]
    .map(([, x, y, width, fill]) => ({ left: Number(x), top: Number(y), width: Number(width), fill }))
    .sort((a, b) => a.top - b.top || a.left - b.left);

chartLaws('imageCostBars', chart, rows.slice(0, 2), 'model');
chartLaws('imageCostBars', (given) => chart(given, { ranked: false }), [rows[0], rows[3]] as readonly ImageCostRow[], 'model');

describe('imageCostBars', () => {
  it('has a bar of two parts for every model and chip, as long as its cost, from zero', async () => {
    const found = bars(await drawn(rows, { ranked: false }));
    expect(found).toHaveLength(2 * rows.length);
    const [encode, prefill, slow] = found as [(typeof found)[0], (typeof found)[0], (typeof found)[0]];
    expect(encode.left).toBe(0);
    expect(prefill.left).toBeCloseTo(encode.left + encode.width, 1);
    expect(encode.width / prefill.width).toBeCloseTo(3, 1);
    expect(slow.width / encode.width).toBeCloseTo(2, 1);
    expect(encode.fill).not.toBe(prefill.fill);
  });

  it('has the cheapest model first, or the order of the rows; chips always in their order', () => {
    const order = (more: Partial<ImageCostBarsOptions>) =>
      chart(rows, more)
        .data.filter((row) => row.chip === 'Fast')
        .sort((a, b) => Number(a.top) - Number(b.top))
        .map((row) => row.model);
    expect(order({})).toEqual(['Cheap', 'Dear']);
    expect(order({ ranked: false })).toEqual(['Dear', 'Cheap']);
    const { data } = chart();
    expect(Number(data[0]?.top)).toBeLessThan(Number(data[1]?.top));
  });

  it('says the total at the end of each bar, and the parts in their place or behind it', async () => {
    const shown = texts(await drawn());
    expect(shown).toEqual(
      expect.arrayContaining(['$0.800', '$1.60', '$0.00400', '$1.20', '$0.400', 'encode $0.00100 + prefill $0.00300', 'USD per thousand images', 'Encode', 'Prefill of its tokens']),
    );
    expect(shown).not.toContain('encode $1.20 + prefill $0.400');
    expect(texts(await drawn(rows, { images: 1 }))).toEqual(expect.arrayContaining(['$0.00160', 'USD per image']));
  });

  it('names models beside their bars where there is one chip', async () => {
    const one = rows.filter(({ chip }) => chip === 'Fast');
    const shown = texts(await drawn(one));
    expect(shown).toEqual(expect.arrayContaining(['Dear', 'Cheap']));
    expect(shown).not.toContain('Fast');
    expect(bars(await drawn(one))).toHaveLength(4);
  });

  it('holds both parts and their sum, for tooltip and table', () => {
    const { data, columns } = chart();
    expect(data[0]).toMatchObject({ encode: 0.6, prefill: 0.2, encodeShown: '$0.600', totalShown: '$0.800', number: 'image/dear/fast' });
    for (const row of data) expect(row.total).toBeCloseTo(Number(row.encode) + Number(row.prefill), 12);
    expect(columns).toMatchObject({ model: 'Model', chip: 'Chip', totalShown: 'Both, USD per thousand images', number: 'Number' });
  });

  it('refuses what cannot be a bar, in one line', () => {
    const [row] = rows as readonly [ImageCostRow];
    expect(() => chart([{ ...row, prefillUsd: -1 }])).toThrow(new RangeError('imageCostBars: prefillUsd -1 is below 0'));
    expect(() => chart([{ ...row, encodeUsd: Number.NaN }])).toThrow(new RangeError('imageCostBars: encodeUsd NaN is not a finite number'));
    expect(() => chart([row, row])).toThrow(new RangeError('imageCostBars: model Dear is given twice on Fast'));
    expect(() => chart([{ ...row, encodeUsd: 0, prefillUsd: 0 }])).not.toThrow();
  });
});
