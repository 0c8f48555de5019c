import { formula } from '../provenance/card.ts';
import { ContextCurve } from '../units/context-curve.ts';
import { positiveIntegers } from './checks.ts';
import { exactCounting } from './counting.ts';
import { ffnInWeights, ffnOutWeights } from './dense.ts';
import { bytesPerElement, type GemmParts, gemm, gemmFlop, storedBytes } from './gemm.ts';
import { gqaKvBytes } from './grouped-query.ts';
import type { LoweringContext } from './lowering.ts';
import type { Operator } from './operator.ts';
import { type PrecisionPolicy, weightFormat } from './precision.ts';
import { type ENDS, type MatrixSpec, type VisionSpec, visionMatrixWeights } from './vision.ts';

/** What an encoder works on in one pass: `tiles` inputs of `patches` positions each, which give `tokens` image tokens each. */
export interface EncoderInput {
  readonly tiles: number;
  readonly patches: number;
  readonly tokens: number;
}

/** @throws RangeError `encode: <field> <value> is not a positive integer` */
export const validateEncoderInput = (input: EncoderInput): void => positiveIntegers('encode', input, ['tiles', 'patches', 'tokens']);

export interface EncoderContext {
  readonly precision: PrecisionPolicy;
  /** image tokens of one tile */
  readonly tokens: number;
}

/** The operators of an encoder by where they are: before the layers, the two sides of a layer, behind the layers. */
export interface EncoderParts {
  readonly stem: readonly Operator[];
  readonly attention: readonly Operator[];
  readonly ffn: readonly Operator[];
  readonly connector: readonly Operator[];
}

/** Core attention work for each pair of patches: q k^T and p V over all heads, 2 FLOP per multiply-accumulate each. */
export const encoderCoreFlop = formula({
  id: 'layers/encoder-core-flop',
  name: 'Core attention work of a vision encoder per pair of patches and layer',
  symbols: { attentionWidth: { unit: '1', meaning: 'width of all heads', tex: 'W' } },
  expression: '4 [FLOP] * attentionWidth',
  unit: 'FLOP',
  evaluate: ({ attentionWidth }) => 4 * attentionWidth,
  source: { kind: 'paper', id: 'arXiv:2010.11929', at: 'section 3.1 and appendix A (multi-head self-attention over all patches); 2 FLOP per multiply-accumulate' },
});

/** Pairs of patches of one tile, S^2: every patch attends all of them. sum_{t=1..S} (2 t - 1). */
export const bidirectionalPairs = (factor: number | bigint = 1): ContextCurve => ContextCurve.linear(factor).prefixSum().times(2).plus(ContextCurve.linear(factor).times(-1));

/**
 * The work of a vision encoder for one tile, exact in its patches S (the context length of the curves); H hidden, W all heads, I intermediate.
 *   layer       2 x (4 H W + g H I) S + 4 W S^2  [FLOP]   g = 3 gated, 2 otherwise; qkv, core, output, up (and gate), down
 *   ends        2 m n for each row of an [m, n] matrix: S rows, `tokens` rows, or none where rows are looked up
 *   bytes       weights, each once in a pass; activations; keys and values of a tile, read once by the core in the format of activations
 * Nothing is cached. Weights add up to those of `lowerVision`. Windows (Qwen2.5-VL attends within windows in most layers) are counted as full attention.
 * Ignored: biases, norms, softmax, rotary positions, a class token beside the patches, the core of a resampler's attention, copies that merge neighbours.
 * @throws RangeError when `tokens` is not a positive integer
 */
export const lowerEncoder = (spec: VisionSpec, context: EncoderContext): readonly Operator[] => {
  const { stem, attention, ffn, connector } = encoderParts(spec, context);
  return [...stem, ...attention, ...ffn, ...connector];
};

