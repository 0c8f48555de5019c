import { hubModel } from '../hub-model.ts';

export const qwen3_14b = hubModel(
  { id: 'qwen3-14b', name: 'Qwen3 14B', repo: 'Qwen/Qwen3-14B' },
  {
    model_type: 'qwen3',
    hidden_size: 5120,
    head_dim: 128,
    intermediate_size: 17408,
    max_position_embeddings: 40960,
    num_attention_heads: 40,
    num_hidden_layers: 40,
    num_key_value_heads: 8,
    tie_word_embeddings: false,
    vocab_size: 151936,
  },
);
