import type { Precision } from '../../layers/precision.ts';

/** [m, k] x [k, n]: every row of `m` against one matrix. */
export interface GemmKernel {
  readonly kind: 'gemm';
  /** true where operands in 8 bit have a scale for each block, which is applied while multiplying */
  readonly blockScaled?: boolean;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly math: Precision;
  /** bytes of one weight, its share of the scales included, and of one input and output element */
  readonly weightBytes: number;
  readonly inputBytes: number;
  readonly outputBytes: number;
}

/** One matrix an expert: `rows` rows in all, spread over `hit` of the `experts` of this chip; each expert multiplies its own rows by its own [k, n]. */
export interface GroupedGemmKernel {
  readonly kind: 'grouped-gemm';
  readonly experts: number;
  /** expected number of experts that have rows; a fraction where it is an expectation */
  readonly hit: number;
  readonly rows: number;
  readonly n: number;
  readonly k: number;
  readonly math: Precision;
  readonly weightBytes: number;
  readonly inputBytes: number;
  readonly outputBytes: number;
}

/** One query token of each of `batch` requests against `context` cached tokens. MLA in its absorbed form has one key-value head, whose value is part of its key. */
export interface DecodeAttentionKernel {
  readonly kind: 'decode-attention';
  readonly variant: 'gqa' | 'mla' | 'sparse-mla' | 'indexer';
  readonly batch: number;
  readonly context: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly queryKeyDim: number;
  readonly valueDim: number;
  /** bytes that one token has in the cache, all key-value heads of this chip */
  readonly kvBytesPerToken: number;
  readonly math: Precision;
}

/** A prompt of `context` tokens in each of `batch` requests, or the patches of a tile in each of `batch` tiles; `pairs` says which attend which. */
export interface PrefillAttentionKernel {
  readonly kind: 'prefill-attention';
  readonly batch: number;
  readonly context: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly queryKeyDim: number;
  readonly valueDim: number;
  /** pairs of a query and a token that it attends, one request and head: N (N + 1) / 2 where each attends those before it, N^2 where each attends all */
  readonly pairs: number;
  readonly kvBytesPerToken: number;
  readonly math: Precision;
}

/** What moves bytes and hardly computes: norms, activation functions, rotary embedding, states of recurrent layers. */
export interface ElementwiseKernel {
  readonly kind: 'elementwise';
  readonly bytes: number;
  readonly flop: number;
}

export const COLLECTIVES = ['all-reduce', 'all-gather', 'reduce-scatter', 'all-to-all'] as const;
export type Collective = (typeof COLLECTIVES)[number];

/** An exchange between `gpus` chips. `bytes` as nccl-tests count a size: the whole buffer of one chip, which for an all-gather is what it ends with. */
export interface CollectiveKernel {
  readonly kind: 'collective';
  readonly operation: Collective;
  readonly gpus: number;
  /** chips among which they lie, where they are not next to each other */
  readonly among?: number;
  readonly bytes: number;
  /** whether the elements are floating-point numbers, which switches can add up; true unless given */
  readonly floating?: boolean;
}

/** Tokens of every chip go to their experts on `gpus` chips (dispatch), or the experts' outputs come back and are added up (combine), as DeepEP does it. */
export interface ExpertExchangeKernel {
  readonly kind: 'expert-exchange';
  readonly direction: 'dispatch' | 'combine';
  /** low-latency: straight to the expert's chip, for decode; normal: once to each node and on inside it, for prompts */
  readonly mode: 'low-latency' | 'normal';
  readonly gpus: number;
  /** tokens of one chip */
  readonly tokens: number;
  readonly topK: number;
  readonly experts: number;
  readonly hidden: number;
  /** bytes of one element on the way */
  readonly elementBytes: number;
}

export type Kernel = GemmKernel | GroupedGemmKernel | DecodeAttentionKernel | PrefillAttentionKernel | ElementwiseKernel | CollectiveKernel | ExpertExchangeKernel;
