import { hubModel } from '../hub-model.ts';

export const kimiLinear48bA3b = hubModel(
  { id: 'kimi-linear-48b-a3b', name: 'Kimi-Linear-48B-A3B', repo: 'moonshotai/Kimi-Linear-48B-A3B-Instruct', file: 'config.json (read in third-party copies)' },
  {
    model_type: 'kimi_linear',
    hidden_size: 2304,
    intermediate_size: 9216,
    num_hidden_layers: 27,
    num_attention_heads: 32,
    q_lora_rank: null,
    kv_lora_rank: 512,
    qk_nope_head_dim: 128,
    qk_rope_head_dim: 64,
    v_head_dim: 128,
    vocab_size: 163840,
    first_k_dense_replace: 1,
    num_experts: 256,
    num_experts_per_token: 8,
    moe_intermediate_size: 1024,
    num_shared_experts: 1,
    tie_word_embeddings: false,
    max_position_embeddings: 1048576,
    linear_attn_config: {
      num_heads: 32,
      head_dim: 128,
      short_conv_kernel_size: 4,
      kda_layers: [1, 2, 3, 5, 6, 7, 9, 10, 11, 13, 14, 15, 17, 18, 19, 21, 22, 23, 25, 26],
      full_attn_layers: [4, 8, 12, 16, 20, 24, 27],
    },
  },
);
