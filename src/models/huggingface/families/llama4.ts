import { structure } from '../../entry.ts';
import { type Family, layersOf, off, otherwise } from '../draft.ts';
import type { Keys } from '../keys.ts';
import { denseFfn, ends, fullAttention, heads, moe } from '../parts.ts';

/** Llama 4: chunked attention where rotary position is used, full attention in the others; mixtures in every `interleave_moe_layer_step`-th layer. */
export const llama4: Family = {
  modelTypes: ['llama4_text'],
  read: (keys) => {
    const layers = keys.layers();
    const own = heads(keys);
    const full = fullAttention(own);
    const chunk = keys.sizeOrNull('attention_chunk_size');
    const chunked = chunk === undefined ? full : ({ kind: structure('chunked'), ...own, chunk } as const);
    const isLocal = localLayers(keys, layers.value);
    const isSparse = sparseLayers(keys, layers.value);
    keys.ignore('attention_bias', 'use_qk_norm', 'attn_temperature_tuning', 'attn_scale', 'floor_scale', 'for_llm_compressor', 'cache_implementation');
    const dense = denseFfn(keys.size('intermediate_size_mlp'));
    const sparse = moe(keys, {
      experts: 'num_local_experts',
      active: 'num_experts_per_tok',
      width: 'intermediate_size',
      shared: { count: structure(1, 'one shared expert of the routed width'), width: keys.size('intermediate_size') },
    });
    return { ...ends(keys), layers: layersOf(keys, layers, (index) => ({ attention: isLocal(index) ? chunked : full, ffn: isSparse(index) ? sparse : dense })) };
  },
};

/** `layer_types`, else `no_rope_layers` (1: rotary position and chunks), else every layer but each `no_rope_layer_interval`-th. */
function localLayers(keys: Keys, layers: number): (index: number) => boolean {
  const types = keys.words('layer_types', layers, ['chunked_attention', 'full_attention']);
  const listed = keys.integers('no_rope_layers', null) ?? [];
  if (listed.length !== 0 && listed.length !== layers) keys.fail('no_rope_layers', `of ${listed.length} entries`, `does not have ${layers}`);
  for (const entry of listed) if (entry > 1) keys.fail('no_rope_layers', entry, 'is not 0 or 1');
  const interval = keys.size('no_rope_layer_interval', otherwise(4)).value;
  if (types) return (index) => types[index] === 'chunked_attention';
  if (listed.length > 0) return (index) => listed[index] === 1;
  return (index) => (index + 1) % interval !== 0;
}

function sparseLayers(keys: Keys, layers: number): (index: number) => boolean {
  const listed = keys.integers('moe_layers', null);
  for (const index of listed ?? []) if (index >= layers) keys.fail('moe_layers', index, `is not one of the ${layers} layers`);
  const step = keys.size('interleave_moe_layer_step', listed === undefined ? undefined : off(1)).value;
  return (index) => (listed === undefined ? (index + 1) % step === 0 : listed.includes(index));
}
