import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { modelCache } from '../../../src/models/cache.ts';
import { modelEntries, modelOf, precisionPolicies } from '../../../src/models/index.ts';
import { blocksOf, bytesOfBlock, type CacheLayout, cacheLayout, LAYOUTS, type LayoutOptions, movedBy, piecesOfBlock } from '../../../src/serving/preemption/layout.ts';

const KIB = 1024;
const ALL = Number.POSITIVE_INFINITY;
const layout = (id: string, options: LayoutOptions = {}): CacheLayout => cacheLayout(modelOf(id), options);

describe('a block of 16 tokens', () => {
  it('of llama-3.1-8b has keys and values of 32 layers: 16 x 8 heads x 128 x 2 bytes each', () => {
    expect(layout('llama-3.1-8b').slices).toEqual([{ count: 64, bytes: 32 * KIB, mostBlocks: ALL }]);
    expect(bytesOfBlock(layout('llama-3.1-8b'))).toBe(2 * KIB ** 2);
    expect(piecesOfBlock(layout('llama-3.1-8b'))).toBe(64);
  });

  it('of qwen1.5-32b has those of 64 layers', () => {
    expect(layout('qwen1.5-32b').slices).toEqual([{ count: 128, bytes: 32 * KIB, mostBlocks: ALL }]);
    expect(bytesOfBlock(layout('qwen1.5-32b'))).toBe(4 * KIB ** 2);
  });

  it('has slices of 128 KiB, the granularity that the paper names, where every head has keys of its own: llama-2-7b, not llama-3.1-8b', () => {
    expect(layout('llama-2-7b').slices).toEqual([{ count: 64, bytes: 128 * KIB, mostBlocks: ALL }]);
  });

  it('of deepseek-v3 has one latent of 512 + 64 values a layer, whatever lies apart', () => {
    for (const kind of ['apart', 'layer'] as const) expect(layout('deepseek-v3', { kind, precision: precisionPolicies.bf16 }).slices).toEqual([{ count: 61, bytes: 16 * 576 * 2, mostBlocks: ALL }]);
  });

  it('of deepseek-v3.2 has index keys of 128 values and a scale beside the latent', () => {
    expect(layout('deepseek-v3.2').slices).toEqual([
      { count: 61, bytes: 16 * 132, mostBlocks: ALL },
      { count: 61, bytes: 16 * 576 * 2, mostBlocks: ALL },
    ]);
  });

  it('of step-3 has one head of keys and one of values, 256 wide', () => {
    expect(layout('step-3', { precision: precisionPolicies.bf16 }).slices).toEqual([{ count: 122, bytes: 16 * 256 * 2, mostBlocks: ALL }]);
  });

  it('of gpt-oss-120b and gemma-3-27b is kept for a window in some layers', () => {
    expect(layout('gpt-oss-120b').slices).toEqual([
      { count: 36, bytes: 16 * KIB, mostBlocks: 128 / 16 },
      { count: 36, bytes: 16 * KIB, mostBlocks: ALL },
    ]);
    // five local layers to a global one: 52 and 10 of 62
    expect(layout('gemma-3-27b').slices).toEqual([
      { count: 104, bytes: 64 * KIB, mostBlocks: 1024 / 16 },
      { count: 20, bytes: 64 * KIB, mostBlocks: ALL },
    ]);
    expect(layout('gpt-oss-120b', { blockTokens: 100 }).slices[0]?.mostBlocks).toBe(2);
    expect(layout('gpt-oss-120b', { kind: 'whole-block' }).slices).toEqual([
      { count: 1, bytes: 36 * 16 * KIB, mostBlocks: 8 },
      { count: 1, bytes: 36 * 16 * KIB, mostBlocks: ALL },
    ]);
  });

  it('of minimax-m1 and qwen3-next goes with states that move whole', () => {
    // 70 of 80 layers keep 64 heads of 128 x 128 values of 4 bytes
    expect(layout('minimax-m1', { precision: precisionPolicies.bf16 })).toMatchObject({
      slices: [{ count: 20, bytes: 32 * KIB, mostBlocks: ALL }],
      states: { pieces: 70, bytes: 70 * 64 * 128 * 128 * 4 },
    });
    const { slices, states } = layout('qwen3-next-80b-a3b');
    expect(slices).toEqual([{ count: 24, bytes: 16 * 2 * 256 * 2, mostBlocks: ALL }]);
    // 36 of 48 layers: 32 heads of 128 x 128, and a convolution, which is a piece of its own
    expect(states.pieces).toBe(72);
    expect(states.bytes).toBe(modelCache(modelOf('qwen3-next-80b-a3b')).state);
    expect(states.bytes).toBeGreaterThan(36 * 32 * 128 * 128 * 4);
  });
});

