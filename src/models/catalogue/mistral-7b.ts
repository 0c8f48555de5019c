import { hubModel } from '../hub-model.ts';

export const mistral7b = hubModel(
  { id: 'mistral-7b', name: 'Mistral 7B v0.3', repo: 'mistralai/Mistral-7B-v0.3' },
  {
    model_type: 'mistral',
    hidden_size: 4096,
    intermediate_size: 14336,
    max_position_embeddings: 32768,
    num_attention_heads: 32,
    num_hidden_layers: 32,
    num_key_value_heads: 8,
    sliding_window: null,
    tie_word_embeddings: false,
    vocab_size: 32768,
  },
);
