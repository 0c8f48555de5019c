import type { Resolution } from '../../../src/models/images/index.ts';

/** The searches once more, the long way: every grid of a side up to `most` is listed, scored and sorted. */

interface Grid {
  readonly columns: number;
  readonly rows: number;
}

const grids = (most: number): readonly Grid[] => Array.from({ length: most * most }, (_, index) => ({ columns: 1 + Math.floor(index / most), rows: 1 + (index % most) }));

/** Slices beside the whole image, 0 where there are none. */
export function naiveSlices(side: number, most: number, { width, height }: Resolution): Grid | null {
  let wanted = 0;
  while (wanted < most && wanted * side ** 2 < width * height) wanted++;
  if (wanted <= 1) return null;
  const error = ({ columns, rows }: Grid): number => Math.abs(Math.log(width / height) - Math.log(columns / rows));
  const candidates = grids(most).filter(({ columns, rows }) => columns * rows > 1 && columns * rows <= most && Math.abs(columns * rows - wanted) <= 1);
  return [...candidates].sort((a, b) => error(a) - error(b) || a.columns * a.rows - b.columns * b.rows || a.columns - b.columns)[0] as Grid;
}

/** Tiles of the grid, without the thumbnail. */
export function naiveTiles(side: number, most: number, { width, height }: Resolution): number {
  const listed = [...grids(most).filter(({ columns, rows }) => columns * rows <= most)].sort((a, b) => a.columns * a.rows - b.columns * b.rows);
  const error = ({ columns, rows }: Grid): number => Math.abs(width / height - columns / rows);
  const least = Math.min(...listed.map(error));
  const nearest = listed.filter((grid) => error(grid) === least).map(({ columns, rows }) => columns * rows);
  return nearest.reduce((taken, count) => (count > taken && 2 * width * height > side ** 2 * count ? count : taken));
}

/** Tiles of the canvas, without the whole image. */
export function naiveCanvas(side: number, most: number, { width, height }: Resolution): number {
  const all = grids(most)
    .filter(({ columns, rows }) => columns * rows <= most)
    .map(({ columns, rows }) => ({ count: columns * rows, scale: Math.min(Math.fround((columns * side) / width), Math.fround((rows * side) / height)) }));
  const enlarging = all.filter(({ scale }) => scale >= 1).map(({ scale }) => scale);
  const scale = enlarging.length > 0 ? Math.min(...enlarging) : Math.max(...all.map((each) => each.scale));
  return Math.min(...all.filter((each) => each.scale === scale).map(({ count }) => count));
}
