import { hubModel } from '../hub-model.ts';

export const gemma3_27b = hubModel(
  { id: 'gemma-3-27b', name: 'Gemma 3 27B', repo: 'google/gemma-3-27b-it', file: 'config.json (read in a third-party copy)' },
  {
    model_type: 'gemma3',
    mm_tokens_per_image: 256,
    text_config: {
      head_dim: 128,
      hidden_size: 5376,
      intermediate_size: 21504,
      num_attention_heads: 32,
      num_hidden_layers: 62,
      num_key_value_heads: 16,
      sliding_window: 1024,
      max_position_embeddings: 131072,
      vocab_size: 262208,
      tie_word_embeddings: true,
    },
    vision_config: {
      hidden_size: 1152,
      image_size: 896,
      intermediate_size: 4304,
      num_attention_heads: 16,
      num_hidden_layers: 27,
      patch_size: 14,
    },
  },
);
