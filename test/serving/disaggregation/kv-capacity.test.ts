import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { modelOf } from '../../../src/models/index.ts';
import type { LayerGroup, Model } from '../../../src/models/model.ts';
import { type ReleasedDimensions, releasedDimensions, releasedKvCapacity } from '../../../src/serving/disaggregation/kv-capacity.ts';
import golden from '../../golden/distserve/kv-capacity.json' with { type: 'json' };

const split = (tensorParallel: number, pipelineParallel: number) => ({ tensorParallel, pipelineParallel });
const tokensOf = (id: string, tensorParallel: number, pipelineParallel: number): number => releasedKvCapacity(releasedDimensions(modelOf(id)), split(tensorParallel, pipelineParallel)).tokens;

const ROWS = Object.entries(golden.cells).flatMap(([id, cells]) =>
  Object.entries(cells).map(([at, tokens]) => {
    const [tensorParallel = 0, pipelineParallel = 0] = at.split('x').map(Number);
    return { id, tensorParallel, pipelineParallel, tokens };
  }),
);

describe('the table of the released code', () => {
  it('has 76 rows', () => expect(ROWS).toHaveLength(76));

  it.each(ROWS)('$id, $tensorParallel x $pipelineParallel: $tokens tokens', ({ id, tensorParallel, pipelineParallel, tokens }) => {
    expect(tokensOf(id, tensorParallel, pipelineParallel)).toBe(tokens);
  });

  const SHARED = resolve(import.meta.dirname, '../../../../shared/papers/distserve/max_num_tokens.json');
  it.skipIf(!existsSync(SHARED))('is the one that was collected (skipped where that folder is absent)', () => {
    const { rows } = JSON.parse(readFileSync(SHARED, 'utf8')) as { readonly rows: readonly { readonly model: string; readonly tp: number; readonly pp: number; readonly max_num_tokens: number }[] };
    const collected = rows.map(({ model, tp, pp, max_num_tokens: tokens }) => ({ id: model.replace('facebook/', ''), tensorParallel: tp, pipelineParallel: pp, tokens }));
    expect(ROWS).toEqual(collected);
  });
});

