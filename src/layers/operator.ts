import type { Derivation } from '../provenance/card.ts';
import type { ContextCurve, Span } from '../units/context-curve.ts';
import type { Component } from './precision.ts';

/** Which part of a model's cost an operator belongs to; the paper's columns are `core`, `linear` and `ffn`. The vision encoder costs a decoded token nothing. */
export type Part = 'core' | 'linear' | 'ffn' | 'head' | 'embedding' | 'vision';

export type OperatorKind = 'gemm' | 'grouped-gemm' | 'attention-core' | 'state-update' | 'lookup' | 'encoder';

/**
 * How tensor or expert parallelism may split an operator's weights and work.
 *   heads, columns   outputs are split: [k, n / t]; each shard has part of the result
 *   kvHeads          as heads, in at most as many parts as there are key-value heads: more shards hold copies
 *   rows             inputs are split: [k / t, n]; the results of the shards are added up, by an all-reduce
 *   experts          whole experts; replicated: every shard has and does all of it
 * Of an attention core it says how the work splits: `kvHeads` splits the cache with it, `heads` leaves the one cached head or
 * latent whole in every shard.
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
  | { readonly kind: 'table'; readonly rows: number; readonly columns: number }
  | { readonly kind: 'encoder'; readonly inputs: number; readonly outputs: number };

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
 * What one layer keeps of a request of S tokens, bytes.
 *   ring   KV, only what a later token can still attend: windows and chunks are rings of their size
 *   paged  KV, in a paged cache without eviction: every token of the request
 *   state  recurrent state, of any context
 */
export interface OperatorCache {
  readonly ring: ContextCurve;
  readonly paged: ContextCurve;
  readonly state: number;
}

/** Which tokens of its context a token attends: how many, and the field of the layer's spec that limits them, null where none does. */
export interface Attends {
  readonly span: Span;
  readonly limit: string | null;
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
  /** what its weights belong to */
  readonly component: Component;
  readonly kind: OperatorKind;
  readonly shape: OperatorShape;
  readonly repeat: number;
  readonly weights: number;
  readonly activeWeights: number;
  readonly flop: ContextCurve;
  readonly bytes: OperatorBytes;
  readonly shardBy: ShardBy;
  /** parts that a split by key-value heads can have at most */
  readonly shardUnits?: number;
  readonly scales: Scales;
  /** attention cores over a KV cache only */
  readonly attends?: Attends;
  /** only operators that keep something of a request */
  readonly cache?: OperatorCache;
  /** the formula and inputs behind each coefficient; a coefficient times its span is the curve, also where it is 0 because nothing is counted */
  readonly because: OperatorDerivations;
}

export interface OperatorDerivations {
  readonly flop: Derivation;
  readonly weights?: Derivation;
  readonly kvRead?: Derivation;
  readonly state?: Derivation;
  /** what is kept beside the cache and hardly moved */
  readonly kept?: Derivation;
  /** channels of a convolution, an input of its other formulas */
  readonly channels?: Derivation;
}
