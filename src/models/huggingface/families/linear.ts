import type { Sourced } from '../../../provenance/sourced.ts';
import { servingChoice, structure } from '../../entry.ts';
import { type AttentionTree, type Draft, type Family, layersOf, off, otherwise } from '../draft.ts';
import type { Keys } from '../keys.ts';
import { denseFfn, divides, ends, fullAttention, heads, latentHeads, moe } from '../parts.ts';
import { qwenDenseLayers, qwenMoe } from './mixture.ts';

/** Qwen3-Next and Qwen3.5: gated delta-nets, with gated full attention in every fourth layer. */
export const qwenHybrid: Family = {
  modelTypes: ['qwen3_next', 'qwen3_5_text', 'qwen3_5_moe_text'],
  read: (keys, modelType) => {
    const layers = keys.layers();
    keys.only('use_sliding_window', [false], 'is not understood in this family');
    keys.only('attn_output_gate', [true], 'is not true: the family gates the output of its full attention');
    keys.only('mtp_use_dedicated_embeddings', [false], 'is not false: prediction heads with embeddings of their own are not understood');
    keys.ignore('attention_bias', 'sliding_window', 'max_window_layers', 'mamba_ssm_dtype', 'output_gate_type');
    const full: AttentionTree = fullAttention({ ...heads(keys), outputGate: structure('element' as const) });
    const linear = deltaNet(keys);
    const isFull = fullLayers(keys, layers.value);
    const ffnAt = qwenFfn(keys, modelType, layers.value);
    const mtp = keys.count('mtp_num_hidden_layers', off(0));
    return {
      ...ends(keys),
      layers: layersOf(keys, layers, (index) => ({ attention: isFull(index) ? full : linear, ffn: ffnAt(index) })),
      ...(mtp.value > 0 ? { mtp: { count: mtp, attention: full, ffn: ffnAt(layers.value - 1) } } : {}),
    };
  },
};

const deltaNet = (keys: Keys): AttentionTree => ({
  kind: structure('gated-delta-net'),
  keyHeads: divides(keys, 'linear_num_key_heads', keys.size('linear_num_key_heads'), keys.size('linear_num_value_heads').value, 'linear_num_value_heads'),
  valueHeads: keys.size('linear_num_value_heads'),
  keyDim: keys.size('linear_key_head_dim'),
  valueDim: keys.size('linear_value_head_dim'),
  convKernel: keys.size('linear_conv_kernel_dim'),
});

function fullLayers(keys: Keys, layers: number): (index: number) => boolean {
  const types = keys.words('layer_types', layers, ['linear_attention', 'full_attention']);
  const interval = keys.size('full_attention_interval', types === undefined ? undefined : otherwise(4)).value;
  return (index) => (types === undefined ? (index + 1) % interval === 0 : types[index] === 'full_attention');
}

function qwenFfn(keys: Keys, modelType: string, layers: number): (index: number) => ReturnType<typeof denseFfn> {
  if (modelType === 'qwen3_5_text') {
    if ((keys.integers('mlp_only_layers', null) ?? []).length > 0) keys.fail('mlp_only_layers', keys.take('mlp_only_layers'), 'is not empty in a dense model');
    const dense = denseFfn(keys.size('intermediate_size'));
    return () => dense;
  }
  const isDense = qwenDenseLayers(keys, layers);
  const sparse = qwenMoe(keys, 'stated');
  if (Array.from({ length: layers }, (_, index) => index).every((index) => !isDense(index))) {
    keys.ignore('intermediate_size');
    return () => sparse;
  }
  const dense = denseFfn(keys.size('intermediate_size'));
  return (index) => (isDense(index) ? dense : sparse);
}

/** MiniMax-Text-01 and M1: lightning attention, with full attention where `attn_type_list` says 1; a mixture in every layer. */
export const minimaxLightning: Family = {
  modelTypes: ['minimax_m1', 'minimax_text_01', 'minimax'],
  read: (keys) => {
    const layers = keys.layers();
    const own = heads(keys);
    const full = fullAttention(own);
    const lightning: AttentionTree = { kind: structure('lightning'), heads: own.queryHeads, headDim: own.headDim };
    const isFull = minimaxFullLayers(keys, layers.value);
    if (keys.count('shared_intermediate_size', off(0)).value > 0)
      keys.fail('shared_intermediate_size', keys.take('shared_intermediate_size'), 'is not 0: a shared expert is not understood in this family');
    keys.only('sliding_window', [], 'is not null: windows are not understood in this family');
    keys.ignore('postnorm', 'shared_moe_mode', 'block', 'block_size', 'attention_type', 'rotary_dim');
    for (const part of ['full_attention', 'linear_attention', 'mlp', 'full_attn', 'linear_attn'])
      for (const factor of ['alpha', 'beta']) keys.ignore(`layernorm_${part}_${factor}`, `${part}_${factor}_factor`);
    const ffn = moe(keys, { experts: 'num_local_experts', active: 'num_experts_per_tok', width: 'intermediate_size' });
    return { ...ends(keys), layers: layersOf(keys, layers, (index) => ({ attention: isFull(index) ? full : lightning, ffn })) };
  },
};

