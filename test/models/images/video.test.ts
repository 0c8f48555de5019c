import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { imageOf, type Model, modelOf, validateModel, videoOf } from '../../../src/models/index.ts';

const clip = { width: 1280, height: 720, seconds: 32, framesPerSecond: 2 } as const;

describe('videoOf', () => {
  it('makes one tile of a frame where the model does not cut frames', () => {
    expect(videoOf(modelOf('internvl2-8b'), clip)).toMatchObject({ frames: 64, tokens: 64 * 256, promptTokens: 64 * 258, patches: 64 * 1024 });
    expect(videoOf(modelOf('internvl2-8b'), clip).tiles.length).toBe(64);
    expect(videoOf(modelOf('minicpm-v-2.6'), clip)).toMatchObject({ frames: 64, tokens: 64 * 64, promptTokens: 64 * 66 });
  });

  it('makes one input of two frames (Qwen)', () => {
    const { frames, tiles, tokens, patches } = videoOf(modelOf('qwen3-vl-235b-a22b'), clip);
    // 768 tokens of 32 x 32 pixels at most: 1280 x 720 is reduced by sqrt(921,600 / 786,432) to 1182.4 x 665.1
    expect([frames, tiles.length, tokens, patches]).toEqual([64, 32, 32 * 36 * 20, 32 * 72 * 40]);
    expect(videoOf(modelOf('qwen3-vl-235b-a22b'), { ...clip, seconds: 1.5 })).toMatchObject({ frames: 3, tokens: 2 * 36 * 20 });
  });

  it('cuts a frame as an image where there is no other rule', () => expect(videoOf(modelOf('gemma-3-27b'), clip).tokens).toBe(64 * imageOf(modelOf('gemma-3-27b'), clip).tokens));

  it('takes at least one frame, and no frame less for a rounded product', () => {
    expect(videoOf(modelOf('gemma-3-27b'), { ...clip, seconds: 0.1, framesPerSecond: 1 }).frames).toBe(1);
    expect(videoOf(modelOf('gemma-3-27b'), { ...clip, seconds: 0.29, framesPerSecond: 100 }).frames).toBe(29);
  });

  test.prop([fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 8 })])('is the sum of its frames', (seconds, framesPerSecond) => {
    const model = modelOf('internvl2-26b');
    const { frames, tiles, tokens, patches } = videoOf(model, { ...clip, seconds, framesPerSecond });
    expect(frames).toBe(seconds * framesPerSecond);
    expect([tokens, patches]).toEqual([tiles.reduce((sum, tile) => sum + tile.tokens, 0), tiles.reduce((sum, tile) => sum + tile.patches, 0)]);
  });

  it.each([
    [{ seconds: 0 }, 'images: seconds 0 is not a positive number'],
    [{ seconds: -1 }, 'images: seconds -1 is not a positive number'],
    [{ seconds: Number.NaN }, 'images: seconds NaN is not a positive number'],
    [{ framesPerSecond: 0 }, 'images: framesPerSecond 0 is not a positive number'],
    [{ framesPerSecond: Number.POSITIVE_INFINITY }, 'images: framesPerSecond Infinity is not a positive number'],
    [{ seconds: 40_000 }, 'images: seconds 40000 x framesPerSecond 2 are more than 65536 frames'],
    [{ width: 0 }, 'images: width 0 is not an integer from 1 to 65536'],
  ])('refuses %j', (change, message) => expect(() => videoOf(modelOf('internvl2-8b'), { ...clip, ...change })).toThrow(new RangeError(message)));
});

describe('a model without a rule', () => {
  it('is refused', () => {
    expect(() => imageOf(modelOf('qwen3-32b'), { width: 100, height: 100 })).toThrow(new RangeError('images: model qwen3-32b has no image rule'));
    expect(() => videoOf(modelOf('qwen3-32b'), clip)).toThrow(new RangeError('images: model qwen3-32b has no image rule'));
  });
});

describe('validateModel', () => {
  const model = modelOf('internvl2-8b');
  const image = model.images?.image;
  it.each([
    [null, 'model internvl2-8b: images null is not an object'],
    [{}, 'model internvl2-8b: images: rule undefined is not an object'],
    [{ image: { kind: 'mosaic' } }, 'model internvl2-8b: images: kind mosaic is not one of'],
    [{ image: { ...image, most: 0 } }, 'model internvl2-8b: tiles: most 0 is not a positive integer'],
    [{ image, frame: { ...image, side: -448 } }, 'model internvl2-8b: tiles: side -448 is not a positive integer'],
    [{ image, framesPerGroup: 0 }, 'model internvl2-8b: images: framesPerGroup 0 is not an integer from 1 to 64'],
  ])('refuses images %j', (images, message) => expect(() => validateModel({ ...model, images } as unknown as Model)).toThrow(message));
});
