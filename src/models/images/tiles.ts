import { formula, procedure } from '../../provenance/card.ts';
import { booleans, positiveIntegers, wholeNumbers } from './checks.ts';
import { type Resolution, type RuleModel, squareTile } from './rule.ts';

/** InternVL: square tiles in the grid whose shape is nearest to the image's, and the whole image as one more. */
export interface TilesRule {
  readonly kind: 'tiles';
  readonly side: number;
  readonly patch: number;
  readonly least: number;
  /** tiles at most, beside the thumbnail */
  readonly most: number;
  /** the whole image as one more tile, where there is more than one */
  readonly thumbnail: boolean;
  readonly tokens: number;
  /** tokens before and after an image */
  readonly imageMarkers: number;
}

const source = {
  kind: 'repository',
  repo: 'vllm-project/vllm',
  file: 'vllm/transformers_utils/processors/internvl.py',
  revision: 'c6f146bdee40cc92b3667ea97c8358fa93fc38a6',
  read: '2026-11-28',
} as const;

/** Tokens of a square tile whose neighbours are merged: patches times the share that is left of each side, squared. */
export const tileTokens = formula({
  id: 'models/tile-tokens',
  name: 'Image tokens of a square tile',
  symbols: {
    side: { unit: '1', meaning: 'side of a tile, pixels', tex: 's' },
    patch: { unit: '1', meaning: 'side of a patch, pixels', tex: 'p' },
    downsample: { unit: '1', meaning: 'share of the patches of a side that is left', tex: 'd' },
  },
  expression: 'floor(floor(side / patch) ^ 2 * downsample ^ 2)',
  unit: '1',
  evaluate: ({ side, patch, downsample }) => Math.floor(Math.floor(side / patch) ** 2 * downsample ** 2),
  source,
});

/** How an image becomes columns and rows of tiles. */
export const tileGridSearch = procedure({
  id: 'models/tile-grid',
  name: 'Grid of tiles of an image (InternVL)',
  steps: [
    'every c columns and r rows with c r from the least to the most tiles is a candidate, fewest tiles first',
    'the one that minimises |w / h - c / r| is taken',
    'of two that are equally near the larger is taken only where the image has more than half its pixels: w h > 0.5 s^2 c r',
    'the image is resized to the grid; where that has more than one tile, the whole image is one more',
  ],
  source,
});

interface Grid {
  readonly columns: number;
  readonly rows: number;
}

/** Columns and rows of tiles, the thumbnail apart. */
function tileGrid({ side, least, most }: Pick<TilesRule, 'side' | 'least' | 'most'>, { width, height }: Resolution): Grid {
  const shape = width / height;
  let best: Grid = { columns: 1, rows: 1 };
  let nearest = Number.POSITIVE_INFINITY;
  for (let count = least; count <= most; count++)
    for (let columns = 1; columns <= count; columns++) {
      if (count % columns !== 0) continue;
      const rows = count / columns;
      const error = Math.abs(shape - columns / rows);
      if (error < nearest || (error === nearest && width * height > 0.5 * side * side * count)) [best, nearest] = [{ columns, rows }, error];
    }
  return best;
}

/**
 * Tiles of an image under `tileGridSearch`, by rows, the thumbnail last; all have the same pixels and tokens.
 *   prompt = tokens of the tiles + image markers
 */
export const tiles: RuleModel<TilesRule> = {
  fields: ['kind', 'side', 'patch', 'least', 'most', 'thumbnail', 'tokens', 'imageMarkers'],
  validate: (rule) => {
    positiveIntegers('tiles', rule, ['side', 'patch', 'least', 'most', 'tokens']);
    booleans('tiles', rule, ['thumbnail']);
    wholeNumbers('tiles', rule, ['imageMarkers']);
    if (rule.least > rule.most) throw new RangeError(`tiles: least ${rule.least} is more than most ${rule.most}`);
  },
  split: (rule, image) => {
    const { columns, rows } = tileGrid(rule, image);
    const count = columns * rows;
    const tile = squareTile(rule.side, rule.patch, rule.tokens);
    return { tiles: Array.from({ length: count + (rule.thumbnail && count > 1 ? 1 : 0) }, () => tile), markers: rule.imageMarkers };
  },
};
