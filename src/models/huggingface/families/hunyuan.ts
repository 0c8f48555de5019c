import type { Sourced } from '../../../provenance/sourced.ts';
import { structure } from '../../entry.ts';
import { type Family, layersOf, off } from '../draft.ts';
import type { Keys } from '../keys.ts';
import { ends, fullAttention, keyValueHeads, quotientHeadDim } from '../parts.ts';

/** A size that may be a list with one equal entry for each layer. */
function uniform(keys: Keys, key: string, layers: number, fallback?: Parameters<Keys['size']>[1]): Sourced<number> {
  if (!Array.isArray(keys.take(key))) return keys.size(key, fallback);
  const listed = keys.integers(key, layers) ?? [];
  const first = listed[0] ?? 0;
  if (listed.some((value) => value !== first) || first < 1) keys.fail(key, listed.find((value) => value !== first) ?? first, `differs from layer to layer, which is not understood in this family`);
  return keys.derived(`${key}, the same in all ${layers} layers`)(first);
}

/** What the class keeps for an encoder, which a model of text alone does not have, and for its rotary embedding. */
const WITHOUT_ENCODER = [
  'anyres_pooling_size',
  'anyres_vit_max_image_size',
  'anyres_vit_two_views',
  'num_media_embeds',
  'position_embedding_xdrope',
  'skip_cls_token',
  'use_rotary_pos_emb',
  'video_start_id',
  'video_end_id',
  'vit_add_patchemb_bias',
  'vit_input_resolution',
  'vit_mapping_type',
  'vit_norm_type',
  'vit_patch',
  'vit_remove_prenorm',
  'vit_token',
  'vit_used_rms_norm',
  'xdrope_section',
];

/** Hunyuan mixtures: a shared expert as wide as a dense layer; with cross-layer attention, groups of layers use the keys and values of their first. */
export const hunyuan: Family = {
  modelTypes: ['hunyuan', 'hunyuan_v1_moe'],
  read: (keys) => {
    const layers = keys.layers();
    const { value: count } = layers;
    keys.only('use_mla', [false], 'is not false: latent attention is not understood in this family');
    keys.only('mamba', [false], 'is not false');
    for (const key of ['vit_type', 'vit_path']) keys.only(key, [], 'is not null: a vision encoder is not understood in this family');
    keys.only('moe_layer_num_skipped', [0], 'is not 0: dense layers before the mixtures are not understood');
    keys.ignore(
      'attention_bias',
      'mlp_bias',
      'use_qk_norm',
      'norm_type',
      'add_classification_head',
      'class_num',
      'capacity_factor',
      'moe_drop_tokens',
      'moe_random_routing_dropped_token',
      'use_cla_norm',
      'group_limited_greedy',
      'norm_topk_prob',
      'org_vocab_size',
      'pad_id',
      'eod_token_id',
      'sep_id',
      'im_start_id',
      'im_end_id',
      'im_newline_id',
      'text_start_id',
      'text_end_id',
      'mask_init_id',
      'dense_list',
      'pool_type',
      ...WITHOUT_ENCODER,
      'routed_scaling_factor',
      'topk_group',
      'n_group',
      'kv_lora_rank',
      'q_lora_rank',
      'qk_nope_head_dim',
      'qk_rope_head_dim',
      'v_head_dim',
    );
    const { hidden, ...tables } = ends(keys);
    const queryHeads = keys.size('num_attention_heads');
    const headDim = quotientHeadDim(keys, hidden, queryHeads, keys.has('head_dim') ? 'head_dim' : 'attention_head_dim');
    keys.only('attention_head_dim', [headDim.value], `is not head_dim ${headDim.value}`);
    const own = fullAttention({ queryHeads, kvHeads: keyValueHeads(keys, queryHeads), headDim });
    const sharing = keys.flag('use_cla', off(false)).value ? keys.size('cla_share_factor').value : 1;
    keys.ignore('cla_share_factor');
    const shared = fullAttention({
      queryHeads,
      kvHeads: keyValueHeads(keys, queryHeads),
      headDim,
      sharesCache: structure(true, 'cross-layer attention: keys and values of the first layer of its group'),
    });
    const ffn = mixture(keys, count);
    return { hidden, ...tables, layers: layersOf(keys, layers, (index) => ({ attention: index % sharing === 0 ? own : shared, ffn })) };
  },
};

function mixture(keys: Keys, layers: number) {
  const dense = keys.size('intermediate_size');
  const width = keys.has('moe_intermediate_size') ? uniform(keys, 'moe_intermediate_size', layers) : dense;
  const mixed = keys.flag('use_mixed_mlp_moe').value;
  const number = uniform(keys, 'num_shared_expert', layers, off(1));
  const experts = uniform(keys, 'num_experts', layers);
  const active = uniform(keys, 'moe_topk', layers);
  if (active.value > experts.value) keys.fail('moe_topk', active.value, `is more than num_experts ${experts.value}`);
  return {
    kind: structure('moe' as const),
    experts,
    activeExperts: active,
    intermediate: width,
    sharedExperts: mixed ? number : structure(0, 'use_mixed_mlp_moe is false'),
    sharedIntermediate: dense,
    gated: structure(true),
  };
}
