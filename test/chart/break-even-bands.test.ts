import { describe, expect, it } from 'vitest';
import { type BreakEvenBandRow, breakEvenBands } from '../../src/chart/break-even-bands.ts';
import { renderSvg } from '../../src/chart/render.ts';
import { CAPTION } from './fixtures.ts';
import { chartLaws, count, texts } from './laws.ts';

const LAST = 131_072;
const NAMES = { swap: 'Swap', recompute: 'Recompute' } as const;
const lane = (panel: string, name: string, ...changes: readonly number[]): readonly BreakEvenBandRow[] =>
  [1, ...changes].map((from, at) => {
    const series = at % 2 === 0 ? 'swap' : 'recompute';
    return { panel, lane: name, series, name: NAMES[series], from, to: (changes[at] ?? LAST + 1) - 1 };
  });
const rows = [...lane('Llama', 'H800, PCIe 4', 298, 20_929), ...lane('Llama', 'H20, PCIe 4'), ...lane('Qwen', 'H800, PCIe 4', 90, 102_465)];
const chart = (given: readonly BreakEvenBandRow[] = rows) => breakEvenBands(given, CAPTION);
const drawn = async (given: readonly BreakEvenBandRow[] = rows) => texts(await renderSvg(chart(given), 'css'));

chartLaws('breakEvenBands', chart, rows);
chartLaws('breakEvenBands', chart, rows.slice(0, 4), 'panel');
chartLaws('breakEvenBands', chart, rows.slice(0, 3), 'lane');

describe('breakEvenBands', () => {
  it('has a band for every row, in the colour of its way, from where it begins to where the next one does', async () => {
    const svg = await renderSvg(chart(), 'css');
    const own = (series: string): string => String(chart().data.find((row) => row.series === series)?.colour);
    expect(own('swap')).not.toBe(own('recompute'));
    const bands = [...svg.matchAll(/<path d="M(-?[\d.]+),([\d.]+)h([\d.]+)v[^"]*" fill="([^"]+)"[^>]*fill-opacity/g)].map(([, from, top, width, fill]) => ({
      from: Number(from),
      top,
      to: Number(from) + Number(width),
      fill,
    }));
    expect(bands.filter(({ fill }) => fill === own('swap'))).toHaveLength(5);
    expect(bands.filter(({ fill }) => fill === own('recompute'))).toHaveLength(2);
    const [first, second, third, whole] = bands as [(typeof bands)[number], (typeof bands)[number], (typeof bands)[number], (typeof bands)[number]];
    expect([first.to, second.to, third.to]).toEqual([expect.closeTo(second.from, 1), expect.closeTo(third.from, 1), expect.closeTo(whole.to, 1)]);
    expect(new Set(bands.map(({ top }) => top)).size).toBe(3);
    expect((second.to - second.from) / (whole.to - whole.from)).toBeCloseTo(Math.log(20_929 / 298) / Math.log(LAST), 2);
  });

  it('names models, lanes and ways, a model above its lanes', async () => {
    const shown = await drawn();
    for (const text of ['Llama', 'Qwen', 'Swap', 'Recompute', 'H20, PCIe 4']) expect(shown.filter((each) => each === text)).toHaveLength(1);
    expect(shown.filter((each) => each === 'H800, PCIe 4')).toHaveLength(2);
    expect(shown.indexOf('Llama')).toBeLessThan(shown.indexOf('H20, PCIe 4'));
    expect(shown.indexOf('H20, PCIe 4')).toBeLessThan(shown.indexOf('Qwen'));
    expect(await renderSvg(chart(), 'css')).toMatch(/font-weight="600"[^>]*>Qwen</);
  });

  it('says where bands begin, in them or before them where they are too narrow, and not where the axis does', async () => {
    const shown = await drawn();
    for (const text of ['298', '20,929', '90', '102,465']) expect(shown.filter((each) => each === text)).toHaveLength(1);
    expect((await renderSvg(chart(), 'css')).match(/text-anchor="end"[^>]*>102,465</)).not.toBeNull();
    const narrow = await drawn(lane('', 'x', 298, 310, 320));
    expect(narrow).not.toContain('310');
  });

  it('is readable for thirty lanes', async () => {
    const many = ['A', 'B', 'C', 'D', 'E'].flatMap((model) => ['F', 'G', 'H'].flatMap((chip) => ['4', '5'].flatMap((link) => lane(model, `${chip}, PCIe ${link}`, 298, 6209))));
    const svg = await renderSvg(chart(many), 'css');
    expect(texts(svg).filter((text) => text.includes('PCIe'))).toHaveLength(30);
    expect(count(svg, />6,209</g)).toBe(30);
  });

  it('refuses ranges that are none, or overlap, in one line', () => {
    const row = rows[0] as BreakEvenBandRow;
    expect(() => chart([{ ...row, from: 0 }])).toThrow(new RangeError('breakEvenBands: from 0 is not positive'));
    expect(() => chart([{ ...row, from: 300 }])).toThrow(new RangeError('breakEvenBands: to 297 is before from 300'));
    expect(() => chart([row, { ...row, from: 100, to: 400 }])).toThrow(new RangeError('breakEvenBands: from 100 is within 1 to 297 in H800, PCIe 4'));
    expect(() => chart([{ ...row, to: 1 }])).toThrow(new RangeError('breakEvenBands: context 1 is the only one, an axis needs two'));
  });
});
