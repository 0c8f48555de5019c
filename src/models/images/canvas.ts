import { procedure } from '../../provenance/card.ts';
import { positiveIntegers, wholeNumbers } from './checks.ts';
import { type Resolution, type RuleModel, squareTile } from './rule.ts';

/** Llama 4: square tiles of a canvas into which the image fits with its shape kept, and the whole image as one more. */
export interface CanvasRule {
  readonly kind: 'canvas';
  readonly side: number;
  readonly patch: number;
  /** tiles at most, beside the whole image */
  readonly most: number;
  readonly tokens: number;
  /** tokens that begin and end an image, and the one in front of its whole */
  readonly imageMarkers: number;
  /** the token after each tile of the canvas */
  readonly tileMarkers: number;
}

/** How a canvas is chosen. */
export const canvasSearch = procedure({
  id: 'models/canvas',
  name: 'Canvas of an image (Llama 4)',
  steps: [
    'every c columns and r rows of tiles with c r of at most n is a canvas; its scale is the smaller of c s / w and r s / h, in single precision',
    'where a scale is at least 1 the smallest such is taken: the image is enlarged as little as it can be; else the largest of all: it is reduced as little as it can be',
    'of the canvases of that scale the one of the fewest tiles is taken; what the image does not fill is padding',
    'where it has more than one tile, the whole image, resized to a square, is one more',
  ],
  source: {
    kind: 'repository',
    repo: 'huggingface/transformers',
    file: 'src/transformers/models/llama4/image_processing_llama4_fast.py',
    revision: '0331fb368bad57dab00bf78d52d077ef6115ed27',
    read: '2026-11-28',
  },
});

/** Tiles of the canvas, the whole image apart. */
function canvasTiles({ side, most }: Pick<CanvasRule, 'side' | 'most'>, { width, height }: Resolution): number {
  let best = { scale: 0, count: 1 };
  for (let count = 1; count <= most; count++)
    for (let columns = 1; columns <= count; columns++) {
      if (count % columns !== 0) continue;
      const scale = Math.min(Math.fround((columns * side) / width), Math.fround(((count / columns) * side) / height));
      const better = best.scale >= 1 ? scale >= 1 && scale < best.scale : scale > best.scale;
      if (better) best = { scale, count };
    }
  return best.count;
}

/**
 * Tiles of an image under `canvasSearch`. It differs from `tiles`: the grid is chosen by scale, and not by shape, and the image is padded, not stretched.
 *   prompt = tokens of the tiles + image markers, and with more than one tile one separator after each of the canvas
 */
export const canvas: RuleModel<CanvasRule> = {
  fields: ['kind', 'side', 'patch', 'most', 'tokens', 'imageMarkers', 'tileMarkers'],
  validate: (rule) => {
    positiveIntegers('canvas', rule, ['side', 'patch', 'most', 'tokens']);
    wholeNumbers('canvas', rule, ['imageMarkers', 'tileMarkers']);
  },
  split: (rule, image) => {
    const count = canvasTiles(rule, image);
    const tile = squareTile(rule.side, rule.patch, rule.tokens);
    return { tiles: Array.from({ length: count > 1 ? count + 1 : 1 }, () => tile), markers: rule.imageMarkers + (count > 1 ? rule.tileMarkers * count : 0) };
  },
};
