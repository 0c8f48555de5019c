import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import {
  freeBytesOf,
  type ImageRequest,
  imagesPerRequest,
  kvShare,
  largestBatch,
  MEMORY_STAGES,
  type MemoryOutcome,
  type MemoryStage,
  type MultimodalWorker,
  peakMemory,
} from '../../../src/serving/multimodal/memory.ts';

const GB = 1e9;
const worker = (stage: MemoryStage, change: Partial<MultimodalWorker> = {}): MultimodalWorker => ({
  stage,
  capacity: 80 * GB,
  model: { encoder: 1 * GB, language: 15 * GB, multimediaCache: 2 * GB, kvPerToken: 1e5 },
  activations: { patch: 2e5, token: 2e5, reserved: 5e8 },
  context: 32_768,
  ...change,
});
const request: ImageRequest = { image: { patches: 10_000, tokens: 640, promptTokens: 666 }, images: 2, textTokens: 22 };
/** nothing fits is 0 */
const amount = (outcome: MemoryOutcome): number => (outcome.outcome === 'fits' ? outcome.value : 0);
const stages = fc.constantFrom(...MEMORY_STAGES);
const speaking = fc.constantFrom(...MEMORY_STAGES.filter((stage) => stage !== 'encode'));
const share = fc.double({ min: 0.01, max: 0.95, noNaN: true });
const some = fc.integer({ min: 1, max: 60 });

describe('the memory of a worker', () => {
  it('is what its stage holds, by hand', () => {
    expect(freeBytesOf(worker('encode'))).toBe(77 * GB);
    expect(freeBytesOf(worker('prefill'))).toBe(63 * GB);
    expect(freeBytesOf(worker('decode'))).toBe(65 * GB);
    expect(freeBytesOf(worker('encode-prefill'))).toBe(62 * GB);
    expect(freeBytesOf(worker('aggregated'))).toBe(62 * GB);
  });

  it('takes images and batches by hand', () => {
    // (77 - 0.5) GB / 0.2 MB = 382,500 patches; (0.2 x 62 - 0.5) GB / 0.2 MB = 59,500
    expect(imagesPerRequest(worker('encode'), request, { kvShare: 0.8 })).toEqual({ outcome: 'fits', value: 38, limitedBy: 'memory' });
    expect(imagesPerRequest(worker('encode-prefill'), request, { kvShare: 0.8 })).toEqual({ outcome: 'fits', value: 5, limitedBy: 'memory' });
    expect(largestBatch(worker('encode'), request, { kvShare: 0.8 })).toEqual({ outcome: 'fits', value: 19, limitedBy: 'memory' });
    // (0.2 x 63 - 0.5) GB / 0.2 MB = 60,500 tokens, of which the context leaves 32,768
    expect(imagesPerRequest(worker('prefill'), request, { kvShare: 0.8 })).toEqual({ outcome: 'fits', value: 49, limitedBy: 'context' });
    expect(largestBatch(worker('prefill'), request, { kvShare: 0.8 })).toEqual({ outcome: 'fits', value: 44, limitedBy: 'memory' });
    // 0.8 x 65 GB / 0.1 MB = 520,000 tokens
    expect(largestBatch(worker('decode'), request, { kvShare: 0.8 })).toEqual({ outcome: 'fits', value: 384, limitedBy: 'memory' });
  });

  it('counts image tokens alone against the context where it is told to', () => {
    const counted = worker('prefill', { contextCounts: 'image-tokens' });
    expect(imagesPerRequest(counted, request, { kvShare: 0.8 })).toMatchObject({ value: Math.floor(32_768 / 640), limitedBy: 'context' });
  });

  it('names what stops a request: memory first, then context', () => {
    const many = { ...request, images: 60 };
    expect(kvShare(worker('prefill'), many)).toEqual({ outcome: 'OOCL' });
    expect(largestBatch(worker('prefill'), many, { kvShare: 0.1 })).toEqual({ outcome: 'OOCL' });
    expect(kvShare(worker('encode-prefill', { activations: { patch: 2e5, token: 2e5, reserved: 0 } }), many)).toEqual({ outcome: 'OOM' });
    expect(imagesPerRequest(worker('prefill', { context: 500 }), request, { kvShare: 0.5 })).toEqual({ outcome: 'OOCL' });
    expect(imagesPerRequest(worker('encode-prefill', { capacity: 10 * GB }), request, { kvShare: 0.5 })).toEqual({ outcome: 'OOM' });
    expect(kvShare(worker('decode', { capacity: 10 * GB }), request)).toEqual({ outcome: 'OOM' });
    // an encode worker sees no context
    expect(largestBatch(worker('encode', { context: 1 }), request, { kvShare: 0 })).toMatchObject({ outcome: 'fits' });
  });

  it('lists what a worker holds at its peak', () => {
    expect(peakMemory(worker('encode'), request, { batch: 3 })).toEqual({ weights: GB, multimediaCache: 2 * GB, activations: 12 * GB, kv: 0, reserved: 5e8, total: 15.5 * GB, capacity: 80 * GB });
    const prefill = peakMemory(worker('prefill'), request, { kvShare: 0.5 });
    expect(prefill).toMatchObject({ weights: 15 * GB, multimediaCache: 2 * GB, kv: 31.5 * GB });
    expect(prefill.activations).toBeCloseTo(2e5 * 1354, 3);
    expect(peakMemory(worker('decode'), request, { batch: 7 })).toMatchObject({ weights: 15 * GB, multimediaCache: 0, activations: 0, kv: 7 * 1354 * 1e5 });
    expect(peakMemory(worker('aggregated'), request).weights).toBe(16 * GB);
  });
});

