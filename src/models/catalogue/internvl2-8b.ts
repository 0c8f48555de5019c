import { hubModel } from '../hub-model.ts';

export const internvl2_8b = hubModel(
  { id: 'internvl2-8b', name: 'InternVL2-8B', repo: 'OpenGVLab/InternVL2-8B', file: 'config.json (read in a third-party copy)' },
  {
    model_type: 'internvl_chat',
    downsample_ratio: 0.5,
    dynamic_image_size: true,
    force_image_size: 448,
    max_dynamic_patch: 12,
    min_dynamic_patch: 1,
    use_thumbnail: true,
    vision_config: {
      hidden_size: 1024,
      intermediate_size: 4096,
      num_attention_heads: 16,
      num_hidden_layers: 24,
      patch_size: 14,
      image_size: 448,
    },
    llm_config: {
      hidden_size: 4096,
      intermediate_size: 14336,
      num_attention_heads: 32,
      num_key_value_heads: 8,
      num_hidden_layers: 32,
      vocab_size: 92553,
      max_position_embeddings: 32768,
      rope_scaling: { type: 'dynamic', factor: 2 },
    },
  },
);
