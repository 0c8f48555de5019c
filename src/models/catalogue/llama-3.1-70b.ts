import { hubModel } from '../hub-model.ts';

export const llama31_70b = hubModel(
  { id: 'llama-3.1-70b', name: 'Llama 3.1 70B', repo: 'meta-llama/Meta-Llama-3.1-70B' },
  {
    model_type: 'llama',
    hidden_size: 8192,
    intermediate_size: 28672,
    max_position_embeddings: 131072,
    num_attention_heads: 64,
    num_hidden_layers: 80,
    num_key_value_heads: 8,
    tie_word_embeddings: false,
    vocab_size: 128256,
  },
);