describe('layouts', () => {
  it('copy the same bytes in ever fewer calls', () => {
    const moved = LAYOUTS.map((kind) => movedBy(layout('llama-3.1-8b', { kind }), 7, 7));
    expect(moved.map(({ calls }) => calls)).toEqual([7 * 64, 7 * 32, 7]);
    for (const { bytes } of moved) expect(bytes).toBe(7 * 2 * KIB ** 2);
  });

  it.each([1, 2, 4, 8, 16])('deal heads out to %i chips, and copies of them beyond', (tensorParallel) => {
    const parts = Math.min(tensorParallel, 8);
    expect(layout('llama-3.1-8b', { tensorParallel }).slices).toEqual([{ count: 64, bytes: (32 * KIB) / parts, mostBlocks: ALL }]);
    expect(layout('deepseek-v3', { tensorParallel })).toEqual(layout('deepseek-v3'));
    expect(layout('step-3', { tensorParallel })).toEqual(layout('step-3'));
  });

  it('have blocks of any number of tokens', () => {
    for (const blockTokens of [1, 8, 16, 256]) {
      expect(bytesOfBlock(layout('qwen3-32b', { blockTokens }))).toBe((bytesOfBlock(layout('qwen3-32b')) * blockTokens) / 16);
      expect(blocksOf(layout('qwen3-32b', { blockTokens }), 1000)).toBe(Math.ceil(1000 / blockTokens));
    }
  });

  it.each(modelEntries.map(({ model }) => [model.id, model] as const))('of %s have the bytes of its paged cache and its states', (_, model) => {
    const { paged, ring, state } = modelCache(model);
    const blocks = 2 ** 14;
    for (const kind of LAYOUTS) {
      const of = cacheLayout(model, { kind });
      expect(bytesOfBlock(of) * blocks).toBe(paged.evaluate(16 * blocks));
      expect(of.states.bytes).toBe(state);
      // all windows of the catalogue are whole blocks
      expect(movedBy(of, blocks, blocks).bytes).toBe(ring.evaluate(16 * blocks) + state);
      expect(movedBy(of, blocks, blocks).calls).toBeGreaterThanOrEqual(movedBy(of, blocks, 3).calls);
    }
    const pieces = LAYOUTS.map((kind) => piecesOfBlock(cacheLayout(model, { kind })));
    expect(pieces).toEqual(pieces.toSorted((a, b) => b - a));
  });
});

describe('movedBy', () => {
  it('copies of a window what is kept, in its share of the groups, and no more', () => {
    const of = layout('gpt-oss-120b');
    expect(movedBy(of, 4, 4)).toEqual({ calls: 72 * 4, bytes: 72 * 4 * 16 * KIB });
    // 8 of 100 blocks in ceil(5 x 8 / 100) groups
    expect(movedBy(of, 100, 5)).toEqual({ calls: 36 * 5 + 36, bytes: 36 * 108 * 16 * KIB });
    expect(movedBy(of, 0, 0)).toEqual({ calls: 0, bytes: 0 });
    expect(movedBy(layout('minimax-m1'), 0, 0)).toEqual({ calls: 70, bytes: layout('minimax-m1').states.bytes });
  });

  test.prop([fc.constantFrom(...modelEntries), fc.integer({ min: 1, max: 5000 }), fc.double({ min: 0, max: 1, noNaN: true })])(
    'has no fewer calls and no other bytes in more groups',
    ({ model }, blocks, part) => {
      const of = cacheLayout(model);
      const groups = Math.max(1, Math.ceil(part * blocks));
      const [few, more, most] = [movedBy(of, blocks, 1), movedBy(of, blocks, groups), movedBy(of, blocks, blocks)];
      expect([few.bytes, more.bytes]).toEqual([most.bytes, most.bytes]);
      expect(few.calls).toBe(piecesOfBlock(of) + of.states.pieces);
      expect(more.calls).toBeGreaterThanOrEqual(few.calls);
      expect(more.calls).toBeLessThanOrEqual(most.calls);
    },
  );
});

describe('cacheLayout refuses', () => {
  it.each([0, -1, 1.5, 2 ** 16 + 1, Number.NaN])('blocks of %f tokens', (blockTokens) => {
    expect(() => layout('llama-3.1-8b', { blockTokens })).toThrow(new RangeError(`preemption: blockTokens ${blockTokens} is not a whole number from 1 to 65536`));
  });

  it.each([0, 2.5, Number.POSITIVE_INFINITY])('%f chips', (tensorParallel) => {
    expect(() => layout('llama-3.1-8b', { tensorParallel })).toThrow(new RangeError(`preemption: tensorParallel ${tensorParallel} is not a positive integer`));
  });
});
