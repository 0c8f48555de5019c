/** Number formats, by what one element takes in memory: what arithmetic is done in. */
export const PRECISION_BITS = { fp32: 32, bf16: 16, fp16: 16, fp8: 8, int8: 8, fp4: 4, int4: 4 } as const;
export type Precision = keyof typeof PRECISION_BITS;

/**
 * What an element takes in memory, its share of the scales included: the formats of arithmetic, and those that are stored with
 * scales for blocks of elements.
 *   fp8-block128   FP8, one FP32 scale for each 128 x 128 block (DeepSeek-V3)
 *   mxfp8, mxfp4   OCP microscaling: one 8-bit exponent for 32 elements
 *   nvfp4          FP4, one FP8 scale for 16 elements
 *   int4-g128      INT4, one 16-bit scale for a group of 128 (compressed-tensors, symmetric); -zp: and a 4-bit zero point (AWQ, GPTQ)
 * Ignored: one scale for a whole tensor or row, and padding.
 */
export const STORAGE_BITS = {
  ...PRECISION_BITS,
  'fp8-block128': 8 + 32 / 128 ** 2,
  mxfp8: 8 + 8 / 32,
  mxfp4: 4 + 8 / 32,
  nvfp4: 4 + 8 / 16,
  'int4-g32': 4 + 16 / 32,
  'int4-g64': 4 + 16 / 64,
  'int4-g128': 4 + 16 / 128,
  'int4-g32-zp': 4 + 20 / 32,
  'int4-g64-zp': 4 + 20 / 64,
  'int4-g128-zp': 4 + 20 / 128,
  'int8-g128': 8 + 16 / 128,
} as const;
export type StorageFormat = keyof typeof STORAGE_BITS;

/** What weights belong to: a policy can store each in a format of its own, and parameters are counted by it. */
export const COMPONENTS = ['embedding', 'attention', 'indexer', 'dense', 'router', 'experts', 'sharedExperts', 'head', 'vision'] as const;
export type Component = (typeof COMPONENTS)[number];

/**
 * Which format each part of a model is stored in and computed in.
 *   weights   format of the weights; `weightsByComponent` overrides it (most quantised models keep embedding, head and router in 16 bit)
 *   kv        format of the KV cache; `kvByKind` overrides it for a kind of attention (Llama 4 keeps BF16 in its full layers)
 *   state     format of a recurrent state (lightning attention, delta rule, state spaces)
 *   math      format of the multiply-accumulates; a chip without it computes in the narrowest float that holds its values
 */
export interface PrecisionPolicy {
  readonly id: string;
  readonly weights: StorageFormat;
  readonly weightsByComponent?: Readonly<Partial<Record<Component, StorageFormat>>>;
  readonly activations: Precision;
  readonly kv: StorageFormat;
  readonly kvByKind: Readonly<Partial<Record<string, StorageFormat>>>;
  readonly state: StorageFormat;
  readonly math: { readonly attention: Precision; readonly linear: Precision; readonly ffn: Precision; readonly head: Precision };
}

/** The KV format of one kind of attention under a policy. */
export const kvPrecision = (policy: PrecisionPolicy, kind: string): StorageFormat => policy.kvByKind[kind] ?? policy.kv;

/** The format in which a policy stores the weights of a component. */
export const weightFormat = (policy: PrecisionPolicy, component: Component): StorageFormat => policy.weightsByComponent?.[component] ?? policy.weights;
