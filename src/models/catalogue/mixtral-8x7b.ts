import { hubModel } from '../hub-model.ts';

export const mixtral8x7b = hubModel(
  { id: 'mixtral-8x7b', name: 'Mixtral 8x7B', repo: 'mistralai/Mixtral-8x7B-v0.1' },
  {
    model_type: 'mixtral',
    hidden_size: 4096,
    intermediate_size: 14336,
    max_position_embeddings: 32768,
    num_attention_heads: 32,
    num_experts_per_tok: 2,
    num_hidden_layers: 32,
    num_key_value_heads: 8,
    num_local_experts: 8,
    tie_word_embeddings: false,
    vocab_size: 32000,
  },
);
