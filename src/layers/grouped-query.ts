import { type Derivation, formula } from '../provenance/card.ts';
import { attentionCore } from './attention-core.ts';
import { booleans, multipleOf, positiveIntegers } from './checks.ts';
import { bytesPerElement, gemm } from './gemm.ts';
import type { LoweringContext } from './lowering.ts';
import type { Attends, Operator } from './operator.ts';
import { kvPrecision } from './precision.ts';

/** The heads of a grouped-query layer; MHA has kvHeads = queryHeads, MQA has kvHeads = 1. */
export interface QueryHeads {
  readonly queryHeads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  /** width of a value head, where it is not that of queries and keys */
  readonly valueDim?: number;
  /** a learned gate on the attention's output: `element` one for each of its n_q d_h values, `head` one for each head */
  readonly outputGate?: 'element' | 'head';
  /** true where the values are the projected keys: one projection, both cached */
  readonly keysAreValues?: boolean;
  /** true where keys and values are those of an earlier layer: no projection of its own, nothing stored, all of it read */
  readonly sharesCache?: boolean;
}

/** The fields of `QueryHeads`, as layer kinds that extend it list them. */
export const QUERY_HEAD_FIELDS = ['queryHeads', 'kvHeads', 'headDim', 'valueDim', 'outputGate', 'keysAreValues', 'sharesCache'] as const;

