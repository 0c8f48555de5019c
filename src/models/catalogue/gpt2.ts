import { hubModel } from '../hub-model.ts';

export const gpt2 = hubModel(
  { id: 'gpt2', name: 'GPT-2', repo: 'openai-community/gpt2', file: 'config.json (dimensions are the class defaults of GPT2Config)' },
  {
    model_type: 'gpt2',
    n_embd: 768,
    n_layer: 12,
    n_head: 12,
    n_positions: 1024,
    vocab_size: 50257,
    torch_dtype: 'float32',
  },
);
