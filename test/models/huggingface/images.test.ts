import { describe, expect, it } from 'vitest';
import { type ImportedModel, importConfig } from '../../../src/models/huggingface/index.ts';
import { modelEntries } from '../../../src/models/index.ts';
import { describeSource } from '../../../src/provenance/source.ts';
import { type Config, examples } from './configs.ts';

const imported = (config: Config): ImportedModel => importConfig(config);
const rulesOf = (config: Config) => imported(config).entry.model.images;
const inVision = (config: Config, keys: object): Config => ({ ...config, vision_config: { ...(config.vision_config as object), ...keys } });

const intern = { ...examples.internvl_chat, dynamic_image_size: true, use_thumbnail: true, max_dynamic_patch: 12 };
const miniCpm = { ...examples.minicpmv, version: 2.6 };

describe('InternVL', () => {
  const tile = { kind: 'tiles', side: 56, patch: 14, tokens: 4, imageMarkers: 2 };
  it('reads tiles, and one tile of a frame', () => {
    expect(rulesOf(intern)).toEqual({ image: { ...tile, least: 1, most: 12, thumbnail: true }, frame: { ...tile, least: 1, most: 1, thumbnail: false } });
    expect(rulesOf({ ...intern, min_dynamic_patch: 2, use_thumbnail: false })?.image).toMatchObject({ least: 2, most: 12, thumbnail: false });
  });
  it('takes one tile without dynamic_image_size, and tells that the key is absent', () => {
    expect(rulesOf({ ...intern, dynamic_image_size: false })?.image).toEqual({ ...tile, least: 1, most: 1, thumbnail: false });
    expect(rulesOf(examples.internvl_chat)?.image).toEqual({ ...tile, least: 1, most: 1, thumbnail: false });
    expect(imported(examples.internvl_chat).defaults).toContain('dynamic_image_size = false (class default)');
  });
  it('takes the forced size of an image before that of the encoder', () => expect(rulesOf({ ...intern, force_image_size: 84 })?.image).toMatchObject({ side: 84, tokens: 9 }));
  it('takes the class defaults', () => expect(rulesOf({ ...examples.internvl_chat, dynamic_image_size: true })?.image).toMatchObject({ least: 1, most: 6, thumbnail: false }));
  it.each([
    [{ max_dynamic_patch: 0 }, 'config internvl_chat: max_dynamic_patch 0 is not a positive integer'],
    [{ max_dynamic_patch: 1025 }, 'config internvl_chat: max_dynamic_patch 1025 is more than 1024'],
    [{ min_dynamic_patch: 13 }, 'config internvl_chat: min_dynamic_patch 13 is more than max_dynamic_patch 12'],
    [{ use_thumbnail: 1 }, 'config internvl_chat: use_thumbnail 1 is not true or false'],
    [{ dynamic_image_size: 'yes' }, 'config internvl_chat: dynamic_image_size "yes" is not true or false'],
    [{ force_image_size: -448 }, 'config internvl_chat: force_image_size -448 is not a positive integer'],
    [{ downsample_ratio: 0.1 }, 'config internvl_chat: downsample_ratio 0.1 leaves no token of a tile of 56 pixels with patches of 14'],
  ])('refuses %j', (change, message) => expect(() => imported({ ...intern, ...change })).toThrow(new RangeError(message)));
});

