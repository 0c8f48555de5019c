import { type Derivation, formula } from '../provenance/card.ts';
import { type Span, spans } from '../units/context-curve.ts';
import { attentionCore } from './attention-core.ts';
import { multipleOf, positiveIntegers } from './checks.ts';
import { indexFlop, indexKeyBytes, indexQueryWeights } from './dsa.ts';
import { bytesPerElement, gemm } from './gemm.ts';
import { gqaCoreFlop } from './grouped-query.ts';
import type { LayerModel, LoweringContext } from './lowering.ts';
import { mfaQueryUpWeights } from './mfa.ts';
import { mlaQueryDownWeights } from './mla-formulas.ts';
import type { Operator, ShardBy } from './operator.ts';
import { kvPrecision } from './precision.ts';

/**
 * Attention of DeepSeek-V4: every layer attends a window; a layer with a `ratio` also attends one entry for each `ratio` tokens,
 * all of them (heavily compressed, HCA) or the `topK` that an indexer chooses (compressed sparse, CSA).
 */
export interface CompressedSpec {
  readonly kind: 'compressed';
  readonly queryHeads: number;
  /** width of the one cached vector of a token, which is key and value of all heads */
  readonly headDim: number;
  readonly queryRank: number;
  /** the output is projected in groups of heads to this rank, then together to the stream */
  readonly outputGroups: number;
  readonly outputRank: number;
  readonly window: number;
  /** tokens of an entry; none where only the window is attended */
  readonly ratio?: number;
  /** windows of `ratio` tokens that an entry mixes */
  readonly windowsPerEntry?: number;
  readonly indexHeads?: number;
  readonly indexDim?: number;
  readonly topK?: number;
}

const source = { kind: 'repository', repo: 'huggingface/transformers', file: 'src/transformers/models/deepseek_v4/modular_deepseek_v4.py', revision: 'main', read: '2026-11-24' } as const;
const s = {
  hidden: { unit: '1', meaning: 'width of the residual stream', tex: 'H' },
  queryHeads: { unit: '1', meaning: 'query heads', tex: 'n_q' },
  headDim: { unit: '1', meaning: 'width of a head and of the cached vector', tex: 'd' },
  outputGroups: { unit: '1', meaning: 'groups of the output projection', tex: 'g' },
  outputRank: { unit: '1', meaning: 'rank of a group of the output projection', tex: 'r_o' },
  windowsPerEntry: { unit: '1', meaning: 'windows that an entry mixes', tex: 'c' },
  ratio: { unit: '1', meaning: 'tokens of an entry', tex: 'm' },
  indexDim: { unit: '1', meaning: 'width of an index key', tex: 'd_i' },
  bytesPerElement: { unit: 'B', meaning: 'bytes of one KV element', tex: 'b' },
} as const;

/** The one vector that a token caches: [H, d]. */
export const sharedKeyWeights = formula({
  id: 'layers/shared-key-weights',
  name: 'Weights of the shared key and value',
  symbols: { hidden: s.hidden, headDim: s.headDim },
  expression: 'hidden * headDim',
  unit: '1',
  evaluate: ({ hidden, headDim }) => hidden * headDim,
  source,
});

/** Output in groups of heads, block by block: n_q d values to g r_o. */
export const groupedOutputWeights = formula({
  id: 'layers/grouped-output-weights',
  name: 'Output projection weights, by groups of heads',
  symbols: { queryHeads: s.queryHeads, headDim: s.headDim, outputRank: s.outputRank },
  expression: 'queryHeads * headDim * outputRank',
  unit: '1',
  evaluate: ({ queryHeads, headDim, outputRank }) => queryHeads * headDim * outputRank,
  source,
});

/** The groups together: [g r_o, H]. */
export const outputUpWeights = formula({
  id: 'layers/output-up-weights',
  name: 'Output projection weights, groups to the stream',
  symbols: { outputGroups: s.outputGroups, outputRank: s.outputRank, hidden: s.hidden },
  expression: 'outputGroups * outputRank * hidden',
  unit: '1',
  evaluate: ({ outputGroups, outputRank, hidden }) => outputGroups * outputRank * hidden,
  source,
});

/** A compressor: values and scores of [H, c d] each. */
export const compressorWeights = formula({
  id: 'layers/compressor-weights',
  name: 'Weights of a compressor',
  symbols: { hidden: s.hidden, windowsPerEntry: s.windowsPerEntry, headDim: s.headDim },
  expression: '2 * hidden * windowsPerEntry * headDim',
  unit: '1',
  evaluate: ({ hidden, windowsPerEntry, headDim }) => 2 * hidden * windowsPerEntry * headDim,
  source,
});

