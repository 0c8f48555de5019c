import type { AttentionSpec, FfnSpec } from '../layers/index.ts';
import type { PrecisionPolicy } from '../layers/precision.ts';
import type { VisionSpec } from '../layers/vision.ts';
import type { ImageRules } from './images/rules.ts';

/** Consecutive or interleaved layers that are alike: `count` of them. */
export interface LayerGroup {
  readonly count: number;
  readonly attention: AttentionSpec;
  readonly ffn: FfnSpec;
}

/** A head that predicts further tokens, as DeepSeek-V3 has: a projection of [2 H, H] and one layer; embedding and head are the model's own. */
export interface MtpSpec {
  readonly count: number;
  readonly attention: AttentionSpec;
  readonly ffn: FfnSpec;
}

/** What a model is, as far as cost, memory and parameters depend on it. */
export interface Model {
  readonly id: string;
  readonly name: string;
  readonly hidden: number;
  readonly vocabulary: number;
  readonly tiedEmbeddings: boolean;
  /** rows of a learned table of positions; none unless given */
  readonly positions?: number;
  /** groups in the order of their first layer; the order inside a pattern does not change a sum */
  readonly layers: readonly LayerGroup[];
  /** longest context the vendor trained or states, tokens; null where not stated */
  readonly maxContext: number | null;
  readonly precision: PrecisionPolicy;
  readonly vision?: VisionSpec;
  /** how images become inputs of the vision encoder; none where the family's processor is not understood */
  readonly images?: ImageRules;
  /** multi-token prediction, kept apart from the totals as publishers do */
  readonly mtp?: MtpSpec;
}
