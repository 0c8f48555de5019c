import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { encodeCost } from '../../../src/cost/encode.ts';
import { unitCosts } from '../../../src/cost/unit-cost.ts';
import { type ImageShape, imageOf } from '../../../src/models/images/index.ts';
import { modelOf } from '../../../src/models/index.ts';
import { batchSeconds, encodeEstimate, encoderPasses, idealEncodeCost, PASS_POSITIONS } from '../../../src/serving/multimodal/shapes.ts';
import { encodeTime } from '../../../src/timing/encode-time.ts';
import { chipOf } from '../../timing/support.ts';

const MODELS = ['minicpm-v-2.6', 'internvl2-8b', 'internvl2-26b', 'qwen3-vl-235b-a22b'].map(modelOf);
const CHIPS = ['a100-80g', 'h100', 'h20'].map(chipOf);
const sides = fc.integer({ min: 64, max: 4096 });
const image = fc.tuple(fc.constantFrom(...MODELS), fc.constantFrom(...CHIPS), sides, sides).map(([model, chip, width, height]) => ({ model, chip, shape: imageOf(model, { width, height }) }));
const tilesOf = (...tiles: readonly (readonly [number, number])[]): Pick<ImageShape, 'tiles' | 'patches'> => ({
  tiles: tiles.map(([patches, tokens]) => ({ width: 448, height: 448, patches, tokens })),
  patches: tiles.reduce((sum, [patches]) => sum + patches, 0),
});

describe('encoderPasses', () => {
  it('runs tiles of one size together, in the order in which they come', () => {
    const shape = tilesOf([100, 10], [200, 10], [100, 10], [100, 5]);
    expect(encoderPasses(shape)).toEqual([
      { tiles: 2, patches: 100, tokens: 10 },
      { tiles: 1, patches: 200, tokens: 10 },
      { tiles: 1, patches: 100, tokens: 5 },
    ]);
    expect(encoderPasses(shape, 3).map(({ tiles }) => tiles)).toEqual([6, 3, 3]);
  });

  test.prop([image, fc.integer({ min: 1, max: 40 })])('keeps tiles, positions and tokens', ({ shape }, images) => {
    const passes = encoderPasses(shape, images);
    const total = (of: (pass: (typeof passes)[number]) => number): number => passes.reduce((sum, pass) => sum + of(pass), 0);
    expect(total(({ tiles }) => tiles)).toBe(images * shape.tiles.length);
    expect(total(({ tiles, patches }) => tiles * patches)).toBe(images * shape.patches);
    expect(total(({ tiles, tokens }) => tiles * tokens)).toBe(images * shape.tokens);
    expect(new Set(passes.map(({ patches, tokens }) => `${patches} ${tokens}`)).size).toBe(passes.length);
  });
});

describe('batchSeconds', () => {
  test.prop([image, fc.integer({ min: 1, max: 24 })], { numRuns: 40 })('grows with the images, never below the ideal, never above the images one by one', ({ model, chip, shape }, images) => {
    const seconds = batchSeconds(model, chip, shape, images);
    expect(batchSeconds(model, chip, shape, images + 1)).toBeGreaterThan(seconds);
    const ideal = encoderPasses(shape, images).reduce((sum, input) => sum + encodeTime(model, chip, input).idealSeconds, 0);
    expect(seconds).toBeGreaterThanOrEqual(ideal);
    expect(seconds).toBeLessThanOrEqual(images * batchSeconds(model, chip, shape, 1) * (1 + 1e-9));
  });

  it('is the sum of its passes', () => {
    const [model, chip] = [modelOf('minicpm-v-2.6'), chipOf('h100')];
    const shape = tilesOf([1000, 64], [1024, 64]);
    const pass = (tiles: number, patches: number): number => encodeTime(model, chip, { tiles, patches, tokens: 64 }).seconds;
    expect(batchSeconds(model, chip, shape, 3)).toBeCloseTo(pass(3, 1000) + pass(3, 1024), 15);
  });
});

describe('encodeEstimate', () => {
  test.prop([image], { numRuns: 40 })('is the time of an image among as many as fill a pass, ideal below and inside its interval', ({ model, chip, shape }) => {
    const { seconds, low, high, idealSeconds } = encodeEstimate(model, chip, shape);
    const images = Math.max(1, Math.floor(PASS_POSITIONS / shape.patches));
    expect(seconds / (batchSeconds(model, chip, shape, images) / images)).toBeCloseTo(1, 12);
    expect(idealSeconds).toBeLessThanOrEqual(seconds);
    expect(low).toBeLessThan(seconds);
    expect(high).toBeGreaterThan(seconds);
  });

  it('takes an image that is more than a pass alone, and eight that are one together', () => {
    const [model, chip] = [modelOf('minicpm-v-2.6'), chipOf('h100')];
    const large = tilesOf([PASS_POSITIONS + 1, 64]);
    expect(encodeEstimate(model, chip, large).seconds).toBe(batchSeconds(model, chip, large, 1));
    const small = tilesOf([PASS_POSITIONS / 8, 64]);
    expect(encodeEstimate(model, chip, small).seconds).toBe(batchSeconds(model, chip, small, 8) / 8);
  });

  it('refuses a model without an encoder', () =>
    expect(() => encodeEstimate(modelOf('llama-3.1-8b'), chipOf('h100'), tilesOf([1024, 64]))).toThrow(new RangeError('encode: model llama-3.1-8b has no vision encoder')));
});

describe('idealEncodeCost', () => {
  it('adds up its tiles', () => {
    const [model, costs] = [modelOf('minicpm-v-2.6'), unitCosts(chipOf('h100'), modelOf('minicpm-v-2.6').precision.math)];
    const one = (patches: number) => encodeCost(model, costs, { tiles: 1, patches, tokens: 64 });
    const all = idealEncodeCost(model, costs, tilesOf([1024, 64], [1000, 64]));
    expect(all.flop).toBe(one(1024).flop + one(1000).flop);
    expect(all.usd).toBeCloseTo(one(1024).usd + one(1000).usd, 15);
    expect(idealEncodeCost(model, costs, tilesOf([1024, 64], [1024, 64])).flop).toBe(2 * one(1024).flop);
  });
});
