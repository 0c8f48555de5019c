import { from, type Sourced, type SourcedTree } from '../../provenance/sourced.ts';
import { structure } from '../entry.ts';
import type { NativeRule } from '../images/native.ts';
import type { ImageRules } from '../images/rules.ts';
import { tileTokens } from '../images/tiles.ts';
import { off, otherwise } from './draft.ts';
import type { Keys } from './keys.ts';

type RulesTree = SourcedTree<ImageRules>;
/** How the image rule of a family is read: from the section of its encoder and the keys beside it; undefined where the config is of a model with another one. */
export type ImagesReader = (vision: Keys, wrapper: Keys) => RulesTree | undefined;

const READ = '2026-11-28';
/** A constant of a published processor, which no key of the config states. */
const published = (repo: string, file: string, revision: string) => from({ kind: 'repository', repo, file, revision, read: READ });
const transformers = (file: string, revision: string) => published('huggingface/transformers', `src/transformers/models/${file}`, revision);

const internProcessor = published('vllm-project/vllm', 'vllm/transformers_utils/processors/internvl.py', 'c6f146bdee40cc92b3667ea97c8358fa93fc38a6');
const miniCpmProcessor = published('icyyrain/minicpmo-modified-files', 'image_processing_minicpmv.py', '093eb2f74e1cab591e8353f5c8e97491b3050181');
const llama4Resize = transformers('llama4/image_processing_llama4_fast.py', '0331fb368bad57dab00bf78d52d077ef6115ed27');
const llama4Prompt = transformers('llama4/processing_llama4.py', '01ad83adc51579a481843f370028b10956a04dd1');
const gemma3Prompt = transformers('gemma3/processing_gemma3.py', '0068e97099241de217856337e672013cbd2863de');
const gemma4Prompt = transformers('gemma4/processing_gemma4.py', '03b33cc845c6cb1b85c5a4b08d1368e002a1a618');
const gemma4Video = transformers('gemma4/video_processing_gemma4.py', '1bc9f9e611bea53cae55bd341351a0054305129c');
const qwenPrompt = transformers('qwen3_vl/processing_qwen3_vl.py', '0117d5f78564b4f03ed18e4dcffa7a8d2a45f831');
const pixtralPrompt = transformers('pixtral/processing_pixtral.py', '00174e827cb29e51df85fab01ef0e71f05127efe');
const step3Processor = published('vllm-project/vllm', 'vllm/model_executor/models/step3_vl.py', '020efdf7a5d22dd6726440ca5b032cf2e1b6ad02');

/** A share above 0 and up to 1. */
function share(keys: Keys, key: string, fallback: number): number {
  const value = keys.take(key) ?? fallback;
  return typeof value === 'number' && value > 0 && value <= 1 ? value : keys.fail(key, value, 'is not a number above 0 and up to 1');
}

/** Tokens of a square tile, `downsample` of the patches of each side left. */
function tokensOf(keys: Keys, key: string, side: Sourced<number>, patch: Sourced<number>, downsample: number): Sourced<number> {
  const tokens = tileTokens.evaluate({ side: side.value, patch: patch.value, downsample });
  if (tokens < 1) return keys.fail(key, downsample, `leaves no token of a tile of ${side.value} pixels with patches of ${patch.value}`);
  return keys.derived(`(${side.value} / ${patch.value})^2 patches x ${key} ${downsample}^2`)(tokens);
}

/** InternVL 2: tiles of one size; a frame of a video is one tile. Without `dynamic_image_size` so is an image. */
export const internImages: ImagesReader = (vision, wrapper) => {
  const side = wrapper.optionalSize('force_image_size') ?? vision.size('image_size');
  const patch = vision.size('patch_size');
  const tile = {
    kind: structure('tiles'),
    side,
    patch,
    tokens: tokensOf(wrapper, 'downsample_ratio', side, patch, share(wrapper, 'downsample_ratio', 0.5)),
    imageMarkers: internProcessor(2),
  } as const;
  const dynamic = wrapper.flag('dynamic_image_size', otherwise(false));
  const least = wrapper.size('min_dynamic_patch', off(1), MOST_TILES);
  const most = wrapper.size('max_dynamic_patch', off(6), MOST_TILES);
  const thumbnail = wrapper.flag('use_thumbnail', off(false));
  if (least.value > most.value) return wrapper.fail('min_dynamic_patch', least.value, `is more than max_dynamic_patch ${most.value}`);
  const one = { ...tile, least: internProcessor(1), most: internProcessor(1), thumbnail: internProcessor(false) };
  return { image: dynamic.value ? { ...tile, least, most, thumbnail } : { ...one, most: wrapper.derived('dynamic_image_size false: one tile')(1) }, frame: one };
};

/** No image is cut into so many. */
const MOST_TILES = 1024;

