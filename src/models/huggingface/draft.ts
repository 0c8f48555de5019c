import type { AttentionSpec, FfnSpec } from '../../layers/index.ts';
import type { StorageFormat } from '../../layers/precision.ts';
import type { VisionSpec } from '../../layers/vision.ts';
import type { Sourced, SourcedTree } from '../../provenance/sourced.ts';
import type { ImageRules } from '../images/rules.ts';
import type { LayerGroup, MtpSpec } from '../model.ts';
import type { Fallback, Keys } from './keys.ts';

export type AttentionTree = SourcedTree<AttentionSpec>;
export type FfnTree = SourcedTree<FfnSpec>;

/** What a family reads from a config: a model without its name and formats, a source on every field. */
export interface Draft {
  readonly hidden: Sourced<number>;
  readonly vocabulary: Sourced<number>;
  readonly tiedEmbeddings: Sourced<boolean>;
  readonly maxContext: Sourced<number | null>;
  readonly positions?: Sourced<number>;
  readonly layers: readonly SourcedTree<LayerGroup>[];
  readonly vision?: SourcedTree<VisionSpec>;
  readonly images?: SourcedTree<ImageRules>;
  readonly mtp?: SourcedTree<MtpSpec>;
  /** the format of the routed experts, where the family states it apart from `quantization_config` */
  readonly expertFormat?: StorageFormat;
}

/** How configs of some `model_type`s are read. */
export interface Family {
  readonly modelTypes: readonly string[];
  /** `modelType` is one of `modelTypes`: that of the object whose keys are given, or what it is known to be */
  readonly read: (keys: Keys, modelType: string) => Draft;
}

export interface LayerPlan {
  readonly attention: AttentionTree;
  readonly ffn: FfnTree;
}

/** What a class takes where a key is absent. */
export const otherwise = <T>(value: T, because = 'class default'): Fallback<T> => ({ otherwise: value, because });

/** What a class takes where the key of a feature is absent that is then off: nothing to tell about. */
export const off = <T>(value: T, because = 'class default'): Fallback<T> => ({ otherwise: value, because, quiet: true });

/**
 * Layers that are alike, in the order of their first. `planAt` must give the same objects for layers that are alike.
 * The count of a group says which layers it holds.
 */
export function layersOf(keys: Keys, count: Sourced<number>, planAt: (index: number) => LayerPlan): readonly SourcedTree<LayerGroup>[] {
  const groups: { readonly plan: LayerPlan; readonly indices: number[] }[] = [];
  for (let index = 0; index < count.value; index++) {
    const plan = planAt(index);
    const known = groups.find((group) => group.plan.attention === plan.attention && group.plan.ffn === plan.ffn);
    if (known) known.indices.push(index);
    else groups.push({ plan, indices: [index] });
  }
  if (groups.length === 1) return [{ count, ...(groups[0] as (typeof groups)[number]).plan }];
  return groups.map(({ plan, indices }) => ({ count: keys.derived(`layers ${rangesText(indices)} of ${count.value}`)(indices.length), ...plan }));
}

/** `0-2, 5, 8-60`; a long list ends in dots. */
function rangesText(indices: readonly number[]): string {
  const ranges: { first: number; last: number }[] = [];
  for (const index of indices) {
    const open = ranges.at(-1);
    if (open && open.last + 1 === index) open.last = index;
    else ranges.push({ first: index, last: index });
  }
  const texts = ranges.map(({ first, last }) => (first === last ? String(first) : `${first}-${last}`));
  return texts.length > 8 ? `${texts.slice(0, 6).join(', ')}, ..., ${texts.at(-1)}` : texts.join(', ');
}
