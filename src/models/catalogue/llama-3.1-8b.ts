import { hubModel } from '../hub-model.ts';

export const llama31_8b = hubModel(
  { id: 'llama-3.1-8b', name: 'Llama 3.1 8B', repo: 'meta-llama/Meta-Llama-3.1-8B' },
  {
    model_type: 'llama',
    hidden_size: 4096,
    intermediate_size: 14336,
    max_position_embeddings: 131072,
    num_attention_heads: 32,
    num_hidden_layers: 32,
    num_key_value_heads: 8,
    tie_word_embeddings: false,
    vocab_size: 128256,
  },
);
