import { procedure } from '../../provenance/card.ts';
import { positiveIntegers, wholeNumbers } from './checks.ts';
import { mergedTokens } from './native.ts';
import { type Resolution, type RuleModel, tileOf } from './rule.ts';

/** Pixtral and Mistral 3: the whole image as one tile, its longer side capped, a break after each row of tokens. */
export interface LongestEdgeRule {
  readonly kind: 'longest-edge';
  readonly patch: number;
  /** patches along a side that become one token */
  readonly merge: number;
  readonly longest: number;
  /** the token after each row: a break, or the end of the image */
  readonly rowMarkers: number;
}

/** How an image is resized. */
export const longestEdgeResize = procedure({
  id: 'models/longest-edge-resize',
  name: 'Resolution of an image with a capped side (Pixtral)',
  steps: ['where the longer side is above the longest, both are divided by the same ratio and rounded down', 'each side is rounded up to a multiple of patch x merge'],
  source: {
    kind: 'repository',
    repo: 'huggingface/transformers',
    file: 'src/transformers/models/pixtral/image_processing_pixtral.py',
    revision: '015b6b8cb0343ff88c19f6f1670c0b3658a83a1e',
    read: '2026-11-28',
  },
});

/** @throws RangeError where the shorter side would be less than a pixel */
export function longestEdgeSize({ patch, merge, longest }: Omit<LongestEdgeRule, 'kind' | 'rowMarkers'>, { width, height }: Resolution): Resolution {
  const ratio = Math.max(height / longest, width / longest);
  const unit = patch * merge;
  const side = (field: string, length: number): number => {
    const capped = ratio > 1 ? Math.floor(length / ratio) : length;
    if (capped < 1) throw new RangeError(`images: ${field} ${length} is less than a pixel once the other side is ${longest}`);
    return Math.ceil(capped / unit) * unit;
  };
  return { width: side('width', width), height: side('height', height) };
}

/** One tile under `longestEdgeResize`; prompt = its tokens + row markers x rows of tokens. */
export const longestEdge: RuleModel<LongestEdgeRule> = {
  fields: ['kind', 'patch', 'merge', 'longest', 'rowMarkers'],
  validate: (rule) => {
    positiveIntegers('longest-edge', rule, ['patch', 'merge', 'longest']);
    wholeNumbers('longest-edge', rule, ['rowMarkers']);
  },
  split: (rule, image) => {
    const size = longestEdgeSize(rule, image);
    const { patch, merge } = rule;
    return { tiles: [tileOf(size, patch, mergedTokens.evaluate({ ...size, patch, merge }))], markers: (rule.rowMarkers * size.height) / (patch * merge) };
  },
};
