import { describe, expect, it } from 'vitest';
import { type AllocationHeatOptions, type AllocationRow, allocationHeat } from '../../src/chart/allocation-heat.ts';
import { renderSvg } from '../../src/chart/render.ts';
import { colour, type Mode, modelColour } from '../../src/chart/theme.ts';
import { CAPTION } from './fixtures.ts';
import { chartLaws, count, texts } from './laws.ts';

const WORKERS = 8;
const grid = (panel: string, goodput: (encode: number, prefill: number, decode: number) => number | undefined): readonly AllocationRow[] =>
  [1, 2, 3, 4, 5, 6].flatMap((encode) =>
    [1, 2, 3, 4, 5, 6].flatMap((prefill) => {
      const decode = WORKERS - encode - prefill;
      return decode < 1 ? [] : [{ panel, encode, prefill, decode, goodput: goodput(encode, prefill, decode), number: `goodput/${encode}/${prefill}` }];
    }),
  );
const rows = grid('', (encode, prefill, decode) => Math.min(0.21 * encode, prefill, decode));
const marked = { encode: 6, prefill: 1, decode: 1, name: "Paper's choice" };
const chart = (given: readonly AllocationRow[] = rows, more: Partial<AllocationHeatOptions> = {}) => allocationHeat(given, { ...CAPTION, marked, ...more });
const drawn = (...given: Parameters<typeof chart>) => renderSvg(chart(...given), 'css');
const frames = (svg: string) => count(svg, /<path d="M[^"A]*Z"(?=[^>]*stroke="var\(--text\)")(?=[^>]*stroke-width="2\.5")[^>]*>/g);

chartLaws('allocationHeat', chart, rows, 'panel');

describe('allocationHeat', () => {
  it('has a cell with its number for every allocation, and says which workers decode', async () => {
    const shown = texts(await drawn());
    expect(rows).toHaveLength(21);
    expect(shown.filter((text) => /^\dD$/.test(text))).toHaveLength(rows.length);
    expect(shown.filter((text) => /^\d\.\d\d$/.test(text))).toHaveLength(rows.length);
    expect(shown).toEqual(expect.arrayContaining(['1.00', '0.21', 'Encode workers', 'Prefill workers', 'no worker is left to decode', 'Goodput, requests per second; D: decode workers']));
  });

  it('frames the best cells of each panel, and rings the marked allocation in each', async () => {
    expect(
      chart()
        .data.filter((row) => row.best)
        .map((row) => row.allocation),
    ).toEqual(['5E1P2D', '5E2P1D', '6E1P1D']);
    expect(frames(await drawn())).toBe(3);
    const two = [...grid('A', (encode) => encode), ...grid('B', (_, prefill) => prefill)];
    const best = chart(two).data.filter((row) => row.best);
    expect(best.map(({ panel, allocation }) => [panel, allocation])).toEqual([
      ['A', '6E1P1D'],
      ['B', '1E6P1D'],
    ]);
    expect(chart(two).data.filter((row) => row.marked)).toHaveLength(2);
    expect(texts(await drawn(two))).toEqual(expect.arrayContaining(['A', 'B', 'Best', "Paper's choice"]));
  });

  it('grows stronger with goodput from zero, in one hue', () => {
    const { data } = chart(grid('', (encode) => encode - 1));
    const strength = (encode: number) => Number(data.find((row) => row.encode === encode)?.opacity);
    for (const encode of [2, 3, 4, 5, 6]) expect(strength(encode) - strength(encode - 1)).toBeCloseTo((0.7 - 0.03) / 5, 10);
    expect(strength(1)).toBe(0.03);
  });

  for (const mode of ['light', 'dark'] as const satisfies readonly Mode[])
    it(`keeps its numbers readable on the strongest fill, ${mode}`, () => {
      const strongest = Math.max(...chart().data.map((row) => Number(row.opacity)));
      expect(contrast(colour('text', mode), blend(modelColour('deepseek-v3', mode), colour('page', mode), strongest))).toBeGreaterThanOrEqual(4.5);
    });

  it('strikes through what cannot run, and says so', async () => {
    const given = grid('', (encode, prefill) => (prefill === 1 ? undefined : encode));
    const svg = await drawn(given);
    expect(count(svg, /<line[^>]*stroke="var\(--muted\)"[^>]*stroke-width="1\.25"/g)).toBe(6);
    expect(texts(svg)).toContain('Cannot run');
    expect(texts(await drawn())).not.toContain('Cannot run');
    expect(chart(given).data[0]).toMatchObject({ goodput: null, goodputShown: '–', best: false });
  });

  it('does without a marked allocation, and without a corner where all can decode', async () => {
    const shown = texts(
      await drawn(
        rows.filter(({ encode, prefill }) => encode < 4 && prefill < 4),
        { marked: undefined },
      ),
    );
    expect(shown).not.toContain("Paper's choice");
    expect(shown).not.toContain('no worker is left to decode');
  });

  it('refuses what is not an allocation of the same workers, in one line', () => {
    const [row] = rows as readonly [AllocationRow];
    expect(() => chart([{ ...row, encode: 1.5 }])).toThrow(new RangeError('allocationHeat: encode 1.5 is not a whole number of at least 0'));
    expect(() => chart([row, { ...row, decode: 5 }])).toThrow(new RangeError('allocationHeat: 1E1P5D has 7 workers, the first allocation 8'));
    expect(() => chart([row, row])).toThrow(new RangeError('allocationHeat: 1E1P6D is given twice in ""'));
    expect(() => chart([{ ...row, goodput: -1 }])).toThrow(new RangeError('allocationHeat: goodput -1 is not a number of at least 0'));
    expect(() => chart([{ ...row, goodput: undefined }])).toThrow(new RangeError('allocationHeat: goodput is missing in all rows'));
    expect(() => chart([row])).toThrow(new RangeError('allocationHeat: marked 6E1P1D has no row'));
  });
});

const channels = (hex: string): readonly number[] => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
const blend = (over: string, page: string, opacity: number): string =>
  `#${channels(over)
    .map((channel, at) =>
      Math.round(opacity * channel + (1 - opacity) * (channels(page)[at] as number))
        .toString(16)
        .padStart(2, '0'),
    )
    .join('')}`;

/** WCAG 2.2 contrast ratio. */
function contrast(a: string, b: string): number {
  const luminance = (hex: string): number =>
    channels(hex)
      .map((each) => each / 255)
      .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
      .reduce((sum, c, at) => sum + c * ([0.2126, 0.7152, 0.0722][at] as number), 0);
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}
