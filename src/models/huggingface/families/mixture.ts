import { structure } from '../../entry.ts';
import { type Family, layersOf, off, otherwise } from '../draft.ts';
import type { Keys } from '../keys.ts';
import { denseFfn, ends, fullAttention, heads, moe, slidingLayers, slidingWindow } from '../parts.ts';

/** Refuses a window in a mixture whose published models have none. */
const noWindow = (keys: Keys): void => {
  keys.only('use_sliding_window', [false], 'is not understood in this family, whose published models attend the whole context');
  keys.ignore('sliding_window', 'max_window_layers');
  if (slidingLayers(keys, keys.layers().value)?.some((slides) => slides)) keys.fail('layer_types', 'sliding_attention', 'is not understood in this family');
};

/** Mixtral: every layer a mixture; a window, where there is one, in every layer. */
export const mixtral: Family = {
  modelTypes: ['mixtral', 'phimoe'],
  read: (keys) => {
    const own = heads(keys, 'quotient');
    const window = keys.optionalSize('sliding_window');
    keys.only('num_experts', [keys.size('num_local_experts').value], 'is not num_local_experts');
    keys.ignore('attention_bias', 'lm_head_bias', 'input_jitter_noise', 'router_jitter_noise');
    const attention = window === undefined || window.value >= keys.size('max_position_embeddings').value ? fullAttention(own) : slidingWindow(own, window);
    const ffn = moe(keys, { experts: 'num_local_experts', active: 'num_experts_per_tok', width: 'intermediate_size' });
    return { ...ends(keys), layers: layersOf(keys, keys.layers(), () => ({ attention, ffn })) };
  },
};

/** Which layers of a Qwen mixture are dense: those named, and those between the sparse ones. */
export function qwenDenseLayers(keys: Keys, layers: number): (index: number) => boolean {
  const named = keys.integers('mlp_only_layers', null) ?? [];
  const step = keys.size('decoder_sparse_step', off(1)).value;
  for (const index of named) if (index >= layers) keys.fail('mlp_only_layers', index, `is not one of the ${layers} layers`);
  return (index) => named.includes(index) || (index + 1) % step !== 0;
}

/** The mixture of a Qwen model; with a shared expert where the config gives its width. Its gate of one number a token is not counted. */
export function qwenMoe(keys: Keys, shared: 'stated' | 'optional') {
  const width = keys.count('shared_expert_intermediate_size', shared === 'stated' ? undefined : off(0, 'no shared expert'));
  return moe(keys, {
    experts: 'num_experts',
    active: 'num_experts_per_tok',
    width: 'moe_intermediate_size',
    ...(width.value === 0 ? {} : { shared: { count: structure(1, 'one shared expert'), width } }),
  });
}

/** Qwen2-MoE and Qwen3-MoE: grouped-query attention, mixtures with dense layers between. */
export const qwenMixture: Family = {
  modelTypes: ['qwen2_moe', 'qwen3_moe', 'qwen3_vl_moe_text'],
  read: (keys, modelType) => {
    noWindow(keys);
    const layers = keys.layers();
    const attention = fullAttention(heads(keys, modelType === 'qwen2_moe' ? 'quotient' : 'stated'));
    const isDense = qwenDenseLayers(keys, layers.value);
    keys.ignore('attention_bias', 'qkv_bias');
    const dense = denseFfn(keys.size('intermediate_size'));
    const sparse = qwenMoe(keys, modelType === 'qwen2_moe' ? 'stated' : 'optional');
    return { ...ends(keys), layers: layersOf(keys, layers, (index) => ({ attention, ffn: isDense(index) ? dense : sparse })) };
  },
};

/** GLM-4.5 to 4.7: the first layers dense, then mixtures with shared experts; one prediction head like its layers. */
export const glm4Moe: Family = {
  modelTypes: ['glm4_moe', 'glm4v_moe_text'],
  read: (keys) => {
    const layers = keys.layers();
    const attention = fullAttention(heads(keys));
    const dense = denseFfn(keys.size('intermediate_size'));
    const first = keys.count('first_k_dense_replace').value;
    keys.ignore('attention_bias', 'use_qk_norm');
    const sparse = moe(keys, {
      experts: 'n_routed_experts',
      active: 'num_experts_per_tok',
      width: 'moe_intermediate_size',
      shared: { count: keys.count('n_shared_experts'), width: keys.size('moe_intermediate_size') },
    });
    const heads1 = keys.count('num_nextn_predict_layers', off(0));
    return {
      ...ends(keys),
      layers: layersOf(keys, layers, (index) => ({ attention, ffn: index < first ? dense : sparse })),
      ...(heads1.value > 0 ? { mtp: { count: heads1, attention, ffn: sparse } } : {}),
    };
  },
};

