import { formula } from '../provenance/card.ts';
import { spans } from '../units/context-curve.ts';
import { attentionCore } from './attention-core.ts';
import { positiveIntegers } from './checks.ts';
import { bytesPerElement, gemm } from './gemm.ts';
import { gqaCoreFlop, gqaKeyValueWeights, gqaKvBytes, gqaQueryWeights } from './grouped-query.ts';
import type { LayerModel } from './lowering.ts';
import { kvPrecision } from './precision.ts';

/** Multi-matrix factorisation attention: many wide query heads from a low-rank query, one shared key and one shared value head. */
export interface MfaSpec {
  readonly kind: 'mfa';
  readonly queryHeads: number;
  readonly headDim: number;
  /** width of the low-rank query */
  readonly queryRank: number;
}

const source = { kind: 'paper', id: 'arXiv:2507.19427v1', at: 'section 2 and Table 1 (MFA); counting rule of section 4.1' } as const;

/** Weights of the query down-projection: [H, r_q]. */
export const mfaQueryDownWeights = formula({
  id: 'layers/mfa-query-down-weights',
  name: 'Query down-projection weights',
  symbols: { hidden: { unit: '1', meaning: 'width of the residual stream', tex: 'H' }, queryRank: { unit: '1', meaning: 'rank of the query', tex: 'r_q' } },
  expression: 'hidden * queryRank',
  unit: '1',
  evaluate: ({ hidden, queryRank }) => hidden * queryRank,
  source,
});

/** Weights of the query up-projection: [r_q, n_q d_h]. */
export const mfaQueryUpWeights = formula({
  id: 'layers/mfa-query-up-weights',
  name: 'Query up-projection weights',
  symbols: {
    queryRank: { unit: '1', meaning: 'rank of the query', tex: 'r_q' },
    queryHeads: { unit: '1', meaning: 'query heads', tex: 'n_q' },
    headDim: { unit: '1', meaning: 'width of a head', tex: 'd_h' },
  },
  expression: 'queryRank * queryHeads * headDim',
  unit: '1',
  evaluate: ({ queryRank, queryHeads, headDim }) => queryRank * queryHeads * headDim,
  source,
});

/**
 * Multi-matrix factorisation attention, one layer, one decoded token at context S; b = bytes of a KV element.
 *   kvRead  = 2 d_h b S                              [B]     one K and one V head, each [S, d_h]
 *   core    = 4 n_q d_h S                            [FLOP]  q K^T and p V
 *   linear  = 2 (H r_q + r_q n_q d_h + 2 H d_h + n_q d_h H)  [FLOP]  Wq down and up, Wk, Wv, Wo
 * The core splits by query heads; each shard holds the one cached key and value head.
 * Ignored: softmax, norms, rotary embedding.
 * Source: arXiv:2507.19427v1, section 2 and Table 1.
 */
export const mfa: LayerModel<MfaSpec> = {
  fields: ['kind', 'queryHeads', 'headDim', 'queryRank'],
  validate: (spec) => positiveIntegers('mfa', spec, ['queryHeads', 'headDim', 'queryRank']),
  lower: (spec, context) => {
    const { queryHeads, headDim, queryRank } = spec;
    const { hidden } = context;
    const width = queryHeads * headDim;
    return [
      gemm({ id: 'query-down', part: 'linear', k: hidden, n: queryRank, weights: { card: mfaQueryDownWeights, inputs: { hidden, queryRank } }, shardBy: 'replicated' }, context),
      gemm({ id: 'query-up', part: 'linear', k: queryRank, n: width, weights: { card: mfaQueryUpWeights, inputs: { queryRank, queryHeads, headDim } }, shardBy: 'heads' }, context),
      gemm({ id: 'key-value', part: 'linear', k: hidden, n: 2 * headDim, weights: { card: gqaKeyValueWeights, inputs: { hidden, kvHeads: 1, headDim } }, shardBy: 'replicated' }, context),
      attentionCore(
        {
          queryHeads,
          kvHeads: 1,
          queryKeyDim: headDim,
          valueDim: headDim,
          attends: { span: spans.linear, limit: null },
          flop: { card: gqaCoreFlop, inputs: { queryHeads, headDim } },
          kvBytesPerToken: { card: gqaKvBytes, inputs: { kvHeads: 1, headDim, bytesPerElement: bytesPerElement(kvPrecision(context.precision, 'mfa')) } },
          shardBy: 'heads',
        },
        context,
      ),
      gemm({ id: 'output', part: 'linear', k: width, n: hidden, weights: { card: gqaQueryWeights, inputs: { hidden, queryHeads, headDim } }, shardBy: 'rows' }, context),
    ];
  },
};
