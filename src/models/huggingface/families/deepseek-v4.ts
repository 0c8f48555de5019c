import { structure } from '../../entry.ts';
import { type AttentionTree, type Family, layersOf, off } from '../draft.ts';
import type { Keys } from '../keys.ts';
import { ends, moe } from '../parts.ts';

/** Tokens of an entry: none (window only), 4 (CSA, with an indexer) or 128 (HCA). */
const RATIOS = [0, 4, 128] as const;

/** DeepSeek-V4: compressed attention by `compress_ratios`, a mixture in every layer; the format of its experts must be there. */
export const deepseekV4: Family = {
  modelTypes: ['deepseek_v4'],
  read: (keys) => {
    const layers = keys.layers();
    keys.only('num_key_value_heads', [1], 'is not 1: the family caches one vector a token');
    keys.only('head_dim', [512], 'is not 512');
    keys.only('vision_n_layers', [0], 'is not 0: a vision encoder is not understood in this family');
    keys.ignore('attention_bias', 'qk_rope_head_dim', 'hc_mult', 'hc_eps', 'hc_sinkhorn_iters', 'num_hash_layers', 'compress_rope_theta', 'n_group', 'topk_group');
    keys.only('index_topk_freq', [1], 'is not 1: shared indexers are not understood in this family');
    const attentionAt = compressedLayers(keys, layers.value);
    const shared = keys.count('n_shared_experts');
    const ffn = moe(keys, { experts: 'n_routed_experts', active: 'num_experts_per_tok', width: 'moe_intermediate_size', shared: { count: shared, width: keys.size('moe_intermediate_size') } });
    const mtp = keys.count('num_nextn_predict_layers', off(0));
    return {
      ...ends(keys),
      layers: layersOf(keys, layers, (index) => ({ attention: attentionAt(index), ffn })),
      expertFormat: keys.choice('expert_dtype', ['fp4', 'fp8']).value === 'fp4' ? 'mxfp4' : 'fp8-block128',
      ...(mtp.value > 0 ? { mtp: { count: mtp, attention: windowOnly(keys), ffn } } : {}),
    };
  },
};

const windowOnly = (keys: Keys) =>
  ({
    kind: structure('compressed'),
    queryHeads: keys.size('num_attention_heads'),
    headDim: keys.size('head_dim'),
    queryRank: keys.size('q_lora_rank'),
    outputGroups: keys.size('o_groups'),
    outputRank: keys.size('o_lora_rank'),
    window: keys.size('sliding_window'),
  }) as const;

/** The attention of each layer; the list may go on for prediction heads, which attend the window only. */
function compressedLayers(keys: Keys, layers: number): (index: number) => AttentionTree {
  const ratios =
    keys.list('compress_ratios', null, (value, fail) => RATIOS.find((ratio) => ratio === value) ?? fail(`is not one of ${RATIOS.join(', ')}`)) ?? keys.fail('compress_ratios', undefined, 'is missing');
  if (ratios.length < layers) keys.fail('compress_ratios', `of ${ratios.length} entries`, `does not have ${layers}`);
  const window = windowOnly(keys);
  const ratio = (value: number) => ({ ratio: keys.derived('compress_ratios')(value) });
  const heavy = { ...window, ...ratio(128), windowsPerEntry: structure(1) };
  const sparse = {
    ...window,
    ...ratio(4),
    windowsPerEntry: structure(2, 'an entry mixes its own window and the one before it'),
    indexHeads: keys.size('index_n_heads'),
    indexDim: keys.size('index_head_dim'),
    topK: keys.size('index_topk'),
  };
  if (window.queryHeads.value % window.outputGroups.value !== 0) keys.fail('o_groups', window.outputGroups.value, `does not divide num_attention_heads ${window.queryHeads.value}`);
  return (index) => (ratios[index] === 4 ? sparse : ratios[index] === 128 ? heavy : window);
}
