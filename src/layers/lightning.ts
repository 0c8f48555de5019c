import { formula } from '../provenance/card.ts';
import { positiveIntegers } from './checks.ts';
import { bytesPerElement, gemm } from './gemm.ts';
import type { LayerModel } from './lowering.ts';
import type { Operator, ShardBy } from './operator.ts';
import { stateCore } from './state-core.ts';

/** Lightning (linear) attention with a state of headDim x headDim per head and a gated output (MiniMax M1). */
export interface LightningSpec {
  readonly kind: 'lightning';
  readonly heads: number;
  readonly headDim: number;
}

const fits = { kind: 'derived', from: 'the only counts that reproduce MiniMax M1 in Tables 2 and 3 of arXiv:2507.19427v1' } as const;
const heads = { unit: '1', meaning: 'heads', tex: 'n_h' } as const;
const headDim = { unit: '1', meaning: 'width of a head', tex: 'd_h' } as const;

/** One of the five projections (query, key, value, output gate, output): [H, n_h d_h]. */
export const lightningProjectionWeights = formula({
  id: 'layers/lightning-projection-weights',
  name: 'Weights of one lightning projection',
  symbols: { hidden: { unit: '1', meaning: 'width of the residual stream', tex: 'H' }, heads, headDim },
  expression: 'hidden * heads * headDim',
  unit: '1',
  evaluate: ({ hidden, heads, headDim }) => hidden * heads * headDim,
  source: fits,
});

/** Work on the state for one token: 10 FLOP per element. */
export const lightningStateFlop = formula({
  id: 'layers/lightning-state-flop',
  name: 'State update work per token and layer',
  symbols: { heads, headDim },
  expression: '10 [FLOP] * heads * headDim ^ 2',
  unit: 'FLOP',
  evaluate: ({ heads, headDim }) => 10 * heads * headDim ** 2,
  source: fits,
});

/** State bytes moved for one token: every element is read once and written once. */
export const lightningStateBytes = formula({
  id: 'layers/lightning-state-bytes',
  name: 'State bytes read and written per token and layer',
  symbols: { heads, headDim, bytesPerElement: { unit: 'B', meaning: 'bytes of one state element', tex: 'b' } },
  expression: '2 * heads * headDim ^ 2 * bytesPerElement',
  unit: 'B',
  evaluate: ({ heads, headDim, bytesPerElement }) => 2 * heads * headDim ** 2 * bytesPerElement,
  source: fits,
});

/**
 * Lightning attention, one layer, one decoded token (any context); b = bytes of a state element.
 *   state   = 2 n_h d_h^2 b     [B]     the state [n_h, d_h, d_h] is read and written
 *   core    = 10 n_h d_h^2      [FLOP]
 *   linear  = 2 x 5 H n_h d_h   [FLOP]  query, key, value, output gate, output
 * Prefill: the core is paid for every token, the state is moved once.
 * Ignored: decay, norms, the block-wise form of prefill.
 * Source: MiniMax-01, arXiv:2501.08313, section 2.2; factors inferred from arXiv:2507.19427v1, Tables 2 and 3.
 */
export const lightning: LayerModel<LightningSpec> = {
  fields: ['kind', 'heads', 'headDim'],
  validate: (spec) => positiveIntegers('lightning', spec, ['heads', 'headDim']),
  lower: (spec, context) => {
    const { heads, headDim } = spec;
    const { hidden } = context;
    const width = heads * headDim;
    const weights = { card: lightningProjectionWeights, inputs: { hidden, heads, headDim } };
    const flop = { card: lightningStateFlop, inputs: { heads, headDim } };
    const state = { card: lightningStateBytes, inputs: { heads, headDim, bytesPerElement: bytesPerElement(context.precision.state) } };
    const core = stateCore({ heads, keyDim: headDim, valueDim: headDim, flop, stateBytes: state, inputsAndOutputs: 4 * width }, context);
    const projection = (id: string, k: number, n: number, shardBy: ShardBy = 'heads'): Operator => gemm({ id, part: 'linear', k, n, weights, shardBy }, context);
    return [
      projection('query', hidden, width),
      projection('key', hidden, width),
      projection('value', hidden, width),
      projection('gate', hidden, width),
      core,
      projection('output', width, hidden, 'rows'),
    ];
  },
};
