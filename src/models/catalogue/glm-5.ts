import { hubModel } from '../hub-model.ts';

export const glm5 = hubModel(
  { id: 'glm-5', name: 'GLM-5', repo: 'zai-org/GLM-5' },
  {
    model_type: 'glm_moe_dsa',
    first_k_dense_replace: 3,
    hidden_size: 6144,
    index_head_dim: 128,
    index_n_heads: 32,
    index_topk: 2048,
    intermediate_size: 12288,
    kv_lora_rank: 512,
    max_position_embeddings: 202752,
    moe_intermediate_size: 2048,
    n_routed_experts: 256,
    n_shared_experts: 1,
    num_attention_heads: 64,
    num_experts_per_tok: 8,
    num_hidden_layers: 78,
    num_nextn_predict_layers: 1,
    q_lora_rank: 2048,
    qk_nope_head_dim: 192,
    qk_rope_head_dim: 64,
    tie_word_embeddings: false,
    v_head_dim: 256,
    vocab_size: 154880,
  },
);
