import { hubModel } from '../hub-model.ts';

export const deepseekV32 = hubModel(
  { id: 'deepseek-v3.2', name: 'DeepSeek-V3.2', repo: 'deepseek-ai/DeepSeek-V3.2' },
  {
    model_type: 'deepseek_v32',
    first_k_dense_replace: 3,
    hidden_size: 7168,
    index_head_dim: 128,
    index_n_heads: 64,
    index_topk: 2048,
    intermediate_size: 18432,
    kv_lora_rank: 512,
    max_position_embeddings: 163840,
    moe_intermediate_size: 2048,
    n_routed_experts: 256,
    n_shared_experts: 1,
    num_attention_heads: 128,
    num_experts_per_tok: 8,
    num_hidden_layers: 61,
    num_nextn_predict_layers: 1,
    q_lora_rank: 1536,
    qk_nope_head_dim: 128,
    qk_rope_head_dim: 64,
    quantization_config: {
      quant_method: 'fp8',
      weight_block_size: [128, 128],
    },
    tie_word_embeddings: false,
    v_head_dim: 128,
    vocab_size: 129280,
  },
);
