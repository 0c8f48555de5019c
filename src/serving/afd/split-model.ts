import { exactCounting } from '../../layers/counting.ts';
import type { Operator } from '../../layers/operator.ts';
import type { PrecisionPolicy } from '../../layers/precision.ts';
import { lowerParts } from '../../models/lower.ts';
import type { Model } from '../../models/model.ts';

/** A group of layers that are alike, with the operators of each side. */
export interface SplitGroup {
  readonly layers: number;
  readonly attention: readonly Operator[];
  readonly ffn: readonly Operator[];
  /** routed experts of a token; null where the feed-forward side is dense */
  readonly activeExperts: number | null;
}

/** A model cut between attention and feed-forward side, lowered once for all plans. */
export interface SplitModel {
  readonly model: Model;
  readonly precision: PrecisionPolicy;
  readonly groups: readonly SplitGroup[];
  readonly vocabulary: readonly Operator[];
  /** most routed experts of any layer; null for a dense model */
  readonly experts: number | null;
}

/** @throws RangeError as lowering does */
export function splitModel(model: Model, precision: PrecisionPolicy = model.precision): SplitModel {
  const parts = lowerParts(model, { phase: 'decode', precision, counting: exactCounting });
  const of = (group: number | null, side: string): readonly Operator[] => parts.find((part) => part.group === group && part.side === side)?.operators ?? [];
  const experts = model.layers.flatMap(({ ffn }) => (ffn.kind === 'moe' ? [ffn.experts] : []));
  return {
    model,
    precision,
    groups: model.layers.map(({ count, ffn }, group) => ({
      layers: count,
      attention: of(group, 'attention'),
      ffn: of(group, 'ffn'),
      activeExperts: ffn.kind === 'moe' ? ffn.activeExperts : null,
    })),
    vocabulary: of(null, 'vocabulary'),
    experts: experts.length === 0 ? null : Math.max(...experts),
  };
}
