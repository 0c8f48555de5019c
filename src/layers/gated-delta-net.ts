import { formula } from '../provenance/card.ts';
import { multipleOf, positiveIntegers } from './checks.ts';
import { bytesPerElement, gemm } from './gemm.ts';
import type { LayerModel } from './lowering.ts';
import { convolution, stateCore } from './state-core.ts';

/** Gated delta-net: a delta rule with one decay a head (Qwen3-Next, Qwen3.5), a short convolution before it and a gated output. */
export interface GatedDeltaNetSpec {
  readonly kind: 'gated-delta-net';
  readonly keyHeads: number;
  readonly valueHeads: number;
  readonly keyDim: number;
  readonly valueDim: number;
  readonly convKernel: number;
}

const source = { kind: 'paper', id: 'arXiv:2412.06464', at: 'section 3 (gated delta rule) and section 3.4 (block design)' } as const;
const s = {
  hidden: { unit: '1', meaning: 'width of the residual stream', tex: 'H' },
  keyHeads: { unit: '1', meaning: 'query and key heads', tex: 'n_k' },
  valueHeads: { unit: '1', meaning: 'value heads, each with a state', tex: 'n_v' },
  keyDim: { unit: '1', meaning: 'width of a key head', tex: 'd_k' },
  valueDim: { unit: '1', meaning: 'width of a value head', tex: 'd_v' },
  bytesPerElement: { unit: 'B', meaning: 'bytes of one state element', tex: 'b' },
} as const;

/** Query, key, value and gate, and two scalars a value head (decay, step): [H, 2 n_k d_k + 2 n_v d_v + 2 n_v]. */
export const deltaNetInputWeights = formula({
  id: 'layers/delta-net-input-weights',
  name: 'Input projection weights of a gated delta-net',
  symbols: { hidden: s.hidden, keyHeads: s.keyHeads, keyDim: s.keyDim, valueHeads: s.valueHeads, valueDim: s.valueDim },
  expression: '2 * hidden * (keyHeads * keyDim + valueHeads * valueDim + valueHeads)',
  unit: '1',
  evaluate: ({ hidden, keyHeads, keyDim, valueHeads, valueDim }) => 2 * hidden * (keyHeads * keyDim + valueHeads * valueDim + valueHeads),
  source,
});

/** Channels that are convolved: query, key and value. */
export const deltaNetChannels = formula({
  id: 'layers/delta-net-channels',
  name: 'Convolved channels of a gated delta-net',
  symbols: { keyHeads: s.keyHeads, keyDim: s.keyDim, valueHeads: s.valueHeads, valueDim: s.valueDim },
  expression: '2 * keyHeads * keyDim + valueHeads * valueDim',
  unit: '1',
  evaluate: ({ keyHeads, keyDim, valueHeads, valueDim }) => 2 * keyHeads * keyDim + valueHeads * valueDim,
  source,
});

/** Output projection: [n_v d_v, H]. */
export const deltaNetOutputWeights = formula({
  id: 'layers/delta-net-output-weights',
  name: 'Output projection weights of a gated delta-net',
  symbols: { hidden: s.hidden, valueHeads: s.valueHeads, valueDim: s.valueDim },
  expression: 'hidden * valueHeads * valueDim',
  unit: '1',
  evaluate: ({ hidden, valueHeads, valueDim }) => hidden * valueHeads * valueDim,
  source,
});

/** Work on the states for one token, 7 FLOP an element: decay 1, S k 2, rank-one update 2, S q 2. */
export const deltaNetStateFlop = formula({
  id: 'layers/delta-net-state-flop',
  name: 'Delta rule work per token and layer',
  symbols: { valueHeads: s.valueHeads, keyDim: s.keyDim, valueDim: s.valueDim },
  expression: '7 [FLOP] * valueHeads * keyDim * valueDim',
  unit: 'FLOP',
  evaluate: ({ valueHeads, keyDim, valueDim }) => 7 * valueHeads * keyDim * valueDim,
  source: { kind: 'derived', from: 'the gated delta rule of arXiv:2412.06464, section 3, product by product' },
});

/** State bytes moved for one token: every element is read once and written once. */
export const deltaNetStateBytes = formula({
  id: 'layers/delta-net-state-bytes',
  name: 'Delta-net state bytes read and written per token and layer',
  symbols: { valueHeads: s.valueHeads, keyDim: s.keyDim, valueDim: s.valueDim, bytesPerElement: s.bytesPerElement },
  expression: '2 * valueHeads * keyDim * valueDim * bytesPerElement',
  unit: 'B',
  evaluate: ({ valueHeads, keyDim, valueDim, bytesPerElement }) => 2 * valueHeads * keyDim * valueDim * bytesPerElement,
  source,
});

/**
 * Gated delta-net, one layer, one decoded token (any context); b = bytes of a state element.
 *   state   = 2 n_v d_k d_v b                                  [B]     the states [n_v, d_k, d_v] are read and written
 *   core    = 7 n_v d_k d_v                                    [FLOP]
 *   conv    = 2 k (2 n_k d_k + n_v d_v)                        [FLOP]  depthwise, over query, key and value; its last k - 1 inputs are kept
 *   linear  = 2 H (2 n_k d_k + 2 n_v d_v + 2 n_v) + 2 H n_v d_v  [FLOP]  query, key, value, gate, decay and step; output
 * Ignored: norms, activation functions, the decay and step biases (2 n_v numbers).
 * Source: Yang et al., arXiv:2412.06464, section 3.
 */
export const gatedDeltaNet: LayerModel<GatedDeltaNetSpec> = {
  fields: ['kind', 'keyHeads', 'valueHeads', 'keyDim', 'valueDim', 'convKernel'],
  validate: (spec) => {
    positiveIntegers('gated-delta-net', spec, ['keyHeads', 'valueHeads', 'keyDim', 'valueDim', 'convKernel']);
    multipleOf('gated-delta-net', 'valueHeads', spec.valueHeads, 'keyHeads', spec.keyHeads);
  },
  lower: ({ keyHeads, valueHeads, keyDim, valueDim, convKernel }, context) => {
    const { hidden } = context;
    const width = valueHeads * valueDim;
    const qkv = 2 * keyHeads * keyDim + width;
    const size = { valueHeads, keyDim, valueDim };
    return [
      gemm(
        {
          id: 'input',
          part: 'linear',
          k: hidden,
          n: qkv + width + 2 * valueHeads,
          weights: { card: deltaNetInputWeights, inputs: { hidden, keyHeads, keyDim, valueHeads, valueDim } },
          shardBy: 'heads',
        },
        context,
      ),
      convolution({ card: deltaNetChannels, inputs: { keyHeads, keyDim, valueHeads, valueDim } }, convKernel, context),
      stateCore(
        {
          heads: valueHeads,
          keyDim,
          valueDim,
          flop: { card: deltaNetStateFlop, inputs: size },
          stateBytes: { card: deltaNetStateBytes, inputs: { ...size, bytesPerElement: bytesPerElement(context.precision.state) } },
          inputsAndOutputs: qkv + width,
        },
        context,
      ),
      gemm({ id: 'output', part: 'linear', k: width, n: hidden, weights: { card: deltaNetOutputWeights, inputs: { hidden, valueHeads, valueDim } }, shardBy: 'rows' }, context),
    ];
  },
};
