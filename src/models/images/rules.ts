import { type CanvasRule, canvas } from './canvas.ts';
import { type LongestEdgeRule, longestEdge } from './longest-edge.ts';
import { type NativeRule, native } from './native.ts';
import { type PatchBudgetRule, patchBudget } from './patch-budget.ts';
import type { RuleModel } from './rule.ts';
import { type SlicesRule, slices } from './slices.ts';
import { type TilesRule, tiles } from './tiles.ts';
import { type WholeRule, whole } from './whole.ts';
import { type WindowsRule, windows } from './windows.ts';

/** How an image becomes tiles, patches and tokens. */
export type ImageRule = SlicesRule | TilesRule | CanvasRule | WindowsRule | WholeRule | NativeRule | LongestEdgeRule | PatchBudgetRule;

/** How the images and videos of a model become inputs of its vision encoder. */
export interface ImageRules {
  readonly image: ImageRule;
  /** of a frame of a video; the image's rule unless given */
  readonly frame?: ImageRule;
  /** frames that become one input in time; 1 unless given */
  readonly framesPerGroup?: number;
}

type Registry = { readonly [K in ImageRule['kind']]: RuleModel<Extract<ImageRule, { kind: K }>> };

/** Every kind of rule, one file each. A kind without a file does not compile. */
const imageRules: Registry = { slices, tiles, canvas, windows, whole, native, 'longest-edge': longestEdge, 'patch-budget': patchBudget };

/**
 * The model of a rule's kind; the one cast that TypeScript needs to correlate a rule with its registry entry.
 * @throws RangeError for an unknown kind
 */
export function ruleModelOf(rule: ImageRule): RuleModel<ImageRule> {
  if (!Object.hasOwn(imageRules, rule.kind)) throw new RangeError(`images: kind ${String(rule.kind)} is not one of ${Object.keys(imageRules).join(', ')}`);
  return imageRules[rule.kind] as unknown as RuleModel<ImageRule>;
}

/** @throws RangeError for an unknown kind or field, or what the kind itself refuses */
export function validateRule(rule: ImageRule): void {
  if (typeof rule !== 'object' || rule === null) throw new RangeError(`images: rule ${String(rule)} is not an object`);
  const { fields, validate } = ruleModelOf(rule);
  for (const field of Object.keys(rule))
    if (!(fields as readonly string[]).includes(field)) throw new RangeError(`${rule.kind}: ${field} ${String(rule[field as keyof ImageRule])} is not one of its fields, ${fields.join(', ')}`);
  validate(rule);
}

const MOST_FRAMES_PER_GROUP = 64;

/** @throws RangeError for a rule that cannot be, or a group of no frames */
export function validateImages({ image, frame, framesPerGroup = 1 }: ImageRules): void {
  validateRule(image);
  if (frame !== undefined) validateRule(frame);
  if (!Number.isInteger(framesPerGroup) || framesPerGroup < 1 || framesPerGroup > MOST_FRAMES_PER_GROUP)
    throw new RangeError(`images: framesPerGroup ${String(framesPerGroup)} is not an integer from 1 to ${MOST_FRAMES_PER_GROUP}`);
}
