import { hubModel } from '../hub-model.ts';

export const mimoV2Flash = hubModel(
  { id: 'mimo-v2-flash', name: 'MiMo-V2-Flash', repo: 'XiaomiMiMo/MiMo-V2-Flash' },
  {
    model_type: 'mimo_v2_flash',
    num_hidden_layers: 48,
    hidden_size: 4096,
    num_attention_heads: 64,
    num_key_value_heads: 4,
    head_dim: 192,
    v_head_dim: 128,
    intermediate_size: 16384,
    vocab_size: 152576,
    max_position_embeddings: 262144,
    sliding_window: 128,
    swa_num_attention_heads: 64,
    swa_num_key_value_heads: 8,
    swa_head_dim: 192,
    swa_v_head_dim: 128,
    hybrid_layer_pattern: [0, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 0],
    moe_layer_freq: [0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1],
    moe_intermediate_size: 2048,
    n_routed_experts: 256,
    num_experts_per_tok: 8,
    tie_word_embeddings: false,
    quantization_config: {
      quant_method: 'fp8',
      weight_block_size: [128, 128],
    },
  },
);
