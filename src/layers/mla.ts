import type { Derivation } from '../provenance/card.ts';
import { spans } from '../units/context-curve.ts';
import { attentionCore } from './attention-core.ts';
import { positiveIntegers } from './checks.ts';
import { bytesPerElement, gemm } from './gemm.ts';
import type { LayerModel, LoweringContext } from './lowering.ts';
import * as formulas from './mla-formulas.ts';
import type { Operator } from './operator.ts';
import { kvPrecision } from './precision.ts';

/** Multi-head latent attention. `decodeForm` says whether decode multiplies in the latent space or rebuilds keys and values. */
export interface MlaSpec {
  readonly kind: 'mla';
  readonly queryHeads: number;
  /** rank of the query; null where the query is projected directly */
  readonly queryRank: number | null;
  readonly kvRank: number;
  readonly nopeDim: number;
  readonly ropeDim: number;
  readonly valueDim: number;
  readonly decodeForm: 'absorbed' | 'expanded';
}

/**
 * Multi-head latent attention, one layer, one decoded token at context S; b = bytes of a KV element.
 *   kvRead  = (r_kv + d_r) b S                     [B]     one latent and one rotary key, [S, r_kv + d_r]
 *   core    = 2 n_q (2 r_kv + d_r) S               [FLOP]  absorbed; the Step-3 paper counts 4 n_q (r_kv + d_r) S
 *           = 2 n_q (d_n + d_r + d_v) S            [FLOP]  expanded (prefill), plus 2 n_q r_kv (d_n + d_v) S to rebuild K and V in decode
 *   linear  = 2 (H r_q + r_q n_q (d_n + d_r) + H (r_kv + d_r) + n_q d_n r_kv + n_q d_v r_kv + n_q d_v H)  [FLOP]
 * Prefill is always expanded. The up-projections (n_q d_n r_kv and n_q d_v r_kv) are counted in `linear` where they are paid once
 * per token: absorbed they multiply the query and the attended latent of the new token, in prefill the latent of each prompt
 * token. Expanded decode pays them for every attended token, so it counts them in the core; their weights stay in `linear`.
 * Shape: absorbed, n_q query heads over one latent; expanded, n_q heads of their own keys and values. Either way the core splits
 * by heads, and each shard holds the cached latent.
 * Ignored: softmax, norms, rotary embedding.
 * Source: arXiv:2412.19437, section 2.1.1; arXiv:2405.04434, section 2.1; counting of arXiv:2507.19427v1, Tables 2 and 3.
 */
export const mla: LayerModel<MlaSpec> = {
  fields: ['kind', 'queryHeads', 'queryRank', 'kvRank', 'nopeDim', 'ropeDim', 'valueDim', 'decodeForm'],
  validate: (spec) => {
    positiveIntegers('mla', spec, ['queryHeads', 'kvRank', 'nopeDim', 'ropeDim', 'valueDim']);
    if (spec.queryRank !== null) positiveIntegers('mla', spec, ['queryRank']);
    if (spec.decodeForm !== 'absorbed' && spec.decodeForm !== 'expanded') throw new RangeError(`mla: decodeForm ${String(spec.decodeForm)} is not absorbed or expanded`);
  },
  lower: (spec, context) => {
    const { queryHeads, kvRank, nopeDim, ropeDim, valueDim } = spec;
    const { hidden } = context;
    const absorbed = context.phase === 'decode' && spec.decodeForm === 'absorbed';
    const expandedDecode = context.phase === 'decode' && !absorbed;
    return [
      ...query(spec, context),
      gemm({ id: 'kv-down', part: 'linear', k: hidden, n: kvRank + ropeDim, weights: { card: formulas.mlaKvDownWeights, inputs: { hidden, kvRank, ropeDim } }, shardBy: 'replicated' }, context),
      gemm(
        {
          id: 'key-up',
          part: 'linear',
          k: kvRank,
          n: queryHeads * nopeDim,
          weights: { card: formulas.mlaKeyUpWeights, inputs: { queryHeads, nopeDim, kvRank } },
          shardBy: 'heads',
          counted: !expandedDecode,
        },
        context,
      ),
      attentionCore(
        {
          queryHeads,
          kvHeads: absorbed ? 1 : queryHeads,
          queryKeyDim: absorbed ? kvRank + ropeDim : nopeDim + ropeDim,
          valueDim: absorbed ? kvRank : valueDim,
          span: spans.linear,
          flop: coreFlop(spec, context),
          kvBytesPerToken: { card: formulas.mlaKvBytes, inputs: { kvRank, ropeDim, bytesPerElement: bytesPerElement(kvPrecision(context.precision, 'mla')) } },
          shardBy: 'heads',
        },
        context,
      ),
      gemm(
        {
          id: 'value-up',
          part: 'linear',
          k: kvRank,
          n: queryHeads * valueDim,
          weights: { card: formulas.mlaValueUpWeights, inputs: { queryHeads, valueDim, kvRank } },
          shardBy: 'heads',
          counted: !expandedDecode,
        },
        context,
      ),
      gemm({ id: 'output', part: 'linear', k: queryHeads * valueDim, n: hidden, weights: { card: formulas.mlaOutputWeights, inputs: { queryHeads, valueDim, hidden } }, shardBy: 'heads' }, context),
    ];
  },
};

function query(spec: MlaSpec, context: LoweringContext): readonly Operator[] {
  const { queryHeads, queryRank, nopeDim, ropeDim } = spec;
  const { hidden } = context;
  const n = queryHeads * (nopeDim + ropeDim);
  if (queryRank === null)
    return [gemm({ id: 'query', part: 'linear', k: hidden, n, weights: { card: formulas.mlaQueryWeights, inputs: { hidden, queryHeads, nopeDim, ropeDim } }, shardBy: 'heads' }, context)];
  return [
    gemm({ id: 'query-down', part: 'linear', k: hidden, n: queryRank, weights: { card: formulas.mlaQueryDownWeights, inputs: { hidden, queryRank } }, shardBy: 'replicated' }, context),
    gemm({ id: 'query-up', part: 'linear', k: queryRank, n, weights: { card: formulas.mlaQueryUpWeights, inputs: { queryRank, queryHeads, nopeDim, ropeDim } }, shardBy: 'heads' }, context),
  ];
}

function coreFlop(spec: MlaSpec, context: LoweringContext): Derivation {
  const { queryHeads, kvRank, nopeDim, ropeDim, valueDim } = spec;
  if (context.phase === 'prefill') return { card: formulas.mlaExpandedCoreFlop, inputs: { queryHeads, nopeDim, ropeDim, valueDim } };
  if (spec.decodeForm === 'expanded') return { card: formulas.mlaReexpansionCoreFlop, inputs: { queryHeads, nopeDim, ropeDim, valueDim, kvRank } };
  return { card: context.counting.mlaValueWidth ? formulas.mlaAbsorbedCoreFlop : formulas.mlaPaperCoreFlop, inputs: { queryHeads, kvRank, ropeDim } };
}
