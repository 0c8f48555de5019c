import { formula } from '../provenance/card.ts';
import { ContextCurve } from '../units/context-curve.ts';
import { bytesPerElement, gemmFlop, perToken, storedBytes } from './gemm.ts';
import type { LoweringContext } from './lowering.ts';
import type { Operator } from './operator.ts';
import { type Component, weightFormat } from './precision.ts';

/** The two ends of a model: the input embedding table and the LM head, both [vocabulary, H]; tied models store one. */
export interface VocabularySpec {
  readonly vocabulary: number;
  readonly tied: boolean;
  /** rows of a learned table of positions; none unless given */
  readonly positions?: number;
}

export const vocabularyWeights = formula({
  id: 'layers/vocabulary-weights',
  name: 'Weights of the embedding table or of the LM head',
  symbols: { vocabulary: { unit: '1', meaning: 'tokens of the vocabulary', tex: 'V' }, hidden: { unit: '1', meaning: 'width of the residual stream', tex: 'H' } },
  expression: 'vocabulary * hidden',
  unit: '1',
  evaluate: ({ vocabulary, hidden }) => vocabulary * hidden,
  source: { kind: 'derived', from: 'one row of width H for each token of the vocabulary' },
});

/** A learned table of positions: [positions, H]. */
export const positionWeights = formula({
  id: 'layers/position-weights',
  name: 'Weights of a learned table of positions',
  symbols: { positions: { unit: '1', meaning: 'positions of the table', tex: 'P' }, hidden: { unit: '1', meaning: 'width of the residual stream', tex: 'H' } },
  expression: 'positions * hidden',
  unit: '1',
  evaluate: ({ positions, hidden }) => positions * hidden,
  source: { kind: 'derived', from: 'one row of width H for each position' },
});

/**
 * Embedding lookup and LM head.
 *   head = 2 V H  [FLOP]  per decoded token; in prefill once, for the last position; counted when counting.head is on
 * The lookup reads one row of the table per token, H b bytes. A tied model stores the table once, as the head. A learned table of
 * positions is looked up beside it and belongs to the input embedding.
 * Ignored: final norm, sampling.
 */
export function lowerVocabulary(spec: VocabularySpec, context: LoweringContext): readonly Operator[] {
  const { vocabulary, tied, positions } = spec;
  const { hidden, precision, counting } = context;
  const weights = { card: vocabularyWeights, inputs: { vocabulary, hidden } };
  const count = vocabularyWeights.evaluate(weights.inputs);
  const zero = ContextCurve.zero;
  const activation = bytesPerElement(precision.activations);
  const flop = { card: gemmFlop, inputs: { weights: counting.head ? count : 0 } };
  const bytesOf = (weights: number, component: Component): number => storedBytes(weights, weightFormat(precision, component));
  const embedding: Operator = {
    id: 'embedding',
    part: 'embedding',
    component: 'embedding',
    kind: 'lookup',
    shape: { kind: 'table', rows: vocabulary, columns: hidden },
    repeat: 1,
    weights: tied ? 0 : count,
    activeWeights: tied ? 0 : count,
    flop: zero,
    bytes: { weights: perToken(bytesOf(hidden, tied ? 'head' : 'embedding'), context), kvRead: zero, kvWrite: zero, state: zero, activations: perToken(hidden * activation, context) },
    shardBy: 'rows',
    scales: { kind: 'perToken' },
    because: { flop: { card: gemmFlop, inputs: { weights: 0 } }, weights },
  };
  const head: Operator = {
    id: 'head',
    part: 'head',
    component: 'head',
    kind: 'gemm',
    shape: { kind: 'gemm', k: hidden, n: vocabulary, groups: 1, activeGroups: 1 },
    repeat: 1,
    weights: count,
    activeWeights: count,
    flop: ContextCurve.constant(gemmFlop.evaluate(flop.inputs)),
    bytes: { weights: ContextCurve.constant(bytesOf(count, 'head')), kvRead: zero, kvWrite: zero, state: zero, activations: ContextCurve.constant((hidden + vocabulary) * activation) },
    shardBy: 'columns',
    scales: { kind: 'perStep' },
    because: { flop, weights },
  };
  if (positions === undefined) return [embedding, head];
  const inputs = { positions, hidden };
  const rows = positionWeights.evaluate(inputs);
  const table: Operator = {
    ...embedding,
    id: 'positions',
    shape: { kind: 'table', rows: positions, columns: hidden },
    weights: rows,
    activeWeights: rows,
    bytes: { ...embedding.bytes, weights: perToken(bytesOf(hidden, 'embedding'), context) },
    because: { ...embedding.because, weights: { card: positionWeights, inputs } },
  };
  return [embedding, table, head];
}
