import { type FormulaCard, formula } from '../provenance/card.ts';
import { booleans, positiveIntegers } from './checks.ts';
import { bytesPerElement, gemm } from './gemm.ts';
import type { LayerModel } from './lowering.ts';
import type { Operator, ShardBy } from './operator.ts';
import { convolution, stateCore } from './state-core.ts';

/** Kimi delta attention: a delta rule with a decay for each channel, from a low-rank projection, and a gated output. */
export interface KdaSpec {
  readonly kind: 'kda';
  readonly heads: number;
  readonly headDim: number;
  readonly convKernel: number;
  /** true where the output gate is one matrix [H, n_h d], not two through the width of a head */
  readonly fullRankGate?: boolean;
}

const source = { kind: 'paper', id: 'arXiv:2510.26692', at: 'section 3 (Kimi delta attention)' } as const;
const hidden = { unit: '1', meaning: 'width of the residual stream', tex: 'H' } as const;
const heads = { unit: '1', meaning: 'heads', tex: 'n_h' } as const;
const headDim = { unit: '1', meaning: 'width of a head', tex: 'd' } as const;

/** Query, key and value projections: [H, 3 n_h d]. */
export const kdaQkvWeights = formula({
  id: 'layers/kda-qkv-weights',
  name: 'Query, key and value projection weights of Kimi delta attention',
  symbols: { hidden, heads, headDim },
  expression: '3 * hidden * heads * headDim',
  unit: '1',
  evaluate: ({ hidden, heads, headDim }) => 3 * hidden * heads * headDim,
  source,
});

/** One step size a head: [H, n_h]. */
export const kdaStepWeights = formula({
  id: 'layers/kda-step-weights',
  name: 'Step size weights of Kimi delta attention',
  symbols: { hidden, heads },
  expression: 'hidden * heads',
  unit: '1',
  evaluate: ({ hidden, heads }) => hidden * heads,
  source,
});

/** First matrix of a low-rank decay or gate: [H, d]. */
export const kdaDownWeights = formula({
  id: 'layers/kda-down-weights',
  name: 'Down-projection weights of the decay (or gate)',
  symbols: { hidden, headDim },
  expression: 'hidden * headDim',
  unit: '1',
  evaluate: ({ hidden, headDim }) => hidden * headDim,
  source,
});

/** Second matrix of a low-rank decay or gate: [d, n_h d]. */
export const kdaUpWeights = formula({
  id: 'layers/kda-up-weights',
  name: 'Up-projection weights of the decay (or gate)',
  symbols: { heads, headDim },
  expression: 'heads * headDim ^ 2',
  unit: '1',
  evaluate: ({ heads, headDim }) => heads * headDim ** 2,
  source,
});

/** Output projection, and a gate of full rank: [n_h d, H]. */
export const kdaOutputWeights = formula({
  id: 'layers/kda-output-weights',
  name: 'Output projection weights of Kimi delta attention',
  symbols: { hidden, heads, headDim },
  expression: 'hidden * heads * headDim',
  unit: '1',
  evaluate: ({ hidden, heads, headDim }) => hidden * heads * headDim,
  source,
});

/** Channels that are convolved: query, key and value. */
export const kdaChannels = formula({
  id: 'layers/kda-channels',
  name: 'Convolved channels of Kimi delta attention',
  symbols: { heads, headDim },
  expression: '3 * heads * headDim',
  unit: '1',
  evaluate: ({ heads, headDim }) => 3 * heads * headDim,
  source,
});

/** Work on the states for one token, 7 FLOP an element: decay 1, S k 2, rank-one update 2, S q 2. */
export const kdaStateFlop = formula({
  id: 'layers/kda-state-flop',
  name: 'Kimi delta rule work per token and layer',
  symbols: { heads, headDim },
  expression: '7 [FLOP] * heads * headDim ^ 2',
  unit: 'FLOP',
  evaluate: ({ heads, headDim }) => 7 * heads * headDim ** 2,
  source: { kind: 'derived', from: 'the recurrence of arXiv:2510.26692, section 3, product by product' },
});

/** State bytes moved for one token: every element is read once and written once. */
export const kdaStateBytes = formula({
  id: 'layers/kda-state-bytes',
  name: 'Kimi delta state bytes read and written per token and layer',
  symbols: { heads, headDim, bytesPerElement: { unit: 'B', meaning: 'bytes of one state element', tex: 'b' } },
  expression: '2 * heads * headDim ^ 2 * bytesPerElement',
  unit: 'B',
  evaluate: ({ heads, headDim, bytesPerElement }) => 2 * heads * headDim ** 2 * bytesPerElement,
  source,
});

/**
 * Kimi delta attention, one layer, one decoded token (any context); b = bytes of a state element.
 *   state   = 2 n_h d^2 b                        [B]     the states [n_h, d, d] are read and written
 *   core    = 7 n_h d^2                          [FLOP]  as the gated delta-net; a decay for each channel is as much work as one for each head
 *   conv    = 2 k 3 n_h d                        [FLOP]  depthwise, over query, key and value; its last k - 1 inputs are kept
 *   linear  = 2 (4 H n_h d + H n_h + 2 (H d + n_h d^2))  [FLOP]  query, key, value, output; step; decay and gate; with a full-rank gate
 *                                                        H n_h d in place of one H d + n_h d^2
 * Ignored: norms, activation functions, decay biases.
 * Source: Kimi Team, arXiv:2510.26692, section 3.
 */
export const kda: LayerModel<KdaSpec> = {
  fields: ['kind', 'heads', 'headDim', 'convKernel', 'fullRankGate'],
  validate: (spec) => {
    positiveIntegers('kda', spec, ['heads', 'headDim', 'convKernel']);
    if (spec.fullRankGate !== undefined) booleans('kda', spec, ['fullRankGate']);
  },
  lower: ({ heads, headDim, convKernel, fullRankGate = false }, context) => {
    const { hidden } = context;
    const width = heads * headDim;
    const size = { heads, headDim };
    const projection = (id: string, k: number, n: number, card: FormulaCard, inputs: Readonly<Record<string, number>>, shardBy: ShardBy = 'heads'): Operator =>
      gemm({ id, part: 'linear', k, n, weights: { card, inputs }, shardBy }, context);
    const lowRank = (id: string): readonly Operator[] => [
      projection(`${id}-down`, hidden, headDim, kdaDownWeights, { hidden, headDim }, 'replicated'),
      projection(`${id}-up`, headDim, width, kdaUpWeights, size),
    ];
    return [
      projection('query-key-value', hidden, 3 * width, kdaQkvWeights, { hidden, ...size }),
      convolution({ card: kdaChannels, inputs: size }, convKernel, context),
      projection('step', hidden, heads, kdaStepWeights, { hidden, heads }),
      ...lowRank('decay'),
      ...(fullRankGate ? [projection('output-gate', hidden, width, kdaOutputWeights, { hidden, ...size })] : lowRank('output-gate')),
      stateCore(
        {
          heads,
          keyDim: headDim,
          valueDim: headDim,
          flop: { card: kdaStateFlop, inputs: size },
          stateBytes: { card: kdaStateBytes, inputs: { ...size, bytesPerElement: bytesPerElement(context.precision.state) } },
          inputsAndOutputs: 5 * width,
        },
        context,
      ),
      projection('output', width, hidden, kdaOutputWeights, { hidden, ...size }, 'rows'),
    ];
  },
};
