import { describe, expect, it } from 'vitest';
import { type CopyBandwidthOptions, type CopyBandwidthRow, copyBandwidth } from '../../src/chart/copy-bandwidth.ts';
import { renderSvg } from '../../src/chart/render.ts';
import { CAPTION } from './fixtures.ts';
import { chartLaws, count, texts, vertices } from './laws.ts';

const KIBI = 1024;
const SIZES = [4, 32, 256, 2048, 16_384].map((kibi) => kibi * KIBI);
const line = (panel: string, series: string, name: string, secondsPerCall: number): readonly CopyBandwidthRow[] =>
  SIZES.map((pieceBytes, at) => {
    const bytesPerSecond = pieceBytes / (secondsPerCall + pieceBytes / 50e9);
    return { panel, series, name, pieceBytes, bytesPerSecond, ...(at % 2 === 0 ? { reference: 1.02 * bytesPerSecond } : {}), number: `copy/${series}/${pieceBytes}` };
  });
const rows = ['To the host', 'To the chip'].flatMap((panel) => [...line(panel, 'loop', 'Loop', 2e-6), ...line(panel, 'batch', 'Batch', 5e-7)]);
const options: CopyBandwidthOptions = { ...CAPTION, pieces: [{ pieceBytes: 32 * KIBI, name: 'One block' }], lineRate: { bytesPerSecond: 63e9, name: 'Line rate' } };
const chart = (given: readonly CopyBandwidthRow[] = rows, more: Partial<CopyBandwidthOptions> = {}) => copyBandwidth(given, { ...options, ...more });
const drawn = async (...given: Parameters<typeof chart>) => texts(await renderSvg(chart(...given), 'css'));

chartLaws('copyBandwidth', chart, rows);
chartLaws('copyBandwidth', chart, rows, 'panel');

describe('copyBandwidth', () => {
  it('draws each method through all its sizes, and what was measured hollow', async () => {
    const svg = await renderSvg(chart(), 'css');
    const own = (series: string): string => String(chart().data.find((row) => row.series === series)?.colour);
    for (const series of ['loop', 'batch']) expect(vertices(svg, own(series))).toBe(2 * SIZES.length);
    const key = 1;
    expect(count(svg, /<path[^>]* fill="var\(--page\)" stroke=/g)).toBe(rows.filter(({ reference }) => reference !== undefined).length + key);
  });

  it('names directions, methods, marks, and in each panel the sizes and the line rate', async () => {
    const shown = await drawn();
    for (const text of ['To the host', 'To the chip', 'Loop', 'Batch', 'Fit', 'Measured']) expect(shown.filter((each) => each === text)).toHaveLength(1);
    const halo = 2;
    for (const text of ['One block', 'Line rate']) expect(shown.filter((each) => each === text)).toHaveLength(2 * halo);
    expect(await drawn(rows, { pieces: [], lineRate: undefined })).not.toContain('Line rate');
  });

  it('has sizes as powers of two and rates at human values, up to beyond the line rate', async () => {
    const shown = await drawn();
    expect(shown).toEqual(expect.arrayContaining(['4 KiB', '32 KiB', '256 KiB', '2 MiB', '16 MiB', '3', '10', '30', 'GB/s (log scale)']));
    const [, low, high] = JSON.stringify(chart().spec).match(/"type":"log","domain":\[([\d.]+),([\d.]+)\]/) as readonly string[];
    expect(Number(low)).toBeGreaterThan(0);
    expect(Number(high)).toBeGreaterThan(63);
  });

  it('holds GB/s and bytes, for tooltip and table', () => {
    expect(chart().data[1]).toMatchObject({ xShown: 32_770, valueShown: 12.34, referenceShown: '–', number: 'copy/loop/32768' });
    expect(chart().columns).toMatchObject({ xShown: 'Bytes of a piece', valueShown: 'GB/s', referenceShown: 'Measured' });
  });

  it('refuses what has no place on the axes, in one line', () => {
    const row = rows[0] as CopyBandwidthRow;
    expect(() => chart([{ ...row, bytesPerSecond: 0 }])).toThrow(new RangeError('copyBandwidth: bytesPerSecond 0 is not positive'));
    expect(() => chart([{ ...row, pieceBytes: -1 }])).toThrow(new RangeError('copyBandwidth: pieceBytes -1 is not positive'));
    expect(() => chart([{ ...row, bytesPerSecond: undefined, reference: undefined }])).toThrow(new RangeError('copyBandwidth: bytesPerSecond of loop is missing, and reference too'));
    expect(() => chart([row])).toThrow(new RangeError('copyBandwidth: pieceBytes 4096 is the only one, an axis needs two'));
    expect(() => chart(rows, { pieces: [{ pieceBytes: 1024, name: 'Small' }] })).toThrow(new RangeError('copyBandwidth: pieceBytes 1024 is outside of the rows, 4096 to 16777216'));
    expect(() => chart(rows, { lineRate: { bytesPerSecond: Number.NaN, name: 'x' } })).toThrow(new RangeError('copyBandwidth: bytesPerSecond NaN is not a finite number'));
  });
});
