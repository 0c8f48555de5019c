import { formula } from '../provenance/card.ts';
import { ContextCurve } from '../units/context-curve.ts';
import { booleans, multipleOf, positiveIntegers } from './checks.ts';
import { gemmFlop, storedBytes } from './gemm.ts';
import type { LoweringContext } from './lowering.ts';
import type { Operator } from './operator.ts';
import { weightFormat } from './precision.ts';

export const MATRIX_ROWS = ['patches', 'tokens', 'table'] as const;
/**
 * On how many rows of a tile (one input of the encoder) a matrix is multiplied.
 *   patches  positions of the encoder
 *   tokens   image tokens that go out to the language model; neighbours that were merged are one row
 *   table    none: its rows are looked up (positions, learned queries)
 */
export type MatrixRows = (typeof MATRIX_ROWS)[number];

/** One matrix of an encoder outside its layers: a patch embedding, a table of positions, a projection. Convolutions are [inputs x taps, outputs]. */
export interface MatrixSpec {
  readonly name: string;
  readonly inputs: number;
  readonly outputs: number;
  readonly rows: MatrixRows;
}

/** A vision encoder: a transformer over patches, what comes before it, and what connects it to the language model. */
export interface VisionSpec {
  readonly layers: number;
  readonly hidden: number;
  /** all heads together: width of query, key and value */
  readonly attentionWidth: number;
  readonly heads: number;
  readonly intermediate: number;
  readonly gated: boolean;
  readonly stem: readonly MatrixSpec[];
  readonly connector: readonly MatrixSpec[];
}

const source = { kind: 'paper', id: 'arXiv:2010.11929', at: 'section 3.1 (vision transformer)' } as const;

/** One encoder layer: query, key, value and output of [H, W], and a feed-forward layer. */
export const visionLayerWeights = formula({
  id: 'layers/vision-layer-weights',
  name: 'Weights of one vision encoder layer',
  symbols: {
    hidden: { unit: '1', meaning: 'width of the encoder', tex: 'H' },
    attentionWidth: { unit: '1', meaning: 'width of all heads', tex: 'W' },
    intermediate: { unit: '1', meaning: 'intermediate width', tex: 'I' },
    inputMatrices: { unit: '1', meaning: '2 when gated, else 1', tex: 'g' },
  },
  expression: '4 * hidden * attentionWidth + (inputMatrices + 1) * hidden * intermediate',
  unit: '1',
  evaluate: ({ hidden, attentionWidth, intermediate, inputMatrices }) => 4 * hidden * attentionWidth + (inputMatrices + 1) * hidden * intermediate,
  source,
});

/** One matrix of the encoder. */
export const visionMatrixWeights = formula({
  id: 'layers/vision-matrix-weights',
  name: 'Weights of one matrix of a vision encoder',
  symbols: { inputs: { unit: '1', meaning: 'rows', tex: 'm' }, outputs: { unit: '1', meaning: 'columns', tex: 'n' } },
  expression: 'inputs * outputs',
  unit: '1',
  evaluate: ({ inputs, outputs }) => inputs * outputs,
  source: { kind: 'derived', from: 'definition' },
});

/** What is before the layers, and what is behind them. */
export const ENDS = ['stem', 'connector'] as const;

/** @throws RangeError for a size that is no positive integer, heads that do not divide the width, a gate that is neither true nor false, or rows of another kind */
export function validateVision(spec: VisionSpec): void {
  positiveIntegers('vision', spec, ['layers', 'hidden', 'attentionWidth', 'heads', 'intermediate']);
  multipleOf('vision', 'attentionWidth', spec.attentionWidth, 'heads', spec.heads);
  booleans('vision', spec, ['gated']);
  for (const end of ENDS) if (!Array.isArray(spec[end])) throw new RangeError(`vision: ${end} ${String(spec[end])} is not a list`);
  for (const end of ENDS)
    for (const matrix of spec[end]) {
      const place = `vision: ${end} ${matrix.name}`;
      positiveIntegers(place, matrix, ['inputs', 'outputs']);
      if (!MATRIX_ROWS.includes(matrix.rows)) throw new RangeError(`${place}: rows ${String(matrix.rows)} is not one of ${MATRIX_ROWS.join(', ')}`);
    }
}

/**
 * The weights of a vision encoder; an operator's id is the path of its spec in the model.
 *   layer  = 4 H W + 3 H I when gated, 4 H W + 2 H I otherwise
 * A text token, decoded or in a prompt, does not pass through it, so that no work is counted here: that of a tile is in `lowerEncoder`.
 * Ignored: biases, norms.
 */
export function lowerVision(spec: VisionSpec, context: LoweringContext): readonly Operator[] {
  const { hidden, attentionWidth, intermediate, layers } = spec;
  const layerInputs = { hidden, attentionWidth, intermediate, inputMatrices: spec.gated ? 2 : 1 };
  return [
    part('vision', layers, visionLayerWeights.evaluate(layerInputs), { inputs: hidden, outputs: hidden }, { card: visionLayerWeights, inputs: layerInputs }, context),
    ...ENDS.flatMap((end) =>
      spec[end].map(({ inputs, outputs }, index) => part(`vision.${end}.${index}`, 1, inputs * outputs, { inputs, outputs }, { card: visionMatrixWeights, inputs: { inputs, outputs } }, context)),
    ),
  ];
}

function part(
  id: string,
  repeat: number,
  weights: number,
  size: { readonly inputs: number; readonly outputs: number },
  because: NonNullable<Operator['because']['weights']>,
  context: LoweringContext,
): Operator {
  const zero = ContextCurve.zero;
  return {
    id,
    part: 'vision',
    component: 'vision',
    kind: 'encoder',
    shape: { kind: 'encoder', ...size },
    repeat,
    weights,
    activeWeights: 0,
    flop: zero,
    bytes: { weights: ContextCurve.constant(storedBytes(weights, weightFormat(context.precision, 'vision'))), kvRead: zero, kvWrite: zero, state: zero, activations: zero },
    shardBy: 'replicated',
    scales: { kind: 'perStep' },
    because: { flop: { card: gemmFlop, inputs: { weights: 0 } }, weights: because },
  };
}
