import type { Model } from '../model.ts';
import { type Resolution, type Tile, validateResolution } from './rule.ts';
import { type ImageRule, type ImageRules, ruleModelOf, validateRule } from './rules.ts';

export { mmCacheBytes, RESULT_BYTES, tileBytes } from './cache.ts';
export type { Resolution, Tile } from './rule.ts';
export type { ImageRule, ImageRules } from './rules.ts';

/** What an image costs: inputs of the encoder, its positions, and tokens of the language model. */
export interface ImageShape {
  readonly tiles: readonly Tile[];
  /** positions of the encoder, all tiles */
  readonly patches: number;
  /** image tokens, all tiles */
  readonly tokens: number;
  /** image tokens, and those that mark the image, its tiles and its rows */
  readonly promptTokens: number;
}

/** A video: the tiles of all its frames, each group of frames of one tile in time counted once. */
export interface VideoShape extends ImageShape {
  readonly frames: number;
}

export interface Video extends Resolution {
  readonly seconds: number;
  /** frames that are taken of a second */
  readonly framesPerSecond: number;
}

type WithImages = Pick<Model, 'id' | 'images'>;

const rulesOf = ({ id, images }: WithImages): ImageRules => {
  if (images === undefined) throw new RangeError(`images: model ${id} has no image rule`);
  return images;
};

const isRule = (rule: ImageRule | WithImages): rule is ImageRule => 'kind' in rule;

/**
 * The tiles, patches and tokens of an image, under a rule or that of a model.
 * @throws RangeError for a resolution that is none or that the rule refuses, an unknown rule, a model without a rule
 */
export function imageOf(rule: ImageRule | WithImages, { width, height }: Resolution): ImageShape {
  const image = { width, height };
  validateResolution(image);
  const own = isRule(rule) ? rule : rulesOf(rule).image;
  validateRule(own);
  const { tiles, markers } = ruleModelOf(own).split(own, image);
  const tokens = sum(tiles, 'tokens');
  return { tiles, patches: sum(tiles, 'patches'), tokens, promptTokens: tokens + markers };
}

/** Frames that a video of this project has at most. */
const MOST_FRAMES = 2 ** 16;

/** A product of doubles this near below an integer is that integer. */
const SLACK = 1e-9;

/**
 * The tiles, patches and tokens of a video.
 *   frames = max(1, floor(seconds x framesPerSecond)); groups = ceil(frames / framesPerGroup), each as a frame under its rule
 * Ignored: time stamps in the prompt, limits of frames or pixels over a whole video, sound.
 * @throws RangeError as `imageOf`, and for no seconds, no frames per second, or more than 65,536 frames
 */
export function videoOf(model: WithImages, { width, height, seconds, framesPerSecond }: Video): VideoShape {
  for (const [field, value] of Object.entries({ seconds, framesPerSecond }))
    if (!(value > 0 && value < Number.POSITIVE_INFINITY)) throw new RangeError(`images: ${field} ${value} is not a positive number`);
  const { image, frame = image, framesPerGroup = 1 } = rulesOf(model);
  const frames = Math.max(1, Math.floor(seconds * framesPerSecond + SLACK));
  if (frames > MOST_FRAMES) throw new RangeError(`images: seconds ${seconds} x framesPerSecond ${framesPerSecond} are more than ${MOST_FRAMES} frames`);
  const groups = Math.ceil(frames / framesPerGroup);
  const one = imageOf(frame, { width, height });
  return {
    frames,
    tiles: Array.from({ length: groups }, () => one.tiles).flat(),
    patches: groups * one.patches,
    tokens: groups * one.tokens,
    promptTokens: groups * one.promptTokens,
  };
}

/** The tile of most patches, the first of several. */
export const largestTile = ({ tiles }: Pick<ImageShape, 'tiles'>): Tile => tiles.reduce((most, tile) => (tile.patches > most.patches ? tile : most));

/** Positions of the encoder where all tiles of a pass are padded to the largest, as MiniCPM-V does it: never less than `patches`. */
export const paddedPatches = (image: Pick<ImageShape, 'tiles'>): number => image.tiles.length * largestTile(image).patches;

const sum = (tiles: readonly Tile[], field: 'patches' | 'tokens'): number => tiles.reduce((total, tile) => total + tile[field], 0);
