import { hubModel } from '../hub-model.ts';

export const opt66b = hubModel(
  { id: 'opt-66b', name: 'OPT-66B', repo: 'facebook/opt-66b', file: 'config.json (read in a third-party copy)' },
  {
    model_type: 'opt',
    hidden_size: 9216,
    ffn_dim: 36864,
    num_attention_heads: 72,
    num_hidden_layers: 64,
    max_position_embeddings: 2048,
    vocab_size: 50272,
    torch_dtype: 'float16',
  },
);
