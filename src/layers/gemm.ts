import { type Derivation, formula } from '../provenance/card.ts';
import { ContextCurve } from '../units/context-curve.ts';
import type { LoweringContext } from './lowering.ts';
import type { Operator, OperatorBytes, OperatorDerivations, OperatorKind, Part, Scales, ShardBy } from './operator.ts';
import { PRECISION_BITS, type Precision } from './precision.ts';

export const bytesPerElement = (precision: Precision): number => PRECISION_BITS[precision] / 8;

/** Work of a matrix multiply for one token: 2 FLOP per weight, one multiply and one add. */
export const gemmFlop = formula({
  id: 'layers/gemm-flop',
  name: 'Matrix-multiply work per token',
  symbols: { weights: { unit: '1', meaning: 'weights that touch the token', tex: 'W' } },
  expression: '2 [FLOP] * weights',
  unit: 'FLOP',
  evaluate: ({ weights }) => 2 * weights,
  source: { kind: 'paper', id: 'arXiv:2507.19427v1', at: 'section 4.1, Tables 2 and 3 (2 FLOP per multiply-accumulate)' },
});

/** What weights take in memory. */
export const weightBytes = formula({
  id: 'layers/weight-bytes',
  name: 'Bytes of stored weights',
  symbols: { weights: { unit: '1', meaning: 'stored weights', tex: 'W' }, bytesPerElement: { unit: 'B', meaning: 'bytes of one weight', tex: 'b' } },
  expression: 'weights * bytesPerElement',
  unit: 'B',
  evaluate: ({ weights, bytesPerElement }) => weights * bytesPerElement,
  source: { kind: 'derived', from: 'definition' },
});

/** A count that is paid once per token: constant in decode, proportional to the prompt in prefill. */
export const perToken = (count: number, context: LoweringContext): ContextCurve => (context.phase === 'decode' ? ContextCurve.constant(count) : ContextCurve.linear(count));

export interface GemmParts {
  readonly id: string;
  readonly part: Part;
  readonly k: number;
  readonly n: number;
  /** weights of one group: k x n */
  readonly weights: Derivation;
  readonly shardBy: ShardBy;
  /** experts of a grouped GEMM: all, and those that one token uses */
  readonly groups?: number;
  readonly activeGroups?: number;
  /** false for work that a counting convention leaves out; the weights stay */
  readonly counted?: boolean;
}

/**
 * One matrix multiply of a layer, y[n] = x[k] W[k, n], for `groups` matrices of which a token uses `activeGroups`.
 *   flop     = 2 k n activeGroups          per token
 *   weights  = k n groups                  stored; read once a step, or once for each expert hit
 *   activations = (k + n) activeGroups b   per token
 * Ignored: bias, and scales of block quantisation: 0.02 % of 8-bit weights (4 bytes per 128 x 128), but 3 to 13 % of 4-bit
 * ones (INT4 with 2 bytes per 128, MXFP4 with 1 per 32, NVFP4 with 1 per 16).
 */
export function gemm(parts: GemmParts, context: LoweringContext): Operator {
  const { id, part, k, n, shardBy, groups = 1, activeGroups = 1, counted = true } = parts;
  const oneGroup = parts.weights.card.evaluate(parts.weights.inputs);
  const active = oneGroup * activeGroups;
  const flop: Derivation = { card: gemmFlop, inputs: { weights: counted ? active : 0 } };
  const scales: Scales = groups === activeGroups ? PER_STEP : { kind: 'perExpertHit', experts: groups, activeExperts: activeGroups };
  const kind: OperatorKind = groups === 1 ? 'gemm' : 'grouped-gemm';
  const bytes: OperatorBytes = {
    weights: ContextCurve.constant(wholeBytes(id, oneGroup * groups, context.precision.weights)),
    kvRead: ContextCurve.zero,
    kvWrite: ContextCurve.zero,
    state: ContextCurve.zero,
    activations: perToken((k + n) * activeGroups * bytesPerElement(context.precision.activations), context),
  };
  const because: OperatorDerivations = { flop, weights: parts.weights };
  return {
    id,
    part,
    kind,
    shape: { kind: 'gemm', k, n, groups, activeGroups },
    repeat: context.repeat,
    weights: oneGroup * groups,
    activeWeights: active,
    flop: perToken(flop.card.evaluate(flop.inputs), context),
    bytes,
    shardBy,
    scales,
    because,
  };
}

/** @throws RangeError for weights whose format does not fill whole bytes */
function wholeBytes(id: string, weights: number, precision: Precision): number {
  const bytes = weightBytes.evaluate({ weights, bytesPerElement: bytesPerElement(precision) });
  if (!Number.isInteger(bytes)) throw new RangeError(`${id}: weights ${weights} in ${precision} are not a whole number of bytes`);
  return bytes;
}

const PER_STEP: Scales = { kind: 'perStep' };
