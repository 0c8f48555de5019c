import { hubModel } from '../hub-model.ts';

export const llama2_70b = hubModel(
  { id: 'llama-2-70b', name: 'Llama 2 70B', repo: 'meta-llama/Llama-2-70b-hf' },
  {
    model_type: 'llama',
    hidden_size: 8192,
    intermediate_size: 28672,
    max_position_embeddings: 4096,
    num_attention_heads: 64,
    num_hidden_layers: 80,
    num_key_value_heads: 8,
    tie_word_embeddings: false,
    vocab_size: 32000,
  },
);
