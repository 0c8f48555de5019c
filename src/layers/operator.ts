import type { Derivation } from '../provenance/card.ts';
import type { ContextCurve } from '../units/context-curve.ts';

/** Which part of a model's cost an operator belongs to; the paper's columns are `core`, `linear` and `ffn`. */
export type Part = 'core' | 'linear' | 'ffn' | 'head' | 'embedding';

export type OperatorKind = 'gemm' | 'grouped-gemm' | 'attention-core' | 'state-update' | 'lookup';

/**
 * How tensor or expert parallelism may split an operator's weights and work. Of an attention core it says how the work splits:
 * `kvHeads` splits the cache with it, `heads` leaves the one cached head or latent whole in every shard.
 */
export type ShardBy = 'heads' | 'kvHeads' | 'experts' | 'columns' | 'rows' | 'replicated';

/**
 * How weight bytes grow with the tokens of a step: a GEMM reads its weights once a step, whatever the batch; routed experts
 * are read once for each expert that at least one token of the step chose; a lookup reads a row for each token.
 */
export type Scales = { readonly kind: 'perStep' } | { readonly kind: 'perExpertHit'; readonly experts: number; readonly activeExperts: number } | { readonly kind: 'perToken' };

export type OperatorShape =
  | { readonly kind: 'gemm'; readonly k: number; readonly n: number; readonly groups: number; readonly activeGroups: number }
  | { readonly kind: 'attention'; readonly queryHeads: number; readonly kvHeads: number; readonly queryKeyDim: number; readonly valueDim: number }
  | { readonly kind: 'state'; readonly heads: number; readonly keyDim: number; readonly valueDim: number }
  | { readonly kind: 'table'; readonly rows: number; readonly columns: number };

/** Bytes of one layer, per decoded token (phase decode, S = context) or per prompt (phase prefill, S = prompt length). */
export interface OperatorBytes {
  /** read as `scales` says: all that is stored, for `perToken` what the token (in prefill, the prompt) reads */
  readonly weights: ContextCurve;
  readonly kvRead: ContextCurve;
  readonly kvWrite: ContextCurve;
  /** recurrent state read and written */
  readonly state: ContextCurve;
  /** inputs and outputs in activation precision */
  readonly activations: ContextCurve;
}

/**
 * The unit of derivation: one kernel of one layer. Cost, time, parameters, tensor parallelism and AFD read only operators.
 *   flop     per decoded token at context S (decode), or for a whole prompt of S tokens (prefill)
 *   weights  parameters stored in one layer; activeWeights of them touch one token
 *   repeat   number of layers that hold this operator
 */
export interface Operator {
  readonly id: string;
  readonly part: Part;
  readonly kind: OperatorKind;
  readonly shape: OperatorShape;
  readonly repeat: number;
  readonly weights: number;
  readonly activeWeights: number;
  readonly flop: ContextCurve;
  readonly bytes: OperatorBytes;
  readonly shardBy: ShardBy;
  readonly scales: Scales;
  /** the formula and inputs behind each coefficient; a coefficient times its span is the curve, also where it is 0 because nothing is counted */
  readonly because: OperatorDerivations;
}

export interface OperatorDerivations {
  readonly flop: Derivation;
  readonly weights?: Derivation;
  readonly kvRead?: Derivation;
  readonly state?: Derivation;
}
