import { describe, expect, it } from 'vitest';
import { type ParityRow, parityPanels, ratioDomain, ratioTicks } from '../../src/chart/parity-panels.ts';
import { renderSvg } from '../../src/chart/render.ts';
import { COLOURS } from '../../src/chart/theme.ts';
import { CAPTION } from './fixtures.ts';
import { chartLaws, count, texts } from './laws.ts';

const GEMM = 'Dense GEMM, BF16, H100';
const EXCHANGE = 'DeepEP, low latency';
const TIMES = [6e-6, 4e-5, 3e-4, 2e-3];
const RATIOS = [1.31, 0.92, 1.04, 1];
const rowsOf = (panel: string, chip: string, ratios = RATIOS): readonly ParityRow[] =>
  TIMES.map((predicted, at) => ({ panel, chip, group: `n ${at}, k 4096`, predicted, measured: predicted * (ratios[at] ?? 1) }));
const rows = [...rowsOf(GEMM, 'h100'), ...rowsOf('Dense GEMM, H20', 'h20')];
const POINT = /<path[^>]*fill="var\(--link\)"[^>]*opacity="0\.5"/g;
const ARROW = /<path[^>]*fill="var\(--link\)"(?![^>]*opacity)/g;
const BAND = /<path[^>]*d="M0,[^"]*h[^>]*fill="var\(--context\)"[^>]*opacity="0\.2"/g;
const isRatio = (text: string): boolean => /^\d+(\.\d+)?$/.test(text);

chartLaws('parityPanels', (given) => parityPanels(given, CAPTION), rows, 'panel');

