import { hubModel } from '../../../models/hub-model.ts';
import { type Model, modelOf } from '../../../models/index.ts';
import { slicesOf } from '../slices.ts';
import { type EpdModel, RESOLUTIONS, type Resolution, table3 } from './tables.ts';

/** InternVL2-8B for as long as the catalogue does not have it. */
const internvl2_8b: Model = hubModel(
  { id: 'internvl2-8b', name: 'InternVL2-8B', repo: 'OpenGVLab/InternVL2-8B' },
  {
    model_type: 'internvl_chat',
    vision_config: { hidden_size: 1024, intermediate_size: 4096, num_attention_heads: 16, num_hidden_layers: 24, patch_size: 14, image_size: 448 },
    llm_config: { hidden_size: 4096, intermediate_size: 14336, num_attention_heads: 32, num_key_value_heads: 8, num_hidden_layers: 32, vocab_size: 92553 },
  },
).model;

export const epdModel = (id: EpdModel): Model => (id === 'internvl2-8b' ? internvl2_8b : modelOf(id));

/** Longest context: 32,768 positions, for the InternVL2 models times the factor 2 and 3 of `rope_scaling` in their configs. */
export const CONTEXT: Readonly<Record<EpdModel, number>> = { 'minicpm-v-2.6': 32_768, 'internvl2-8b': 65_536, 'internvl2-26b': 98_304 };

/** Tokens that a tile gives the language model: `query_num` of MiniCPM; (448 / 14 / 2)^2 of InternVL2. */
export const TILE_TOKENS: Readonly<Record<EpdModel, number>> = { 'minicpm-v-2.6': 64, 'internvl2-8b': 256, 'internvl2-26b': 256 };

/**
 * Tokens that an image adds to the prompt, markers included: 666 of MiniCPM at 4032 x 3024 in a trace of the released code (1354 for two images and a text of 22);
 * its others follow the same template; InternVL2 has two markers an image.
 */
const MINICPM_TOKENS: Readonly<Record<Resolution, number>> = { '313x234': 69, '787x444': 202, '4032x3024': 666 };
const INTERNVL_MARKERS = 2;
/** 448 x 448 pixels in patches of 14 x 14. */
const INTERNVL_TILE_PATCHES = 32 ** 2;

/** Tiles of an image, patches of a tile with padding, and tokens of the prompt. */
export interface ImageFacts {
  readonly tiles: number;
  readonly tilePatches: number;
  /** of all tiles */
  readonly tokens: number;
  /** with markers */
  readonly promptTokens: number;
}

/** An image of a resolution in a model; tiles of InternVL2 are those of Table 3. */
export function imageFacts(model: EpdModel, resolution: Resolution): ImageFacts {
  if (model === 'minicpm-v-2.6') {
    const [width = 0, height = 0] = resolution.split('x').map(Number);
    const { tiles, largestTilePatches } = slicesOf({ width, height });
    return { tiles, tilePatches: largestTilePatches, tokens: tiles * TILE_TOKENS[model], promptTokens: MINICPM_TOKENS[resolution] };
  }
  const { tiles } = table3[model][resolution];
  const tokens = tiles * TILE_TOKENS[model];
  return { tiles, tilePatches: INTERNVL_TILE_PATCHES, tokens, promptTokens: tokens + INTERNVL_MARKERS };
}

/** The image of most tokens among the resolutions. */
export const largestImage = (model: EpdModel): ImageFacts => RESOLUTIONS.map((resolution) => imageFacts(model, resolution)).reduce((most, each) => (each.tokens > most.tokens ? each : most));
