import { type Derivation, formula } from '../provenance/card.ts';
import { ContextCurve } from '../units/context-curve.ts';
import type { LoweringContext } from './lowering.ts';
import type { Operator, OperatorBytes, OperatorDerivations, OperatorKind, Part, Scales, ShardBy } from './operator.ts';
import { type Component, STORAGE_BITS, type StorageFormat, weightFormat } from './precision.ts';

/** Bytes of one element, its share of the scales included. */
export const bytesPerElement = (format: StorageFormat): number => STORAGE_BITS[format] / 8;

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
  /** what the weights belong to: the attention in part `linear`, the dense layer in `ffn`, unless given */
  readonly component?: Component;
  readonly k: number;
  readonly n: number;
  /** weights of one group: k x n */
  readonly weights: Derivation;
  readonly shardBy: ShardBy;
  /** how many shards can hold a part of their own, where that is fewer than a split may have: key-value heads */
  readonly shardUnits?: number;
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
 * Weights take whole bytes, the last one filled up.
 * Ignored: bias.
 */
export function gemm(parts: GemmParts, context: LoweringContext): Operator {
  const { id, part, component = part === 'linear' ? 'attention' : 'dense', k, n, shardBy, groups = 1, activeGroups = 1, counted = true } = parts;
  const oneGroup = parts.weights.card.evaluate(parts.weights.inputs);
  const active = oneGroup * activeGroups;
  const flop: Derivation = { card: gemmFlop, inputs: { weights: counted ? active : 0 } };
  const scales: Scales = groups === activeGroups ? PER_STEP : { kind: 'perExpertHit', experts: groups, activeExperts: activeGroups };
  const kind: OperatorKind = groups === 1 ? 'gemm' : 'grouped-gemm';
  const bytes: OperatorBytes = {
    weights: ContextCurve.constant(storedBytes(oneGroup * groups, weightFormat(context.precision, component))),
    kvRead: ContextCurve.zero,
    kvWrite: ContextCurve.zero,
    state: ContextCurve.zero,
    activations: perToken((k + n) * activeGroups * bytesPerElement(context.precision.activations), context),
  };
  const because: OperatorDerivations = { flop, weights: parts.weights };
  return {
    id,
    part,
    component,
    kind,
    shape: { kind: 'gemm', k, n, groups, activeGroups },
    repeat: context.repeat,
    weights: oneGroup * groups,
    activeWeights: active,
    flop: perToken(flop.card.evaluate(flop.inputs), context),
    bytes,
    shardBy,
    ...(parts.shardUnits === undefined ? {} : { shardUnits: parts.shardUnits }),
    scales,
    because,
  };
}

/** Bytes of stored weights, the last one filled up. */
export const storedBytes = (weights: number, format: StorageFormat): number => Math.ceil(weightBytes.evaluate({ weights, bytesPerElement: bytesPerElement(format) }));

const PER_STEP: Scales = { kind: 'perStep' };