const source = { kind: 'paper', id: 'arXiv:2305.13245', at: 'section 2 (grouped-query attention); counting rule of arXiv:2507.19427v1, section 4.1' } as const;
const heads = {
  hidden: { unit: '1', meaning: 'width of the residual stream', tex: 'H' },
  queryHeads: { unit: '1', meaning: 'query heads', tex: 'n_q' },
  kvHeads: { unit: '1', meaning: 'key-value heads', tex: 'n_{kv}' },
  headDim: { unit: '1', meaning: 'width of a head', tex: 'd_h' },
  valueDim: { unit: '1', meaning: 'width of a value head', tex: 'd_v' },
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

/** Weights of the one projection of a layer whose values are its keys: [H, n_kv d_h]. */
export const gqaKeyWeights = formula({
  id: 'layers/gqa-key-weights',
  name: 'Key projection weights, values being the keys',
  symbols: { hidden: heads.hidden, kvHeads: heads.kvHeads, headDim: heads.headDim },
  expression: 'hidden * kvHeads * headDim',
  unit: '1',
  evaluate: ({ hidden, kvHeads, headDim }) => hidden * kvHeads * headDim,
  source,
});

/** Weights of a gate with one value for each head: [H, n_q]. */
export const headGateWeights = formula({
  id: 'layers/head-gate-weights',
  name: 'Weights of a head-wise output gate',
  symbols: { hidden: heads.hidden, queryHeads: heads.queryHeads },
  expression: 'hidden * queryHeads',
  unit: '1',
  evaluate: ({ hidden, queryHeads }) => hidden * queryHeads,
  source: { kind: 'derived', from: 'a projection of the hidden state to one number for each head' },
});

/** Key and value projections of heads that are not equally wide: [H, n_kv (d_h + d_v)]. */
export const unequalKeyValueWeights = formula({
  id: 'layers/unequal-key-value-weights',
  name: 'Key and value projection weights, heads of two widths',
  symbols: { hidden: heads.hidden, kvHeads: heads.kvHeads, headDim: heads.headDim, valueDim: heads.valueDim },
  expression: 'hidden * kvHeads * (headDim + valueDim)',
  unit: '1',
  evaluate: ({ hidden, kvHeads, headDim, valueDim }) => hidden * kvHeads * (headDim + valueDim),
  source,
});

/** Output projection (or element-wise gate) over value heads of their own width: [n_q d_v, H]. */
export const unequalOutputWeights = formula({
  id: 'layers/unequal-output-weights',
  name: 'Output projection weights, heads of two widths',
  symbols: { hidden: heads.hidden, queryHeads: heads.queryHeads, valueDim: heads.valueDim },
  expression: 'hidden * queryHeads * valueDim',
  unit: '1',
  evaluate: ({ hidden, queryHeads, valueDim }) => hidden * queryHeads * valueDim,
  source,
});

/** KV cache bytes of one token in one layer, heads of two widths. */
export const unequalKvBytes = formula({
  id: 'layers/unequal-kv-bytes',
  name: 'KV bytes per token and layer, heads of two widths',
  symbols: { kvHeads: heads.kvHeads, headDim: heads.headDim, valueDim: heads.valueDim, bytesPerElement: heads.bytesPerElement },
  expression: 'kvHeads * (headDim + valueDim) * bytesPerElement',
  unit: 'B',
  evaluate: ({ kvHeads, headDim, valueDim, bytesPerElement }) => kvHeads * (headDim + valueDim) * bytesPerElement,
  source,
});

/** Core attention work for each attended token, heads of two widths. */
export const unequalCoreFlop = formula({
  id: 'layers/unequal-core-flop',
  name: 'Core attention work per attended token and layer, heads of two widths',
  symbols: { queryHeads: heads.queryHeads, headDim: heads.headDim, valueDim: heads.valueDim },
  expression: '2 [FLOP] * queryHeads * (headDim + valueDim)',
  unit: 'FLOP',
  evaluate: ({ queryHeads, headDim, valueDim }) => 2 * queryHeads * (headDim + valueDim),
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
  if (spec.valueDim !== undefined) positiveIntegers(place, spec, ['valueDim']);
  const { outputGate, keysAreValues, sharesCache } = spec;
  if (outputGate !== undefined && outputGate !== 'element' && outputGate !== 'head') throw new RangeError(`${place}: outputGate ${String(outputGate)} is not element or head`);
  if (keysAreValues !== undefined) booleans(place, spec, ['keysAreValues']);
  if (sharesCache !== undefined) booleans(place, spec, ['sharesCache']);
  if (keysAreValues && spec.valueDim !== undefined) throw new RangeError(`${place}: valueDim ${spec.valueDim} is given beside keysAreValues`);
}

/**
 * Operators of a grouped-query layer whose tokens attend some tokens of their context: query, key-value, core, gate, output. The core
 * splits by key-value heads; where there is one (MQA) by query heads, each shard holding the cached head.
 */
export function groupedQuery(spec: QueryHeads & { readonly kind: string }, attends: Attends, context: LoweringContext): readonly Operator[] {
  const { queryHeads, kvHeads, headDim, outputGate, sharesCache = false } = spec;
  const { hidden } = context;
  const { keyValue, output, kvBytes, coreFlop, valueDim } = widths(spec, context);
  const query = { card: gqaQueryWeights, inputs: { hidden, queryHeads, headDim } };
  const gate = outputGate === 'head' ? { n: queryHeads, weights: { card: headGateWeights, inputs: { hidden, queryHeads } } } : { n: queryHeads * valueDim, weights: output };
  return [
    gemm({ id: 'query', part: 'linear', k: hidden, n: queryHeads * headDim, weights: query, shardBy: 'heads' }, context),
    ...(sharesCache ? [] : [gemm({ id: 'key-value', part: 'linear', k: hidden, n: keyValue.n, weights: keyValue.weights, shardBy: 'kvHeads', shardUnits: kvHeads }, context)]),
    attentionCore(
      {
        queryHeads,
        kvHeads,
        queryKeyDim: headDim,
        valueDim,
        attends,
        flop: coreFlop,
        kvBytesPerToken: kvBytes,
        shardBy: kvHeads === 1 ? 'heads' : 'kvHeads',
        ownsCache: !sharesCache,
      },
      context,
    ),
    ...(outputGate === undefined ? [] : [gemm({ id: 'gate', part: 'linear', k: hidden, n: gate.n, weights: gate.weights, shardBy: 'heads' }, context)]),
    gemm({ id: 'output', part: 'linear', k: queryHeads * valueDim, n: hidden, weights: output, shardBy: 'rows' }, context),
  ];
}

interface Widths {
  readonly keyValue: { readonly n: number; readonly weights: Derivation };
  readonly output: Derivation;
  readonly kvBytes: Derivation;
  readonly coreFlop: Derivation;
  readonly valueDim: number;
}

/** What depends on whether value heads are as wide as the others. */
function widths({ kind, queryHeads, kvHeads, headDim, valueDim, keysAreValues = false }: QueryHeads & { readonly kind: string }, { hidden, precision }: LoweringContext): Widths {
  const bytes = bytesPerElement(kvPrecision(precision, kind));
  if (valueDim !== undefined)
    return {
      keyValue: { n: kvHeads * (headDim + valueDim), weights: { card: unequalKeyValueWeights, inputs: { hidden, kvHeads, headDim, valueDim } } },
      output: { card: unequalOutputWeights, inputs: { hidden, queryHeads, valueDim } },
      kvBytes: { card: unequalKvBytes, inputs: { kvHeads, headDim, valueDim, bytesPerElement: bytes } },
      coreFlop: { card: unequalCoreFlop, inputs: { queryHeads, headDim, valueDim } },
      valueDim,
    };
  return {
    keyValue: { n: (keysAreValues ? 1 : 2) * kvHeads * headDim, weights: { card: keysAreValues ? gqaKeyWeights : gqaKeyValueWeights, inputs: { hidden, kvHeads, headDim } } },
    output: { card: gqaQueryWeights, inputs: { hidden, queryHeads, headDim } },
    kvBytes: { card: gqaKvBytes, inputs: { kvHeads, headDim, bytesPerElement: bytes } },
    coreFlop: { card: gqaCoreFlop, inputs: { queryHeads, headDim } },
    valueDim: headDim,
  };
}
