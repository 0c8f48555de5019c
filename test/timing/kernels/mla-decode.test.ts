import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DecodeAttentionKernel } from '../../../src/timing/kernels/kernel.ts';
import { flashInferMla, flashMla } from '../../../src/timing/kernels/mla-decode.ts';
import { chipsOfCatalogue, constantsOf, expectNear, expectNotLess, mlaOf, roundChip, sizes } from '../support.ts';

/** Ten times slower at arithmetic: latent attention is bound by its work, 242 FLOP a byte. */
const slow = { ...roundChip, peak: { ...roundChip.peak, bf16: 1e14 as typeof roundChip.peak.bf16 } };
/** FLOP of a request at one token, and bytes of its queries and outputs in 16 bit. */
const REQUEST = 2 * 128 * (576 + 512);

describe('FlashMLA', () => {
  const constants = { launch: 9e-6, splitTime: 7e-6, itemTime: 11e-6, computeShare: 0.5, memoryShare: 0.9 };
  const timeOf = (changes: Partial<DecodeAttentionKernel>, given = constants): number => flashMla.time(mlaOf(changes), slow, given);
  const work = (batch: number, context: number): number => (batch * REQUEST * context) / (0.5 * 1e14);

  // 8 units are 4 pairs
  it.each([
    ['1 request is cut over the pairs', 1, 7e-6],
    ['2 requests are cut', 2, 7e-6],
    ['3 requests have a pair each', 3, 0],
    ['4 requests have a pair each', 4, 0],
    ['5 requests are dealt out over 4 pairs', 5, 7e-6 + 11e-6 * (5 / 4 - 1)],
    ['16 requests are four for each pair', 16, 7e-6 + 11e-6 * 3],
  ])('%s', (_, batch, beside) => expectNear(timeOf({ batch, context: 4096 }), 9e-6 + beside + work(batch, 4096)));

  it('is bound by its cache where a head has little to do', () => {
    const kernel = { batch: 4, context: 4096, heads: 1 };
    expectNear(timeOf(kernel), 9e-6 + (4 * (4096 * 1152 + 2 * 1088)) / (0.9 * 1e12));
  });

  it.each(['mla-decode-h100', 'mla-decode-h800', 'mla-decode-flashmla-h20'])('never takes less time for a longer context, with the constants of %s', (id) => {
    const fitted = constantsOf(id) as typeof constants;
    fc.assert(
      fc.property(sizes(512), sizes(65_536), sizes(1000), chipsOfCatalogue, (batch, context, more, chip) => {
        expectNotLess(flashMla.time(mlaOf({ batch, context: context + more }), chip, fitted), flashMla.time(mlaOf({ batch, context }), chip, fitted));
      }),
    );
  });

  it('never takes less time for more requests, but for the split that more requests may spare', () =>
    fc.assert(
      fc.property(sizes(512), sizes(65_536), sizes(100), chipsOfCatalogue, (batch, context, more, chip) => {
        const at = (requests: number, splitTime: number): number => flashMla.time(mlaOf({ batch: requests, context }), chip, { ...constants, splitTime });
        expectNotLess(at(batch + more, 0), at(batch, 0));
        expectNotLess(at(batch + more, 7e-6) + 7e-6, at(batch, 7e-6));
      }),
    ));
});

describe('FlashInfer', () => {
  const constants = { launch: 1e-5, computeShare: 0.5, memoryShare: 0.8 };
  const chip = slow;

  /** The time of parts whose busiest pair has `factor` times the even load. */
  function expected(batch: number, context: number, factor: number, parts: number): number {
    const partial = parts > 1 ? (8 * batch * 128 * parts * 512) / (0.8 * 1e12) : 0;
    const compute = (factor * batch * REQUEST * context) / (0.5 * 1e14);
    const memory = (batch * (context * 1152 + REQUEST)) / (0.8 * 1e12);
    return 1e-5 + partial + (compute ** 4 + memory ** 4) ** 0.25;
  }

  // 8 units are 4 pairs; an even load of 25 tokens is dealt out in parts of 128, of 256 in parts of 256, of 320 in parts of 512
  it.each([
    ['100 tokens are one part for one of four pairs', 1, 100, 4, 1],
    ['1,024 tokens are a part for each pair', 1, 1024, 1, 4],
    ['5 requests of 256 leave one pair with two', 5, 256, 512 / 320, 1],
    ['8 requests of 256 are two for each pair', 8, 256, 1, 1],
    ['a remainder goes to the pair with least: 512, 512, 88', 1, 1112, (512 * 4) / 1112, 3],
  ])('%s', (_, batch, context, factor, parts) => expectNear(flashInferMla.time(mlaOf({ batch, context }), chip, constants), expected(batch, context, factor, parts)));

  it.each([
    [32, 32],
    [64, 64],
    [128, 128],
    [256, 192],
  ])('cuts an even load of a fourth of %i tokens into parts of %i', (context, part) => {
    const parts = Math.ceil(context / part);
    expectNear(flashInferMla.time(mlaOf({ batch: 1, context }), chip, constants), expected(1, context, (Math.min(part, context) * 4) / context, parts));
  });

  it('tends to the work over the share of the peak', () => {
    const [batch, context] = [64, 65_536];
    expect(flashInferMla.time(mlaOf({ batch, context }), chip, constants) / ((batch * REQUEST * context) / (0.5 * 1e14))).toBeCloseTo(1, 2);
  });

  it('never takes less than an even load', () =>
    fc.assert(
      fc.property(sizes(256), sizes(65_536), chipsOfCatalogue, (batch, context, other) => {
        const even = (batch * REQUEST * context) / (constants.computeShare * other.peak.bf16);
        expectNotLess(flashInferMla.time(mlaOf({ batch, context }), other, constants), constants.launch + even);
      }),
    ));

  it('on one pair has nothing to be uneven about', () => {
    const single = { ...chip, computeUnits: 3 };
    expect(flashInferMla.time(mlaOf({ batch: 5, context: 256 }), single, constants)).toBeCloseTo(expected(5, 256, 1, 1), 15);
  });
});
