import type { MatrixRows, MatrixSpec, VisionSpec } from '../../layers/vision.ts';
import type { Sourced, SourcedTree } from '../../provenance/sourced.ts';
import { structure } from '../entry.ts';
import { otherwise } from './draft.ts';
import type { Fallback, Keys } from './keys.ts';
import { divides } from './parts.ts';

type VisionTree = SourcedTree<VisionSpec>;
type Tower = Omit<Extract<VisionTree, { readonly layers: unknown }>, 'connector'>;
/** How the encoder of a family is read; `text` is the width of the language model. */
export type VisionReader = (vision: Keys, text: Sourced<number>, wrapper: Keys) => VisionTree;

/** Keys of vision encoders that change no weights: numerics, image sizes where positions are rotary, token counts. */
const HARMLESS = [
  'model_type',
  'num_channels',
  'in_channels',
  'in_chans',
  'attention_dropout',
  'hidden_act',
  'layer_norm_eps',
  'rms_norm_eps',
  'initializer_factor',
  'vision_use_head',
  'use_flash_attn',
  'torch_dtype',
  'architectures',
  'norm_type',
  'qkv_bias',
  'qk_normalization',
  'drop_path_rate',
  'dropout',
];

const matrixOn =
  (rows: MatrixRows) =>
  (name: string, inputs: Sourced<number>, outputs: Sourced<number>): SourcedTree<MatrixSpec> => ({ name: structure(name), inputs, outputs, rows: structure(rows) });
const onPatches = matrixOn('patches');
const onTokens = matrixOn('tokens');
const table = matrixOn('table');

/** Heads that divide the width of the encoder. */
const headsOf = (keys: Keys, key: string, width: Sourced<number>, fallback?: Fallback<number>): Sourced<number> => divides(keys, key, keys.size(key, fallback), width.value, 'hidden_size');

/** A size that follows from others: `times(keys, 'channels x patch^2', 3 * 14 * 14)`. */
const computed = (keys: Keys, how: string, value: number): Sourced<number> => keys.derived(how)(value);

const CHANNELS = 3;

function patchInputs(keys: Keys, taps = 1): { readonly inputs: Sourced<number>; readonly patch: number } {
  const patch = keys.size('patch_size').value;
  return { inputs: computed(keys, `3 channels x patch_size ${patch}^2${taps > 1 ? ` x temporal_patch_size ${taps}` : ''}`, CHANNELS * patch ** 2 * taps), patch };
}

/** A plain vision transformer with a learned table of positions: SigLIP, InternViT, the Llama 4 and Step-3 encoders. */
function plainTower(keys: Keys, names: { readonly layers?: string; readonly extraPositions?: number } = {}): Tower {
  keys.ignore(...HARMLESS);
  const hidden = keys.size('hidden_size');
  const { inputs, patch } = patchInputs(keys);
  const side = Math.floor(keys.size('image_size').value / patch);
  const extra = names.extraPositions ?? 0;
  return {
    layers: keys.layers(names.layers ?? 'num_hidden_layers'),
    hidden,
    attentionWidth: hidden,
    heads: headsOf(keys, 'num_attention_heads', hidden),
    intermediate: keys.size('intermediate_size'),
    gated: structure(false),
    stem: [
      onPatches('patch embedding', inputs, hidden),
      table('positions', computed(keys, `(image_size / patch_size)^2 = ${side}^2 patches${extra > 0 ? ` and ${extra}` : ''}`, side ** 2 + extra), hidden),
    ],
  };
}

/** Gemma 3: SigLIP without its pooling head, one projection to the text width. */
export const gemma3Vision: VisionReader = (vision, text) => {
  const tower = plainTower(vision);
  return { ...tower, connector: [onTokens('projection', tower.hidden as Sourced<number>, text)] };
};

/** Gemma 4: a gated encoder with tables of positions for rows and columns. */
export const gemma4Vision: VisionReader = (vision, text) => {
  vision.ignore(
    ...HARMLESS,
    'global_head_dim',
    'num_key_value_heads',
    'pooling_kernel_size',
    'default_output_length',
    'image_seq_length',
    'video_seq_length',
    'standardize',
    'use_clipped_linears',
    'attention_bias',
    'hidden_activation',
    'max_position_embeddings',
    'rope_parameters',
  );
  const hidden = vision.size('hidden_size', otherwise(768));
  const queryHeads = vision.size('num_attention_heads', otherwise(12));
  const headDim = vision.size('head_dim', otherwise(64));
  const positions = vision.size('position_embedding_size', otherwise(10240));
  return {
    layers: vision.layers('num_hidden_layers', otherwise(16)),
    hidden,
    attentionWidth: computed(vision, `num_attention_heads ${queryHeads.value} x head_dim ${headDim.value}`, queryHeads.value * headDim.value),
    heads: queryHeads,
    intermediate: vision.size('intermediate_size', otherwise(3072)),
    gated: structure(true),
    stem: [onPatches('patch embedding', patchInputs(vision).inputs, hidden), table('positions', computed(vision, `2 x position_embedding_size ${positions.value}`, 2 * positions.value), hidden)],
    connector: [onTokens('projection', hidden, text)],
  };
};

