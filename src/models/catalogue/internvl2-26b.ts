import { hubModel } from '../hub-model.ts';

export const internvl2_26b = hubModel(
  { id: 'internvl2-26b', name: 'InternVL2-26B', repo: 'OpenGVLab/InternVL2-26B', file: 'config.json (put together from those of InternViT-6B-448px-V1-5 and internlm2-chat-20b)' },
  {
    model_type: 'internvl_chat',
    downsample_ratio: 0.5,
    dynamic_image_size: true,
    force_image_size: 448,
    max_dynamic_patch: 12,
    min_dynamic_patch: 1,
    use_thumbnail: true,
    vision_config: {
      hidden_size: 3200,
      intermediate_size: 12800,
      num_attention_heads: 25,
      num_hidden_layers: 45,
      patch_size: 14,
      image_size: 448,
    },
    llm_config: {
      hidden_size: 6144,
      intermediate_size: 16384,
      num_attention_heads: 48,
      num_key_value_heads: 8,
      num_hidden_layers: 48,
      vocab_size: 92553,
      max_position_embeddings: 32768,
      rope_scaling: { type: 'dynamic', factor: 3 },
    },
  },
);
