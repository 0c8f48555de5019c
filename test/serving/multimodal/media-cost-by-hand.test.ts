import { describe, expect, it } from 'vitest';
import { accelerator } from '../../../src/accelerators/index.ts';
import { imageOf, modelOf, precisionPolicies } from '../../../src/models/index.ts';
import { languageModelOf, type MediaCost, mediaCost } from '../../../src/serving/multimodal/media-cost.ts';
import { singleChip } from '../../../src/timing/deployment.ts';
import { encodeTime } from '../../../src/timing/encode-time.ts';
import { passTime } from '../../../src/timing/pass-time.ts';

const model = modelOf('minicpm-v-2.6');
const shape = imageOf(model, { width: 4032, height: 3024 });
const request = { shape, images: 2, prompt: 22, output: 100 };
const h800 = accelerator('h800').accelerator;

/** MiniCPM-V 2.6 by hand, one image of 4032 x 3024: ten tiles of 1036 patches and 64 tokens. */
const TILES = 10;
const [layer, core] = [4 * 1152 ** 2 + 2 * 1152 * 4304, 27 * 4 * 1152 * 1036 ** 2];
const matrices = 27 * 2 * 1036 * layer + 2 * 1036 * (588 * 1152 + 1152 * 3584 + 2 * 3584 ** 2) + 2 * 64 * 3 * 3584 ** 2;
/** work of a prompt of so many tokens: 28 layers of grouped-query attention and a gated feed-forward layer */
const matricesOf = (tokens: number): number => 28 * 2 * tokens * (2 * 3584 ** 2 + 2 * 3584 * 512 + 3 * 3584 * 18944);
const coresOf = (tokens: number): number => (28 * 4 * 3584 * tokens * (tokens + 1)) / 2;
const [whole, text] = [22 + 2 * 665, 22];
const usdPerFlop = (peak: number): number => (h800.usdPerHour as number) / 3600 / peak;
const [bf16, fp8] = [usdPerFlop(989e12), usdPerFlop(1980e12)];

const ideal = (precision = model.precision): number => mediaCost(model, h800, request, { precision }).idealImageUsd as number;

describe('mediaCost', () => {
  it('is the work of an image at its price, where only work is paid', () => {
    const flop = TILES * (matrices + core) + (matricesOf(whole) + coresOf(whole) - matricesOf(text) - coresOf(text)) / 2;
    // the cores of 22 tokens wait for memory: a hundredth of a thousandth
    expect(ideal() / (flop * bf16)).toBeCloseTo(1, 4);
  });

  it('charges an encoder that is stored in 16 bit the price of 16-bit work, where the language model computes in 8 bit', () => {
    const mixed = { ...precisionPolicies.w8a8kv16, weightsByComponent: { ...precisionPolicies.w8a8kv16.weightsByComponent, vision: 'bf16' as const } };
    expect((ideal(mixed) - ideal(precisionPolicies.w8a8kv16)) / (TILES * matrices * (bf16 - fp8))).toBeCloseTo(1, 6);
  });

  it('puts parts together: images, prompt and output, times of all chips at their price', () => {
    const cost: MediaCost = mediaCost(model, h800, request);
    const language = languageModelOf(model);
    const deployment = singleChip;
    const prefill = (tokens: number): number => {
      const prompts = Math.floor(8192 / tokens);
      return passTime(language, h800, { phase: 'prefill', prompts, prompt: tokens }, { deployment }).seconds / prompts;
    };
    const step = passTime(language, h800, { phase: 'decode', batch: 64, context: whole + 50 }, { deployment }).seconds;
    const usd = (seconds: number): number => (seconds * (h800.usdPerHour as number)) / 3600;
    const encode = usd(encodeTime(model, h800, { tiles: TILES, patches: 1036, tokens: 64 }).seconds);
    expect([cost.chips, cost.promptTokens, cost.decode.batch]).toEqual([1, whole, 64]);
    expect(cost.imageUsd).toBeCloseTo(encode + usd(prefill(whole) - prefill(text)) / 2, 12);
    expect(cost.requestUsd).toBeCloseTo(2 * encode + usd(prefill(whole)) + usd((99 * step) / 64), 12);
    expect(cost.imageUsd as number).toBeGreaterThan(ideal());
  });

  it('decodes one token less than it answers: prefill gives the first', () => {
    const of = (output: number): MediaCost => mediaCost(model, h800, { ...request, output });
    expect(of(1).decode.usd).toBe(0);
    expect(of(2).decode.usd as number).toBeGreaterThan(0);
    expect(of(1).requestUsd).toBeCloseTo(2 * (of(1).encode.usd as number) + (of(1).prefill.usd as number), 15);
  });

  it('pays every chip that shares the language model, and one that encodes', () => {
    const large = modelOf('qwen3-vl-235b-a22b');
    const image = imageOf(large, { width: 1920, height: 1080 });
    const cost = mediaCost(large, h800, { ...request, shape: image });
    const usd = (seconds: number): number => (seconds * (h800.usdPerHour as number)) / 3600;
    expect(cost.chips).toBe(8);
    expect(cost.encode.usd).toBeCloseTo(usd(cost.encode.seconds), 12);
    expect(cost.prefill.usd).toBeCloseTo(8 * usd(cost.prefill.seconds), 12);
    expect(cost.decode.usd).toBeCloseTo(8 * usd((99 * cost.decode.stepSeconds) / cost.decode.batch), 12);
  });
});