/** Qwen3-VL: patches in space and time, a merger of neighbours, and one more for each deep-stack layer. */
export const qwen3Vision: VisionReader = (vision) => qwenVision(vision, vision.integers('deepstack_visual_indexes', null) ?? vision.fail('deepstack_visual_indexes', undefined, 'is missing'));

/** Qwen3.5: the same without deep-stack mergers, whatever the key says. */
export const qwen35Vision: VisionReader = (vision) => {
  vision.ignore('deepstack_visual_indexes');
  return qwenVision(vision, []);
};

function qwenVision(vision: Keys, deep: readonly number[]): VisionTree {
  vision.ignore(...HARMLESS, 'depth');
  const hidden = vision.size('hidden_size');
  const taps = vision.size('temporal_patch_size').value;
  const merged = mergedWidth(vision, hidden);
  const output = vision.size('out_hidden_size');
  const mergers = ['merger', ...deep.map((layer) => `deep-stack merger after layer ${layer}`)];
  return {
    layers: vision.layers('depth'),
    hidden,
    attentionWidth: hidden,
    heads: headsOf(vision, 'num_heads', hidden),
    intermediate: vision.size('intermediate_size'),
    gated: structure(false),
    stem: [onPatches('patch embedding', patchInputs(vision, taps).inputs, hidden), table('positions', vision.size('num_position_embeddings'), hidden)],
    connector: mergers.flatMap((name) => [onTokens(`${name}, first`, merged, merged), onTokens(`${name}, second`, merged, output)]),
  };
}

function mergedWidth(vision: Keys, hidden: Sourced<number>): Sourced<number> {
  const merge = vision.size('spatial_merge_size').value;
  return computed(vision, `spatial_merge_size ${merge}^2 x hidden_size ${hidden.value}`, merge ** 2 * hidden.value);
}

/** Qwen2.5-VL: gated layers, rotary positions, a merger. */
export const qwen25Vision: VisionReader = (vision) => {
  vision.ignore(...HARMLESS, 'depth', 'window_size', 'fullatt_block_indexes', 'tokens_per_second', 'spatial_patch_size');
  const hidden = vision.size('hidden_size');
  const merged = mergedWidth(vision, hidden);
  return {
    layers: vision.layers('depth'),
    hidden,
    attentionWidth: hidden,
    heads: headsOf(vision, 'num_heads', hidden),
    intermediate: vision.size('intermediate_size'),
    gated: structure(true),
    stem: [onPatches('patch embedding', patchInputs(vision, vision.size('temporal_patch_size', otherwise(2)).value).inputs, hidden)],
    connector: [onTokens('merger, first', merged, merged), onTokens('merger, second', merged, vision.size('out_hidden_size'))],
  };
};

/** Llama 4: an adapter over neighbours, then a projection. */
export const llama4Vision: VisionReader = (vision, text) => {
  vision.ignore('multi_modal_projector_bias', 'projector_dropout', 'vision_feature_layer', 'vision_feature_select_strategy', 'pixel_shuffle_ratio', 'norm_eps', 'vision_feature_layer');
  const tower = plainTower(vision, { extraPositions: 1 });
  const output = vision.size('vision_output_dim');
  return {
    ...tower,
    connector: [
      onTokens('adapter, first', tower.intermediate as Sourced<number>, vision.size('projector_input_dim')),
      onTokens('adapter, second', vision.size('projector_output_dim'), vision.size('projector_output_dim')),
      onTokens('projection', output, text),
    ],
  };
};

/** Pixtral and Mistral 3: gated layers, rotary positions, a patch merger and two matrices to the text width. */
export const pixtralVision: VisionReader = (vision, text, wrapper) => {
  vision.ignore(...HARMLESS, 'head_dim', 'image_size');
  const hidden = vision.size('hidden_size', otherwise(1024));
  const merge = wrapper.size('spatial_merge_size', otherwise(2)).value;
  const merged = computed(wrapper, `spatial_merge_size ${merge}^2 x hidden_size ${hidden.value}`, merge ** 2 * hidden.value);
  wrapper.only('vision_feature_layer', [-1], 'is not -1: features of several layers are not understood');
  return {
    layers: vision.layers('num_hidden_layers', otherwise(24)),
    hidden,
    attentionWidth: hidden,
    heads: headsOf(vision, 'num_attention_heads', hidden, otherwise(16)),
    intermediate: vision.size('intermediate_size', otherwise(4096)),
    gated: structure(true),
    stem: [onPatches('patch embedding', patchInputs(vision).inputs, hidden)],
    connector: [onTokens('patch merger', merged, hidden), onTokens('projection, first', hidden, text), onTokens('projection, second', text, text)],
  };
};

