import type { Sourced } from '../../../provenance/sourced.ts';
import { structure } from '../../entry.ts';
import { type AttentionTree, type Draft, type Family, type FfnTree, layersOf, off, otherwise } from '../draft.ts';
import type { Keys } from '../keys.ts';
import { denseFfn, ends, latentAttention, latentHeads, moe } from '../parts.ts';

/** Mixture with shared experts as DeepSeek names it; null experts (DeepSeek-V2 without them) is refused rather than read as dense. */
function deepseekMoe(keys: Keys): FfnTree {
  const width = keys.size('moe_intermediate_size');
  keys.only('num_experts', [keys.size('n_routed_experts').value], 'is not n_routed_experts');
  const shared = keys.sizeOrNull('n_shared_experts') ?? structure(0, 'n_shared_experts is null');
  return moe(keys, { experts: 'n_routed_experts', active: 'num_experts_per_tok', width: 'moe_intermediate_size', shared: { count: shared, width } });
}

/** The first layers dense, the others mixtures; `mlp_layer_types` says so layer by layer where it is given. */
function firstDense(keys: Keys, layers: number): (index: number) => boolean {
  const types = keys.words('mlp_layer_types', layers, ['dense', 'sparse']);
  const first = types === undefined || keys.has('first_k_dense_replace') ? keys.count('first_k_dense_replace').value : null;
  const isDense = (index: number): boolean => (types === undefined ? index < (first ?? 0) : types[index] === 'dense');
  if (types !== undefined && first !== null && types.some((type, index) => (type === 'dense') !== index < first))
    keys.fail('mlp_layer_types', types.indexOf('sparse'), `dense layers contradict first_k_dense_replace ${first}`);
  return isDense;
}

/** Latent attention with the layer pattern of DeepSeek-V3; `attentionAt` gives the attention of each layer. */
function readLatent(keys: Keys, layers: Sourced<number>, attentionAt: (index: number) => AttentionTree): Draft {
  keys.only('moe_layer_freq', [1], 'is not 1: mixtures between dense layers are not understood in this family');
  keys.ignore('attention_bias', 'mlp_bias', 'index_share_for_mtp_iteration', 'indexer_rope_interleave', 'moe_router_dtype', 'router_dtype');
  const isDense = firstDense(keys, layers.value);
  const dense = denseFfn(keys.size('intermediate_size'));
  const sparse = deepseekMoe(keys);
  const mtp = keys.count('num_nextn_predict_layers', off(0));
  return {
    ...ends(keys),
    layers: layersOf(keys, layers, (index) => ({ attention: attentionAt(index), ffn: isDense(index) ? dense : sparse })),
    ...(mtp.value > 0 ? { mtp: { count: mtp, attention: attentionAt(0), ffn: sparse } } : {}),
  };
}

/** DeepSeek-V2, V3, R1 and Kimi K2; GLM-4.7-Flash: latent attention. */
export const deepseek: Family = {
  modelTypes: ['deepseek_v2', 'deepseek_v3', 'kimi_k2', 'glm4_moe_lite'],
  read: (keys) => {
    keys.only('use_mla', [true], 'is not true: plain attention is not understood in this family');
    const attention = latentAttention(keys);
    return readLatent(keys, keys.layers(), () => attention);
  },
};

/** DeepSeek-V3.2 and GLM-5: latent attention over the tokens that an indexer chooses. */
export const deepseekSparse: Family = {
  modelTypes: ['deepseek_v32', 'glm_moe_dsa'],
  read: (keys) => {
    const layers = keys.layers();
    const spec = { kind: structure('dsa'), ...latentHeads(keys), indexHeads: keys.size('index_n_heads'), indexDim: keys.size('index_head_dim'), topK: keys.size('index_topk') } as const;
    if (spec.queryRank.value === null) keys.fail('q_lora_rank', null, 'is null: the indexer needs a low-rank query');
    const types = keys.list('layer_types', layers.value, (value, fail) => (value === 'deepseek_sparse_attention' ? value : fail('is not deepseek_sparse_attention')));
    if (types === undefined) keys.ignore('layer_types');
    const shared = { ...spec, sharesIndex: structure(true, 'the layer attends the tokens that an earlier indexer chose') } as const;
    const ownsIndex = indexOwners(keys, layers.value);
    return readLatent(keys, layers, (index) => (ownsIndex(index) ? spec : shared));
  },
};

/** `indexer_types`, else `index_topk_pattern` (F owns, S shares), else every `index_topk_freq`-th layer from an offset, and those before it. */
function indexOwners(keys: Keys, layers: number): (index: number) => boolean {
  const types = keys.words('indexer_types', layers, ['full', 'shared']);
  const pattern = keys.take('index_topk_pattern');
  const frequency = keys.size('index_topk_freq', off(1, 'every layer has an indexer')).value;
  const offset = keys.count('index_skip_topk_offset', otherwise(2)).value;
  if (typeof pattern === 'string' && (pattern.length !== layers || /[^FS]/.test(pattern))) keys.fail('index_topk_pattern', pattern, `is not ${layers} letters F or S`);
  if (pattern !== undefined && typeof pattern !== 'string') keys.fail('index_topk_pattern', pattern, 'is not a text of F and S');
  const owns = (index: number): boolean => {
    if (types) return types[index] === 'full';
    if (typeof pattern === 'string') return pattern[index] === 'F';
    return Math.max(index - offset + 1, 0) % frequency === 0;
  };
  if (!owns(0)) keys.fail('indexer_types', types?.[0] ?? pattern, 'is not full in the first layer, which has no earlier one to share with');
  return owns;
}
