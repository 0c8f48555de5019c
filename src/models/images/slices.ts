import { formula, procedure } from '../../provenance/card.ts';
import { positiveIntegers, wholeNumbers } from './checks.ts';
import { type Resolution, type RuleModel, roundHalfEven, tileOf } from './rule.ts';

/** MiniCPM-V: the whole image, and where it is larger than one slice also its parts, all of about `side`^2 pixels in the image's own shape. */
export interface SlicesRule {
  readonly kind: 'slices';
  /** side of a square of as many pixels as a slice has */
  readonly side: number;
  /** slices at most, beside the whole image */
  readonly most: number;
  readonly patch: number;
  /** tokens of a tile: the queries of the resampler */
  readonly tokens: number;
  /** tokens that number an image */
  readonly imageMarkers: number;
  /** tokens before and after each tile */
  readonly tileMarkers: number;
}

const source = {
  kind: 'repository',
  repo: 'icyyrain/minicpmo-modified-files',
  file: 'image_processing_minicpmv.py',
  revision: '093eb2f74e1cab591e8353f5c8e97491b3050181',
  read: '2026-11-28',
} as const;

/** Slices that an image asks for: pixels over those of a slice, rounded up, not above the most. */
export const slicesWanted = formula({
  id: 'models/slices-wanted',
  name: 'Slices that an image asks for',
  symbols: {
    width: { unit: '1', meaning: 'width of the image, pixels', tex: 'w' },
    height: { unit: '1', meaning: 'height of the image, pixels', tex: 'h' },
    side: { unit: '1', meaning: 'side of a slice, pixels', tex: 's' },
    most: { unit: '1', meaning: 'slices at most', tex: 'n' },
  },
  expression: 'min(ceil(width * height / (side * side)), most)',
  unit: '1',
  evaluate: ({ width, height, side, most }) => Math.min(Math.ceil((width * height) / (side * side)), most),
  source,
});

/** How an image becomes columns and rows of slices. */
export const sliceGridSearch = procedure({
  id: 'models/slice-grid',
  name: 'Grid of slices of an image (MiniCPM-V)',
  steps: [
    'm slices are wanted: pixels of the image over those of a slice, rounded up, at most n; one or none: the image is not sliced',
    'for i of m - 1, m, m + 1, but neither 1 nor above n, each c columns and i / c rows is a candidate, columns ascending',
    'the first that minimises |ln(w / h) - ln(c / r)| is taken',
    'the whole image is one more tile, in front of the slices',
  ],
  source,
});

interface Grid {
  readonly columns: number;
  readonly rows: number;
}

/** Columns and rows of slices; null where the image is one tile. */
export function sliceGrid({ side, most }: Pick<SlicesRule, 'side' | 'most'>, { width, height }: Resolution): Grid | null {
  const wanted = slicesWanted.evaluate({ width, height, side, most });
  if (wanted <= 1) return null;
  const shape = Math.log(width / height);
  let best: Grid = { columns: 1, rows: 1 };
  let least = Number.POSITIVE_INFINITY;
  for (const count of [wanted - 1, wanted, wanted + 1]) {
    if (count === 1 || count > most) continue;
    for (let columns = 1; columns <= count; columns++) {
      if (count % columns !== 0) continue;
      const rows = count / columns;
      const error = Math.abs(shape - Math.log(columns / rows));
      if (error < least) [best, least] = [{ columns, rows }, error];
    }
  }
  return best;
}

/** The multiple of `unit` nearest to a length, at least one. */
const multiple = (length: number, unit: number): number => Math.max(roundHalfEven(length / unit) * unit, unit);

/** About side^2 pixels in the shape of the image, in multiples of a patch. */
function resized({ side, patch }: SlicesRule, { width, height }: Resolution): Resolution {
  const ratio = width / height;
  const rows = Math.trunc(side / Math.sqrt(ratio));
  return { width: multiple(Math.trunc(rows * ratio), patch), height: multiple(rows, patch) };
}

/**
 * Tiles of an image under `sliceGridSearch`: the whole image first, then the slices by rows. Each is resized on its own to about side^2
 * pixels in its shape, in multiples of a patch; a small image is enlarged.
 *   prompt = tokens of the tiles + image markers + tile markers x tiles + (rows - 1) line breaks
 * An image number has one token up to the tenth image; the others are not counted longer.
 * Ignored: padding of a batch to its longest tile.
 */
export const slices: RuleModel<SlicesRule> = {
  fields: ['kind', 'side', 'most', 'patch', 'tokens', 'imageMarkers', 'tileMarkers'],
  validate: (rule) => {
    positiveIntegers('slices', rule, ['side', 'most', 'patch', 'tokens']);
    wholeNumbers('slices', rule, ['imageMarkers', 'tileMarkers']);
  },
  split: (rule, image) => {
    const grid = sliceGrid(rule, image);
    const overview = tileOf(resized(rule, image), rule.patch, rule.tokens);
    const parts = grid === null ? 0 : grid.columns * grid.rows;
    const markers = rule.imageMarkers + rule.tileMarkers * (1 + parts) + (grid === null ? 0 : grid.rows - 1);
    if (grid === null) return { tiles: [overview], markers };
    const part = { width: multiple(image.width, grid.columns) / grid.columns, height: multiple(image.height, grid.rows) / grid.rows };
    const slice = tileOf(resized(rule, part), rule.patch, rule.tokens);
    return { tiles: [overview, ...Array.from({ length: parts }, () => slice)], markers };
  },
};
