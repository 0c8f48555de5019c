import { hubModel } from '../hub-model.ts';

export const glm45 = hubModel(
  { id: 'glm-4.5', name: 'GLM-4.5', repo: 'zai-org/GLM-4.5', file: 'config.json (read in a copy with the dimensions of GLM-4.7)' },
  {
    model_type: 'glm4_moe',
    head_dim: 128,
    hidden_size: 5120,
    intermediate_size: 12288,
    max_position_embeddings: 131072,
    moe_intermediate_size: 1536,
    n_routed_experts: 160,
    n_shared_experts: 1,
    num_experts_per_tok: 8,
    first_k_dense_replace: 3,
    num_attention_heads: 96,
    num_key_value_heads: 8,
    num_hidden_layers: 92,
    num_nextn_predict_layers: 1,
    tie_word_embeddings: false,
    vocab_size: 151552,
  },
);
