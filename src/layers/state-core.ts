import { type Derivation, formula } from '../provenance/card.ts';
import { ContextCurve } from '../units/context-curve.ts';
import { bytesPerElement, gemmFlop, perToken, storedBytes } from './gemm.ts';
import type { LoweringContext } from './lowering.ts';
import type { Operator } from './operator.ts';
import { weightFormat } from './precision.ts';

export interface StateParts {
  readonly heads: number;
  readonly keyDim: number;
  readonly valueDim: number;
  /** work of one token */
  readonly flop: Derivation;
  /** bytes of the state read and written for one token */
  readonly stateBytes: Derivation;
  /** elements that go in and come out for one token */
  readonly inputsAndOutputs: number;
}

/**
 * The core of a recurrent layer: a state of keyDim x valueDim a head, read and written once for each decoded token.
 *   prefill  the work is paid for every token, the state is moved once
 *   cache    the state, whatever the context: half of the bytes moved
 * Ignored: the block-wise form of prefill; norms and activation functions.
 * @throws RangeError when the state of one layer does not fill whole bytes
 */
export function stateCore({ heads, keyDim, valueDim, flop, stateBytes, inputsAndOutputs }: StateParts, context: LoweringContext): Operator {
  const moved = stateBytes.card.evaluate(stateBytes.inputs);
  if (!Number.isInteger(moved / 2)) throw new RangeError(`state: stateBytes ${moved / 2} is not a whole number of bytes`);
  return {
    id: 'core',
    part: 'core',
    component: 'attention',
    kind: 'state-update',
    shape: { kind: 'state', heads, keyDim, valueDim },
    repeat: context.repeat,
    weights: 0,
    activeWeights: 0,
    flop: perToken(flop.card.evaluate(flop.inputs), context),
    bytes: {
      weights: ContextCurve.zero,
      kvRead: ContextCurve.zero,
      kvWrite: ContextCurve.zero,
      state: ContextCurve.constant(moved),
      activations: perToken(inputsAndOutputs * bytesPerElement(context.precision.activations), context),
    },
    shardBy: 'heads',
    scales: { kind: 'perToken' },
    cache: { ring: ContextCurve.zero, paged: ContextCurve.zero, state: moved / 2 },
    because: { flop, state: stateBytes },
  };
}

const source = { kind: 'paper', id: 'arXiv:2405.21060', at: 'section 8 (depthwise causal convolution before the state space)' } as const;
const channels = { unit: '1', meaning: 'channels of the convolution', tex: 'C' } as const;
const convKernel = { unit: '1', meaning: 'taps of the convolution', tex: 'k' } as const;

/** Weights of a depthwise causal convolution: [C, k]. */
export const convWeights = formula({
  id: 'layers/conv-weights',
  name: 'Weights of a depthwise convolution',
  symbols: { channels, convKernel },
  expression: 'channels * convKernel',
  unit: '1',
  evaluate: ({ channels, convKernel }) => channels * convKernel,
  source,
});

/** Bytes moved for one token: the last k - 1 inputs of each channel, in 16 bit, are read and written. */
export const convStateBytes = formula({
  id: 'layers/conv-state-bytes',
  name: 'Convolution state bytes read and written per token and layer',
  symbols: { channels, convKernel },
  expression: '4 [B] * channels * (convKernel - 1)',
  unit: 'B',
  evaluate: ({ channels, convKernel }) => 4 * channels * (convKernel - 1),
  source,
});

/** A depthwise causal convolution over `width` channels, k taps each; between tokens it keeps the last k - 1 inputs in 16 bit. Bias ignored. */
export function convolution(width: Derivation, convKernel: number, context: LoweringContext): Operator {
  const channels = width.card.evaluate(width.inputs);
  const inputs = { channels, convKernel };
  const weights = { card: convWeights, inputs };
  const count = convWeights.evaluate(inputs);
  const flop = { card: gemmFlop, inputs: { weights: count } };
  const moved = convStateBytes.evaluate(inputs);
  return {
    id: 'conv',
    part: 'core',
    component: 'attention',
    kind: 'state-update',
    shape: { kind: 'state', heads: channels, keyDim: convKernel, valueDim: 1 },
    repeat: context.repeat,
    weights: count,
    activeWeights: count,
    flop: perToken(gemmFlop.evaluate(flop.inputs), context),
    bytes: {
      weights: ContextCurve.constant(storedBytes(count, weightFormat(context.precision, 'attention'))),
      kvRead: ContextCurve.zero,
      kvWrite: ContextCurve.zero,
      state: ContextCurve.constant(moved),
      activations: perToken(2 * channels * bytesPerElement(context.precision.activations), context),
    },
    shardBy: 'heads',
    scales: { kind: 'perStep' },
    cache: { ring: ContextCurve.zero, paged: ContextCurve.zero, state: moved / 2 },
    because: { flop, weights, state: { card: convStateBytes, inputs }, channels: width },
  };
}
