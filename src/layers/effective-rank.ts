import { gqaEffectiveRank } from './grouped-query.ts';
import type { AttentionSpec } from './index.ts';
import { mlaEffectiveRank } from './mla-formulas.ts';

/**
 * Effective rank of an attention layer, the total width of its heads (section 5.1 of arXiv:2507.19427v1): n_q d_h, for MLA the
 * part of the heads without position. Null for recurrent kinds, which the paper gives none, and where there is no attention.
 */
export function effectiveRank(attention: AttentionSpec): number | null {
  switch (attention.kind) {
    case 'mla':
    case 'dsa':
      return mlaEffectiveRank.evaluate({ queryHeads: attention.queryHeads, nopeDim: attention.nopeDim });
    case 'lightning':
    case 'gated-delta-net':
    case 'kda':
    case 'mamba2':
    case 'none':
      return null;
    default:
      return gqaEffectiveRank.evaluate({ queryHeads: attention.queryHeads, headDim: attention.headDim });
  }
}
