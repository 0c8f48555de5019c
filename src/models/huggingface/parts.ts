import type { QueryHeads } from '../../layers/grouped-query.ts';
import type { MoeSpec } from '../../layers/moe.ts';
import type { Sourced, SourcedTree } from '../../provenance/sourced.ts';
import { servingChoice, structure } from '../entry.ts';
import { type AttentionTree, type Draft, type FfnTree, otherwise } from './draft.ts';
import type { Fallback, Keys } from './keys.ts';

/** Width of the stream, vocabulary, whether the tables are tied, and the longest context. */
export function ends(keys: Keys, tied: Fallback<boolean> = otherwise(false)): Pick<Draft, 'hidden' | 'vocabulary' | 'tiedEmbeddings' | 'maxContext'> {
  return { hidden: keys.size('hidden_size'), vocabulary: keys.size('vocab_size'), tiedEmbeddings: keys.flag('tie_word_embeddings', tied), maxContext: maxContext(keys) };
}

/**
 * The longest context: what the key states, times the factor of a `rope_scaling` of type `dynamic`, whose rotary base grows with the
 * context beyond the stated one. Other types state a context that holds their factor.
 */
export function maxContext(keys: Keys, key = 'max_position_embeddings'): Sourced<number | null> {
  const stated = keys.optionalSize(key);
  if (stated === undefined) return keys.derived(`key ${key} is absent`)(null);
  const factor = dynamicFactor(keys);
  return factor === 1 ? stated : keys.derived(`${key} ${stated.value} x factor ${factor} of dynamic rope_scaling`)(Math.floor(stated.value * factor));
}

const LARGEST_FACTOR = 1024;

function dynamicFactor(keys: Keys): number {
  const scaling = keys.take('rope_scaling');
  if (typeof scaling !== 'object' || scaling === null || !('factor' in scaling)) return 1;
  const { type, rope_type: kind = type, factor } = scaling as Readonly<Record<string, unknown>>;
  if (kind !== 'dynamic') return 1;
  return typeof factor === 'number' && factor >= 1 && factor <= LARGEST_FACTOR ? factor : keys.fail('rope_scaling.factor', factor, `is not a number from 1 to ${LARGEST_FACTOR}`);
}

export type HeadsTree = SourcedTree<QueryHeads> & { readonly queryHeads: Sourced<number>; readonly kvHeads: Sourced<number>; readonly headDim: Sourced<number> };

/** Width of a head where the key may be absent: hidden size over query heads. */
export function quotientHeadDim(keys: Keys, hidden: Sourced<number>, queryHeads: Sourced<number>, key = 'head_dim', names = ['hidden_size', 'num_attention_heads']): Sourced<number> {
  const [width = '', heads = ''] = names;
  const stated = keys.optionalSize(key);
  if (stated) return stated;
  if (hidden.value % queryHeads.value !== 0) return keys.fail(heads, queryHeads.value, `does not divide ${width} ${hidden.value}, and no width of a head is stated`);
  return keys.derived(`${width} ${hidden.value} over ${heads} ${queryHeads.value}`)(hidden.value / queryHeads.value);
}

/** Key-value heads: the key must be there, null stands for multi-head attention. */
export function keyValueHeads(keys: Keys, queryHeads: Sourced<number>, key = 'num_key_value_heads'): Sourced<number> {
  return divides(keys, key, keys.sizeOrNull(key) ?? keys.derived(`${key} null: num_attention_heads`)(queryHeads.value), queryHeads.value, 'the query heads');
}

/** A size that must divide another. */
export function divides(keys: Keys, key: string, size: Sourced<number>, whole: number, what: string): Sourced<number> {
  return whole % size.value === 0 ? size : keys.fail(key, size.value, `does not divide ${what}, ${whole}`);
}

/** Query, key and value heads as most families name them; `headDim` is `quotient` where published files leave the key out. */
export function heads(keys: Keys, headDim: 'stated' | 'quotient' | Fallback<number> = 'stated'): HeadsTree {
  const queryHeads = keys.size('num_attention_heads');
  const width = headDim === 'quotient' ? quotientHeadDim(keys, keys.size('hidden_size'), queryHeads) : keys.size('head_dim', headDim === 'stated' ? undefined : headDim);
  return { queryHeads, kvHeads: keyValueHeads(keys, queryHeads), headDim: width };
}

export const fullAttention = (heads: HeadsTree): AttentionTree => ({ kind: structure('gqa'), ...heads });
export const slidingWindow = (heads: HeadsTree, window: Sourced<number>): AttentionTree => ({ kind: structure('sliding-window'), ...heads, window });

/** A feed-forward layer: gated (gate, up, down) unless said otherwise. */
export const denseFfn = (intermediate: Sourced<number>, gated = true): FfnTree => ({ kind: structure('dense'), intermediate, gated: structure(gated) });

export interface MoeKeys {
  readonly experts: string;
  readonly active: string;
  readonly width: string;
  /** experts that every token uses, and the width of one; none unless given */
  readonly shared?: { readonly count: Sourced<number>; readonly width: Sourced<number> };
  readonly gated?: boolean;
  readonly latent?: Sourced<number>;
}

/** A mixture of experts from the keys that name its sizes. */
export function moe(keys: Keys, { experts, active, width, shared, gated = true, latent }: MoeKeys): SourcedTree<MoeSpec> {
  const intermediate = keys.size(width);
  const all = keys.size(experts);
  const used = keys.size(active);
  if (used.value > all.value) keys.fail(active, used.value, `is more than ${experts} ${all.value}`);
  return {
    kind: structure('moe'),
    experts: all,
    activeExperts: used,
    intermediate,
    sharedExperts: shared && shared.count.value > 0 ? shared.count : structure(0, 'no shared expert'),
    sharedIntermediate: shared && shared.count.value > 0 ? shared.width : intermediate,
    gated: structure(gated),
    ...(latent === undefined ? {} : { latent }),
  };
}

/** The heads of latent attention as DeepSeek names them. `num_key_value_heads` and `head_dim` are not the width of its cache. */
export function latentHeads(keys: Keys) {
  keys.ignore('num_key_value_heads', 'head_dim', 'qk_head_dim');
  const queryRank: Sourced<number | null> = keys.sizeOrNull('q_lora_rank') ?? structure(null, 'q_lora_rank is null: the query is projected directly');
  return {
    queryHeads: keys.size('num_attention_heads'),
    queryRank,
    kvRank: keys.size('kv_lora_rank'),
    nopeDim: keys.size('qk_nope_head_dim'),
    ropeDim: keys.size('qk_rope_head_dim'),
    valueDim: keys.size('v_head_dim'),
  };
}

export const latentAttention = (keys: Keys): AttentionTree => ({ kind: structure('mla'), ...latentHeads(keys), decodeForm: servingChoice('absorbed') });

/** Which layers slide, from `layer_types`; undefined where the key is absent. A list that may name prediction heads at its end is cut. */
export function slidingLayers(keys: Keys, layers: number, ends: 'exact' | 'cut' = 'exact'): readonly boolean[] | undefined {
  const words = keys.words('layer_types', ends === 'exact' ? layers : null, ['full_attention', 'sliding_attention']);
  if (words === undefined) return undefined;
  if (words.length < layers) return keys.fail('layer_types', `of ${words.length} entries`, `does not have ${layers}`);
  return words.slice(0, layers).map((word) => word === 'sliding_attention');
}
