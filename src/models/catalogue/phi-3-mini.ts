import { hubModel } from '../hub-model.ts';

export const phi3Mini = hubModel(
  { id: 'phi-3-mini', name: 'Phi-3 Mini', repo: 'microsoft/Phi-3-mini-128k-instruct', file: 'config.json (dimensions are the class defaults of Phi3Config)' },
  {
    model_type: 'phi3',
    hidden_size: 3072,
    intermediate_size: 8192,
    num_hidden_layers: 32,
    num_attention_heads: 32,
    num_key_value_heads: 32,
    vocab_size: 32064,
    max_position_embeddings: 131072,
    tie_word_embeddings: false,
  },
);