describe('laws', () => {
  test.prop([stages, share, some, some], { seed: 1 })('more images of a request never raise the batch', (stage, kv, a, b) => {
    const [few, many] = [Math.min(a, b), Math.max(a, b)];
    const of = (images: number) => amount(largestBatch(worker(stage, { context: null }), { ...request, images }, { kvShare: kv }));
    expect(of(many)).toBeLessThanOrEqual(of(few));
  });

  test.prop([speaking, some, some], { seed: 2 })('more images leave less for KV, the same on a decode worker', (stage, a, b) => {
    const [few, many] = [Math.min(a, b), Math.max(a, b)];
    const of = (images: number) => amount(kvShare(worker(stage, { context: null }), { ...request, images }));
    if (stage === 'decode' || few === many) expect(of(many)).toBe(of(few));
    else if (of(few) > 0) expect(of(many)).toBeLessThan(of(few));
    else expect(of(many)).toBe(0);
  });

  test.prop([stages, fc.integer({ min: 1, max: 20 })], { seed: 3 })('free memory falls by what weights grow by', (stage, grown) => {
    const larger = worker(stage, { model: { ...worker(stage).model, encoder: (1 + grown) * GB, language: (15 + grown) * GB } });
    const parts = { encode: 1, prefill: 1, decode: 1, 'encode-prefill': 2, aggregated: 2 }[stage];
    expect(freeBytesOf(worker(stage)) - freeBytesOf(larger)).toBe(parts * grown * GB);
  });

  test.prop([share, some], { seed: 4 })('an encode worker takes at least as many images as one that also prefills', (kv, images) => {
    const of = (stage: MemoryStage) => amount(largestBatch(worker(stage, { context: null }), { ...request, images }, { kvShare: kv }));
    expect(of('encode')).toBeGreaterThanOrEqual(of('encode-prefill'));
    expect(of('prefill')).toBeGreaterThanOrEqual(of('encode-prefill'));
    expect(of('aggregated')).toBe(of('encode-prefill'));
  });

  test.prop([fc.constantFrom('prefill', 'encode-prefill', 'aggregated' as const), some], { seed: 5 })('what is left for KV fills the chip, and the batch fits beside it', (stage, images) => {
    const asked = { ...request, images };
    const left = kvShare(worker(stage, { context: null }), asked);
    if (left.outcome === 'fits') {
      const tiny = worker(stage, { context: null, model: { ...worker(stage).model, kvPerToken: 1 } });
      expect(peakMemory(worker(stage), asked, { kvShare: left.value }).total / (80 * GB)).toBeCloseTo(1, 12);
      // as much KV as is left, and a byte a token: the batch fits; a little more KV, and it does not
      expect(amount(largestBatch(tiny, asked, { kvShare: left.value - 1e-6 }))).toBe(1);
      expect(largestBatch(tiny, asked, { kvShare: Math.min(left.value + 1e-6, 1 - 1e-12) })).toEqual({ outcome: 'OOM' });
    } else expect(peakMemory(worker(stage), asked, { kvShare: 0 }).total).toBeGreaterThanOrEqual(80 * GB);
  });

  test.prop([stages, share, some], { seed: 6 })('one more request than the largest batch needs more than there is', (stage, kv, images) => {
    const asked = { ...request, images };
    const batch = amount(largestBatch(worker(stage, { context: null }), asked, { kvShare: kv }));
    const one = worker(stage);
    const fits = (requests: number): boolean => {
      const { total, capacity } = peakMemory(one, asked, { batch: requests, kvShare: kv });
      const tokens = requests * (images * request.image.promptTokens + request.textTokens);
      return (stage === 'decode' || total <= capacity * (1 + 1e-12)) && (stage === 'encode' || tokens * one.model.kvPerToken <= kv * freeBytesOf(one) * (1 + 1e-12));
    };
    if (batch > 0) expect(fits(batch)).toBe(true);
    expect(fits(batch + 1)).toBe(false);
  });
});

