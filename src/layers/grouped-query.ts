import { formula } from '../provenance/card.ts';
import type { Span } from '../units/context-curve.ts';
import { attentionCore } from './attention-core.ts';
import { multipleOf, positiveIntegers } from './checks.ts';
import { bytesPerElement, gemm } from './gemm.ts';
import type { LoweringContext } from './lowering.ts';
import type { Operator } from './operator.ts';
import { kvPrecision } from './precision.ts';

/** The heads of a grouped-query layer; MHA has kvHeads = queryHeads, MQA has kvHeads = 1. */
export interface QueryHeads {
  readonly queryHeads: number;
  readonly kvHeads: number;
  readonly headDim: number;
}

const source = { kind: 'paper', id: 'arXiv:2305.13245', at: 'section 2 (grouped-query attention); counting rule of arXiv:2507.19427v1, section 4.1' } as const;
const heads = {
  hidden: { unit: '1', meaning: 'width of the residual stream', tex: 'H' },
  queryHeads: { unit: '1', meaning: 'query heads', tex: 'n_q' },
  kvHeads: { unit: '1', meaning: 'key-value heads', tex: 'n_{kv}' },
  headDim: { unit: '1', meaning: 'width of a head', tex: 'd_h' },
  bytesPerElement: { unit: 'B', meaning: 'bytes of one KV element', tex: 'b' },
} as const;

/** Weights of the query projection, and of the output projection: [H, n_q d_h]. */
export const gqaQueryWeights = formula({
  id: 'layers/gqa-query-weights',
  name: 'Query (and output) projection weights',
  symbols: { hidden: heads.hidden, queryHeads: heads.queryHeads, headDim: heads.headDim },
  expression: 'hidden * queryHeads * headDim',
  unit: '1',
  evaluate: ({ hidden, queryHeads, headDim }) => hidden * queryHeads * headDim,
  source,
});

/** Weights of the key and value projections together: 2 x [H, n_kv d_h]. */
export const gqaKeyValueWeights = formula({
  id: 'layers/gqa-key-value-weights',
  name: 'Key and value projection weights',
  symbols: { hidden: heads.hidden, kvHeads: heads.kvHeads, headDim: heads.headDim },
  expression: '2 * hidden * kvHeads * headDim',
  unit: '1',
  evaluate: ({ hidden, kvHeads, headDim }) => 2 * hidden * kvHeads * headDim,
  source,
});

/** KV cache bytes of one token in one layer: K and V, each n_kv d_h wide. */
export const gqaKvBytes = formula({
  id: 'layers/gqa-kv-bytes',
  name: 'KV bytes per token and layer',
  symbols: { kvHeads: heads.kvHeads, headDim: heads.headDim, bytesPerElement: heads.bytesPerElement },
  expression: '2 * kvHeads * headDim * bytesPerElement',
  unit: 'B',
  evaluate: ({ kvHeads, headDim, bytesPerElement }) => 2 * kvHeads * headDim * bytesPerElement,
  source,
});

/** Core attention work for each attended token: q k^T and p V, 2 FLOP per multiply-accumulate each. */
export const gqaCoreFlop = formula({
  id: 'layers/gqa-core-flop',
  name: 'Core attention work per attended token and layer',
  symbols: { queryHeads: heads.queryHeads, headDim: heads.headDim },
  expression: '4 [FLOP] * queryHeads * headDim',
  unit: 'FLOP',
  evaluate: ({ queryHeads, headDim }) => 4 * queryHeads * headDim,
  source,
});

/** Effective rank of the attention: the total width of the queries' heads (section 5.1 of arXiv:2507.19427v1). */
export const gqaEffectiveRank = formula({
  id: 'layers/gqa-effective-rank',
  name: 'Effective rank of an attention layer',
  symbols: { queryHeads: heads.queryHeads, headDim: heads.headDim },
  expression: 'queryHeads * headDim',
  unit: '1',
  evaluate: ({ queryHeads, headDim }) => queryHeads * headDim,
  source: { kind: 'paper', id: 'arXiv:2507.19427v1', at: 'section 5.1' },
});

export function validateQueryHeads(place: string, spec: QueryHeads): void {
  positiveIntegers(place, spec, ['queryHeads', 'kvHeads', 'headDim']);
  multipleOf(place, 'queryHeads', spec.queryHeads, 'kvHeads', spec.kvHeads);
}

/**
 * Operators of a grouped-query layer whose tokens attend `span` tokens: query, key-value, core, output. The core splits by
 * key-value heads; where there is one (MQA) by query heads, each shard holding the cached head.
 */
export function groupedQuery(spec: QueryHeads & { readonly kind: string }, span: Span, context: LoweringContext): readonly Operator[] {
  const { queryHeads, kvHeads, headDim } = spec;
  const { hidden } = context;
  const query = { card: gqaQueryWeights, inputs: { hidden, queryHeads, headDim } };
  return [
    gemm({ id: 'query', part: 'linear', k: hidden, n: queryHeads * headDim, weights: query, shardBy: 'heads' }, context),
    gemm({ id: 'key-value', part: 'linear', k: hidden, n: 2 * kvHeads * headDim, weights: { card: gqaKeyValueWeights, inputs: { hidden, kvHeads, headDim } }, shardBy: 'kvHeads' }, context),
    attentionCore(
      {
        queryHeads,
        kvHeads,
        queryKeyDim: headDim,
        valueDim: headDim,
        span,
        flop: { card: gqaCoreFlop, inputs: { queryHeads, headDim } },
        kvBytesPerToken: { card: gqaKvBytes, inputs: { kvHeads, headDim, bytesPerElement: bytesPerElement(kvPrecision(context.precision, spec.kind)) } },
        shardBy: kvHeads === 1 ? 'heads' : 'kvHeads',
      },
      context,
    ),
    gemm({ id: 'output', part: 'linear', k: queryHeads * headDim, n: hidden, weights: query, shardBy: 'heads' }, context),
  ];
}
