import { hubModel } from '../hub-model.ts';

/** What "Qwen-32B" of the FastSwitch paper (arXiv:2411.18424) is taken for. Its biases of query, key and value are not counted. */
export const qwen15_32b = hubModel(
  { id: 'qwen1.5-32b', name: 'Qwen1.5 32B', repo: 'Qwen/Qwen1.5-32B', file: 'config.json (read in a third-party copy)' },
  {
    model_type: 'qwen2',
    hidden_size: 5120,
    intermediate_size: 27392,
    max_position_embeddings: 32768,
    num_attention_heads: 40,
    num_hidden_layers: 64,
    num_key_value_heads: 8,
    tie_word_embeddings: false,
    use_sliding_window: false,
    vocab_size: 152064,
    torch_dtype: 'bfloat16',
  },
);
