import { hubModel } from '../hub-model.ts';

/** No weights on the hub: layers, heads and width are those of the paper's table, the rest as in the smaller models of the family. */
export const opt175b = hubModel(
  { id: 'opt-175b', name: 'OPT-175B', repo: 'arXiv:2205.01068', file: 'Table 1 (layers, heads, width; the rest as in the smaller models of the family)' },
  {
    model_type: 'opt',
    hidden_size: 12288,
    ffn_dim: 49152,
    num_attention_heads: 96,
    num_hidden_layers: 96,
    max_position_embeddings: 2048,
    vocab_size: 50272,
    torch_dtype: 'float16',
  },
);