/** ERNIE 4.5: mixtures in a range of layers, dense ones around it. */
export const ernieMoe: Family = {
  modelTypes: ['ernie4_5_moe'],
  read: (keys) => {
    const layers = keys.layers();
    const attention = fullAttention(heads(keys, 'quotient'));
    const last = layers.value - 1;
    const start = keys.count('moe_layer_start_index').value;
    const endKey = keys.take('moe_layer_end_index');
    const end = endKey === -1 || endKey === undefined ? last : keys.count('moe_layer_end_index').value;
    const interval = keys.size('moe_layer_interval', off(1)).value;
    keys.ignore('use_bias', 'num_nextn_predict_layers', 'moe_use_aux_free', 'moe_capacity', 'moe_gate', 'moe_norm_min', 'moe_norm_gate_logits', 'moe_group', 'compression_ratio');
    if (keys.has('num_nextn_predict_layers')) keys.log.notes.push('prediction heads (num_nextn_predict_layers) are not counted: the config does not describe their layer');
    const width = keys.size('moe_intermediate_size');
    const sparse = moe(keys, {
      experts: 'moe_num_experts',
      active: keys.has('moe_k') ? 'moe_k' : 'num_experts_per_tok',
      width: 'moe_intermediate_size',
      shared: { count: keys.count('moe_num_shared_experts'), width },
    });
    const dense = denseFfn(keys.size('intermediate_size'));
    return { ...ends(keys, otherwise(true)), layers: layersOf(keys, layers, (index) => ({ attention, ffn: index >= start && index <= end && (index + 1) % interval === 0 ? sparse : dense })) };
  },
};

/** Pangu Pro MoE: every layer a mixture of groups, with one shared expert of its own width. */
export const panguProMoe: Family = {
  modelTypes: ['PanguProMoE'],
  read: (keys) => {
    noWindow(keys);
    const attention = fullAttention(heads(keys, 'quotient'));
    if ((keys.integers('mlp_only_layers', null) ?? []).length > 0) keys.fail('mlp_only_layers', keys.take('mlp_only_layers'), 'is not understood: the family has no dense width');
    keys.ignore('intermediate_size', 'num_experts_per_group', 'num_experts_group', 'router_enable_expert_bias', 'attention_bias', 'qkv_bias');
    const ffn = moe(keys, {
      experts: 'num_experts',
      active: 'num_experts_per_tok',
      width: 'moe_intermediate_size',
      shared: { count: structure(1, 'one shared expert'), width: keys.size('shared_expert_intermediate_size') },
    });
    return { ...ends(keys), layers: layersOf(keys, keys.layers(), () => ({ attention, ffn })) };
  },
};

/** MiniMax-M2: full attention and a mixture in every layer. */
export const minimaxM2: Family = {
  modelTypes: ['minimax_m2'],
  read: (keys) => {
    const layers = keys.layers();
    const kinds = keys.integers('attn_type_list', layers.value) ?? [];
    if (kinds.some((kind) => kind !== 1))
      keys.fail(
        'attn_type_list',
        kinds.find((kind) => kind !== 1),
        'is not 1, full attention, the only kind of this family',
      );
    keys.only('sliding_window', [], 'is not null: windows are not understood in this family');
    if (keys.count('shared_intermediate_size', off(0)).value > 0)
      keys.fail('shared_intermediate_size', keys.take('shared_intermediate_size'), 'is not 0: a shared expert is not understood in this family');
    keys.ignore(
      'use_qk_norm',
      'qk_norm_type',
      'shared_moe_mode',
      'use_routing_bias',
      'use_mtp',
      'num_mtp_modules',
      'mtp_transformer_layers',
      'layernorm_full_attention_beta',
      'layernorm_linear_attention_beta',
      'layernorm_mlp_beta',
      'attention_bias',
      'rotary_dim',
    );
    if (keys.has('num_mtp_modules')) keys.log.notes.push('prediction heads (num_mtp_modules) are not counted: published checkpoints may leave them out');
    const attention = fullAttention(heads(keys));
    const ffn = moe(keys, { experts: 'num_local_experts', active: 'num_experts_per_tok', width: 'intermediate_size' });
    return { ...ends(keys), layers: layersOf(keys, layers, () => ({ attention, ffn })) };
  },
};

/** gpt-oss: windows in every second layer, attention sinks (one learned logit a head, not counted), a mixture in every layer. */
export const gptOss: Family = {
  modelTypes: ['gpt_oss'],
  read: (keys) => {
    const layers = keys.layers();
    const own = heads(keys);
    const types = slidingLayers(keys, layers.value);
    const full = fullAttention(own);
    const sliding = slidingWindow(own, keys.size('sliding_window'));
    keys.only('experts_per_token', [keys.size('num_experts_per_tok').value], 'is not num_experts_per_tok');
    keys.ignore('attention_bias', 'initial_context_length', 'swiglu_alpha');
    const ffn = moe(keys, { experts: 'num_local_experts', active: 'num_experts_per_tok', width: 'intermediate_size' });
    return { ...ends(keys), layers: layersOf(keys, layers, (index) => ({ attention: (types?.[index] ?? index % 2 === 0) ? sliding : full, ffn })) };
  },
};
