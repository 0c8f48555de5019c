import { hubModel } from '../hub-model.ts';

export const gemma4_26bA4b = hubModel(
  { id: 'gemma-4-26b-a4b', name: 'Gemma 4 26B A4B', repo: 'google/gemma-4-26B-A4B' },
  {
    model_type: 'gemma4',
    text_config: {
      attention_k_eq_v: true,
      enable_moe_block: true,
      global_head_dim: 512,
      head_dim: 256,
      hidden_size: 2816,
      hidden_size_per_layer_input: 0,
      intermediate_size: 2112,
      max_position_embeddings: 262144,
      moe_intermediate_size: 704,
      num_attention_heads: 16,
      num_experts: 128,
      num_global_key_value_heads: 2,
      num_key_value_heads: 8,
      sliding_window: 1024,
      top_k_experts: 8,
      vocab_size: 262144,
    },
    tie_word_embeddings: true,
    vision_config: {
      head_dim: 72,
      hidden_size: 1152,
      intermediate_size: 4304,
      num_attention_heads: 16,
      num_hidden_layers: 27,
      patch_size: 16,
    },
  },
);
