import { hubModel } from '../hub-model.ts';

export const bloom176b = hubModel(
  { id: 'bloom-176b', name: 'BLOOM 176B', repo: 'bigscience/bloom', file: 'config.json (dimensions from public descriptions)' },
  {
    model_type: 'bloom',
    n_embed: 14336,
    n_layer: 70,
    num_attention_heads: 112,
    vocab_size: 250880,
    seq_length: 2048,
  },
);
