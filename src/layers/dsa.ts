import { formula } from '../provenance/card.ts';
import { spans } from '../units/context-curve.ts';
import { attentionCore } from './attention-core.ts';
import { booleans, positiveIntegers } from './checks.ts';
import { gemm } from './gemm.ts';
import { LATENT_HEAD_FIELDS, type LatentHeads, latentAttention, validateLatentHeads } from './latent-attention.ts';
import type { LayerModel, LoweringContext } from './lowering.ts';
import type { Operator } from './operator.ts';

/** DeepSeek sparse attention: an indexer scores every token of the context, and latent attention attends the `topK` best. */
export interface DsaSpec extends LatentHeads {
  readonly kind: 'dsa';
  readonly indexHeads: number;
  readonly indexDim: number;
  readonly topK: number;
  /** true where the layer attends the tokens that an earlier layer's indexer chose, and has none */
  readonly sharesIndex?: boolean;
}

const source = { kind: 'paper', id: 'arXiv:2512.02556', at: 'section 2.1 (lightning indexer and token selection)' } as const;
const s = {
  hidden: { unit: '1', meaning: 'width of the residual stream', tex: 'H' },
  queryRank: { unit: '1', meaning: 'rank of the query', tex: 'r_q' },
  indexHeads: { unit: '1', meaning: 'heads of the indexer', tex: 'n_i' },
  indexDim: { unit: '1', meaning: 'width of an index head', tex: 'd_i' },
} as const;

/** Index queries from the low-rank query: [r_q, n_i d_i]. */
export const indexQueryWeights = formula({
  id: 'layers/index-query-weights',
  name: 'Index query weights',
  symbols: { queryRank: s.queryRank, indexHeads: s.indexHeads, indexDim: s.indexDim },
  expression: 'queryRank * indexHeads * indexDim',
  unit: '1',
  evaluate: ({ queryRank, indexHeads, indexDim }) => queryRank * indexHeads * indexDim,
  source,
});

/** One index key a token, and one weight a head: [H, d_i + n_i]. */
export const indexKeyWeights = formula({
  id: 'layers/index-key-weights',
  name: 'Index key and head weights',
  symbols: { hidden: s.hidden, indexDim: s.indexDim, indexHeads: s.indexHeads },
  expression: 'hidden * (indexDim + indexHeads)',
  unit: '1',
  evaluate: ({ hidden, indexDim, indexHeads }) => hidden * (indexDim + indexHeads),
  source,
});

/** Work of the indexer for each token of the context: q . k of every index head. */
export const indexFlop = formula({
  id: 'layers/index-flop',
  name: 'Indexer work per token of the context and layer',
  symbols: { indexHeads: s.indexHeads, indexDim: s.indexDim },
  expression: '2 [FLOP] * indexHeads * indexDim',
  unit: 'FLOP',
  evaluate: ({ indexHeads, indexDim }) => 2 * indexHeads * indexDim,
  source,
});

/** An index key is kept in FP8 with one FP32 scale for each 128 elements, whatever the format of the KV cache. */
export const indexKeyBytes = formula({
  id: 'layers/index-key-bytes',
  name: 'Index key bytes per token and layer',
  symbols: { indexDim: s.indexDim },
  expression: '1 [B] * indexDim + 4 [B] * ceil(indexDim / 128)',
  unit: 'B',
  evaluate: ({ indexDim }) => indexDim + 4 * Math.ceil(indexDim / 128),
  source: { kind: 'repository', repo: 'deepseek-ai/DeepSeek-V3.2-Exp', file: 'inference/model.py', revision: 'main', read: '2026-11-24' },
});

/**
 * DeepSeek sparse attention, one layer, one decoded token at context S; b = bytes of a KV element, k = topK.
 *   indexRead  = (d_i + 4 ceil(d_i / 128)) S            [B]     one FP8 index key with its scale a token
 *   indexCore  = 2 n_i d_i S                            [FLOP]  index scores of the whole context
 *   kvRead     = (r_kv + d_r) b min(S, k)               [B]     the latents of the chosen tokens
 *   core       = 2 n_q (2 r_kv + d_r) min(S, k)         [FLOP]  absorbed, in prefill too: each token attends tokens of its own
 *   linear     = as mla, and 2 (r_q n_i d_i + H (d_i + n_i))  [FLOP]  index queries, index key, head weights
 * Stored: latent and index key of every token, since a later token may choose any. A layer that shares an index has no indexer.
 * Ignored: choosing the k best, the weighted sum over index heads (2 n_i S), softmax, norms, rotary embedding.
 * Source: DeepSeek-V3.2, arXiv:2512.02556, section 2.1.
 */
export const dsa: LayerModel<DsaSpec> = {
  fields: ['kind', ...LATENT_HEAD_FIELDS, 'indexHeads', 'indexDim', 'topK', 'sharesIndex'],
  validate: (spec) => {
    validateLatentHeads('dsa', spec);
    positiveIntegers('dsa', spec, ['indexHeads', 'indexDim', 'topK']);
    if (spec.queryRank === null) throw new RangeError('dsa: queryRank null is not a positive integer');
    if (spec.sharesIndex !== undefined) booleans('dsa', spec, ['sharesIndex']);
  },
  lower: (spec, context) => [
    ...(spec.sharesIndex ? [] : indexer(spec, context)),
    ...latentAttention(spec, { kind: 'dsa', form: 'absorbed', attends: { span: spans.min(spec.topK), limit: 'topK' }, forgets: false }, context),
  ],
};

function indexer({ queryRank, indexHeads, indexDim }: DsaSpec, context: LoweringContext): readonly Operator[] {
  const { hidden } = context;
  const rank = queryRank as number;
  const projection = (id: string, k: number, n: number, weights: Parameters<typeof gemm>[0]['weights']): Operator =>
    gemm({ id, part: 'linear', component: 'indexer', k, n, weights, shardBy: 'replicated' }, context);
  return [
    projection('index-query', rank, indexHeads * indexDim, { card: indexQueryWeights, inputs: { queryRank: rank, indexHeads, indexDim } }),
    projection('index-key', hidden, indexDim + indexHeads, { card: indexKeyWeights, inputs: { hidden, indexDim, indexHeads } }),
    attentionCore(
      {
        id: 'index-core',
        component: 'indexer',
        queryHeads: indexHeads,
        kvHeads: 1,
        queryKeyDim: indexDim,
        valueDim: 0,
        attends: { span: spans.linear, limit: null },
        flop: { card: indexFlop, inputs: { indexHeads, indexDim } },
        kvBytesPerToken: { card: indexKeyBytes, inputs: { indexDim } },
        shardBy: 'heads',
      },
      context,
    ),
  ];
}
