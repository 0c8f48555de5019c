import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import type { Accelerator } from '../../../src/accelerators/index.ts';
import { imageOf } from '../../../src/models/images/index.ts';
import { modelOf } from '../../../src/models/index.ts';
import { deploymentOf } from '../../../src/serving/disaggregation/calibrated-estimator.ts';
import { chipTimeUsd, multimodalPrompt, requestUsd } from '../../../src/serving/multimodal/cost-formulas.ts';
import { languageModelOf, type MediaRequest, mediaCost, smallestSplit } from '../../../src/serving/multimodal/media-cost.ts';
import { memoryOf } from '../../../src/timing/memory.ts';
import { passSeconds } from '../../../src/timing/pass-time.ts';
import { chipOf } from '../../timing/support.ts';

const model = modelOf('internvl2-8b');
const chip = chipOf('a100-80g');
const shape = imageOf(model, { width: 4032, height: 3024 });
const request: MediaRequest = { shape, images: 2, prompt: 50, output: 100 };
const pricedAt = (usdPerHour: number | null, of = chip): Accelerator => ({ ...of, usdPerHour: usdPerHour as Accelerator['usdPerHour'] });
const usdOf = (cost: ReturnType<typeof mediaCost>) => [cost.encode.usd, cost.imagePrefill.usd, cost.imageUsd, cost.idealImageUsd, cost.prefill.usd, cost.decode.usd, cost.requestUsd];

describe('formulas of cost', () => {
  it('are what they say, by hand', () => {
    expect(chipTimeUsd.evaluate({ chips: 8, seconds: 900, usdPerHour: 2 })).toBe(4);
    expect(multimodalPrompt.evaluate({ textTokens: 50, images: 3, imageTokens: 3330 })).toBe(10_040);
    expect(requestUsd.evaluate({ images: 3, encodeUsd: 2, prefillUsd: 5, decodeUsd: 7 })).toBe(18);
  });
});

describe('mediaCost', () => {
  const cost = mediaCost(model, chip, request);

  it('is by hand what chips take at their price', () => {
    // 13 tiles of 256 tokens with two markers around them
    expect(cost.promptTokens).toBe(50 + 2 * (13 * 256 + 2));
    const price = (chip.usdPerHour as number) / 3600;
    expect(cost.encode.usd).toBeCloseTo(cost.encode.seconds * price, 15);
    expect(cost.imagePrefill.usd).toBeCloseTo(cost.chips * cost.imagePrefill.seconds * price, 15);
    expect(cost.prefill.usd).toBeCloseTo(cost.chips * cost.prefill.seconds * price, 15);
    expect(cost.decode.usd).toBeCloseTo((cost.chips * 99 * cost.decode.stepSeconds * price) / cost.decode.batch, 15);
    expect(cost.imageUsd).toBe((cost.encode.usd as number) + (cost.imagePrefill.usd as number));
    expect(cost.requestUsd).toBe(2 * (cost.encode.usd as number) + (cost.prefill.usd as number) + (cost.decode.usd as number));
  });

  it('takes passes of the language model alone', () => {
    const options = { deployment: deploymentOf(model, { tensorParallel: cost.chips, pipelineParallel: 1 }), precision: model.precision };
    const language = languageModelOf(model);
    expect(cost.prefill.seconds).toBe(passSeconds(language, chip, { phase: 'prefill', prompts: 1, prompt: cost.promptTokens }, options).seconds);
    // 8,192 tokens of 163 prompts of the text alone
    const text = passSeconds(language, chip, { phase: 'prefill', prompts: 163, prompt: 50 }, options).seconds / 163;
    expect(cost.imagePrefill.seconds).toBeCloseTo((cost.prefill.seconds - text) / 2, 15);
    expect(cost.decode.stepSeconds).toBe(passSeconds(language, chip, { phase: 'decode', batch: cost.decode.batch, context: cost.promptTokens + 50 }, options).seconds);
  });

  test.prop([fc.double({ min: 0.01, max: 100, noNaN: true })], { numRuns: 20 })('is linear in the price of the chip, and takes the same time', (times) => {
    const dearer = mediaCost(model, pricedAt(times * (chip.usdPerHour as number)), request);
    for (const [at, usd] of usdOf(dearer).entries()) expect((usd as number) / (times * (usdOf(cost)[at] as number))).toBeCloseTo(1, 9);
    expect([dearer.encode.seconds, dearer.prefill.seconds, dearer.decode.stepSeconds]).toEqual([cost.encode.seconds, cost.prefill.seconds, cost.decode.stepSeconds]);
  });

  it('has no USD without a price', () => expect(usdOf(mediaCost(model, pricedAt(null), request))).toEqual(Array(7).fill(null)));

  it.each(['minicpm-v-2.6', 'internvl2-8b', 'internvl2-26b', 'qwen3-vl-235b-a22b'])('of %s: an image adds to prefill, and costs more than on chips that are always busy', (id) => {
    const of = modelOf(id);
    const costs = [1, 2, 4].map((images) => mediaCost(of, chipOf('h100'), { shape: imageOf(of, { width: 1920, height: 1080 }), images, prompt: 64, output: 64 }));
    for (const { imagePrefill, imageUsd, idealImageUsd } of costs) {
      expect(imagePrefill.seconds).toBeGreaterThan(0);
      expect(idealImageUsd as number).toBeGreaterThan(0);
      expect(imageUsd as number).toBeGreaterThan(idealImageUsd as number);
    }
    const requests = costs.map((each) => each.requestUsd as number);
    expect(requests).toEqual(requests.toSorted((a, b) => a - b));
    expect(new Set(costs.map(({ encode }) => encode.seconds)).size).toBe(1);
  });

  it('decodes as many together as asked for, as far as memory has room', () => {
    const { largestBatch } = smallestSplit(languageModelOf(model), chip, cost.promptTokens + 100);
    expect(largestBatch).toBeGreaterThan(4);
    expect(mediaCost(model, chip, request, { batch: 4 }).decode.batch).toBe(4);
    expect(mediaCost(model, chip, request, { batch: 65_536 }).decode.batch).toBe(largestBatch);
    expect(mediaCost(model, chip, request, { batch: 1 }).decode.usd as number).toBeGreaterThan(cost.decode.usd as number);
  });

  it.each([
    [{ images: 0 }, {}, 'multimodal: images 0 is not a whole number of at least 1'],
    [{ images: 1.5 }, {}, 'multimodal: images 1.5 is not a whole number of at least 1'],
    [{ prompt: Number.NaN }, {}, 'multimodal: prompt NaN is not a whole number of at least 1'],
    [{ output: Number.POSITIVE_INFINITY }, {}, 'multimodal: output Infinity is not a whole number of at least 1'],
    [{}, { batch: -1 }, 'multimodal: batch -1 is not a whole number of at least 1'],
    [{ images: 4096 }, {}, `multimodal: model internvl2-8b with ${50 + 4096 * 3330 + 100} tokens does not fit ${chip.scaleUpDomain} of a100-80g`],
  ])('refuses %j %j', (change, options, message) => expect(() => mediaCost(model, chip, { ...request, ...change }, options)).toThrow(new RangeError(message)));

  it('refuses a model without an encoder', () =>
    expect(() => mediaCost(modelOf('llama-3.1-8b'), chip, { ...request, images: 1 })).toThrow(new RangeError('encode: model llama-3.1-8b has no vision encoder')));
});

