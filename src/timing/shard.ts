import type { Operator } from '../layers/operator.ts';

/** The part of an operator that one of several tensor-parallel chips has: shares of its weights, its cache and its work. */
export interface Shard {
  readonly weights: number;
  readonly cache: number;
  readonly work: number;
  /** whether the results of the shards have to be added up */
  readonly partial: boolean;
}

/**
 * How t chips split an operator that is not dealt out by experts.
 *   heads, columns  1 / t of weights, cache and work
 *   rows            the same, and the results are partial sums
 *   kvHeads         1 / min(t, n_kv) of weights and cache: more chips hold copies of a key-value head; an attention core still splits its queries in t
 *   replicated      everything, on each chip
 * An attention core over one cached head or latent (`heads`) splits its work and leaves the cache whole on each chip: MQA, MFA and MLA save no memory by it.
 */
export function shardOf({ shape, shardBy, shardUnits }: Operator, t: number): Shard {
  const even = (parts: number, partial = false): Shard => ({ weights: 1 / parts, cache: 1 / parts, work: 1 / parts, partial });
  switch (shardBy) {
    case 'heads':
      return shape.kind === 'attention' ? { ...even(t), cache: 1 } : even(t);
    case 'columns':
      return even(t);
    case 'rows':
      return even(t, t > 1);
    case 'kvHeads':
      return shape.kind === 'attention' ? { ...even(t), cache: 1 / Math.min(t, shape.kvHeads) } : even(Math.min(t, shardUnits ?? t));
    case 'experts':
    case 'replicated':
      return even(1);
  }
}