/** The compressor of index keys: values and scores of [H, c d_i] each. */
export const indexCompressorWeights = formula({
  id: 'layers/index-compressor-weights',
  name: 'Weights of the compressor of index keys',
  symbols: { hidden: s.hidden, windowsPerEntry: s.windowsPerEntry, indexDim: s.indexDim },
  expression: '2 * hidden * windowsPerEntry * indexDim',
  unit: '1',
  evaluate: ({ hidden, windowsPerEntry, indexDim }) => 2 * hidden * windowsPerEntry * indexDim,
  source,
});

/** One weight a head of the indexer: [H, n_i]. */
export const indexHeadWeights = formula({
  id: 'layers/index-head-weights',
  name: 'Head weights of the indexer',
  symbols: { hidden: s.hidden, indexHeads: { unit: '1', meaning: 'heads of the indexer', tex: 'n_i' } },
  expression: 'hidden * indexHeads',
  unit: '1',
  evaluate: ({ hidden, indexHeads }) => hidden * indexHeads,
  source,
});

/** Bytes of one cached vector, which is read once as key and value. */
export const sharedKeyBytes = formula({
  id: 'layers/shared-key-bytes',
  name: 'KV bytes per entry and layer, key and value in one',
  symbols: { headDim: s.headDim, bytesPerElement: s.bytesPerElement },
  expression: 'headDim * bytesPerElement',
  unit: 'B',
  evaluate: ({ headDim, bytesPerElement }) => headDim * bytesPerElement,
  source,
});

const stateSource = { kind: 'repository', repo: 'vllm-project/vllm', file: 'vllm/model_executor/layers/deepseek_compressor.py', revision: 'main', read: '2026-11-24' } as const;

/** What a compressor keeps until an entry is complete: c m rows of 2 c d values and scores in FP32. */
export const compressorStateBytes = formula({
  id: 'layers/compressor-state-bytes',
  name: 'Bytes that a compressor keeps',
  symbols: { windowsPerEntry: s.windowsPerEntry, ratio: s.ratio, headDim: s.headDim },
  expression: '8 [B] * windowsPerEntry ^ 2 * ratio * headDim',
  unit: 'B',
  evaluate: ({ windowsPerEntry, ratio, headDim }) => 8 * windowsPerEntry ** 2 * ratio * headDim,
  source: stateSource,
});

/** The same for index keys. */
export const indexStateBytes = formula({
  id: 'layers/index-state-bytes',
  name: 'Bytes that the compressor of index keys keeps',
  symbols: { windowsPerEntry: s.windowsPerEntry, ratio: s.ratio, indexDim: s.indexDim },
  expression: '8 [B] * windowsPerEntry ^ 2 * ratio * indexDim',
  unit: 'B',
  evaluate: ({ windowsPerEntry, ratio, indexDim }) => 8 * windowsPerEntry ** 2 * ratio * indexDim,
  source: stateSource,
});

/**
 * Compressed attention, one layer, one decoded token at context S; b = bytes of a KV element, E(S) = floor(S / m) entries.
 *   attended   = min(S, w) tokens; with a ratio also E(S) entries, with an indexer min(E(S), k)
 *   kvRead     = d b attended                       [B]     key and value are one vector
 *   core       = 4 n_q d attended                   [FLOP]
 *   index      = (d_i + 4 ceil(d_i / 128)) E(S)     [B]     and 2 n_i d_i E(S) FLOP, index keys in FP8 with a scale
 *   kept       = d b (min(S, w) + E(S)), index keys, and 8 c^2 m (d + d_i) bytes of running windows in FP32
 *   linear     = 2 (H r_q + r_q n_q d + H d + n_q d r_o + g r_o H), compressors 2 x 2 H c d, with an indexer 2 x 2 H c d_i,
 *                r_q n_i d_i and H n_i  [FLOP]
 * Ignored: writing an entry once in m tokens, the position biases of the compressors, hyper-connections (below 0.01 % of the weights), attention
 * sinks, keeping the rotary part of the cache in 16 bit when the rest is in 8.
 * Source: DeepSeek-V4 in transformers (weights, spans) and vLLM (states).
 */