describe('languageModelOf', () => {
  it('leaves out the encoder and nothing else', () => {
    const { vision, ...rest } = model;
    expect(vision).toBeDefined();
    expect(languageModelOf(model)).toEqual(rest);
    expect(languageModelOf(rest)).toEqual(rest);
  });
});

describe('smallestSplit', () => {
  const room = (id: string, of: Accelerator, tensorParallel: number, tokens: number): number => {
    const language = languageModelOf(modelOf(id));
    return memoryOf(language, of, { deployment: deploymentOf(language, { tensorParallel, pipelineParallel: 1 }), precision: language.precision, passTokens: 8192 }).largestBatch(tokens);
  };
  it.each([
    ['minicpm-v-2.6', 'h100', 1],
    ['internvl2-26b', 'l4', 4],
    ['qwen3-vl-235b-a22b', 'h100', 8],
  ])('of %s on %s is TP %d: it has room for a request of 4,096 tokens, and none that is smaller has', (id, on, chips) => {
    const of = chipOf(on);
    const { split, largestBatch } = smallestSplit(languageModelOf(modelOf(id)), of, 4096);
    expect(split).toMatchObject({ tensorParallel: chips, pipelineParallel: 1 });
    expect(largestBatch).toBe(room(id, of, chips, 4096));
    expect(largestBatch).toBeGreaterThan(0);
    for (let fewer = chips / 2; fewer >= 1; fewer /= 2) expect(room(id, of, fewer, 4096)).toBe(0);
  });
  it('needs no fewer chips for a longer request, or with the encoder', () => {
    const chips = (tokens: number, of = languageModelOf(modelOf('internvl2-26b'))): number => smallestSplit(of, chipOf('h100'), tokens).split.tensorParallel;
    const counts = [1, 4096, 65_536, 1_000_000].map((tokens) => chips(tokens));
    expect(counts).toEqual(counts.toSorted((a, b) => a - b));
    expect(counts.at(-1)).toBeGreaterThan(counts[0] as number);
    expect(chips(4096, modelOf('internvl2-26b'))).toBeGreaterThanOrEqual(chips(4096));
  });
  it('refuses what no number of linked chips holds', () =>
    expect(() => smallestSplit(modelOf('qwen3-vl-235b-a22b'), chipOf('l4'), 100)).toThrow(new RangeError('multimodal: model qwen3-vl-235b-a22b with 100 tokens does not fit 8 of l4')));
});
