import { structure } from '../../entry.ts';
import { type Family, type FfnTree, layersOf, off } from '../draft.ts';
import type { Keys } from '../keys.ts';
import { denseFfn, divides, ends, fullAttention, type HeadsTree, maxContext, moe, slidingLayers, slidingWindow } from '../parts.ts';

/** The layers that are mixtures: a list, or the numbers of one text. */
function moeLayers(keys: Keys, layers: number): (index: number) => boolean {
  const value = keys.take('moe_layers_enum');
  if (value === undefined) return keys.fail('moe_layers_enum', undefined, 'is missing');
  const listed: unknown = typeof value === 'string' ? value.split(',').map((part) => (/^\s*\d+\s*$/.test(part) ? Number(part) : Number.NaN)) : value;
  if (!Array.isArray(listed)) return keys.fail('moe_layers_enum', value, 'is not a list of layers');
  for (const index of listed) if (!Number.isSafeInteger(index) || index < 0 || index >= layers) keys.fail('moe_layers_enum', Number.isNaN(index) ? value : index, `is not one of the ${layers} layers`);
  const known = new Set(listed as readonly number[]);
  return (index) => known.has(index);
}

function stepMoe(keys: Keys, active: string): FfnTree {
  const shared = keys.has('share_expert_dim') ? 'share_expert_dim' : 'share_expert_dims';
  return moe(keys, { experts: 'moe_num_experts', active, width: 'moe_intermediate_size', shared: { count: structure(1, 'one shared expert'), width: keys.size(shared) } });
}

/** Step-3: multi-matrix factorisation attention, mixtures in listed layers. */
export const step3: Family = {
  modelTypes: ['step3_text'],
  read: (keys) => {
    const layers = keys.layers();
    for (const key of ['num_attention_groups', 'num_key_value_heads']) keys.only(key, [1], 'is not 1: MFA caches one key and one value head');
    keys.only('use_moe', [true], 'is not true: the family has mixtures');
    keys.ignore(
      'norm_expert_weight',
      'moe_router_activation',
      'need_fp32_gate',
      'use_im_start_end',
      'understand_projector_stride',
      'moe_every_n_layer',
      'att_impl_type',
      'enable_sfa',
      'max_seq_len',
      'max_position_embeddings',
    );
    const attention = { kind: structure('mfa'), queryHeads: keys.size('num_attention_heads'), headDim: keys.size('head_dim'), queryRank: keys.size('share_q_dim') } as const;
    const isSparse = moeLayers(keys, layers.value);
    const dense = denseFfn(keys.size('intermediate_size'));
    const sparse = stepMoe(keys, 'moe_top_k');
    return {
      ...ends(keys),
      maxContext: maxContext(keys, keys.has('max_position_embedding') ? 'max_position_embedding' : 'max_position_embeddings'),
      layers: layersOf(keys, layers, (index) => ({ attention, ffn: isSparse(index) ? sparse : dense })),
    };
  },
};

/** Step-3.5-Flash and 3.7-Flash: windows with more query heads than the full layers, a gate for each head, mixtures in listed layers. */
export const step35: Family = {
  modelTypes: ['step3p5', 'step3p7_text'],
  read: (keys) => {
    const layers = keys.layers();
    const gate = keys.flag('use_head_wise_attn_gate').value ? { outputGate: structure('head' as const) } : {};
    const heads = (from: Keys, groups: string): HeadsTree => ({
      queryHeads: from.size('num_attention_heads'),
      kvHeads: divides(from, groups, from.size(groups), from.size('num_attention_heads').value, 'the query heads'),
      headDim: from.size('head_dim'),
      ...gate,
    });
    const full = fullAttention(heads(keys, keys.has('num_attention_groups') ? 'num_attention_groups' : 'num_key_value_heads'));
    const types = slidingLayers(keys, layers.value, 'cut') ?? keys.fail('layer_types', undefined, 'is missing');
    const other = keys.required('attention_other_setting');
    other.only('attention_type', ['sliding_attention'], 'is not sliding_attention');
    other.ignore('true_head_dim');
    const sliding = slidingWindow(heads(other, other.has('num_attention_groups') ? 'num_attention_groups' : 'num_key_value_heads'), keys.size('sliding_window'));
    keys.ignore(
      'num_nextn_predict_layers',
      'use_qk_norm',
      'use_rope_layers',
      'yarn_only_types',
      'partial_rotary_factors',
      'swiglu_limits',
      'swiglu_limits_shared',
      'moe_router_activation',
      'moe_router_scaling_factor',
      'use_moe_router_bias',
      'need_fp32_gate',
      'norm_expert_weight',
      'attention_bias',
      'mlp_bias',
      'moe_every_n_layer',
      'att_impl_type',
      'zero_centered',
      'max_seq_len',
    );
    keys.only('sink', [false], 'is not understood');
    keys.only('use_moe', [true], 'is not true: the family has mixtures');
    if (keys.has('num_nextn_predict_layers')) keys.log.notes.push('prediction heads (num_nextn_predict_layers) are not counted: the config does not describe their layer');
    const isSparse = moeLayers(keys, layers.value);
    const dense = denseFfn(keys.size('intermediate_size'));
    const sparse = stepMoe(keys, 'moe_top_k');
    return { ...ends(keys, off(false)), layers: layersOf(keys, layers, (index) => ({ attention: types[index] ? sliding : full, ffn: isSparse(index) ? sparse : dense })) };
  },
};
