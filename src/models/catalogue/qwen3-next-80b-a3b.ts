import { hubModel } from '../hub-model.ts';

export const qwen3Next80bA3b = hubModel(
  { id: 'qwen3-next-80b-a3b', name: 'Qwen3-Next-80B-A3B', repo: 'Qwen/Qwen3-Next-80B-A3B-Instruct' },
  {
    model_type: 'qwen3_next',
    full_attention_interval: 4,
    head_dim: 256,
    hidden_size: 2048,
    linear_conv_kernel_dim: 4,
    linear_key_head_dim: 128,
    linear_num_key_heads: 16,
    linear_num_value_heads: 32,
    linear_value_head_dim: 128,
    max_position_embeddings: 262144,
    moe_intermediate_size: 512,
    num_attention_heads: 16,
    num_experts: 512,
    num_experts_per_tok: 10,
    num_hidden_layers: 48,
    num_key_value_heads: 2,
    shared_expert_intermediate_size: 512,
    tie_word_embeddings: false,
    vocab_size: 151936,
  },
);
