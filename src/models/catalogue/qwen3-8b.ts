import { hubModel } from '../hub-model.ts';

export const qwen3_8b = hubModel(
  { id: 'qwen3-8b', name: 'Qwen3 8B', repo: 'Qwen/Qwen3-8B' },
  {
    model_type: 'qwen3',
    hidden_size: 4096,
    head_dim: 128,
    intermediate_size: 12288,
    max_position_embeddings: 40960,
    num_attention_heads: 32,
    num_hidden_layers: 36,
    num_key_value_heads: 8,
    tie_word_embeddings: false,
    vocab_size: 151936,
  },
);
