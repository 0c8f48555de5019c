import { formula, procedure } from '../../provenance/card.ts';
import { positiveIntegers, wholeNumbers } from './checks.ts';
import { type Resolution, type RuleModel, roundHalfEven, tileOf } from './rule.ts';

/** Qwen-VL: the whole image as one tile near its own resolution, within limits of its pixels. */
export interface NativeRule {
  readonly kind: 'native';
  readonly patch: number;
  /** patches along a side that become one token */
  readonly merge: number;
  readonly leastPixels: number;
  readonly mostPixels: number;
  /** tokens before and after an image */
  readonly imageMarkers: number;
}

const source = {
  kind: 'repository',
  repo: 'huggingface/transformers',
  file: 'src/transformers/models/qwen2_vl/image_processing_qwen2_vl.py',
  revision: '009f63767e29b1012055277f4b3d0e2de3beeaff',
  read: '2026-11-28',
} as const;

/** Tokens of a tile whose squares of patches are merged. */
export const mergedTokens = formula({
  id: 'models/merged-tokens',
  name: 'Image tokens of a tile of merged patches',
  symbols: {
    width: { unit: '1', meaning: 'width of the tile, pixels', tex: 'w' },
    height: { unit: '1', meaning: 'height of the tile, pixels', tex: 'h' },
    patch: { unit: '1', meaning: 'side of a patch, pixels', tex: 'p' },
    merge: { unit: '1', meaning: 'patches along a side of a token', tex: 'm' },
  },
  expression: 'floor(width / (patch * merge)) * floor(height / (patch * merge))',
  unit: '1',
  evaluate: ({ width, height, patch, merge }) => Math.floor(width / (patch * merge)) * Math.floor(height / (patch * merge)),
  source,
});

/** How an image is resized. */
export const nativeResize = procedure({
  id: 'models/native-resize',
  name: 'Resolution of an image near its own (Qwen-VL)',
  steps: [
    'each side goes to the nearest multiple of f = patch x merge, a half to the even one',
    'above the most pixels both sides are divided by sqrt(w h / most) instead and rounded down to multiples of f, at least one',
    'below the least pixels both are multiplied by sqrt(least / (w h)) instead and rounded up',
    'an image more than 200 times as long as wide is refused',
  ],
  source,
});

const LONGEST_RATIO = 200;

/** @throws RangeError for an image more than 200 times as long as wide */
export function nativeSize({ patch, merge, leastPixels, mostPixels }: Omit<NativeRule, 'kind' | 'imageMarkers'>, { width, height }: Resolution): Resolution {
  const ratio = Math.max(width, height) / Math.min(width, height);
  if (ratio > LONGEST_RATIO) throw new RangeError(`images: width ${width} and height ${height} are more than ${LONGEST_RATIO} times apart`);
  const unit = patch * merge;
  const sides = (side: (length: number) => number): Resolution => ({ width: side(width), height: side(height) });
  const near = sides((length) => roundHalfEven(length / unit) * unit);
  const pixels = near.width * near.height;
  if (pixels > mostPixels) {
    const factor = Math.sqrt((height * width) / mostPixels);
    return sides((length) => Math.max(unit, Math.floor(length / factor / unit) * unit));
  }
  if (pixels >= leastPixels) return near;
  const factor = Math.sqrt(leastPixels / (height * width));
  return sides((length) => Math.ceil((length * factor) / unit) * unit);
}

/** One tile under `nativeResize`; prompt = its tokens + image markers. */
export const native: RuleModel<NativeRule> = {
  fields: ['kind', 'patch', 'merge', 'leastPixels', 'mostPixels', 'imageMarkers'],
  validate: (rule) => {
    positiveIntegers('native', rule, ['patch', 'merge', 'leastPixels', 'mostPixels']);
    wholeNumbers('native', rule, ['imageMarkers']);
    const least = (rule.patch * rule.merge) ** 2;
    if (rule.leastPixels < least) throw new RangeError(`native: leastPixels ${rule.leastPixels} is below one token of ${least}`);
    if (rule.mostPixels < rule.leastPixels) throw new RangeError(`native: mostPixels ${rule.mostPixels} is below leastPixels ${rule.leastPixels}`);
  },
  split: (rule, image) => {
    const size = nativeSize(rule, image);
    return { tiles: [tileOf(size, rule.patch, mergedTokens.evaluate({ ...size, patch: rule.patch, merge: rule.merge }))], markers: rule.imageMarkers };
  },
};
