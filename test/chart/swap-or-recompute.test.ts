import { describe, expect, it } from 'vitest';
import { renderSvg } from '../../src/chart/render.ts';
import { type SwapOrRecomputeOptions, type SwapOrRecomputeRow, swapOrRecompute } from '../../src/chart/swap-or-recompute.ts';
import { CAPTION } from './fixtures.ts';
import { chartLaws, count, texts } from './laws.ts';

const CONTEXTS = [64, 512, 4096, 32_768];
const line = (panel: string, series: string, name: string, secondsOf: (context: number) => number, dashed?: boolean): readonly SwapOrRecomputeRow[] =>
  CONTEXTS.map((context) => ({ panel, series, name, context, seconds: secondsOf(context), ...(dashed === undefined ? {} : { dashed }) }));
const panel = (name: string): readonly SwapOrRecomputeRow[] => [
  ...line(name, 'swap', 'Swap, blocks alone', (context) => 2e-5 * context),
  ...line(name, 'recompute', 'Recompute, calibrated', (context) => 0.005 + 1e-9 * context ** 2),
  ...line(name, 'recompute', 'Recompute, data sheet', (context) => 0.003 + 5e-10 * context ** 2, true),
];
const one = panel('');
const six = ['A', 'B', 'C', 'D', 'E', 'F'].flatMap((name) => panel(`Chip ${name}`));
const breakEvens = [
  { panel: '', series: 'swap', context: 512, number: 'break-even/first' },
  { panel: '', series: 'swap', context: 2048 },
];
const chart = (rows: readonly SwapOrRecomputeRow[] = one, more: Partial<SwapOrRecomputeOptions> = { breakEvens }) => swapOrRecompute(rows, { ...CAPTION, ...more });
const marksOf = (given: ReturnType<typeof chart>): string => JSON.stringify(given.spec);

chartLaws('swapOrRecompute', (given) => swapOrRecompute(given, CAPTION), one);
chartLaws('swapOrRecompute', (given) => swapOrRecompute(given, CAPTION), six, 'panel');

describe('swapOrRecompute', () => {
  it('draws a line per way through all its contexts, the bound dashed in the colour of its series', async () => {
    const svg = await renderSvg(chart(), 'css');
    const lines = [...svg.matchAll(/<path d="M[^"Z]*L[^"Z]*"[^>]* stroke="(var\([^"]*\))"[^>]*>/g)].map(([path, stroke]) => ({
      stroke,
      dashed: path.includes('stroke-dasharray'),
      corners: count(path, /[ML]/g),
    }));
    expect(lines.map(({ corners }) => corners)).toEqual([4, 4, 4]);
    const [swap, recompute, bound] = lines;
    expect([swap?.dashed, recompute?.dashed, bound?.dashed]).toEqual([false, false, true]);
    expect(bound?.stroke).toBe(recompute?.stroke);
    expect(swap?.stroke).not.toBe(recompute?.stroke);
  });

  it('names ways in the key, each once, and panels', async () => {
    const shown = texts(await renderSvg(chart(six, {}), 'css'));
    for (const name of ['Swap, blocks alone', 'Recompute, calibrated', 'Recompute, data sheet', 'Chip A', 'Chip F']) expect(shown.filter((text) => text === name)).toHaveLength(1);
    expect(shown).toEqual(expect.arrayContaining(['10 ms', '1 s', '64', '4K', 'Context, tokens', 'Time (log scales)']));
  });

  it('has one scale for all panels, both axes logarithmic, three panels beside each other where there are many', () => {
    const given = [...panel('Small'), ...panel('Large').map((row) => ({ ...row, seconds: 100 * row.seconds }))];
    const domains = new Set(marksOf(chart(given, {})).match(/"scale":\{"type":"log"(?:,"base":2)?,"domain":\[[^\]]*\]/g));
    expect(domains.size).toBe(2);
    expect(marksOf(chart(six, {}))).toContain(': 3"');
    expect(marksOf(chart(given, {}))).toContain(': 2"');
  });

  it('marks break-evens on the line, straight between its points, with the context as it is', async () => {
    const shown = texts(await renderSvg(chart(), 'css'));
    expect(shown).toEqual(expect.arrayContaining(['512', '2,048', 'Break-even, tokens']));
    const seconds = [...marksOf(chart()).matchAll(/"y":([\d.e-]+),"secondsShown"/g)].map(([, y]) => Number(y));
    expect(new Set(seconds).size).toBe(2);
    expect(seconds[0]).toBeCloseTo(2e-5 * 512, 12);
    expect(Math.max(...seconds)).toBeCloseTo(2e-5 * 2048, 12);
    expect(marksOf(chart())).toContain('break-even/first');
    expect(texts(await renderSvg(chart(one, {}), 'css'))).not.toContain('Break-even, tokens');
  });

  it('holds seconds and contexts, for tooltip and table', () => {
    expect(chart().data[0]).toMatchObject({ name: 'Swap, blocks alone', xShown: 64, valueShown: 0.00128 });
    expect(chart().columns).toMatchObject({ xShown: 'Context, tokens', valueShown: 'Seconds' });
  });

  it('refuses what has no place on the axes, in one line', () => {
    const row = one[0] as SwapOrRecomputeRow;
    expect(() => chart([{ ...row, seconds: 0 }])).toThrow(new RangeError('swapOrRecompute: seconds 0 is not positive'));
    expect(() => chart([{ ...row, context: Number.NaN }])).toThrow(new RangeError('swapOrRecompute: context NaN is not a finite number'));
    expect(() => chart([row])).toThrow(new RangeError('swapOrRecompute: context 64 is the only one, an axis needs two'));
    for (const context of [32, 65_536])
      expect(() => chart(one, { breakEvens: [{ panel: '', series: 'swap', context }] })).toThrow(new RangeError(`swapOrRecompute: breakEvens ${context} is not on a line of swap in ""`));
    expect(() => chart(one, { breakEvens: [{ panel: 'None', series: 'swap', context: 512 }] })).toThrow(new RangeError('swapOrRecompute: breakEvens 512 is not on a line of swap in "None"'));
  });
});
