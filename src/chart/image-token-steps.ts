import { decadeTicks, topTitle } from './axis.ts';
import { checkRows, distinct } from './caption.ts';
import { inPanel } from './panels.ts';
import { type SeriesPoint, seriesLines } from './series-lines.ts';
import type { SeriesOptions, SeriesRow } from './series-rows.ts';
import type { Chart, JsonObject } from './spec.ts';

/**
 * How many tokens a model makes of an image, or into how many tiles it cuts it, from one size of the image up to that of the next row of its series; the last row
 * says how far the line goes. `size` is in megapixels or the side of a square in pixels.
 */
export interface ImageTokenRow extends Omit<SeriesRow, 'panel'> {
  readonly quantity: 'tokens' | 'tiles';
  readonly size: number;
  readonly count: number;
}

export interface ImageTokenStepsOptions extends Pick<SeriesOptions, 'id' | 'title' | 'description' | 'allSeries'> {
  readonly size: 'megapixels' | 'side';
}

const LEFT = 52;
const PANELS = { tokens: 'Tokens of an image', tiles: 'Tiles of an image' } as const;
const X_TITLES = { megapixels: 'Image size, megapixels (log scale)', side: 'Side of a square image, pixels (log scale)' } as const;
const Y_TITLES = { tokens: 'Image tokens (log scale)', tiles: 'Tiles' } as const;
const AIR = 1.15;

/**
 * Image tokens, and tiles where rows have them, against the size of the image: a staircase per model, named at its end.
 * @throws RangeError `imageTokenSteps: ...` for no rows, a size or count that is not positive, a size twice in a series, or a series of one row
 */
export function imageTokenSteps(rows: readonly ImageTokenRow[], options: ImageTokenStepsOptions): Chart {
  const { id, title, description, size } = options;
  checkSteps(rows);
  const points: readonly SeriesPoint[] = rows.map(({ quantity, size: x, count, ...row }) => ({ ...row, panel: PANELS[quantity], x, value: count }));
  const sizes = rows.map((row) => row.size);
  const span = [Math.min(...sizes), Math.max(...sizes)] as const;
  const x: JsonObject = inPanel({
    field: 'x',
    type: 'quantitative',
    scale: { type: 'log', domain: span, nice: false },
    axis: {
      title: X_TITLES[size],
      values: size === 'side' ? powers(2, ...span) : decadeTicks(...span),
      labelExpr: "format(datum.value, '~r')",
      labelFlush: false,
      labelOverlap: 'greedy',
      labelSeparation: 4,
    },
  });
  const drawn = seriesLines({
    points,
    options,
    titles: { x: X_TITLES[size].replace(' (log scale)', ''), value: 'Tokens or tiles' },
    left: LEFT,
    stepped: true,
    columns: 1,
    axes: (own, panel) => {
      const counts = own.map(({ value = 1 }) => value);
      const log = panel === PANELS.tokens;
      const most = Math.max(...counts);
      const domain: readonly [number, number] = log ? [Math.min(...counts) / AIR, most * AIR] : [0, most * AIR];
      const y: JsonObject = {
        scale: log ? { type: 'log', domain, nice: false } : { domain, nice: false, zero: true },
        axis: { title: Y_TITLES[log ? 'tokens' : 'tiles'], ...(log ? { values: powers(4, ...domain) } : { tickCount: 5, tickMinStep: 1 }), labelExpr: "format(datum.value, ',')", ...topTitle },
      };
      return { x, y, domain, log };
    },
  });
  return { id, title, description, ...drawn };
}

/** Powers of a base between two bounds; of four those of two that are squares: 64, 256, 1024. */
const powers = (base: 2 | 4, from: number, to: number): readonly number[] => Array.from({ length: 32 / Math.log2(base) }, (_, power) => base ** power).filter((value) => value >= from && value <= to);

function checkSteps(rows: readonly ImageTokenRow[]): void {
  checkRows('imageTokenSteps', rows, { positive: ['size', 'count'] });
  rows.forEach(({ quantity, series, size }, at) => {
    if (rows.findIndex((row) => row.quantity === quantity && row.series === series && row.size === size) !== at)
      throw new RangeError(`imageTokenSteps: size ${size} is given twice for ${quantity} of ${series}`);
  });
  for (const { quantity, series } of rows)
    if (distinct(rows.filter((row) => row.quantity === quantity && row.series === series).map(({ size }) => size)).length < 2)
      throw new RangeError(`imageTokenSteps: ${quantity} of ${series} have one row, a line needs two`);
}
