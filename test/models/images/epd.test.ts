import { describe, expect, it } from 'vitest';
import { modelCache } from '../../../src/models/cache.ts';
import { imageOf, mmCacheBytes, modelOf, paddedPatches, tileBytes } from '../../../src/models/index.ts';

const RESOLUTIONS = [
  [313, 234],
  [787, 444],
  [4032, 3024],
] as const;

/** arXiv:2501.05460v4, Table 3 (#Patch per image), and what follows from the released processors. */
const EXPECTED = [
  { id: 'minicpm-v-2.6', tiles: [1, 3, 10], tokens: [64, 192, 640], promptTokens: [69, 201, 665], tile: 458_752, cache: '1.376', kv: 57_344 },
  { id: 'internvl2-8b', tiles: [13, 3, 13], tokens: [3328, 768, 3328], promptTokens: [3330, 770, 3330], tile: 2_097_152, cache: '6.291', kv: 131_072 },
  { id: 'internvl2-26b', tiles: [13, 3, 13], tokens: [3328, 768, 3328], promptTokens: [3330, 770, 3330], tile: 3_145_728, cache: '9.437', kv: 196_608 },
] as const;

const FP16_BYTES = 2;
const ENTRIES = 3000;

describe.each(EXPECTED)('$id of the EPD paper', ({ id, tiles, tokens, promptTokens, tile, cache, kv }) => {
  const model = modelOf(id);
  const images = RESOLUTIONS.map(([width, height]) => imageOf(model, { width, height }));

  it('has the tiles of Table 3', () => expect(images.map((image) => image.tiles.length)).toEqual(tiles));
  it('has its image tokens', () => expect(images.map((image) => image.tokens)).toEqual(tokens));
  it('has its prompt tokens', () => expect(images.map((image) => image.promptTokens)).toEqual(promptTokens));
  it('keeps a tile in its bytes, and 3000 of them in gigabytes', () => {
    const bytes = tileBytes.evaluate({ tokens: images[0]?.tiles[0]?.tokens ?? 0, hidden: model.hidden, elementBytes: FP16_BYTES });
    expect(bytes).toBe(tile);
    expect((mmCacheBytes.evaluate({ entries: ENTRIES, bytes }) / 1e9).toFixed(3)).toBe(cache);
  });
  it('keeps its keys and values of a token', () => expect(modelCache(model, { kv: 'fp16' }).perToken).toBe(kv));
});

describe('the context of a model', () => {
  it.each([
    ['minicpm-v-2.6', 32_768],
    ['internvl2-8b', 65_536],
    ['internvl2-26b', 98_304],
  ])('of %s is %i tokens', (id, context) => expect(modelOf(id).maxContext).toBe(context));

  it('holds the 19 images of 13 tiles of Table 2 (InternVL2-8B)', () => {
    const model = modelOf('internvl2-8b');
    expect(Math.floor((model.maxContext ?? 0) / imageOf(model, { width: 4032, height: 3024 }).tokens)).toBe(19);
  });
});

/**
 * The trace in vbdi/epdserve@9b111f710dfb, baselines/pd/runs/None/run_stats.json: two images of 4032 x 3024 and "Describe the image.",
 * 32 tokens before the images are put in and 1354 after. The 32 are 23 of the chat and 9 of two placeholders, of which `)` takes the
 * line break behind the second with it; put in, that line break is a token of its own.
 */
it('agrees with the prompt of the released trace: two images and 24 tokens of text', () => {
  const [before, after, placeholders, lineBreak] = [32, 1354, 9, 1];
  expect(2 * imageOf(modelOf('minicpm-v-2.6'), { width: 4032, height: 3024 }).promptTokens).toBe(after - (before - placeholders + lineBreak));
});

it('resizes the slices of MiniCPM-V to their own shapes, in whole patches', () => {
  const sizes = (width: number, height: number) => imageOf(modelOf('minicpm-v-2.6'), { width, height }).tiles.map((tile) => [tile.width, tile.height, tile.patches]);
  expect(sizes(313, 234)).toEqual([[518, 392, 37 * 28]]);
  expect(sizes(787, 444)).toEqual([
    [588, 336, 42 * 24],
    [420, 476, 30 * 34],
    [420, 476, 30 * 34],
  ]);
  expect(sizes(4032, 3024)).toEqual(Array.from({ length: 10 }, () => [518, 392, 37 * 28]));
});

it('pads the tiles of an image to the largest: only MiniCPM-V has smaller ones', () => {
  const padded = (id: string) => paddedPatches(imageOf(modelOf(id), { width: 787, height: 444 }));
  expect(padded('minicpm-v-2.6')).toBe(3 * 30 * 34);
  expect(padded('internvl2-8b')).toBe(imageOf(modelOf('internvl2-8b'), { width: 787, height: 444 }).patches);
});
