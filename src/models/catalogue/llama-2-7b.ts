import { hubModel } from '../hub-model.ts';

export const llama2_7b = hubModel(
  { id: 'llama-2-7b', name: 'Llama 2 7B', repo: 'meta-llama/Llama-2-7b-hf' },
  {
    model_type: 'llama',
    hidden_size: 4096,
    intermediate_size: 11008,
    max_position_embeddings: 4096,
    num_attention_heads: 32,
    num_hidden_layers: 32,
    num_key_value_heads: 32,
    tie_word_embeddings: false,
    vocab_size: 32000,
  },
);
