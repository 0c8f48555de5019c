import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { type ImageRule, imageOf, largestTile, paddedPatches, type Resolution } from '../../../src/models/images/index.ts';
import { longestEdgeSize } from '../../../src/models/images/longest-edge.ts';
import { nativeSize } from '../../../src/models/images/native.ts';
import { patchBudgetSize } from '../../../src/models/images/patch-budget.ts';
import { roundHalfEven } from '../../../src/models/images/rule.ts';
import { sliceGrid } from '../../../src/models/images/slices.ts';
import { windowsOver } from '../../../src/models/images/windows.ts';
import { naiveCanvas, naiveSlices, naiveTiles } from './naive.ts';

const RULES = {
  slices: { kind: 'slices', side: 448, most: 9, patch: 14, tokens: 64, imageMarkers: 3, tileMarkers: 2 },
  tiles: { kind: 'tiles', side: 448, patch: 14, least: 1, most: 12, thumbnail: true, tokens: 256, imageMarkers: 2 },
  canvas: { kind: 'canvas', side: 336, patch: 14, most: 16, tokens: 144, imageMarkers: 3, tileMarkers: 1 },
  windows: { kind: 'windows', side: 728, window: 504, longest: 3024, patch: 14, tokens: 169, windowTokens: 81, tileMarkers: 2 },
  whole: { kind: 'whole', side: 896, patch: 14, tokens: 256, imageMarkers: 4 },
  native: { kind: 'native', patch: 14, merge: 2, leastPixels: 3136, mostPixels: 12_845_056, imageMarkers: 2 },
  'longest-edge': { kind: 'longest-edge', patch: 14, merge: 2, longest: 1540, rowMarkers: 1 },
  'patch-budget': { kind: 'patch-budget', patch: 16, merge: 3, mostTokens: 280, imageMarkers: 2 },
} as const satisfies { readonly [K in ImageRule['kind']]: Extract<ImageRule, { kind: K }> };

const kinds = Object.keys(RULES) as readonly ImageRule['kind'][];
const side = fc.integer({ min: 1, max: 8192 });
const resolutions = fc.record({ width: side, height: side });
/** Images that are not a line: every processor takes them. */
const pictures = fc.record({ width: fc.integer({ min: 64, max: 6400 }), height: fc.integer({ min: 64, max: 6400 }) });
const turned = ({ width, height }: Resolution): Resolution => ({ width: height, height: width });

describe.each(kinds)('%s', (kind) => {
  const rule: ImageRule = RULES[kind];

  test.prop([pictures])('sums its tiles, each of whole patches and some tokens', (image) => {
    const { tiles, patches, tokens, promptTokens } = imageOf(rule, image);
    expect(tokens).toBe(tiles.reduce((sum, tile) => sum + tile.tokens, 0));
    expect(patches).toBe(tiles.reduce((sum, tile) => sum + tile.patches, 0));
    expect(paddedPatches({ tiles })).toBe(tiles.length * Math.max(...tiles.map((tile) => tile.patches)));
    expect(tiles).toContain(largestTile({ tiles }));
    expect(promptTokens).toBeGreaterThan(tokens);
    for (const tile of tiles) {
      expect([tile.width % rule.patch, tile.height % rule.patch]).toEqual([0, 0]);
      expect(tile.patches).toBe((tile.width * tile.height) / rule.patch ** 2);
      expect(tile.tokens).toBeGreaterThan(0);
    }
  });
});

// The tiles of InternVL are not symmetric: it compares w / h, and not its logarithm.
describe.each(kinds.filter((kind) => kind !== 'tiles'))('%s', (kind) => {
  test.prop([pictures])('makes as much of an image on its side', (image) => {
    const [one, other] = [imageOf(RULES[kind], image), imageOf(RULES[kind], turned(image))];
    expect([other.tiles.length, other.tokens]).toEqual([one.tiles.length, one.tokens]);
    if (kind !== 'slices') expect(other.patches).toBe(one.patches);
  });
});

describe('searches agree with naive ones', () => {
  test.prop([resolutions], { numRuns: 1000 })('slices', (image) => {
    expect(sliceGrid(RULES.slices, image)).toEqual(naiveSlices(448, 9, image));
  });
  test.prop([resolutions], { numRuns: 1000 })('tiles', (image) => {
    const count = naiveTiles(448, 12, image);
    expect(imageOf(RULES.tiles, image).tiles.length).toBe(count === 1 ? 1 : count + 1);
  });
  test.prop([resolutions], { numRuns: 1000 })('canvas', (image) => {
    const count = naiveCanvas(336, 16, image);
    expect(imageOf(RULES.canvas, image).tiles.length).toBe(count === 1 ? 1 : count + 1);
  });
});