describe('parityPanels', () => {
  it('has a point for every row and a title for every panel, long ones in lines', async () => {
    const svg = await renderSvg(parityPanels([...rows, ...rowsOf('Decode attention, FA3 with tiles of 64, H20', 'h20')], CAPTION), 'css');
    expect(count(svg, POINT)).toBe(3 * TIMES.length);
    expect(texts(svg)).toEqual(expect.arrayContaining([GEMM, 'Dense GEMM, H20', 'Decode attention, FA3', 'with tiles of 64, H20']));
  });

  it('writes times and ratios as people say them, the same ones in all panels', async () => {
    const shown = texts(await renderSvg(parityPanels(rows, CAPTION), 'css'));
    expect(shown.filter((text) => / [um]s$/.test(text))).toEqual(['10 us', '100 us', '1 ms', '10 us', '100 us', '1 ms']);
    expect(shown.filter(isRatio)).toEqual(['0.7', '0.8', '1', '1.25', '1.5', '0.7', '0.8', '1', '1.25', '1.5']);
  });

  it('labels every second decade where there are many, and half decades where there are few', async () => {
    const times = async (...microseconds: readonly number[]) => {
      const given = microseconds.map((us) => ({ panel: GEMM, chip: 'h100', group: 'g', predicted: us * 1e-6, measured: us * 1e-6 }));
      return texts(await renderSvg(parityPanels(given, CAPTION), 'css')).filter((text) => / ([um]?s)$/.test(text));
    };
    expect(await times(5, 150_000)).toEqual(['10 us', '1 ms', '100 ms']);
    expect(await times(0.5, 5e6)).toEqual(['1 us', '100 us', '10 ms', '1 s']);
    expect(await times(17)).toEqual(['10 us', '30 us']);
    expect(await times(10)).toEqual(['3 us', '10 us', '30 us']);
  });

  it('puts points that are more than a factor of two off at the edge, as arrows with their ratio', async () => {
    const far = [...rows, ...rowsOf('Grouped GEMM, H20', 'h20', [2.9, 20.9, 1, 0.31])];
    const chart = parityPanels(far, CAPTION);
    const svg = await renderSvg(chart, 'css');
    expect(count(svg, POINT)).toBe(far.length - 3);
    expect(count(svg, ARROW)).toBe(3 + 1);
    expect(texts(svg)).toEqual(expect.arrayContaining(['2.9', '21', '0.31', 'Further off, with its ratio']));
    expect(chart.data.map(({ ratio }) => ratio)).toContain(20.9);
    expect(texts(await renderSvg(parityPanels(rows, CAPTION), 'css'))).not.toContain('Further off, with its ratio');
  });

  it('draws a band behind the points of its panel and says what it is', async () => {
    const bands = [{ panel: GEMM, low: 0.9, high: 1.2 }];
    const svg = await renderSvg(parityPanels(rows, CAPTION, { bands }), 'css');
    expect(count(svg, BAND)).toBe(1);
    expect(svg.search(BAND)).toBeLessThan(svg.search(POINT));
    expect(texts(svg)).toContain('80 % interval');
    expect(texts(await renderSvg(parityPanels(rows, CAPTION), 'css'))).not.toContain('80 % interval');
  });

  it('cuts a band at the edge of the scale', async () => {
    const wide = await renderSvg(parityPanels(rows, CAPTION, { bands: [{ panel: GEMM, low: 0.01, high: 50 }] }), 'css');
    const [, top = '', bottom = ''] = /d="M0,(-?[\d.]+)h[\d.]+v(-?[\d.]+)h[^>]*fill="var\(--context\)"/.exec(wide) ?? [];
    expect([Number(top), Number(bottom)]).toEqual([0, 132]);
  });

  it('names chips where a panel has several, and only there', async () => {
    const mixed = [...rows, ...rowsOf(EXCHANGE, 'h100'), ...rowsOf(EXCHANGE, 'h800')];
    expect(texts(await renderSvg(parityPanels(mixed, CAPTION), 'css'))).toEqual(expect.arrayContaining(['H100', 'H20', 'H800']));
    expect(texts(await renderSvg(parityPanels(rows, CAPTION), 'css'))).not.toContain('H100');
  });

  it('keeps the accent and the colours of models for models', async () => {
    const svg = await renderSvg(parityPanels(rows, CAPTION), 'light');
    expect(svg).not.toContain(COLOURS.accent.light);
    expect(await renderSvg(parityPanels(rows, CAPTION), 'css')).not.toMatch(/--model-|--accent/);
  });

  it('refuses times that are not positive and bands without a place, in one line', () => {
    const [first] = rows;
    if (first === undefined) throw new Error('rows');
    expect(() => parityPanels([{ ...first, predicted: 0 }], CAPTION)).toThrow(new RangeError('parityPanels: predicted 0 is not positive'));
    expect(() => parityPanels([{ ...first, measured: Number.NaN }], CAPTION)).toThrow(new RangeError('parityPanels: measured NaN is not a finite number'));
    const bands = (...given: readonly (readonly [panel: string, low: number, high: number])[]) => parityPanels(rows, CAPTION, { bands: given.map(([panel, low, high]) => ({ panel, low, high })) });
    expect(() => bands(['Nowhere', 0.9, 1.1])).toThrow(new RangeError('parityPanels: bands Nowhere has no row'));
    expect(() => bands([GEMM, 0.9, 1.1], [GEMM, 0.8, 1.2])).toThrow(new RangeError(`parityPanels: bands ${GEMM} is given twice`));
    expect(() => bands([GEMM, 1.1, 0.9])).toThrow(new RangeError('parityPanels: low 1.1 is above high 0.9'));
    expect(() => bands([GEMM, 0, 0.9])).toThrow(new RangeError('parityPanels: low 0 is not positive'));
  });
});

describe('ratioDomain', () => {
  it('reaches as far to one side as to the other, at least and at most so far', () => {
    expect(ratioDomain([0.99, 1.01], 1.5)).toEqual([1 / 1.5, 1.5]);
    expect(ratioDomain([0.5, 1.01], 1.5)).toEqual([1 / 2.06, 2.06]);
    expect(ratioDomain([0.5, 20], 1.5, 2)).toEqual([0.5, 2]);
  });
});

describe('ratioTicks', () => {
  it('has 1 and well-known ratios that are far enough apart', () => {
    expect(ratioTicks([1 / 2, 2], 0.05)).toEqual([0.5, 0.7, 0.8, 0.9, 1, 1.1, 1.25, 1.5, 2]);
    expect(ratioTicks([1 / 2, 2], 0.13)).toEqual([0.5, 0.7, 1, 1.5, 2]);
    expect(ratioTicks([1 / 30, 30], 0.05)).toEqual([0.1, 0.2, 0.5, 1, 2, 5, 10]);
    expect(ratioTicks([1 / 1.2, 1.2], 0.1)).toEqual([0.9, 1, 1.1]);
  });
});