/** `lowerEncoder`, by where the operators are. */
export function encoderParts(spec: VisionSpec, { precision, tokens }: EncoderContext): EncoderParts {
  positiveIntegers('encoder', { tokens }, ['tokens']);
  const { layers, hidden, attentionWidth, intermediate, gated } = spec;
  const layer: LoweringContext = { phase: 'prefill', hidden, repeat: layers, precision, counting: exactCounting };
  const matrix = (inputs: number, outputs: number): GemmParts['weights'] => ({ card: visionMatrixWeights, inputs: { inputs, outputs } });
  const inputMatrices = gated ? 2 : 1;
  const part = { component: 'vision' } as const;
  const endOf = (end: (typeof ENDS)[number]): readonly Operator[] => spec[end].map((each, index) => endOperator(`${end}.${index}`, each, { ...layer, repeat: 1 }, tokens));
  return {
    stem: endOf('stem'),
    attention: [
      gemm({ ...part, id: 'qkv', part: 'linear', k: hidden, n: 3 * attentionWidth, weights: matrix(hidden, 3 * attentionWidth), shardBy: 'heads' }, layer),
      core(spec, layer),
      gemm({ ...part, id: 'output', part: 'linear', k: attentionWidth, n: hidden, weights: matrix(attentionWidth, hidden), shardBy: 'rows' }, layer),
    ],
    ffn: [
      gemm(
        {
          ...part,
          id: gated ? 'gate-up' : 'up',
          part: 'ffn',
          k: hidden,
          n: inputMatrices * intermediate,
          weights: { card: ffnInWeights, inputs: { hidden, intermediate, inputMatrices } },
          shardBy: 'columns',
        },
        layer,
      ),
      gemm({ ...part, id: 'down', part: 'ffn', k: intermediate, n: hidden, weights: { card: ffnOutWeights, inputs: { hidden, intermediate } }, shardBy: 'rows' }, layer),
    ],
    connector: endOf('connector'),
  };
}

/** Every patch attends every patch of its tile. */
function core({ attentionWidth, heads }: VisionSpec, { repeat, precision }: LoweringContext): Operator {
  const headDim = attentionWidth / heads;
  const element = bytesPerElement(precision.activations);
  const flop = { card: encoderCoreFlop, inputs: { attentionWidth } };
  const kvRead = { card: gqaKvBytes, inputs: { kvHeads: heads, headDim, bytesPerElement: element } };
  const zero = ContextCurve.zero;
  return {
    id: 'core',
    part: 'core',
    component: 'vision',
    kind: 'attention-core',
    shape: { kind: 'attention', queryHeads: heads, kvHeads: heads, queryKeyDim: headDim, valueDim: headDim },
    repeat,
    weights: 0,
    activeWeights: 0,
    flop: bidirectionalPairs(flop.card.evaluate(flop.inputs)),
    bytes: { weights: zero, kvRead: ContextCurve.linear(kvRead.card.evaluate(kvRead.inputs)), kvWrite: zero, state: zero, activations: ContextCurve.linear(2 * attentionWidth * element) },
    shardBy: 'kvHeads',
    scales: { kind: 'perToken' },
    because: { flop, kvRead },
  };
}

/** A matrix before or behind the layers, on the rows that it works on. */
function endOperator(id: string, { inputs, outputs, rows }: MatrixSpec, context: LoweringContext, tokens: number): Operator {
  const weights = { card: visionMatrixWeights, inputs: { inputs, outputs } };
  if (rows === 'table') return table(id, inputs, outputs, weights, context);
  const parts = { id, part: 'linear', component: 'vision', k: inputs, n: outputs, weights, shardBy: 'replicated' } as const;
  if (rows === 'patches') return gemm(parts, context);
  const ofOne = gemm(parts, { ...context, phase: 'decode' });
  return { ...ofOne, flop: ofOne.flop.times(tokens), bytes: { ...ofOne.bytes, activations: ofOne.bytes.activations.times(tokens) } };
}

/** A table whose rows are looked up: no work, read once in a pass. */
function table(id: string, rows: number, columns: number, weights: GemmParts['weights'], { precision, repeat }: LoweringContext): Operator {
  const zero = ContextCurve.zero;
  const count = rows * columns;
  return {
    id,
    part: 'embedding',
    component: 'vision',
    kind: 'lookup',
    shape: { kind: 'table', rows, columns },
    repeat,
    weights: count,
    activeWeights: 0,
    flop: zero,
    bytes: { weights: ContextCurve.constant(storedBytes(count, weightFormat(precision, 'vision'))), kvRead: zero, kvWrite: zero, state: zero, activations: zero },
    shardBy: 'replicated',
    scales: { kind: 'perStep' },
    because: { flop: { card: gemmFlop, inputs: { weights: 0 } }, weights },
  };
}
