/** Number formats, by what one element takes in memory. */
export const PRECISION_BITS = { fp32: 32, bf16: 16, fp16: 16, fp8: 8, int8: 8, fp4: 4, int4: 4 } as const;
export type Precision = keyof typeof PRECISION_BITS;

/**
 * Which format each part of a model is stored in and computed in.
 *   kv        format of the KV cache; `kvByKind` overrides it for a kind of attention (Llama 4 keeps BF16 in its full layers)
 *   state     format of a recurrent state (lightning attention)
 *   math      format of the multiply-accumulates; a chip without it computes in the narrowest float that holds its values
 */
export interface PrecisionPolicy {
  readonly id: string;
  readonly weights: Precision;
  readonly activations: Precision;
  readonly kv: Precision;
  readonly kvByKind: Readonly<Partial<Record<string, Precision>>>;
  readonly state: Precision;
  readonly math: { readonly attention: Precision; readonly linear: Precision; readonly ffn: Precision; readonly head: Precision };
}

/** The KV format of one kind of attention under a policy. */
export const kvPrecision = (policy: PrecisionPolicy, kind: string): Precision => policy.kvByKind[kind] ?? policy.kv;
