import { hubModel } from '../hub-model.ts';

export const nemotron3Nano30bA3b = hubModel(
  { id: 'nemotron-3-nano-30b-a3b', name: 'Nemotron 3 Nano', repo: 'nvidia/NVIDIA-Nemotron-3-Nano-30B-A3B-BF16' },
  {
    model_type: 'nemotron_h',
    conv_kernel: 4,
    head_dim: 128,
    hidden_size: 2688,
    hybrid_override_pattern: 'MEMEM*EMEMEM*EMEMEM*EMEMEM*EMEMEM*EMEMEMEM*EMEMEMEME',
    mamba_head_dim: 64,
    mamba_num_heads: 64,
    mamba_ssm_cache_dtype: 'float32',
    max_position_embeddings: 262144,
    moe_intermediate_size: 1856,
    moe_shared_expert_intermediate_size: 3712,
    n_groups: 8,
    n_routed_experts: 128,
    n_shared_experts: 1,
    num_attention_heads: 32,
    num_experts_per_tok: 6,
    num_key_value_heads: 2,
    ssm_state_size: 128,
    tie_word_embeddings: false,
    vocab_size: 131072,
  },
);