function minimaxFullLayers(keys: Keys, layers: number): (index: number) => boolean {
  const types = keys.words('layer_types', layers, ['linear_attention', 'full_attention']);
  const kinds = keys.list('attn_type_list', layers, (value, fail) => (value === 0 || value === 1 ? value : fail('is not 0 or 1')));
  if (types === undefined && kinds === undefined) return keys.fail('attn_type_list', undefined, 'is missing');
  return (index) => (kinds === undefined ? types?.[index] === 'full_attention' : kinds[index] === 1);
}

/** Kimi-Linear: Kimi delta attention, with latent attention in listed layers (counted from 1); mixtures after the first layers. */
export const kimiLinear: Family = {
  modelTypes: ['kimi_linear'],
  read: (keys) => {
    const layers = keys.layers();
    const { kda, isFull } = kdaLayers(keys, layers.value);
    const gated = keys.flag('mla_use_output_gate', off(false));
    const full: AttentionTree = { ...latentHeads(keys), kind: structure('mla'), decodeForm: servingChoice('absorbed'), ...(gated.value ? { outputGate: gated } : {}) };
    keys.only('mla_use_nope', [true, false], 'is not true or false');
    keys.only('moe_layer_freq', [1], 'is not 1: mixtures between dense layers are not understood in this family');
    keys.only('num_nextn_predict_layers', [0], 'is not 0: prediction heads are not understood in this family');
    keys.ignore('moe_renormalize', 'moe_router_activation_func', 'use_grouped_topk', 'latent_moe_use_norm', 'attn_res_block_size', 'activation_situ_beta', 'activation_situ_linear_beta');
    return { ...ends(keys), layers: kimiLayers(keys, layers, kda, full, isFull) };
  },
};

function kdaLayers(keys: Keys, layers: number): { readonly kda: AttentionTree; readonly isFull: (index: number) => boolean } {
  const linear = keys.required('linear_attn_config');
  const kdaList = linear.integers('kda_layers', null) ?? linear.fail('kda_layers', undefined, 'is missing');
  const fullList = linear.integers('full_attn_layers', null) ?? linear.fail('full_attn_layers', undefined, 'is missing');
  const all = [...kdaList, ...fullList].sort((a, b) => a - b);
  if (all.length !== layers || all.some((layer, index) => layer !== index + 1))
    linear.fail('full_attn_layers', fullList.length, `and kda_layers do not name each of the ${layers} layers once, from 1`);
  linear.ignore('gate_lower_bound');
  const fullRank = linear.flag('use_full_rank_gate', off(false));
  const kda: AttentionTree = {
    kind: structure('kda'),
    heads: linear.size('num_heads'),
    headDim: linear.size('head_dim'),
    convKernel: linear.size('short_conv_kernel_size'),
    ...(fullRank.value ? { fullRankGate: fullRank } : {}),
  };
  const full = new Set(fullList);
  return { kda, isFull: (index) => full.has(index + 1) };
}

function kimiLayers(keys: Keys, layers: Sourced<number>, kda: AttentionTree, full: AttentionTree, isFull: (index: number) => boolean): Draft['layers'] {
  const first = keys.count('first_k_dense_replace').value;
  const dense = denseFfn(keys.size('intermediate_size'));
  const latent = keys.optionalSize('routed_expert_hidden_size');
  const width = keys.size('moe_intermediate_size');
  const sparse = moe(keys, {
    experts: 'num_experts',
    active: 'num_experts_per_token',
    width: 'moe_intermediate_size',
    shared: { count: keys.count('num_shared_experts'), width },
    ...(latent === undefined ? {} : { latent }),
  });
  return layersOf(keys, layers, (index) => ({ attention: isFull(index) ? full : kda, ffn: index < first ? dense : sparse }));
}
