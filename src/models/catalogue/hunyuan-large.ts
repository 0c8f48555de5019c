import { hubModel } from '../hub-model.ts';

export const hunyuanLarge = hubModel(
  { id: 'hunyuan-large', name: 'Hunyuan-Large', repo: 'tencent/Tencent-Hunyuan-Large', file: 'config.json' },
  {
    model_type: 'hunyuan',
    hidden_size: 6400,
    intermediate_size: 18304,
    num_hidden_layers: 64,
    num_attention_heads: 80,
    num_key_value_heads: 8,
    num_experts: 16,
    moe_topk: 1,
    num_shared_expert: 1,
    use_mixed_mlp_moe: true,
    use_cla: true,
    cla_share_factor: 2,
    max_position_embeddings: 131072,
    vocab_size: 129024,
    tie_word_embeddings: true,
  },
);
