import { procedure } from '../../provenance/card.ts';
import { positiveIntegers, wholeNumbers } from './checks.ts';
import { type Resolution, type RuleModel, squareTile } from './rule.ts';

/** Step-3: the whole image as one square tile, and square windows over it, of fewer pixels and tokens. */
export interface WindowsRule {
  readonly kind: 'windows';
  /** side of the tile of the whole image */
  readonly side: number;
  /** side of the tile of a window */
  readonly window: number;
  /** the longer side of an image is reduced to this before it is cut */
  readonly longest: number;
  readonly patch: number;
  readonly tokens: number;
  readonly windowTokens: number;
  /** tokens before and after each tile */
  readonly tileMarkers: number;
}

/** How windows are laid over an image. */
export const windowGrid = procedure({
  id: 'models/window-grid',
  name: 'Windows over an image (Step-3)',
  steps: [
    'an image with a side below 32 pixels that is more than 4 times as long as wide is padded to a square; a longer side above the longest is reduced to it',
    'below the side of the whole tile an image has no windows unless it is more than 1.5 times as long as wide: then they are as wide as its shorter side',
    'from there on a window has its full side, or the shorter side of the image where that is less and the image more than 4 times as long as wide',
    'along each side there are as many windows as fit, one more where more than a fifth of a window is left, and at least one',
  ],
  source: { kind: 'repository', repo: 'vllm-project/vllm', file: 'vllm/model_executor/models/step3_vl.py', revision: '020efdf7a5d22dd6726440ca5b032cf2e1b6ad02', read: '2026-11-28' },
});

interface Grid {
  readonly columns: number;
  readonly rows: number;
}

const THIN = 32;
const LONG = 4;
const WIDE = 1.5;
const REST = 0.2;

/** Columns and rows of windows; null where there is only the whole image. */
export function windowsOver(rule: Pick<WindowsRule, 'side' | 'window' | 'longest'>, image: Resolution): Grid | null {
  const { width, height } = reduced(rule, padded(image));
  const [long, short] = [Math.max(width, height), Math.min(width, height)];
  const window = long < rule.side ? (long / short > WIDE ? short : 0) : long / short > LONG ? Math.min(short, rule.window) : rule.window;
  if (window === 0) return null;
  const along = (length: number): number => {
    if (length < window) return 1;
    const fit = Math.floor(length / window);
    return length / window - fit > REST ? fit + 1 : fit;
  };
  return { columns: along(width), rows: along(height) };
}

function padded({ width, height }: Resolution): Resolution {
  const ratio = width / height;
  if (Math.min(width, height) >= THIN || (ratio <= LONG && ratio >= 1 / LONG)) return { width, height };
  const side = Math.max(width, height);
  return { width: side, height: side };
}

function reduced({ longest }: Pick<WindowsRule, 'longest'>, { width, height }: Resolution): Resolution {
  const long = Math.max(width, height);
  if (long <= longest) return { width, height };
  const factor = longest / long;
  return { width: Math.trunc(width * factor), height: Math.trunc(height * factor) };
}

/**
 * Tiles of an image under `windowGrid`: the windows by rows, then the whole image.
 *   prompt = tokens of the tiles + tile markers x tiles + (rows - 1) row breaks
 */
export const windows: RuleModel<WindowsRule> = {
  fields: ['kind', 'side', 'window', 'longest', 'patch', 'tokens', 'windowTokens', 'tileMarkers'],
  validate: (rule) => {
    positiveIntegers('windows', rule, ['side', 'window', 'longest', 'patch', 'tokens', 'windowTokens']);
    wholeNumbers('windows', rule, ['tileMarkers']);
  },
  split: (rule, image) => {
    const grid = windowsOver(rule, image);
    const count = grid === null ? 0 : grid.columns * grid.rows;
    const window = squareTile(rule.window, rule.patch, rule.windowTokens);
    const tiles = [...Array.from({ length: count }, () => window), squareTile(rule.side, rule.patch, rule.tokens)];
    return { tiles, markers: rule.tileMarkers * tiles.length + (grid === null ? 0 : grid.rows - 1) };
  },
};
