import { hubModel } from '../hub-model.ts';

export const gptOss120b = hubModel(
  { id: 'gpt-oss-120b', name: 'gpt-oss-120b', repo: 'openai/gpt-oss-120b' },
  {
    model_type: 'gpt_oss',
    head_dim: 64,
    hidden_size: 2880,
    intermediate_size: 2880,
    max_position_embeddings: 131072,
    num_attention_heads: 64,
    num_experts_per_tok: 4,
    num_hidden_layers: 36,
    num_key_value_heads: 8,
    num_local_experts: 128,
    quantization_config: {
      quant_method: 'mxfp4',
    },
    sliding_window: 128,
    tie_word_embeddings: false,
    vocab_size: 201088,
  },
);
