import { hubModel, repeated } from '../hub-model.ts';

export const step35Flash = hubModel(
  { id: 'step-3.5-flash', name: 'Step-3.5-Flash', repo: 'stepfun-ai/Step-3.5-Flash', file: 'config.json (put together from Step35Config of Megatron-Bridge and the README)' },
  {
    model_type: 'step3p5',
    hidden_size: 4096,
    intermediate_size: 11264,
    num_attention_heads: 64,
    num_attention_groups: 8,
    num_hidden_layers: 45,
    vocab_size: 128896,
    moe_intermediate_size: 1280,
    moe_num_experts: 288,
    moe_top_k: 8,
    share_expert_dim: 1280,
    head_dim: 128,
    layer_types: repeated(['full_attention', 'sliding_attention', 'sliding_attention', 'sliding_attention'], 45),
    attention_other_setting: {
      num_attention_heads: 96,
      num_attention_groups: 8,
      head_dim: 128,
    },
    use_head_wise_attn_gate: true,
    sliding_window: 512,
    moe_layers_enum: '3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32,33,34,35,36,37,38,39,40,41,42,43,44',
  },
);
