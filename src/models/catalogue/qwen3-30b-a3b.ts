import { hubModel } from '../hub-model.ts';

export const qwen3_30bA3b = hubModel(
  { id: 'qwen3-30b-a3b', name: 'Qwen3 30B-A3B', repo: 'Qwen/Qwen3-30B-A3B' },
  {
    model_type: 'qwen3_moe',
    decoder_sparse_step: 1,
    head_dim: 128,
    hidden_size: 2048,
    intermediate_size: 6144,
    max_position_embeddings: 40960,
    mlp_only_layers: [],
    moe_intermediate_size: 768,
    norm_topk_prob: true,
    num_attention_heads: 32,
    num_experts: 128,
    num_experts_per_tok: 8,
    num_hidden_layers: 48,
    num_key_value_heads: 4,
    tie_word_embeddings: false,
    vocab_size: 151936,
  },
);