describe('caps', () => {
  test.prop([resolutions])('no rule has more tiles than its most and the whole image', (image) => {
    expect(imageOf(RULES.slices, image).tiles.length).toBeLessThanOrEqual(9 + 1);
    expect(imageOf(RULES.tiles, image).tiles.length).toBeLessThanOrEqual(12 + 1);
    expect(imageOf(RULES.canvas, image).tiles.length).toBeLessThanOrEqual(16 + 1);
    expect(imageOf(RULES.whole, image).tiles.length).toBe(1);
  });

  test.prop([pictures])('native stays within its pixels, patch-budget within its tokens, longest-edge within its side', (image) => {
    const native = nativeSize(RULES.native, image);
    expect(native.width * native.height).toBeLessThanOrEqual(RULES.native.mostPixels);
    expect(native.width * native.height).toBeGreaterThanOrEqual(RULES.native.leastPixels);
    expect(imageOf(RULES['patch-budget'], image).tokens).toBeLessThanOrEqual(280);
    const { width, height } = longestEdgeSize(RULES['longest-edge'], image);
    expect(Math.max(width, height)).toBeLessThanOrEqual(1540);
  });

  test.prop([fc.integer({ min: 1, max: 127 }), fc.integer({ min: 1, max: 127 })])('native grows with whole tokens of pixels up to its cap', (columns, rows) => {
    const tokens = (w: number, h: number): number => imageOf(RULES.native, { width: 28 * w, height: 28 * h }).tokens;
    fc.pre(columns * rows >= 4);
    expect(tokens(columns, rows)).toBe(columns * rows);
    expect(tokens(columns + 1, rows)).toBe((columns + 1) * rows);
  });
});

describe('sizes, by hand', () => {
  it('native: near its own, reduced above the most, enlarged below the least', () => {
    expect(nativeSize(RULES.native, { width: 1000, height: 700 })).toEqual({ width: 1008, height: 700 });
    // 4032 x 3024 are 12,192,768 pixels, below the most: 144 x 108 tokens
    expect(imageOf(RULES.native, { width: 4032, height: 3024 })).toMatchObject({ tokens: 144 * 108, patches: 288 * 216, promptTokens: 144 * 108 + 2 });
    // 8000 x 6000: sqrt(48,000,000 / 12,845,056) = 1.9331: 4138.5 and 3103.8, in multiples of 28
    expect(nativeSize(RULES.native, { width: 8000, height: 6000 })).toEqual({ width: 4116, height: 3080 });
    // 20 x 20: sqrt(3136 / 400) = 2.8: 56 x 56
    expect(nativeSize(RULES.native, { width: 20, height: 20 })).toEqual({ width: 56, height: 56 });
  });

  it('longest-edge: the longer side capped, both rounded up, a marker for each row', () => {
    expect(longestEdgeSize(RULES['longest-edge'], { width: 4032, height: 3024 })).toEqual({ width: 1540, height: 1176 });
    expect(imageOf(RULES['longest-edge'], { width: 4032, height: 3024 })).toMatchObject({ tokens: 55 * 42, promptTokens: 55 * 42 + 42, patches: 110 * 84 });
    expect(longestEdgeSize(RULES['longest-edge'], { width: 29, height: 28 })).toEqual({ width: 56, height: 28 });
  });

  it('patch-budget: filled whatever the image, at least a row', () => {
    // 280 tokens of 48 x 48 pixels: a square image has 16.73 of them along a side
    expect(patchBudgetSize(RULES['patch-budget'], { width: 100, height: 100 })).toEqual({ width: 768, height: 768 });
    expect(imageOf(RULES['patch-budget'], { width: 4032, height: 3024 })).toMatchObject({ tokens: 19 * 14, patches: 57 * 42 });
    expect(patchBudgetSize(RULES['patch-budget'], { width: 30_000, height: 30 })).toEqual({ width: 280 * 48, height: 48 });
    expect(patchBudgetSize(RULES['patch-budget'], { width: 30, height: 12_000 })).toEqual({ width: 48, height: 280 * 48 });
  });

  it('windows: none for a small image, one more for a fifth, the whole image last', () => {
    expect(windowsOver(RULES.windows, { width: 600, height: 500 })).toBe(null);
    expect(imageOf(RULES.windows, { width: 600, height: 500 })).toMatchObject({ tokens: 169, promptTokens: 171, patches: 52 ** 2 });
    // 600 x 200: windows of 200
    expect(windowsOver(RULES.windows, { width: 600, height: 200 })).toEqual({ columns: 3, rows: 1 });
    // 1108 / 504 = 2.198, 1109 / 504 = 2.2004
    expect(windowsOver(RULES.windows, { width: 1108, height: 1109 })).toEqual({ columns: 2, rows: 3 });
    // reduced to 3024 x 2268: 6 x 4.5
    expect(windowsOver(RULES.windows, { width: 4032, height: 3024 })).toEqual({ columns: 6, rows: 5 });
    expect(imageOf(RULES.windows, { width: 4032, height: 3024 })).toMatchObject({ tokens: 30 * 81 + 169, promptTokens: 30 * 83 + 171 + 4, patches: 30 * 36 ** 2 + 52 ** 2 });
    // more than four times as long as wide: windows of 300
    expect(windowsOver(RULES.windows, { width: 1500, height: 300 })).toEqual({ columns: 5, rows: 1 });
    // thinner than 32 pixels: a square of 800
    expect(windowsOver(RULES.windows, { width: 800, height: 20 })).toEqual({ columns: 2, rows: 2 });
    expect(windowsOver(RULES.windows, { width: 300, height: 900 })).toEqual({ columns: 1, rows: 2 });
  });

  it('canvas: separators after each tile, where there is more than one', () => {
    expect(imageOf(RULES.canvas, { width: 300, height: 200 })).toMatchObject({ tokens: 144, promptTokens: 147, patches: 576 });
    // 4032 x 3024: 4 x 3 tiles reduce it to a third, no canvas of 16 less
    expect(imageOf(RULES.canvas, { width: 4032, height: 3024 })).toMatchObject({ tokens: 13 * 144, promptTokens: 13 * 144 + 3 + 12 });
  });

  it('tiles: one tile has no thumbnail; the larger of two alike only for an image with half its pixels', () => {
    expect(imageOf(RULES.tiles, { width: 448, height: 448 }).tiles.length).toBe(1);
    // 2 x 2 tiles have 802,816 pixels: more than half from 634 on
    expect(imageOf(RULES.tiles, { width: 633, height: 633 }).tiles.length).toBe(1);
    expect(imageOf(RULES.tiles, { width: 634, height: 634 }).tiles.length).toBe(5);
    expect(imageOf({ ...RULES.tiles, thumbnail: false }, { width: 634, height: 634 }).tiles.length).toBe(4);
  });

  it('rounds a half to the even integer', () => expect([0.5, 1.5, 2.5, 2.4, 2.6, 3].map(roundHalfEven)).toEqual([0, 2, 2, 2, 3, 3]));
});

