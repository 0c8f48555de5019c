import { hubModel } from '../hub-model.ts';

export const deepseekV4Flash = hubModel(
  { id: 'deepseek-v4-flash', name: 'DeepSeek-V4-Flash', repo: 'deepseek-ai/DeepSeek-V4-Flash' },
  {
    model_type: 'deepseek_v4',
    expert_dtype: 'fp4',
    head_dim: 512,
    hidden_size: 4096,
    index_head_dim: 128,
    index_n_heads: 64,
    index_topk: 512,
    max_position_embeddings: 1048576,
    moe_intermediate_size: 2048,
    n_routed_experts: 256,
    n_shared_experts: 1,
    num_attention_heads: 64,
    num_experts_per_tok: 6,
    num_hidden_layers: 43,
    num_nextn_predict_layers: 1,
    o_groups: 8,
    o_lora_rank: 1024,
    q_lora_rank: 1024,
    quantization_config: {
      quant_method: 'fp8',
      weight_block_size: [128, 128],
    },
    sliding_window: 128,
    tie_word_embeddings: false,
    vocab_size: 129280,
    compress_ratios: [0, 0, 4, 128, 4, 128, 4, 128, 4, 128, 4, 128, 4, 128, 4, 128, 4, 128, 4, 128, 4, 128, 4, 128, 4, 128, 4, 128, 4, 128, 4, 128, 4, 128, 4, 128, 4, 128, 4, 128, 4, 128, 4, 0],
  },
);
