import { hubModel } from '../hub-model.ts';

export const qwen3Vl235bA22b = hubModel(
  { id: 'qwen3-vl-235b-a22b', name: 'Qwen3-VL-235B-A22B', repo: 'Qwen/Qwen3-VL-235B-A22B-Instruct' },
  {
    model_type: 'qwen3_vl_moe',
    text_config: {
      head_dim: 128,
      hidden_size: 4096,
      intermediate_size: 12288,
      max_position_embeddings: 262144,
      moe_intermediate_size: 1536,
      num_attention_heads: 64,
      num_experts: 128,
      num_experts_per_tok: 8,
      num_hidden_layers: 94,
      num_key_value_heads: 4,
      vocab_size: 151936,
    },
    tie_word_embeddings: false,
    vision_config: {
      deepstack_visual_indexes: [8, 16, 24],
      depth: 27,
      hidden_size: 1152,
      intermediate_size: 4304,
      num_heads: 16,
      num_position_embeddings: 2304,
      out_hidden_size: 4096,
      patch_size: 16,
      spatial_merge_size: 2,
      temporal_patch_size: 2,
    },
  },
);
