import { hubModel } from '../hub-model.ts';

export const llama2_13b = hubModel(
  { id: 'llama-2-13b', name: 'Llama 2 13B', repo: 'meta-llama/Llama-2-13b-hf' },
  {
    model_type: 'llama',
    hidden_size: 5120,
    intermediate_size: 13824,
    max_position_embeddings: 4096,
    num_attention_heads: 40,
    num_hidden_layers: 40,
    num_key_value_heads: 40,
    tie_word_embeddings: false,
    vocab_size: 32000,
  },
);
