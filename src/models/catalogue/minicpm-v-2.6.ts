import { hubModel } from '../hub-model.ts';

export const minicpmV26 = hubModel(
  { id: 'minicpm-v-2.6', name: 'MiniCPM-V 2.6', repo: 'openbmb/MiniCPM-V-2_6', file: 'config.json (read in a third-party copy)' },
  {
    model_type: 'minicpmv',
    version: 2.6,
    hidden_size: 3584,
    intermediate_size: 18944,
    num_attention_heads: 28,
    num_hidden_layers: 28,
    num_key_value_heads: 4,
    max_position_embeddings: 32768,
    vocab_size: 151666,
    tie_word_embeddings: false,
    query_num: 64,
    slice_config: { max_slice_nums: 9, patch_size: 14 },
    slice_mode: true,
    use_image_id: true,
    vision_config: {
      hidden_size: 1152,
      image_size: 980,
      intermediate_size: 4304,
      num_attention_heads: 16,
      num_hidden_layers: 27,
      patch_size: 14,
    },
  },
);
