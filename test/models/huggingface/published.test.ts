import { describe, expect, it } from 'vitest';
import { importConfig } from '../../../src/models/huggingface/index.ts';
import { parameters } from '../../../src/models/parameters.ts';
import { perLayer } from './configs.ts';

/** Keys that most published files have, and that change no count. */
const usual = { bos_token_id: 1, eos_token_id: 2, initializer_range: 0.02, torch_dtype: 'bfloat16', transformers_version: '4.45.0', use_cache: true };
const siglip = { hidden_size: 1152, image_size: 980, intermediate_size: 4304, model_type: 'idefics2', num_attention_heads: 16, num_hidden_layers: 27, patch_size: 14 };

/** Models that are no examples elsewhere, with the odd keys of their files: what their publisher calls them, in billions. */
const PUBLISHED: Readonly<Record<string, { readonly billions: string; readonly config: object }>> = {
  'GPT-2 XL': {
    billions: '1.56',
    config: {
      ...usual,
      model_type: 'gpt2',
      activation_function: 'gelu_new',
      n_ctx: 1024,
      n_embd: 1600,
      n_head: 25,
      n_layer: 48,
      n_positions: 1024,
      output_past: true,
      predict_special_tokens: true,
      n_special: 0,
      summary_type: 'cls_index',
      task_specific_params: { 'text-generation': { do_sample: true, max_length: 50 } },
      vocab_size: 50257,
    },
  },
  'Phi-4-mini': {
    billions: '3.8',
    config: {
      ...usual,
      model_type: 'phi3',
      attention_bias: false,
      full_attn_mod: 1,
      hidden_size: 3072,
      intermediate_size: 8192,
      interpolate_factor: 1,
      lm_head_bias: false,
      max_position_embeddings: 131072,
      mlp_bias: false,
      num_attention_heads: 24,
      num_hidden_layers: 32,
      num_key_value_heads: 8,
      partial_rotary_factor: 0.75,
      sliding_window: 262144,
      tie_word_embeddings: true,
      vocab_size: 200064,
    },
  },
  'Hunyuan-A13B': {
    billions: '80',
    config: {
      ...usual,
      model_type: 'hunyuan_v1_moe',
      anyres_pooling_size: 2,
      anyres_vit_max_image_size: null,
      attention_head_dim: 128,
      cla_share_factor: 2,
      class_num: 0,
      dense_list: [4096, 0],
      hidden_size: 4096,
      intermediate_size: 3072,
      max_position_embeddings: 32768,
      moe_intermediate_size: perLayer(32, () => 3072),
      moe_layer_num_skipped: 0,
      moe_topk: perLayer(32, () => 8),
      num_attention_heads: 32,
      num_experts: 64,
      num_hidden_layers: 32,
      num_key_value_heads: 8,
      num_media_embeds: 257,
      num_shared_expert: perLayer(32, () => 1),
      skip_cls_token: false,
      tie_word_embeddings: true,
      use_cla: false,
      use_mixed_mlp_moe: true,
      use_mla: false,
      use_rotary_pos_emb: true,
      vit_input_resolution: 224,
      vit_mapping_type: 'resampler',
      vit_path: null,
      vit_type: null,
      vocab_size: 128167,
    },
  },
  'InternVL2-8B': {
    billions: '8.1',
    config: {
      model_type: 'internvl_chat',
      downsample_ratio: 0.5,
      force_image_size: 448,
      llm_config: {
        ...usual,
        model_type: 'internlm2',
        attn_implementation: 'flash_attention_2',
        bias: false,
        hidden_size: 4096,
        intermediate_size: 14336,
        max_position_embeddings: 32768,
        num_attention_heads: 32,
        num_hidden_layers: 32,
        num_key_value_heads: 8,
        tie_word_embeddings: false,
        use_bfloat16: true,
        vocab_size: 92553,
      },
      ps_version: 'v2',
      select_layer: -1,
      torch_dtype: 'bfloat16',
      vision_config: { hidden_size: 1024, image_size: 448, intermediate_size: 4096, num_attention_heads: 16, num_hidden_layers: 24, patch_size: 14, qkv_bias: true, use_bfloat16: true },
    },
  },
  'MiniCPM-Llama3-V 2.5': {
    billions: '8.5',
    config: {
      ...usual,
      model_type: 'minicpmv',
      version: '2.5',
      attention_bias: false,
      hidden_size: 4096,
      image_size: 448,
      intermediate_size: 14336,
      max_position_embeddings: 8192,
      mm_use_im_start_end: true,
      num_attention_heads: 32,
      num_hidden_layers: 32,
      num_key_value_heads: 8,
      patch_size: 14,
      query_num: 96,
      slice_config: { max_slice_nums: 9, patch_size: 14 },
      tie_word_embeddings: false,
      vision_config: siglip,
      vocab_size: 128256,
    },
  },
};

describe('configs as they are published', () => {
  it.each(Object.entries(PUBLISHED))('%s has its published parameters', (_, { billions, config }) => {
    const { total } = parameters(importConfig(config).entry.model);
    const digits = billions.split('.')[1]?.length ?? 0;
    expect((total.all / 1e9).toFixed(digits)).toBe(billions);
  });

  it('refuses an encoder in a Hunyuan mixture', () =>
    expect(() => importConfig({ ...PUBLISHED['Hunyuan-A13B']?.config, vit_type: 'NaVit' })).toThrow(
      'config hunyuan_v1_moe: vit_type "NaVit" is not null: a vision encoder is not understood in this family',
    ));
  it('refuses tokens beside the vocabulary of GPT-2', () => expect(() => importConfig({ ...PUBLISHED['GPT-2 XL']?.config, n_special: 2 })).toThrow(/^config gpt2: n_special 2 is not 0/));
  it('refuses a bias that it does not know, where it is on', () =>
    expect(() => importConfig({ ...PUBLISHED['Phi-4-mini']?.config, lm_head_bias: true })).toThrow(/^config phi3: lm_head_bias true is not understood/));
});