/** InternVL 2: InternViT, neighbours merged by `downsample_ratio`, two matrices to the text width. */
export const internVision: VisionReader = (vision, text, wrapper) => {
  const tower = plainTower(vision, { extraPositions: 1 });
  const hidden = (tower.hidden as Sourced<number>).value;
  const ratio = wrapper.take('downsample_ratio') ?? 0.5;
  if (typeof ratio !== 'number' || !(ratio > 0 && ratio <= 1)) return wrapper.fail('downsample_ratio', ratio, 'is not a number above 0 and up to 1');
  const merge = Math.floor(1 / ratio);
  return {
    ...tower,
    connector: [onTokens('projection, first', computed(wrapper, `hidden_size ${hidden} x (1 / downsample_ratio)^2`, hidden * merge ** 2), text), onTokens('projection, second', text, text)],
  };
};

/** MiniCPM-V 2.6: SigLIP and a resampler of learned queries, whose attention projects queries for each token, keys and values for each patch. */
export const miniCpmVision: VisionReader = (vision, text, wrapper) => {
  wrapper.only('drop_vision_last_layer', [false], 'is not false: an encoder without its last layer is not understood');
  const tower = plainTower(vision);
  const hidden = tower.hidden as Sourced<number>;
  const double = computed(wrapper, `2 hidden_size ${text.value}`, 2 * text.value);
  return {
    ...tower,
    connector: [
      table('queries', wrapper.size('query_num'), text),
      onPatches('keys and values', hidden, text),
      onTokens('attention query', text, text),
      onPatches('attention keys and values', text, double),
      onTokens('attention output', text, text),
      onTokens('projection', text, text),
    ],
  };
};

/**
 * Step-3: two convolutions that halve the image, one projection. The width of the feed-forward layers must be there.
 * Ignored: the first convolution works on four rows for each token, and is counted on one.
 */
export const step3Vision: VisionReader = (vision, text, wrapper) => {
  wrapper.ignore('understand_projector_stride', 'projector_bias', 'use_im_start_end', 'image_token_len', 'patch_token_len', 'vision_select_layer', 'im_start_token');
  vision.ignore('projection_dim', 'vision_select_layer', 'width', 'layers', 'heads', 'ls_init_value');
  const tower = plainTower(vision, { extraPositions: 1 });
  const hidden = (tower.hidden as Sourced<number>).value;
  const output = vision.size('output_hidden_size');
  const double = computed(vision, `2 output_hidden_size ${output.value}`, 2 * output.value);
  return {
    ...tower,
    connector: [
      onTokens('downsampler of 2 x 2', computed(vision, `4 taps x hidden_size ${hidden}`, 4 * hidden), output),
      onTokens('downsampler of 3 x 3', computed(vision, `9 taps x output_hidden_size ${output.value}`, 9 * output.value), double),
      onTokens('projection', double, text),
    ],
  };
};

/** Kimi K2.5: MoonViT, neighbours merged, two matrices to the text width. */
export const kimiVision: VisionReader = (vision, text) => {
  vision.ignore(
    ...HARMLESS,
    'init_pos_emb_time',
    'video_attn_type',
    'merge_type',
    'mm_projector_type',
    'projector_hidden_act',
    'projector_ln_eps',
    'pos_emb_type',
    'text_hidden_size',
    'use_unified_vision_chunk',
    '_attn_implementation',
    'mm_hidden_size',
  );
  vision.only('mm_projector_type', ['patchmerger'], 'is not patchmerger');
  const name = (key: string): string => (vision.has(`vt_${key}`) ? `vt_${key}` : key);
  const hidden = vision.size(name('hidden_size'));
  const [rows, columns] = [vision.size('init_pos_emb_height').value, vision.size('init_pos_emb_width').value];
  const kernel = vision.integers('merge_kernel_size', 2) ?? [2, 2];
  const taps = (kernel[0] ?? 0) * (kernel[1] ?? 0);
  const merged = computed(vision, `merge_kernel_size ${kernel.join(' x ')} x hidden_size ${hidden.value}`, taps * hidden.value);
  return {
    layers: vision.layers(name('num_hidden_layers')),
    hidden,
    attentionWidth: hidden,
    heads: headsOf(vision, name('num_attention_heads'), hidden, otherwise(16)),
    intermediate: vision.size(name('intermediate_size')),
    gated: structure(false),
    stem: [
      onPatches('patch embedding', patchInputs(vision).inputs, hidden),
      table('positions', computed(vision, `init_pos_emb_height ${rows} x init_pos_emb_width ${columns}`, rows * columns), hidden),
    ],
    connector: [onTokens('merger, first', merged, merged), onTokens('merger, second', merged, text)],
  };
};
