import { type Draft, type Family, off, otherwise } from '../draft.ts';
import * as images from '../images.ts';
import type { Keys } from '../keys.ts';
import * as vision from '../vision.ts';
import { textFamilies } from './text.ts';

interface Wrapper {
  /** the section of the language model, and its `model_type` where the section does not say; null where its keys lie beside the others */
  readonly text: { readonly section: string | null; readonly types: readonly string[] };
  /** null where the encoder of the family is not understood */
  readonly vision: vision.VisionReader | null;
  /** how images become tiles; left out where the processor of the family is not understood */
  readonly images?: images.ImagesReader;
  /** keys of the wrapper that change no count of weights or caches; where there is an encoder, its image rule reads some of them */
  readonly harmless?: readonly string[];
}

const WRAPPERS: Readonly<Record<string, Wrapper>> = {
  llama4: { text: { section: 'text_config', types: ['llama4_text'] }, vision: vision.llama4Vision, images: images.llama4Images },
  gemma3: { text: { section: 'text_config', types: ['gemma3_text'] }, vision: vision.gemma3Vision, images: images.gemma3Images, harmless: ['mm_tokens_per_image'] },
  gemma4: { text: { section: 'text_config', types: ['gemma4_text'] }, vision: vision.gemma4Vision, images: images.gemma4Images, harmless: ['vision_soft_tokens_per_image', 'mm_tokens_per_image'] },
  qwen2_5_vl: { text: { section: 'text_config', types: ['qwen2_5_vl_text'] }, vision: vision.qwen25Vision, images: images.qwen25Images },
  qwen3_vl: { text: { section: 'text_config', types: ['qwen3_vl_text'] }, vision: vision.qwen3Vision, images: images.qwen3Images },
  qwen3_vl_moe: { text: { section: 'text_config', types: ['qwen3_vl_moe_text'] }, vision: vision.qwen3Vision, images: images.qwen3Images },
  qwen3_5: { text: { section: 'text_config', types: ['qwen3_5_text'] }, vision: vision.qwen35Vision, images: images.qwen3Images },
  qwen3_5_moe: { text: { section: 'text_config', types: ['qwen3_5_moe_text'] }, vision: vision.qwen35Vision, images: images.qwen3Images },
  mistral3: {
    text: { section: 'text_config', types: ['mistral', 'ministral3'] },
    vision: vision.pixtralVision,
    images: images.mistral3Images,
    harmless: ['multimodal_projector_bias', 'projector_hidden_act'],
  },
  step3_vl: { text: { section: 'text_config', types: ['step3_text'] }, vision: vision.step3Vision, images: images.step3Images },
  internvl_chat: {
    text: { section: 'llm_config', types: ['internlm2', 'qwen2', 'qwen3', 'qwen3_moe', 'llama', 'phi3'] },
    vision: vision.internVision,
    images: images.internImages,
    harmless: [
      'force_image_size',
      'max_dynamic_patch',
      'min_dynamic_patch',
      'dynamic_image_size',
      'select_layer',
      'template',
      'ps_version',
      'use_thumbnail',
      'pad2square',
      'output_attentions',
      'system_message',
      'hidden_size',
    ],
  },
  minicpmv: {
    text: { section: null, types: ['qwen2'] },
    vision: vision.miniCpmVision,
    images: images.miniCpmImages,
    harmless: ['version', 'mm_use_im_start_end', 'image_size', 'patch_size', 'slice_config', 'slice_mode', 'use_image_id', 'vision_batch_size', 'batch_vision_input', 'batch_3d_resampler'],
  },
  kimi_k3: { text: { section: 'text_config', types: ['kimi_linear'] }, vision: null, harmless: ['ignore_index', 'image_placeholder', 'video_placeholder'] },
  step3p7: {
    text: { section: 'text_config', types: ['step3p5', 'step3p7_text'] },
    vision: null,
    harmless: ['understand_projector_stride', 'projector_bias', 'image_token_len', 'patch_token_len', 'im_start_token', 'vision_select_layer', 'use_im_start_end'],
  },
  kimi_k25: {
    text: { section: 'text_config', types: ['kimi_k2', 'deepseek_v3'] },
    vision: vision.kimiVision,
    harmless: ['ignore_index', 'media_placeholder_token_id', 'use_unified_vision_chunk', 'video_placeholder'],
  },
};

/** Models of images and text: the language model is read by its own family, the vision encoder beside it. */
export const wrappers: Family = {
  modelTypes: Object.keys(WRAPPERS),
  read: (keys, modelType) => {
    const wrapper = WRAPPERS[modelType] as Wrapper;
    keys.ignore(...(wrapper.harmless ?? []), 'is_composition');
    keys.only('audio_config', [], 'is not null: an audio encoder is not understood');
    for (const key of ['use_backbone_lora', 'use_llm_lora']) keys.only(key, [0, false], 'is not 0: adapters are not understood');
    const draft = readText(keys, wrapper.text);
    const section = keys.isIgnored('vision_config') ? undefined : keys.section('vision_config');
    if (section === undefined) keys.log.notes.push(`the vision encoder is not counted: vision_config is ${keys.isIgnored('vision_config') ? 'ignored' : 'absent'}`);
    const tied = keys.has('tie_word_embeddings') ? { tiedEmbeddings: keys.flag('tie_word_embeddings', off(false)) } : {};
    if (section === undefined) return { ...draft, ...tied };
    if (wrapper.vision === null) return keys.fail('vision_config', keys.take('vision_config'), 'is not understood in this family; ignored by name, the language model is read alone');
    const encoder = wrapper.vision(section, draft.hidden, keys);
    const rules = wrapper.images?.(section, keys);
    return { ...draft, ...tied, vision: encoder, ...(rules === undefined ? {} : { images: rules }) };
  },
};

function readText(keys: Keys, { section, types }: Wrapper['text']): Draft {
  const text = section === null || (!keys.has(section) && keys.has('hidden_size')) ? keys : keys.required(section);
  const own = text === keys ? (types[0] as string) : text.choice('model_type', types, otherwise(types[0] as string)).value;
  const family = textFamilies.find(({ modelTypes }) => modelTypes.includes(own)) as Family;
  return family.read(text, own);
}
