import { hubModel } from '../hub-model.ts';

export const mistralSmall31_24b = hubModel(
  { id: 'mistral-small-3.1-24b', name: 'Mistral Small 3.1 24B', repo: 'mistralai/Mistral-Small-3.1-24B-Instruct-2503', file: 'config.json (dimensions from public descriptions)' },
  {
    model_type: 'mistral3',
    text_config: {
      hidden_size: 5120,
      intermediate_size: 32768,
      num_hidden_layers: 40,
      num_attention_heads: 32,
      num_key_value_heads: 8,
      head_dim: 128,
      vocab_size: 131072,
      max_position_embeddings: 131072,
      sliding_window: null,
      tie_word_embeddings: false,
    },
    vision_config: {
      hidden_size: 1024,
      intermediate_size: 4096,
      num_hidden_layers: 24,
      patch_size: 14,
      image_size: 1540,
    },
  },
);