describe('releasedKvCapacity', () => {
  it('of OPT-13B on one device: 25.7 GB of weights, 4134 blocks of 13.1 MB', () => {
    const { weightBytes, blockBytes, blocks, tokens } = releasedKvCapacity(releasedDimensions(modelOf('opt-13b')), split(1, 1));
    expect(weightBytes).toBe(2 * (50272 * 5120 + 2048 * 5120 + 12 * 40 * 5120 ** 2 + 5 * 40 * 5120));
    expect([blockBytes, blocks, tokens]).toEqual([16 * 819_200, 4134, 66_144]);
    // what is left is less than a block
    const left = 84_990_616_000 * 0.94 - weightBytes - blocks * blockBytes;
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThan(blockBytes);
  });

  it('is none where the weights do not fit: OPT-66B on one device, OPT-175B on four', () => {
    expect([tokensOf('opt-66b', 1, 1), tokensOf('opt-175b', 4, 1)]).toEqual([0, 0]);
    expect(tokensOf('opt-66b', 2, 1)).toBe(11_600);
  });

  const dimensions = fc
    .record({
      layers: fc.integer({ min: 1, max: 12 }).map((n) => 8 * n),
      heads: fc.integer({ min: 1, max: 12 }).map((n) => 8 * n),
      headDim: fc.constantFrom(64, 128),
      vocabulary: fc.integer({ min: 1, max: 100_000 }),
    })
    .map(({ layers, heads, headDim, vocabulary }): ReleasedDimensions => ({ layers, heads, hidden: heads * headDim, vocabulary, positions: 2048 }));
  const parts = fc.constantFrom(1, 2, 4);

  test.prop([dimensions, parts, parts])('grows to at least twice as much with twice the devices, whole blocks apart, either way', (model, tensorParallel, pipelineParallel) => {
    const tokens = releasedKvCapacity(model, split(tensorParallel, pipelineParallel)).tokens;
    for (const more of [split(2 * tensorParallel, pipelineParallel), split(tensorParallel, 2 * pipelineParallel)]) expect(releasedKvCapacity(model, more).tokens).toBeGreaterThanOrEqual(2 * tokens);
  });

  test.prop([dimensions, parts, parts])('keeps whole blocks that fit beside the weights, and not one more', (model, tensorParallel, pipelineParallel) => {
    const { weightBytes, blockBytes, blocks, tokens } = releasedKvCapacity(model, split(tensorParallel, pipelineParallel));
    const usable = 0.94 * 84_990_616_000;
    expect(tokens).toBe(16 * blocks);
    if (blocks > 0) expect(weightBytes + blocks * blockBytes).toBeLessThanOrEqual(usable * (1 + 1e-12));
    expect(weightBytes + (blocks + 1) * blockBytes).toBeGreaterThan(usable * (1 - 1e-12));
  });

  test.prop([dimensions, parts])('splits layers and blocks evenly, but neither vocabulary nor, over heads, norms', (model, pipelineParallel) => {
    const of = (tensorParallel: number) => releasedKvCapacity(model, split(tensorParallel, pipelineParallel));
    const { layers, hidden, vocabulary, positions } = model;
    expect(of(1).blockBytes).toBe(8 * of(8).blockBytes);
    const kept = 2 * ((vocabulary + positions) * hidden + 5 * (layers / pipelineParallel) * hidden);
    expect((of(1).weightBytes - kept) / (of(8).weightBytes - kept)).toBeCloseTo(8, 9);
  });

  const opt13b = releasedDimensions(modelOf('opt-13b'));
  it.each([
    [{ ...opt13b }, split(0, 1), 'kv-capacity: tensorParallel 0 is not a positive integer'],
    [{ ...opt13b }, split(1, 1.5), 'kv-capacity: pipelineParallel 1.5 is not a positive integer'],
    [{ ...opt13b }, split(3, 1), 'kv-capacity: tensorParallel 3 does not divide the 40 heads'],
    [{ ...opt13b }, split(1, 3), 'kv-capacity: pipelineParallel 3 does not divide the 40 layers'],
    [{ ...opt13b, hidden: Number.NaN }, split(1, 1), 'kv-capacity: hidden NaN is not a positive integer'],
    [{ ...opt13b, vocabulary: -1 }, split(1, 1), 'kv-capacity: vocabulary -1 is not a positive integer'],
  ])('refuses %j on %j: %s', (model, on, message) => {
    expect(() => releasedKvCapacity(model, on)).toThrow(RangeError);
    expect(() => releasedKvCapacity(model, on)).toThrow(message);
  });
});

describe('releasedDimensions', () => {
  it('of OPT are those of its configs: positions are the longest context, two less than the table has', () => {
    expect(releasedDimensions(modelOf('opt-175b'))).toEqual({ layers: 96, heads: 96, hidden: 12288, vocabulary: 50272, positions: 2048 });
    expect(modelOf('opt-175b').positions).toBe(2050);
  });

  const refused = (model: Model): void => {
    expect(() => releasedDimensions(model)).toThrow(RangeError);
    expect(() => releasedDimensions(model)).toThrow(new RegExp(`^kv-capacity: model ${model.id} is not one that the released profiler counts: [^\\n]*$`));
  };

  it.each(['llama-2-70b', 'llama-2-7b', 'bloom-176b', 'mixtral-8x7b', 'deepseek-v3', 'gemma-2-27b'])('refuses %s', (id) => refused(modelOf(id)));

  const opt = modelOf('opt-13b');
  const [group] = opt.layers as readonly [LayerGroup];
  const { positions: _, ...withoutPositions } = opt;
  const withLayers = (changes: { readonly attention?: object; readonly ffn?: object }): Model =>
    ({ ...opt, layers: [{ ...group, attention: { ...group.attention, ...changes.attention }, ffn: { ...group.ffn, ...changes.ffn } }] }) as Model;
  it.each<readonly [string, Model]>([
    ['shared key-value heads', withLayers({ attention: { kvHeads: 8 } })],
    ['heads of another width', withLayers({ attention: { headDim: 64 } })],
    ['a gate', withLayers({ ffn: { gated: true } })],
    ['feed-forward layers of another width', withLayers({ ffn: { intermediate: 5120 } })],
    ['a second group of layers', { ...opt, layers: [group, group] }],
    ['no table of positions', withoutPositions],
    ['no stated context', { ...opt, maxContext: null }],
  ])('refuses OPT-13B with %s', (_, model) => refused(model));

  it('takes OPT-13B as it is', () => expect(releasedDimensions(withLayers({}))).toEqual(releasedDimensions(opt)));
});
