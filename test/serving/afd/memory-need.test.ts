import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { storedBytes } from '../../../src/layers/gemm.ts';
import { weightFormat } from '../../../src/layers/precision.ts';
import { type Model, modelEntries, modelOf, parameters } from '../../../src/models/index.ts';
import { attentionMemoryOf, ffnMemoryOf, fits, needOf } from '../../../src/serving/afd/memory-need.ts';
import { splitModel } from '../../../src/serving/afd/split-model.ts';
import type { FfnSide } from '../../../src/serving/afd/stage-times.ts';
import { chipOf, expectNear } from '../../timing/support.ts';
import { plannerOf, splitOf } from './support.ts';

const h800 = chipOf('h800');
const sideOf = (changes: Partial<FfnSide> = {}): FfnSide => ({ instances: 1, size: 8, layout: 'tensor', expertLoad: { kind: 'balanced' }, routing: 'broadcast', ...changes });
const attentionWeights = (id: string, tensorParallel = 1): number => attentionMemoryOf(splitOf(id), h800, tensorParallel, 0.9).weightBytes;
const ffnWeights = (id: string, changes: Partial<FfnSide> = {}): number => ffnMemoryOf(splitOf(id), h800, sideOf(changes), 0.9).weightBytes;

const catalogue = modelEntries.map(({ model }) => model).filter(({ vision }) => vision === undefined);
const hasExperts = (model: Model): boolean => model.layers.some(({ ffn }) => ffn.kind === 'moe');
const denseModels = catalogue.filter((model) => !hasExperts(model));

describe('weights of Step-3, one byte each', () => {
  const { parts, total } = parameters(modelOf('step-3'));
  const { router, experts, sharedExperts, dense } = parts;

  it('are on one attention chip all of attention, embedding and head, and on the 8 of a server all others, the router on each', () => {
    expect(attentionWeights('step-3') + 8 * ffnWeights('step-3')).toBe(total.all + 7 * router);
  });

  it.each([1, 2, 3])('over %i servers are, on their chips together, all others and a router each', (instances) =>
    expectNear(8 * instances * ffnWeights('step-3', { instances }), dense + sharedExperts + experts + 8 * instances * router),
  );

  it.each([1, 2, 3])('with whole experts on the chips of %i servers: dense layers, shared experts and router on each', (instances) =>
    expectNear(8 * instances * ffnWeights('step-3', { instances, layout: 'expert' }), experts + 8 * instances * (dense + sharedExperts + router)),
  );

  it('routed to some of two servers: dense layers and shared experts on each server', () =>
    expectNear(16 * ffnWeights('step-3', { instances: 2, routing: 'routed' }), experts + 2 * (dense + sharedExperts) + 16 * router));

  // five servers have 10 of 48 experts each, where a fifth is 9.6
  it('have rounded up what does not divide', () => expectNear(40 * ffnWeights('step-3', { instances: 5 }), dense + sharedExperts + (experts * 50) / 48 + 40 * router));
});

describe('weights of both sides', () => {
  it.each(denseModels)('of $id are all that it stores', (model) => {
    const split = splitModel(model);
    const side = 8 * ffnMemoryOf(split, h800, sideOf(), 0.9).weightBytes;
    expectNear(attentionMemoryOf(split, h800, 1, 0.9).weightBytes + side, parameters(model).bytes);
    // a whole layer on each chip
    expectNear(ffnMemoryOf(split, h800, sideOf({ layout: 'expert', instances: 3 }), 0.9).weightBytes, side);
  });

  it.each(catalogue.filter(hasExperts))('of $id are all that it stores, and seven copies of its routers', (model) => {
    const split = splitModel(model);
    const together = attentionMemoryOf(split, h800, 1, 0.9).weightBytes + 8 * ffnMemoryOf(split, h800, sideOf(), 0.9).weightBytes;
    const { bytes, parts } = parameters(model);
    expectNear(together, bytes + 7 * storedBytes(parts.router, weightFormat(model.precision, 'router')));
  });

  it('of attention are split over the chips of a replica, key-value heads over as many as there are', () => {
    expect(attentionWeights('llama-3.1-8b', 8)).toBe(attentionWeights('llama-3.1-8b') / 8);
    expect(attentionWeights('mixtral-8x7b', 2)).toBe(attentionWeights('mixtral-8x7b') / 2);
  });
});

describe('what a chip needs', () => {
  it('for attention of Llama-3.1-8B, 10 requests in each of three micro-batches at context 4096: by hand', () => {
    const { bytes, usable } = plannerOf('llama-3.1-8b', 4096).attentionMemory(h800, 1, 10);
    const weights = 2 * (2 * 128_256 * 4096 + 32 * (4096 * 4096 * 2 + 4096 * 2048));
    // the widest matrix has 4096 outputs; logits of 10 requests in 32 bit
    const activations = 2 * 10 * (3 * 4096 + 2 * 4096) + 4 * 10 * 128_256;
    expect(bytes).toBe(weights + 3 * 10 * 4096 * 131_072 + activations + 2 * 2 ** 30);
    expect(usable).toBe(0.9 * 80 * 2 ** 30);
  });

  it('grows by the cache of all its requests with each micro-batch, by the mean of a mix', () => {
    const needOfBatches = (microBatches: number, context = 4096): number => plannerOf('llama-3.1-8b', context, { microBatches }).attentionMemory(h800, 1, 10).bytes;
    expect(needOfBatches(4) - needOfBatches(3)).toBe(10 * 4096 * 131_072);
    expect(needOfBatches(64) - needOfBatches(3)).toBe(61 * 10 * 4096 * 131_072);
    const mixed = plannerOf('llama-3.1-8b', 1, {
      contexts: [
        { context: 1024, share: 0.75 },
        { context: 4096, share: 0.25 },
      ],
    }).attentionMemory(h800, 1, 10);
    expectNear(mixed.bytes, needOfBatches(3, 1792));
  });

  it('has activations of drafted tokens, and no cache of theirs', () => {
    const needed = (draftTokens: number): number => plannerOf('llama-3.1-8b', 4096, { draftTokens }).attentionMemory(h800, 1, 10).bytes;
    expect(needed(2) - needed(0)).toBe(20 * (2 * 5 * 4096 + 4 * 128_256));
  });

  it('for the feed-forward side is no cache, whatever the context and the micro-batches', () => {
    const needed = (context: number, microBatches: number): unknown => plannerOf('step-3', context, { microBatches }).ffnMemory(h800, 1024, { ffnInstances: 2, layout: 'tensor' });
    expect(needed(100_000, 8)).toEqual(needed(1, 1));
  });

  it('fits up to what can be used, and no byte more', () => {
    expect([fits({ bytes: 10, usable: 10 }), fits({ bytes: 10.5, usable: 10 })]).toEqual([true, false]);
    expect(plannerOf('llama-3.1-8b', 4096, { memoryShare: 0.5 }).attentionMemory(h800, 1, 1).usable).toBe(40 * 2 ** 30);
  });

  test.prop([fc.integer({ min: 1, max: 4096 }), fc.integer({ min: 0, max: 1e12 }), fc.integer({ min: 1, max: 4096 })])('grows with tokens, and byte for byte with the cache', (tokens, cache, more) => {
    const memory = attentionMemoryOf(splitOf('llama-3.1-8b'), h800, 1, 0.9);
    expect(needOf(memory, tokens + more, cache).bytes).toBeGreaterThan(needOf(memory, tokens, cache).bytes);
    expectNear(needOf(memory, tokens, cache).bytes, needOf(memory, tokens, 0).bytes + cache);
  });
});
