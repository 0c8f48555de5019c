import { hubModel } from '../hub-model.ts';

export const gemma2_27b = hubModel(
  { id: 'gemma-2-27b', name: 'Gemma 2 27B', repo: 'google/gemma-2-27b', file: 'config.json (dimensions as transformers documents them)' },
  {
    model_type: 'gemma2',
    hidden_size: 4608,
    intermediate_size: 36864,
    num_hidden_layers: 46,
    num_attention_heads: 32,
    num_key_value_heads: 16,
    head_dim: 128,
    sliding_window: 4096,
    max_position_embeddings: 8192,
    vocab_size: 256000,
  },
);