describe('MiniCPM-V', () => {
  const slice = { kind: 'slices', side: 448, patch: 14, tokens: 16, tileMarkers: 2 };
  it('reads slices, and none of a frame', () => {
    expect(rulesOf(miniCpm)).toEqual({ image: { ...slice, most: 9, imageMarkers: 3 }, frame: { ...slice, most: 1, imageMarkers: 0 } });
    expect(rulesOf({ ...miniCpm, version: '2.6', slice_config: { max_slice_nums: 6, scale_resolution: 504, patch_size: 14, model_type: 'minicpmv' } })?.image).toMatchObject({ side: 504, most: 6 });
    expect(rulesOf({ ...miniCpm, use_image_id: false })?.image).toMatchObject({ imageMarkers: 0 });
  });
  it.each([undefined, 2.5, '2.5', 4])('has no rule for version %j, and says so', (version) => {
    const { entry, notes } = imported({ ...miniCpm, version });
    expect(entry.model.images).toBeUndefined();
    expect(notes).toContain(`images are not cut into tiles: the rule of version ${version === undefined ? '(absent)' : JSON.stringify(version)} of this family is not understood`);
  });
  it.each([
    [{ slice_mode: false }, 'config minicpmv: slice_mode false is not true: images that are not sliced are not understood'],
    [{ patch_size: 16 }, 'config minicpmv: patch_size 16 is not vision_config.patch_size 14'],
    [{ slice_config: { patch_size: 16 } }, 'config minicpmv: slice_config.patch_size 16 is not vision_config.patch_size 14'],
    [{ slice_config: { max_slice_nums: 0 } }, 'config minicpmv: slice_config.max_slice_nums 0 is not a positive integer'],
    [{ slice_config: 9 }, 'config minicpmv: slice_config 9 is not an object'],
    [{ use_image_id: 3 }, 'config minicpmv: use_image_id 3 is not true or false'],
  ])('refuses %j', (change, message) => expect(() => imported({ ...miniCpm, ...change })).toThrow(new RangeError(message)));
  it('refuses a key of its slices that it does not know', () =>
    expect(() => imported({ ...miniCpm, slice_config: { max_slice_nums: 9, overlap: 2 } })).toThrow(/^config minicpmv: slice_config\.overlap 2 is not understood/));
});

describe('the others', () => {
  it('Gemma 3: one square tile', () => {
    expect(rulesOf(examples['gemma-3-27b'])).toEqual({ image: { kind: 'whole', side: 896, patch: 14, tokens: 256, imageMarkers: 4 } });
    expect(rulesOf({ ...examples['gemma-3-27b'], mm_tokens_per_image: 64 })?.image).toMatchObject({ tokens: 64 });
    expect(() => imported({ ...examples['gemma-3-27b'], mm_tokens_per_image: 0 })).toThrow('config gemma3: mm_tokens_per_image 0 is not a positive integer');
  });
  it('Gemma 4: a budget of tokens, a smaller one of a frame', () => {
    const budget = { kind: 'patch-budget', patch: 16, merge: 3, imageMarkers: 2 };
    expect(rulesOf(examples.gemma4)).toEqual({ image: { ...budget, mostTokens: 280 }, frame: { ...budget, mostTokens: 70 } });
    expect(rulesOf(inVision({ ...examples.gemma4, vision_soft_tokens_per_image: 560 }, { pooling_kernel_size: 2 }))?.image).toMatchObject({ mostTokens: 560, merge: 2 });
    expect(() => imported({ ...examples.gemma4, vision_soft_tokens_per_image: 281 })).toThrow('config gemma4: vision_soft_tokens_per_image 281 is not one of 70, 140, 280, 560, 1120');
  });
  it('Qwen: limits in tokens of the family, frames in groups', () => {
    const native = { kind: 'native', patch: 16, merge: 2, imageMarkers: 2 };
    const frame = { ...native, leastPixels: 128 * 1024, mostPixels: 768 * 1024 };
    expect(rulesOf(examples.qwen3_vl)).toEqual({ image: { ...native, leastPixels: 65_536, mostPixels: 16_777_216 }, frame, framesPerGroup: 2 });
    for (const name of ['qwen3_vl_moe', 'qwen3_5', 'qwen3_5_moe'] as const) expect(rulesOf(examples[name])).toEqual(rulesOf(examples.qwen3_vl));
    expect(rulesOf(inVision(examples.qwen2_5_vl, { patch_size: 14 }))?.image).toEqual({ ...native, patch: 14, leastPixels: 3136, mostPixels: 12_845_056 });
    expect(rulesOf(inVision(examples.qwen3_vl, { temporal_patch_size: 4 }))?.framesPerGroup).toBe(4);
  });
  it('Mistral 3: a capped side', () => {
    expect(rulesOf(examples.mistral3)).toEqual({ image: { kind: 'longest-edge', patch: 14, merge: 2, longest: 1540, rowMarkers: 1 } });
    expect(rulesOf(inVision(examples.mistral3, { image_size: 1024 }))?.image).toMatchObject({ longest: 1024 });
  });
  it('Llama 4: a canvas', () => {
    expect(rulesOf(inVision(examples.llama4, { image_size: 336, pixel_shuffle_ratio: 0.5 }))).toEqual({
      image: { kind: 'canvas', side: 336, patch: 14, most: 16, tokens: 144, imageMarkers: 3, tileMarkers: 1 },
    });
    expect(() => imported(inVision(examples.llama4, { pixel_shuffle_ratio: 2 }))).toThrow('config llama4: vision_config.pixel_shuffle_ratio 2 is not a number above 0 and up to 1');
  });
  it('Step-3: windows', () => {
    expect(rulesOf(inVision(examples['Step-3'], { image_size: 728 }))).toEqual({
      image: { kind: 'windows', side: 728, window: 504, longest: 3024, patch: 14, tokens: 169, windowTokens: 81, tileMarkers: 2 },
    });
    expect(rulesOf({ ...examples['Step-3'], image_token_len: 100, patch_token_len: 50 })?.image).toMatchObject({ tokens: 100, windowTokens: 50 });
  });
  it('Kimi K2.5 has none, nor has a config whose encoder is ignored or absent', () => {
    expect(rulesOf(examples.kimi_k25)).toBeUndefined();
    const { vision_config: _, ...text } = examples['gemma-3-27b'];
    expect(rulesOf(text)).toBeUndefined();
    expect(importConfig(examples['gemma-3-27b'], { ignore: ['vision_config'] }).entry.model.images).toBeUndefined();
  });
});