describe('rejections', () => {
  it.each([
    ['no images', () => largestBatch(worker('encode'), { ...request, images: 0 }, { kvShare: 0.8 }), /^multimodal memory: images 0 is not a positive integer$/],
    ['images below 0', () => kvShare(worker('prefill'), { ...request, images: -2 }), /^multimodal memory: images -2 is not a positive integer$/],
    ['part of an image', () => peakMemory(worker('prefill'), { ...request, images: 1.5 }), /images 1.5 is not/],
    ['no patches', () => imagesPerRequest(worker('encode'), { ...request, image: { ...request.image, patches: 0 } }, { kvShare: 0 }), /patches of an image 0 is not/],
    [
      'fewer tokens of the prompt than of tiles',
      () => kvShare(worker('prefill'), { ...request, image: { ...request.image, promptTokens: 5 } }),
      /promptTokens of an image 5 is not a whole number of at least its 640/,
    ],
    ['a text below 0', () => kvShare(worker('prefill'), { ...request, textTokens: -1 }), /textTokens -1 is not/],
    ['a stage that is not known', () => freeBytesOf(worker('train' as MemoryStage)), /^multimodal memory: stage train is not one of encode, prefill, decode, encode-prefill, aggregated$/],
    ['KV on an encode worker', () => kvShare(worker('encode'), request), /^multimodal memory: stage encode has no KV cache$/],
    ['all of the memory for KV', () => largestBatch(worker('prefill'), request, { kvShare: 1 }), /kvShare 1 is not from 0 to below 1/],
    ['no batch', () => peakMemory(worker('prefill'), request, { batch: 0 }), /batch 0 is not/],
    ['no memory', () => freeBytesOf(worker('encode', { capacity: 0 })), /capacity 0 is not/],
    ['a patch of nothing', () => largestBatch(worker('encode', { activations: { patch: 0, token: 1, reserved: 0 } }), request, { kvShare: 0 }), /activation bytes of a patch 0 is not/],
    ['a reserve below 0', () => largestBatch(worker('encode', { activations: { patch: 1, token: 1, reserved: -1 } }), request, { kvShare: 0 }), /reserved bytes -1 is not/],
  ])('%s', (_, ask, message) => expect(ask).toThrow(message));
});