describe('refuses', () => {
  it.each(kinds.flatMap((kind) => [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 65_537].map((value) => [kind, value] as const)))('%s: a side of %d', (kind, value) => {
    expect(() => imageOf(RULES[kind], { width: value, height: 100 })).toThrow(new RangeError(`images: width ${value} is not an integer from 1 to 65536`));
    expect(() => imageOf(RULES[kind], { width: 100, height: value })).toThrow(new RangeError(`images: height ${value} is not an integer from 1 to 65536`));
  });

  it.each(kinds)('%s: a side that is no number', (kind) =>
    expect(() => imageOf(RULES[kind], { width: '100' as unknown as number, height: 100 })).toThrow('images: width 100 is not an integer from 1 to 65536'),
  );

  test.prop([resolutions])('only what the processor refuses, in one line', (image) => {
    for (const kind of kinds) {
      const long = Math.max(image.width, image.height) / Math.min(image.width, image.height);
      const refused = (kind === 'native' && long > 200) || (kind === 'longest-edge' && long > 1540);
      if (refused) expect(() => imageOf(RULES[kind], image)).toThrow(RangeError);
      else expect(imageOf(RULES[kind], image).tokens).toBeGreaterThan(0);
    }
  });

  it.each([
    ['native', { width: 201, height: 1 }, 'images: width 201 and height 1 are more than 200 times apart'],
    ['longest-edge', { width: 5000, height: 3 }, 'images: height 3 is less than a pixel once the other side is 1540'],
  ] as const)('%s: %j', (kind, image, message) => expect(() => imageOf(RULES[kind], image)).toThrow(new RangeError(message)));

  it('an unknown kind or field', () => {
    const image = { width: 100, height: 100 };
    expect(() => imageOf({ kind: 'mosaic' } as unknown as ImageRule, image)).toThrow('images: kind mosaic is not one of slices, tiles, canvas, windows, whole, native, longest-edge, patch-budget');
    expect(() => imageOf({ kind: 'toString' } as unknown as ImageRule, image)).toThrow(/^images: kind toString is not one of/);
    expect(() => imageOf({ ...RULES.whole, crops: 4 } as unknown as ImageRule, image)).toThrow('whole: crops 4 is not one of its fields, kind, side, patch, tokens, imageMarkers');
  });

  it.each(
    kinds.flatMap((kind) =>
      Object.keys(RULES[kind])
        .filter((field) => field !== 'kind')
        .map((field) => [kind, field] as const),
    ),
  )('%s without a sensible %s', (kind, field) => {
    for (const value of [-1, 0.5, Number.NaN, '7', null, undefined])
      expect(() => imageOf({ ...RULES[kind], [field]: value } as unknown as ImageRule, { width: 100, height: 100 })).toThrow(new RegExp(`^${kind}: ${field} ${String(value)} is not`));
  });

  it('limits that cross', () => {
    const image = { width: 100, height: 100 };
    expect(() => imageOf({ ...RULES.tiles, least: 13 }, image)).toThrow('tiles: least 13 is more than most 12');
    expect(() => imageOf({ ...RULES.native, leastPixels: 783 }, image)).toThrow('native: leastPixels 783 is below one token of 784');
    expect(() => imageOf({ ...RULES.native, mostPixels: 3135 }, image)).toThrow('native: mostPixels 3135 is below leastPixels 3136');
  });
});