it('gives every number of a rule its key, or the file of the processor', () => {
  const { sources } = imported(miniCpm).entry;
  const text = (path: string): string => describeSource(sources.get(path)?.source as Parameters<typeof describeSource>[0]);
  expect(text('images.image.tokens')).toBe('config config.json, key query_num');
  expect(text('images.image.side')).toMatch(/^icyyrain\/minicpmo-modified-files image_processing_minicpmv\.py@[0-9a-f]{12} \(read 2026-11-28\)$/);
  expect(text('images.image.patch')).toBe('config config.json, key vision_config.patch_size');
});

it('has a rule for every model of the catalogue that has an encoder', () => {
  for (const { model } of modelEntries) expect(model.images !== undefined, model.id).toBe(model.vision !== undefined);
});

describe('dynamic rope scaling', () => {
  const withScaling = (rope_scaling: unknown) => imported({ ...examples['Llama-3.1-8B'], max_position_embeddings: 32_768, rope_scaling }).entry.model.maxContext;
  it.each([
    [{ type: 'dynamic', factor: 2 }, 65_536],
    [{ rope_type: 'dynamic', factor: 3 }, 98_304],
    [{ type: 'dynamic', factor: 1.5 }, 49_152],
    [{ type: 'dynamic', factor: 1 }, 32_768],
    [{ type: 'dynamic', alpha: 1000 }, 32_768],
    [{ rope_type: 'yarn', type: 'dynamic', factor: 4 }, 32_768],
    [{ type: 'linear', factor: 8 }, 32_768],
    [{ rope_type: 'llama3', factor: 8 }, 32_768],
    ['dynamic', 32_768],
    [null, 32_768],
  ])('%j gives %i tokens', (scaling, context) => expect(withScaling(scaling)).toBe(context));
  it.each([0, 0.5, -2, Number.NaN, 1025, '2', true])('refuses the factor %j', (factor) =>
    expect(() => withScaling({ type: 'dynamic', factor })).toThrow(/^config llama: rope_scaling\.factor .* is not a number from 1 to 1024$/),
  );
});
