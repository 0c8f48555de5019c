import { describe, expect, it } from 'vitest';
import { renderSvg } from '../../src/chart/render.ts';
import { type TtftOverImagesOptions, type TtftOverImagesRow, ttftOverImages } from '../../src/chart/ttft-over-images.ts';
import { CAPTION } from './fixtures.ts';
import { chartLaws, count, texts } from './laws.ts';

const IMAGES = [1, 2, 4, 6, 7, 8];
const line = (series: string, seconds: (images: number) => number, more: (images: number) => Partial<TtftOverImagesRow> = () => ({})): readonly TtftOverImagesRow[] =>
  IMAGES.map((images) => ({ panel: '', series, name: `System ${series}`, images, seconds: seconds(images), ...more(images) }));
const rows: readonly TtftOverImagesRow[] = [
  ...line(
    'apart',
    (images) => 0.5 + Math.ceil(images / 6) / 2,
    (images) => (images % 2 === 0 ? { reference: 1 + images / 100, fitted: images < 5, number: `ttft/${images}` } : {}),
  ),
  ...line('together', (images) => 0.7 * images),
];
const chart = (given: readonly TtftOverImagesRow[] = rows, more: Partial<TtftOverImagesOptions> = {}) => ttftOverImages(given, { ...CAPTION, ...more });
const drawn = (...given: Parameters<typeof chart>) => renderSvg(chart(...given), 'css');
const plain = rows.map(({ fitted: _, ...row }) => row);
/** Dots of the plot, in the colour of a series; those of the key are muted. */
const dots = (svg: string, fill: 'page' | 'model-') => count(svg, new RegExp(`<path(?=[^>]*d="M[^"]*A)(?=[^>]*fill="var\\(--${fill})(?=[^>]*stroke="var\\(--model-)[^>]*>`, 'g'));

chartLaws('ttftOverImages', chart, rows);
chartLaws('ttftOverImages', chart, plain, 'panel');

describe('ttftOverImages', () => {
  it('fills what a line was fitted to, and leaves what it predicts hollow', async () => {
    const svg = await drawn();
    expect(dots(svg, 'model-')).toBe(2);
    expect(dots(svg, 'page')).toBe(2);
    expect(texts(svg)).toEqual(expect.arrayContaining(["Paper's value, in the fit", "Paper's value, predicted", 'Computed']));
  });

  it('says predicted only of some, or of all', async () => {
    const all = texts(await drawn(rows.map((row) => (row.reference === undefined ? row : { ...row, fitted: false }))));
    expect(all).toContain("Paper's value, predicted");
    expect(all).not.toContain("Paper's value, in the fit");
  });

  it('has hollow marks alone where nothing is said of a fit', async () => {
    const svg = await drawn(plain);
    expect(dots(svg, 'page')).toBe(4);
    expect(texts(svg)).toContain("Paper's value");
    expect(chart(plain).columns).not.toHaveProperty('fittedShown');
  });

  it('starts both axes at zero and names lines at their ends', async () => {
    const shown = texts(await drawn(rows, { xTitle: 'Frames in the request' }));
    expect(shown).toEqual(expect.arrayContaining(['System apart', 'System together', 'Frames in the request', 'Time to first token, s', '8']));
    expect(shown.filter((text) => text === '0')).toHaveLength(2);
  });

  it('holds time, printed value and whether it is of the fit, for tooltip and table', () => {
    const { data, columns } = chart();
    expect(data[1]).toMatchObject({ xShown: 2, valueShown: 1, referenceShown: 1.02, fittedShown: 'in the fit', number: 'ttft/2' });
    expect(data[3]).toMatchObject({ fittedShown: 'predicted' });
    expect(data[0]).toMatchObject({ referenceShown: '–', fittedShown: '–' });
    expect(columns).toMatchObject({ valueShown: 'Time to first token, s', referenceShown: "Paper's value", fittedShown: "Paper's value is" });
  });

  it('refuses what is not a time, in one line', () => {
    const [, row] = rows as readonly [TtftOverImagesRow, TtftOverImagesRow];
    expect(() => chart([{ ...row, images: 0 }])).toThrow(new RangeError('ttftOverImages: images 0 is not positive'));
    expect(() => chart([{ ...row, seconds: -1 }])).toThrow(new RangeError('ttftOverImages: seconds -1 is not positive'));
    expect(() => chart([{ ...row, reference: undefined }])).toThrow(new RangeError('ttftOverImages: reference of apart is missing, nothing is fitted to it'));
    expect(() => chart([{ ...row, seconds: undefined, reference: undefined, fitted: undefined }])).toThrow(new RangeError('ttftOverImages: seconds of apart is missing, and reference too'));
  });
});
