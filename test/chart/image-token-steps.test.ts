import { describe, expect, it } from 'vitest';
import { type ImageTokenRow, type ImageTokenStepsOptions, imageTokenSteps } from '../../src/chart/image-token-steps.ts';
import { renderSvg } from '../../src/chart/render.ts';
import { CAPTION } from './fixtures.ts';
import { chartLaws, texts, vertices } from './laws.ts';

const line = (quantity: ImageTokenRow['quantity'], series: string, steps: readonly (readonly [number, number])[]): readonly ImageTokenRow[] =>
  steps.map(([size, count]) => ({ quantity, series, name: `Model ${series}`, size, count, number: `image/${series}/${size}` }));
const rows: readonly ImageTokenRow[] = [
  ...line('tokens', 'a', [
    [112, 64],
    [449, 320],
    [897, 640],
    [4096, 640],
  ]),
  ...line('tokens', 'b', [
    [112, 256],
    [4096, 256],
  ]),
  ...line('tiles', 'a', [
    [112, 1],
    [449, 5],
    [897, 10],
    [4096, 10],
  ]),
];
const chart = (given: readonly ImageTokenRow[] = rows, more: Partial<ImageTokenStepsOptions> = {}) => imageTokenSteps(given, { ...CAPTION, size: 'side', ...more });
const drawn = (...given: Parameters<typeof chart>) => renderSvg(chart(...given), 'css');

chartLaws('imageTokenSteps', chart, rows);
chartLaws('imageTokenSteps', (given) => chart(given, { size: 'megapixels' }), rows.slice(0, 6));

describe('imageTokenSteps', () => {
  it('steps: between two rows the line keeps its height', async () => {
    const svg = await drawn(rows.slice(0, 6));
    const { data } = chart(rows.slice(0, 6));
    // four rows of a: a corner more at each of the three later ones
    expect(vertices(svg, String(data[0]?.colour))).toBe(4 + 3);
    const [, path = ''] = svg.match(/<path d="(M[^"Z]*L[^"Z]*)" stroke="var\(--model-[^>]*stroke-width="2"/) ?? [];
    const points = path
      .split(/[ML]/)
      .slice(1)
      .map((point) => point.split(',').map(Number));
    for (const [at, [x, y]] of points.slice(1).entries()) {
      const [before = [Number.NaN, Number.NaN]] = [points[at]];
      expect(x === before[0] || y === before[1]).toBe(true);
    }
  });

  it('has a panel for tokens and one for tiles where rows have them, and names models at their ends', async () => {
    const shown = texts(await drawn());
    expect(shown).toEqual(expect.arrayContaining(['Tokens of an image', 'Tiles of an image', 'Model a', 'Model b', '64', '256', '512', '2048', 'Side of a square image, pixels (log scale)']));
    expect(shown.filter((text) => text === 'Model a')).toHaveLength(2);
    expect(texts(await drawn(rows.slice(0, 6)))).not.toContain('Tiles of an image');
  });

  it('shows megapixels at human values', async () => {
    const shown = texts(
      await drawn(
        rows.slice(0, 6).map((row) => ({ ...row, size: row.size ** 2 / 1e6 })),
        { size: 'megapixels' },
      ),
    );
    expect(shown).toEqual(expect.arrayContaining(['0.1', '1', '10', 'Image size, megapixels (log scale)']));
  });

  it('gives a model one colour in both panels', () => {
    const { data } = chart();
    expect(new Set(data.filter(({ series }) => series === 'a').map(({ colour }) => colour)).size).toBe(1);
    expect(new Set(data.map(({ colour }) => colour)).size).toBe(2);
  });

  it('refuses what cannot be a line, in one line', () => {
    const [first, second] = rows as readonly [ImageTokenRow, ImageTokenRow];
    expect(() => chart([{ ...first, count: 0 }, second])).toThrow(new RangeError('imageTokenSteps: count 0 is not positive'));
    expect(() => chart([{ ...first, size: -1 }, second])).toThrow(new RangeError('imageTokenSteps: size -1 is not positive'));
    expect(() => chart([first, first])).toThrow(new RangeError('imageTokenSteps: size 112 is given twice for tokens of a'));
    expect(() => chart([first])).toThrow(new RangeError('imageTokenSteps: tokens of a have one row, a line needs two'));
  });
});
