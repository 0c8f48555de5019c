import { structure } from '../../entry.ts';
import { type Family, layersOf } from '../draft.ts';
import type { Keys } from '../keys.ts';
import { denseFfn, ends, fullAttention, type HeadsTree, keyValueHeads, moe, slidingWindow } from '../parts.ts';

/** A list with a 0 or 1 for each layer. */
const switches = (keys: Keys, key: string, layers: number): readonly (0 | 1)[] =>
  keys.list(key, layers, (value, fail) => (value === 0 || value === 1 ? value : fail('is not 0 or 1'))) ?? keys.fail(key, undefined, 'is missing');

/** MiMo-V2-Flash: windows with heads of their own beside full layers, value heads narrower than key heads, mixtures in listed layers. */
export const mimoV2: Family = {
  modelTypes: ['mimo_v2_flash'],
  read: (keys) => {
    const layers = keys.layers();
    const headsOf = (prefix: string): HeadsTree => ({
      queryHeads: keys.size(`${prefix}num_attention_heads`),
      kvHeads: keyValueHeads(keys, keys.size(`${prefix}num_attention_heads`), `${prefix}num_key_value_heads`),
      headDim: keys.size(`${prefix}head_dim`),
      valueDim: keys.size(`${prefix}v_head_dim`),
    });
    const window = keys.size('sliding_window');
    for (const key of ['sliding_window_size', 'attention_chunk_size']) keys.only(key, [window.value], `is not sliding_window ${window.value}`);
    keys.ignore('attention_value_scale', 'attention_bias', 'add_swa_attention_sink_bias', 'add_full_attention_sink_bias', 'n_group');
    const full = fullAttention(headsOf(''));
    const sliding = slidingWindow(headsOf('swa_'), window);
    const slides = switches(keys, 'hybrid_layer_pattern', layers.value);
    const isSparse = switches(keys, 'moe_layer_freq', layers.value);
    keys.only('n_shared_experts', [], 'is not null: shared experts are not understood in this family');
    const dense = denseFfn(keys.size('intermediate_size'));
    const sparse = moe(keys, {
      experts: 'n_routed_experts',
      active: 'num_experts_per_tok',
      width: 'moe_intermediate_size',
      shared: { count: structure(0, 'no shared expert'), width: keys.size('moe_intermediate_size') },
    });
    return { ...ends(keys), layers: layersOf(keys, layers, (index) => ({ attention: slides[index] === 1 ? sliding : full, ffn: isSparse[index] === 1 ? sparse : dense })) };
  },
};
