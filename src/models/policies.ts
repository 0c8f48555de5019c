import type { Precision, PrecisionPolicy } from '../layers/precision.ts';

const uniform = (id: string, stored: Precision, kv: Precision, math: Precision, attention = math): PrecisionPolicy =>
  Object.freeze({ id, weights: stored, activations: stored, kv, kvByKind: {}, state: 'fp32', math: { attention, linear: math, ffn: math, head: math } });

/** Precision policies that can be chosen by name for any model, beside the model's own (`paper`). */
export const precisionPolicies = {
  fp8: uniform('fp8', 'fp8', 'fp8', 'fp8'),
  bf16: uniform('bf16', 'bf16', 'bf16', 'bf16'),
  /** 8-bit weights and linear math, 16-bit KV cache and attention math */
  'fp8-kv16': uniform('fp8-kv16', 'fp8', 'bf16', 'fp8', 'bf16'),
  /** what serving engines call FP8: 8-bit weights and linear math; 16 bit in cache, attention, embedding, router and head */
  w8a8kv16: Object.freeze<PrecisionPolicy>({
    ...uniform('w8a8kv16', 'fp8', 'bf16', 'fp8', 'bf16'),
    weightsByComponent: { embedding: 'bf16', router: 'bf16', head: 'bf16' },
    math: { attention: 'bf16', linear: 'fp8', ffn: 'fp8', head: 'bf16' },
  }),
  /** as `w8a8kv16`, with cache and attention in 8 bit as well: Step-3 with FP8 attention (arXiv:2507.19427v1, Table 8) */
  w8a8kv8: Object.freeze<PrecisionPolicy>({
    ...uniform('w8a8kv8', 'fp8', 'fp8', 'fp8', 'fp8'),
    weightsByComponent: { embedding: 'bf16', router: 'bf16', head: 'bf16' },
    math: { attention: 'fp8', linear: 'fp8', ffn: 'fp8', head: 'bf16' },
  }),
  /** section 5.2 of arXiv:2507.19427v1: 4-bit KV storage with 8-bit math */
  'kv4-math8': uniform('kv4-math8', 'fp8', 'int4', 'fp8'),
  /** 8-bit KV storage with 16-bit math */
  'kv8-math16': uniform('kv8-math16', 'fp8', 'fp8', 'bf16'),
} as const satisfies Readonly<Record<string, PrecisionPolicy>>;

export type PrecisionPolicyId = keyof typeof precisionPolicies | 'paper';
export const PRECISION_POLICY_IDS: readonly PrecisionPolicyId[] = ['paper', ...(Object.keys(precisionPolicies) as (keyof typeof precisionPolicies)[])];
