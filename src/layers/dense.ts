import { formula } from '../provenance/card.ts';
import { booleans, positiveIntegers } from './checks.ts';
import { gemm } from './gemm.ts';
import type { LayerModel } from './lowering.ts';

/** A dense feed-forward layer: gated (SwiGLU: gate, up, down) or plain (up, down). */
export interface DenseSpec {
  readonly kind: 'dense';
  readonly intermediate: number;
  readonly gated: boolean;
}

const source = { kind: 'paper', id: 'arXiv:2002.05202', at: 'section 2 (gated linear units)' } as const;

/** Weights into the intermediate width: `inputMatrices` of [H, I], 2 when gated and 1 when not. */
export const ffnInWeights = formula({
  id: 'layers/ffn-in-weights',
  name: 'Gate and up projection weights',
  symbols: {
    hidden: { unit: '1', meaning: 'width of the residual stream', tex: 'H' },
    intermediate: { unit: '1', meaning: 'intermediate width', tex: 'I' },
    inputMatrices: { unit: '1', meaning: '2 when gated, else 1', tex: 'g' },
  },
  expression: 'inputMatrices * hidden * intermediate',
  unit: '1',
  evaluate: ({ hidden, intermediate, inputMatrices }) => inputMatrices * hidden * intermediate,
  source,
});

/** Weights back to the residual stream: [I, H]. */
export const ffnOutWeights = formula({
  id: 'layers/ffn-out-weights',
  name: 'Down projection weights',
  symbols: { hidden: { unit: '1', meaning: 'width of the residual stream', tex: 'H' }, intermediate: { unit: '1', meaning: 'intermediate width', tex: 'I' } },
  expression: 'intermediate * hidden',
  unit: '1',
  evaluate: ({ hidden, intermediate }) => intermediate * hidden,
  source,
});

/**
 * Dense feed-forward layer, one layer, one token, I = intermediate width.
 *   ffn = 2 x 3 H I  [FLOP]  gated (gate, up, down), 2 x 2 H I otherwise
 * Ignored: activation function, bias.
 * Source: Shazeer, arXiv:2002.05202, section 2.
 */
export const dense: LayerModel<DenseSpec> = {
  fields: ['kind', 'intermediate', 'gated'],
  validate: (spec) => {
    positiveIntegers('dense', spec, ['intermediate']);
    booleans('dense', spec, ['gated']);
  },
  lower: (spec, context) => {
    const { intermediate } = spec;
    const { hidden } = context;
    const inputMatrices = spec.gated ? 2 : 1;
    return [
      gemm({ id: 'gate-up', part: 'ffn', k: hidden, n: inputMatrices * intermediate, weights: { card: ffnInWeights, inputs: { hidden, intermediate, inputMatrices } }, shardBy: 'columns' }, context),
      gemm({ id: 'down', part: 'ffn', k: intermediate, n: hidden, weights: { card: ffnOutWeights, inputs: { hidden, intermediate } }, shardBy: 'rows' }, context),
    ];
  },
};
