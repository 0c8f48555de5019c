import { procedure } from '../../provenance/card.ts';
import { positiveIntegers, wholeNumbers } from './checks.ts';
import { mergedTokens } from './native.ts';
import { type Resolution, type RuleModel, tileOf } from './rule.ts';

/** Gemma 4: the whole image as one tile, enlarged or reduced to as many tokens as it may have. */
export interface PatchBudgetRule {
  readonly kind: 'patch-budget';
  readonly patch: number;
  /** patches along a side that become one token */
  readonly merge: number;
  readonly mostTokens: number;
  /** tokens before and after an image */
  readonly imageMarkers: number;
}

/** How an image is resized. */
export const patchBudgetResize = procedure({
  id: 'models/patch-budget-resize',
  name: 'Resolution of an image of a budget of patches (Gemma 4)',
  steps: [
    'both sides are scaled so that the image has the pixels of its most patches, and rounded down to multiples of f = patch x merge',
    'a side that would be 0 is f; the other is then as many f as the image is times as long as wide, rounded down, at most the most tokens',
  ],
  source: {
    kind: 'repository',
    repo: 'huggingface/transformers',
    file: 'src/transformers/models/gemma4/image_processing_gemma4.py',
    revision: '8af4d22a5b47e360e0377c2e95bc60695156520e',
    read: '2026-11-28',
  },
});

export function patchBudgetSize({ patch, merge, mostTokens }: Omit<PatchBudgetRule, 'kind' | 'imageMarkers'>, { width, height }: Resolution): Resolution {
  const unit = patch * merge;
  const factor = Math.sqrt((mostTokens * merge ** 2 * patch ** 2) / (height * width));
  const [columns, rows] = [Math.floor((factor * width) / unit), Math.floor((factor * height) / unit)];
  if (rows === 0) return { width: Math.min(Math.floor(width / height), mostTokens) * unit, height: unit };
  if (columns === 0) return { width: unit, height: Math.min(Math.floor(height / width), mostTokens) * unit };
  return { width: columns * unit, height: rows * unit };
}

/** One tile under `patchBudgetResize`; prompt = its tokens + image markers. Ignored: padding of every image to the most patches. */
export const patchBudget: RuleModel<PatchBudgetRule> = {
  fields: ['kind', 'patch', 'merge', 'mostTokens', 'imageMarkers'],
  validate: (rule) => {
    positiveIntegers('patch-budget', rule, ['patch', 'merge', 'mostTokens']);
    wholeNumbers('patch-budget', rule, ['imageMarkers']);
  },
  split: (rule, image) => {
    const size = patchBudgetSize(rule, image);
    return { tiles: [tileOf(size, rule.patch, mergedTokens.evaluate({ ...size, patch: rule.patch, merge: rule.merge }))], markers: rule.imageMarkers };
  },
};
