import { describe, expect, it } from 'vitest';
import type { Accelerator } from '../../../src/accelerators/index.ts';
import { imageOf } from '../../../src/models/images/index.ts';
import { modelOf } from '../../../src/models/index.ts';
import { type CalibratedMultimodalOptions, calibratedMultimodal } from '../../../src/serving/multimodal/calibrated.ts';
import { batchSeconds } from '../../../src/serving/multimodal/shapes.ts';
import { chipOf } from '../../timing/support.ts';
import { SINGLE, split } from './support.ts';

const model = modelOf('internvl2-8b');
const [a100, h100, h20] = [chipOf('a100-80g'), chipOf('h100'), chipOf('h20')];
const shape = imageOf(model, { width: 4032, height: 3024 });
const options: CalibratedMultimodalOptions = { shape, precision: model.precision, context: 4000, batchTokens: 8192, kvLimit: true, hostSecondsPerSequence: 0, linkShare: 0.8 };
const of = (encode: Accelerator, rest = encode, changes: Partial<CalibratedMultimodalOptions> = {}) => calibratedMultimodal(model, { encode, prefill: rest, decode: rest }, { ...options, ...changes });

describe('calibratedMultimodal', () => {
  it('encodes batches in their time on the chip that encodes', () => {
    const { encode, together } = of(a100, h100);
    for (const images of [1, 3, 8]) expect(encode.seconds(images)).toBe(batchSeconds(model, a100, shape, images, { precision: model.precision }));
    expect(encode.seconds(3)).toBe(encode.seconds(3));
    const { times } = together.instance('prefill', SINGLE);
    const prefill = (media: number, isFirst = true): number => times.prefill(1, 4000, 4000 ** 2, isFirst, media);
    expect(prefill(2) - prefill(0)).toBeCloseTo(batchSeconds(model, h100, shape, 2, { precision: model.precision }), 12);
    expect(prefill(2, false)).toBe(prefill(0));
  });

  // 3,328 tokens of 4,096 numbers of 2 bytes: 27.3 MB, as the facts of the paper have it
  it('sends the tokens of an image over NVLink within a server, by hand', () => {
    expect(h100.scaleUpPerDirection).not.toBeNull();
    expect(of(h100).encode.transferSeconds).toBeCloseTo((3328 * 4096 * 2) / (0.8 * (h100.scaleUpPerDirection as number)), 15);
    expect(of(h100, h100, { linkShare: 0.4 }).encode.transferSeconds).toBeCloseTo(2 * of(h100).encode.transferSeconds, 15);
  });

  it('sends them over the slower network card between chips of two kinds, and within one kind without NVLink', () => {
    const card = Math.min(h100.nicPerAcceleratorPerDirection as number, h20.nicPerAcceleratorPerDirection as number);
    expect(of(h100, h20).encode.transferSeconds).toBeCloseTo((3328 * 4096 * 2) / (0.8 * card), 15);
    const slow = { ...h20, nicPerAcceleratorPerDirection: 1e9 as Accelerator['memoryBandwidth'] };
    for (const [from, to] of [[h100, slow] as const, [slow, h100] as const]) expect(of(from, to).encode.transferSeconds).toBeCloseTo((3328 * 4096 * 2) / 0.8e9, 12);
    const unlinked = { ...h100, scaleUpPerDirection: null };
    expect(of(unlinked).encode.transferSeconds).toBeCloseTo((3328 * 4096 * 2) / (0.8 * (h100.nicPerAcceleratorPerDirection as number)), 15);
  });

  it('has more room for KV where others encode, and the prices of its chips', () => {
    const { encode, apart, together } = of(a100, h20);
    expect(apart.instance('prefill', SINGLE).kvTokens).toBeGreaterThan(together.instance('prefill', SINGLE).kvTokens);
    expect(encode.usdPerHour).toBe(a100.usdPerHour);
    for (const role of ['prefill', 'decode', 'colocated'] as const) expect([apart.usdPerHour(role), together.usdPerHour(role)]).toEqual([h20.usdPerHour, h20.usdPerHour]);
    const steps = [apart, together].map((each) => each.instance('decode', split(2)).times.decode(8, 8000, true));
    expect(steps[0]).toBe(steps[1]);
  });

  it('counts the time of entry, none unless given', () => expect([of(h100).entrySeconds, of(h100, h100, { entrySeconds: 0.25 }).entrySeconds]).toEqual([0, 0.25]));

  it('refuses an encoder that is larger than its chip, no matter where the language model is', () => {
    const small = { ...h100, id: 'small', memoryCapacity: 5e8 as Accelerator['memoryCapacity'] };
    expect(() => of(small, h100)).toThrow(new RangeError('multimodal: the encoder of internvl2-8b does not fit one small'));
    expect(() => of({ ...small, memoryCapacity: 7e8 as Accelerator['memoryCapacity'] }, h100)).not.toThrow();
  });

  it.each(['encode', 'prefill'])('refuses chips of two kinds where that of %s has no network card', (stage) => {
    const alone = { ...h20, id: 'alone', nicPerAcceleratorPerDirection: null };
    expect(() => (stage === 'encode' ? of(alone, h100) : of(h100, alone))).toThrow(new RangeError('multimodal: alone has no network card to another server'));
  });

  it('refuses a model without an encoder', () =>
    expect(() => calibratedMultimodal(modelOf('llama-3.1-8b'), { encode: h100, prefill: h100, decode: h100 }, options).encode.seconds(1)).toThrow('has no vision encoder'));
});
