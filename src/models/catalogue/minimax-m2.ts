import { hubModel } from '../hub-model.ts';

export const minimaxM2 = hubModel(
  { id: 'minimax-m2', name: 'MiniMax M2', repo: 'MiniMaxAI/MiniMax-M2', file: 'config.json (read as that of MiniMax-M2.1, which has the same dimensions)' },
  {
    model_type: 'minimax_m2',
    hidden_size: 3072,
    num_hidden_layers: 62,
    num_attention_heads: 48,
    num_key_value_heads: 8,
    head_dim: 128,
    intermediate_size: 1536,
    num_local_experts: 256,
    num_experts_per_tok: 8,
    vocab_size: 200064,
    max_position_embeddings: 196608,
    tie_word_embeddings: false,
    quantization_config: {
      quant_method: 'fp8',
      weight_block_size: [128, 128],
    },
  },
);