export const compressed: LayerModel<CompressedSpec> = {
  fields: ['kind', 'queryHeads', 'headDim', 'queryRank', 'outputGroups', 'outputRank', 'window', 'ratio', 'windowsPerEntry', 'indexHeads', 'indexDim', 'topK'],
  validate: (spec) => {
    positiveIntegers('compressed', spec, ['queryHeads', 'headDim', 'queryRank', 'outputGroups', 'outputRank', 'window']);
    multipleOf('compressed', 'queryHeads', spec.queryHeads, 'outputGroups', spec.outputGroups);
    if (spec.ratio === undefined) {
      for (const field of ['windowsPerEntry', 'indexHeads', 'indexDim', 'topK'] as const)
        if (spec[field] !== undefined) throw new RangeError(`compressed: ${field} ${spec[field]} is given without a ratio`);
      return;
    }
    positiveIntegers('compressed', spec, ['ratio', 'windowsPerEntry']);
    if (spec.indexHeads !== undefined || spec.indexDim !== undefined || spec.topK !== undefined) positiveIntegers('compressed', spec, ['indexHeads', 'indexDim', 'topK']);
  },
  lower: (spec, context) => {
    const { queryHeads, headDim, queryRank, outputGroups, outputRank, window } = spec;
    const { hidden } = context;
    const linear = projections(context);
    return [
      linear('query-down', hidden, queryRank, { card: mlaQueryDownWeights, inputs: { hidden, queryRank } }, 'replicated'),
      linear('query-up', queryRank, queryHeads * headDim, { card: mfaQueryUpWeights, inputs: { queryRank, queryHeads, headDim } }, 'heads'),
      linear('key-value', hidden, headDim, { card: sharedKeyWeights, inputs: { hidden, headDim } }, 'replicated'),
      core('window-core', spec, { span: spans.min(window), limit: 'window' }, context),
      ...(spec.ratio === undefined ? [] : compressor(spec, spec.ratio, context)),
      linear('output-down', (queryHeads * headDim) / outputGroups, outputGroups * outputRank, { card: groupedOutputWeights, inputs: { queryHeads, headDim, outputRank } }, 'heads'),
      linear('output-up', outputGroups * outputRank, hidden, { card: outputUpWeights, inputs: { outputGroups, outputRank, hidden } }, 'rows'),
    ];
  },
};

const projections =
  (context: LoweringContext, component: 'attention' | 'indexer' = 'attention') =>
  (id: string, k: number, n: number, weights: Derivation, shardBy: ShardBy): Operator =>
    gemm({ id, part: 'linear', component, k, n, weights, shardBy }, context);

function core(
  id: string,
  { queryHeads, headDim }: CompressedSpec,
  attends: Operator['attends'] & object,
  context: LoweringContext,
  entries?: { readonly keeps: Span; readonly kept: Derivation },
): Operator {
  return attentionCore(
    {
      id,
      queryHeads,
      kvHeads: 1,
      queryKeyDim: headDim,
      valueDim: headDim,
      attends,
      flop: { card: gqaCoreFlop, inputs: { queryHeads, headDim } },
      kvBytesPerToken: { card: sharedKeyBytes, inputs: { headDim, bytesPerElement: bytesPerElement(kvPrecision(context.precision, 'compressed')) } },
      shardBy: 'heads',
      ...(entries === undefined ? {} : { ...entries, forgets: false }),
    },
    context,
  );
}

function compressor(spec: CompressedSpec, ratio: number, context: LoweringContext): readonly Operator[] {
  const { headDim, indexDim, topK } = spec;
  const windowsPerEntry = spec.windowsPerEntry as number;
  const { hidden } = context;
  const keeps = spans.floor(ratio);
  const attends = topK === undefined ? { span: keeps, limit: null } : { span: spans.floor(ratio, topK), limit: 'topK' };
  const kept = { card: compressorStateBytes, inputs: { windowsPerEntry, ratio, headDim } };
  const linear = projections(context);
  return [
    linear('compressor', hidden, 2 * windowsPerEntry * headDim, { card: compressorWeights, inputs: { hidden, windowsPerEntry, headDim } }, 'replicated'),
    core('core', spec, attends, context, { keeps, kept }),
    ...(indexDim === undefined ? [] : indexer(spec, { ratio, windowsPerEntry, indexDim }, context)),
  ];
}

function indexer(
  spec: CompressedSpec,
  { ratio, windowsPerEntry, indexDim }: { readonly ratio: number; readonly windowsPerEntry: number; readonly indexDim: number },
  context: LoweringContext,
): readonly Operator[] {
  const { queryRank } = spec;
  const indexHeads = spec.indexHeads as number;
  const { hidden } = context;
  const linear = projections(context, 'indexer');
  const entries = spans.floor(ratio);
  return [
    linear('index-compressor', hidden, 2 * windowsPerEntry * indexDim, { card: indexCompressorWeights, inputs: { hidden, windowsPerEntry, indexDim } }, 'replicated'),
    linear('index-query', queryRank, indexHeads * indexDim, { card: indexQueryWeights, inputs: { queryRank, indexHeads, indexDim } }, 'replicated'),
    linear('index-head', hidden, indexHeads, { card: indexHeadWeights, inputs: { hidden, indexHeads } }, 'replicated'),
    attentionCore(
      {
        id: 'index-core',
        component: 'indexer',
        queryHeads: indexHeads,
        kvHeads: 1,
        queryKeyDim: indexDim,
        valueDim: 0,
        attends: { span: entries, limit: null },
        flop: { card: indexFlop, inputs: { indexHeads, indexDim } },
        kvBytesPerToken: { card: indexKeyBytes, inputs: { indexDim } },
        shardBy: 'heads',
        keeps: entries,
        kept: { card: indexStateBytes, inputs: { windowsPerEntry, ratio, indexDim } },
        forgets: false,
      },
      context,
    ),
  ];
}
