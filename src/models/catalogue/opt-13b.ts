import { hubModel } from '../hub-model.ts';

export const opt13b = hubModel(
  { id: 'opt-13b', name: 'OPT-13B', repo: 'facebook/opt-13b', file: 'config.json (read in a third-party copy)' },
  {
    model_type: 'opt',
    hidden_size: 5120,
    ffn_dim: 20480,
    num_attention_heads: 40,
    num_hidden_layers: 40,
    max_position_embeddings: 2048,
    vocab_size: 50272,
    torch_dtype: 'float16',
  },
);