/** MiniCPM-V 2.6: slices; other versions mark them otherwise. A frame of a video is not sliced. */
export const miniCpmImages: ImagesReader = (vision, wrapper) => {
  const version = wrapper.take('version');
  if (String(version) !== '2.6') {
    wrapper.log.notes.push(`images are not cut into tiles: the rule of version ${version === undefined ? '(absent)' : JSON.stringify(version)} of this family is not understood`);
    return undefined;
  }
  wrapper.only('slice_mode', [true], 'is not true: images that are not sliced are not understood');
  const config = wrapper.section('slice_config');
  config?.ignore('model_type');
  const patch = vision.size('patch_size');
  for (const keys of [wrapper, config]) keys?.only('patch_size', [patch.value], `is not vision_config.patch_size ${patch.value}`);
  const side = config?.has('scale_resolution') ? config.size('scale_resolution') : miniCpmProcessor(448);
  const most = config?.has('max_slice_nums') ? config.size('max_slice_nums', undefined, MOST_TILES) : miniCpmProcessor(9);
  const numbered = wrapper.flag('use_image_id', off(true));
  const slice = {
    kind: structure('slices'),
    side,
    patch,
    tokens: wrapper.size('query_num'),
    imageMarkers: numbered.value ? miniCpmProcessor(3, 'begin, number and end of the image number') : wrapper.derived('use_image_id false: images have no number')(0),
    tileMarkers: miniCpmProcessor(2),
  } as const;
  return { image: { ...slice, most }, frame: { ...slice, most: structure(1, 'public serving systems do not slice frames of a video'), imageMarkers: miniCpmProcessor(0, 'frames have no number') } };
};

/** Llama 4: a canvas of tiles. */
export const llama4Images: ImagesReader = (vision) => {
  const [side, patch] = [vision.size('image_size'), vision.size('patch_size')];
  const tokens = tokensOf(vision, 'pixel_shuffle_ratio', side, patch, share(vision, 'pixel_shuffle_ratio', 0.5));
  return { image: { kind: structure('canvas'), side, patch, most: llama4Resize(16), tokens, imageMarkers: llama4Prompt(3), tileMarkers: llama4Prompt(1) } };
};

/** Gemma 3: one square tile. */
export const gemma3Images: ImagesReader = (vision, wrapper) => ({
  image: {
    kind: structure('whole'),
    side: vision.size('image_size'),
    patch: vision.size('patch_size'),
    tokens: wrapper.size('mm_tokens_per_image', otherwise(256)),
    imageMarkers: gemma3Prompt(4, 'begin, end, and a token of two line breaks on either side'),
  },
});

const GEMMA4_TOKENS = [70, 140, 280, 560, 1120];

/** Gemma 4: a budget of tokens for an image, another for a frame. */
export const gemma4Images: ImagesReader = (vision, wrapper) => {
  const budget = { kind: structure('patch-budget'), patch: vision.size('patch_size'), merge: vision.size('pooling_kernel_size', off(3)), imageMarkers: gemma4Prompt(2) } as const;
  const mostTokens = wrapper.size('vision_soft_tokens_per_image', off(280));
  if (!GEMMA4_TOKENS.includes(mostTokens.value)) return wrapper.fail('vision_soft_tokens_per_image', mostTokens.value, `is not one of ${GEMMA4_TOKENS.join(', ')}`);
  return { image: { ...budget, mostTokens }, frame: { ...budget, mostTokens: gemma4Video(70) } };
};

/**
 * Qwen-VL: limits of pixels that the released processors state; they are numbers of tokens times the pixels of one.
 * A frame has those of the maker's own reader of videos, whose limit over a whole video is not counted.
 */
const qwenImages =
  (least: number, most: number, repo: string): ImagesReader =>
  (vision) => {
    const [patch, merge] = [vision.size('patch_size'), vision.size('spatial_merge_size')];
    const unit = (patch.value * merge.value) ** 2;
    const tokens = (count: number, what: string): Sourced<number> => from({ kind: 'derived', from: `${count} tokens of (${patch.value} x ${merge.value})^2 pixels, ${what}` })(count * unit);
    const rule = (limits: Pick<NativeRule, 'leastPixels' | 'mostPixels'>, what: string): SourcedTree<NativeRule> => ({
      kind: structure('native'),
      patch,
      merge,
      leastPixels: tokens(limits.leastPixels, what),
      mostPixels: tokens(limits.mostPixels, what),
      imageMarkers: qwenPrompt(2),
    });
    return {
      image: rule({ leastPixels: least, mostPixels: most }, `as ${repo} preprocessor_config.json limits an image (read in third-party copies)`),
      frame: rule({ leastPixels: 128, mostPixels: 768 }, 'as qwen-vl-utils limits a frame of a video'),
      framesPerGroup: vision.size('temporal_patch_size', otherwise(2)),
    };
  };

export const qwen25Images = qwenImages(4, 16384, 'Qwen/Qwen2.5-VL-7B-Instruct');
export const qwen3Images = qwenImages(64, 16384, 'Qwen/Qwen3-VL-8B-Instruct');

/** Mistral 3: a capped side, breaks between rows of tokens. */
export const mistral3Images: ImagesReader = (vision, wrapper) => ({
  image: {
    kind: structure('longest-edge'),
    patch: vision.size('patch_size'),
    merge: wrapper.size('spatial_merge_size', otherwise(2)),
    longest: vision.size('image_size', off(1540, 'longest_edge of the released preprocessor_config.json')),
    rowMarkers: pixtralPrompt(1),
  },
});

/** Step-3: the whole image and windows over it. */
export const step3Images: ImagesReader = (vision, wrapper) => ({
  image: {
    kind: structure('windows'),
    side: vision.size('image_size'),
    window: step3Processor(504),
    longest: step3Processor(3024),
    patch: vision.size('patch_size'),
    tokens: wrapper.size('image_token_len', off(169, 'constant of the published processor')),
    windowTokens: wrapper.size('patch_token_len', off(81, 'constant of the published processor')),
    tileMarkers: step3Processor(2),
  },
});
