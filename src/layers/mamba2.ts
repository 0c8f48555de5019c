import { formula } from '../provenance/card.ts';
import { multipleOf, positiveIntegers } from './checks.ts';
import { bytesPerElement, gemm } from './gemm.ts';
import type { LayerModel } from './lowering.ts';
import { convolution, stateCore } from './state-core.ts';

/** Mamba-2: a state space of `stateDim` for each channel of its heads; B and C are shared within a group of heads. */
export interface Mamba2Spec {
  readonly kind: 'mamba2';
  readonly heads: number;
  readonly headDim: number;
  readonly groups: number;
  readonly stateDim: number;
  readonly convKernel: number;
}

const source = { kind: 'paper', id: 'arXiv:2405.21060', at: 'section 8 (Mamba-2 block)' } as const;
const s = {
  hidden: { unit: '1', meaning: 'width of the residual stream', tex: 'H' },
  heads: { unit: '1', meaning: 'heads', tex: 'n_h' },
  headDim: { unit: '1', meaning: 'channels of a head', tex: 'p' },
  groups: { unit: '1', meaning: 'groups that share B and C', tex: 'g' },
  stateDim: { unit: '1', meaning: 'width of the state of a channel', tex: 'N' },
  bytesPerElement: { unit: 'B', meaning: 'bytes of one state element', tex: 'b' },
} as const;

/** Gate and input of n_h p each, B and C of g N each, one step a head: [H, 2 n_h p + 2 g N + n_h]. */
export const mambaInputWeights = formula({
  id: 'layers/mamba-input-weights',
  name: 'Input projection weights of Mamba-2',
  symbols: { hidden: s.hidden, heads: s.heads, headDim: s.headDim, groups: s.groups, stateDim: s.stateDim },
  expression: 'hidden * (2 * heads * headDim + 2 * groups * stateDim + heads)',
  unit: '1',
  evaluate: ({ hidden, heads, headDim, groups, stateDim }) => hidden * (2 * heads * headDim + 2 * groups * stateDim + heads),
  source,
});

/** Channels that are convolved: the input, B and C. */
export const mambaChannels = formula({
  id: 'layers/mamba-channels',
  name: 'Convolved channels of Mamba-2',
  symbols: { heads: s.heads, headDim: s.headDim, groups: s.groups, stateDim: s.stateDim },
  expression: 'heads * headDim + 2 * groups * stateDim',
  unit: '1',
  evaluate: ({ heads, headDim, groups, stateDim }) => heads * headDim + 2 * groups * stateDim,
  source,
});

/** Output projection: [n_h p, H]. */
export const mambaOutputWeights = formula({
  id: 'layers/mamba-output-weights',
  name: 'Output projection weights of Mamba-2',
  symbols: { hidden: s.hidden, heads: s.heads, headDim: s.headDim },
  expression: 'hidden * heads * headDim',
  unit: '1',
  evaluate: ({ hidden, heads, headDim }) => hidden * heads * headDim,
  source,
});

/** Work on the states for one token, 5 FLOP an element: decay 1, rank-one update 2, read-out with C 2. */
export const mambaStateFlop = formula({
  id: 'layers/mamba-state-flop',
  name: 'State space work per token and layer',
  symbols: { heads: s.heads, headDim: s.headDim, stateDim: s.stateDim },
  expression: '5 [FLOP] * heads * headDim * stateDim',
  unit: 'FLOP',
  evaluate: ({ heads, headDim, stateDim }) => 5 * heads * headDim * stateDim,
  source: { kind: 'derived', from: 'the recurrence of arXiv:2405.21060, section 3, product by product' },
});

/** State bytes moved for one token: every element is read once and written once. */
export const mambaStateBytes = formula({
  id: 'layers/mamba-state-bytes',
  name: 'State space bytes read and written per token and layer',
  symbols: { heads: s.heads, headDim: s.headDim, stateDim: s.stateDim, bytesPerElement: s.bytesPerElement },
  expression: '2 * heads * headDim * stateDim * bytesPerElement',
  unit: 'B',
  evaluate: ({ heads, headDim, stateDim, bytesPerElement }) => 2 * heads * headDim * stateDim * bytesPerElement,
  source,
});

/**
 * Mamba-2, one layer, one decoded token (any context); b = bytes of a state element.
 *   state   = 2 n_h p N b                          [B]     the states [n_h, p, N] are read and written
 *   core    = 5 n_h p N                            [FLOP]
 *   conv    = 2 k (n_h p + 2 g N)                  [FLOP]  depthwise, over the input, B and C; its last k - 1 inputs are kept
 *   linear  = 2 H (2 n_h p + 2 g N + n_h) + 2 H n_h p  [FLOP]  gate, input, B, C, step; output
 * Ignored: norms, activation functions, the skip D and the step bias (3 n_h numbers), the bias of the convolution.
 * Source: Dao and Gu, arXiv:2405.21060, section 8.
 */
export const mamba2: LayerModel<Mamba2Spec> = {
  fields: ['kind', 'heads', 'headDim', 'groups', 'stateDim', 'convKernel'],
  validate: (spec) => {
    positiveIntegers('mamba2', spec, ['heads', 'headDim', 'groups', 'stateDim', 'convKernel']);
    multipleOf('mamba2', 'heads', spec.heads, 'groups', spec.groups);
  },
  lower: ({ heads, headDim, groups, stateDim, convKernel }, context) => {
    const { hidden } = context;
    const width = heads * headDim;
    const channels = width + 2 * groups * stateDim;
    const size = { heads, headDim, stateDim };
    return [
      gemm(
        { id: 'input', part: 'linear', k: hidden, n: width + channels + heads, weights: { card: mambaInputWeights, inputs: { hidden, heads, headDim, groups, stateDim } }, shardBy: 'heads' },
        context,
      ),
      convolution({ card: mambaChannels, inputs: { heads, headDim, groups, stateDim } }, convKernel, context),
      stateCore(
        {
          heads,
          keyDim: stateDim,
          valueDim: headDim,
          flop: { card: mambaStateFlop, inputs: size },
          stateBytes: { card: mambaStateBytes, inputs: { ...size, bytesPerElement: bytesPerElement(context.precision.state) } },
          inputsAndOutputs: channels + width,
        },
        context,
      ),
      gemm({ id: 'output', part: 'linear', k: width, n: hidden, weights: { card: mambaOutputWeights, inputs: { hidden, heads, headDim } }, shardBy: 'rows' }, context),
    ];
  },
};
