import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DecodeAttentionKernel } from '../../../src/timing/kernels/kernel.ts';
import { workOf } from '../../../src/timing/kernels/work.ts';
import { attentionOf, collectiveOf, elementwiseOf, exchangeOf, gemmOf, gemms, groupedGemms, groupedOf, groupedQueries, mlaOf, prefillOf, sizes } from '../support.ts';

const times = (work: { flop: number; bytes: number }, factor: number) => ({ flop: factor * work.flop, bytes: factor * work.bytes });

describe('workOf', () => {
  it.each([
    ['a GEMM', gemmOf({ m: 3, n: 5, k: 7, weightBytes: 1, inputBytes: 2, outputBytes: 4 }), 2 * 3 * 5 * 7, 5 * 7 * 1 + 3 * 7 * 2 + 3 * 5 * 4],
    [
      'a grouped GEMM: weights of the experts hit alone',
      groupedOf({ experts: 8, hit: 2, rows: 10, n: 5, k: 7, weightBytes: 1, inputBytes: 2, outputBytes: 4 }),
      2 * 10 * 5 * 7,
      2 * 5 * 7 * 1 + 10 * 7 * 2 + 10 * 5 * 4,
    ],
    ['decode attention', attentionOf({ batch: 3, context: 100, heads: 8, kvHeads: 2, kvBytesPerToken: 1024 }), 2 * 3 * 100 * 8 * 256, 3 * 100 * 1024 + 2 * 3 * 8 * 256],
    ['latent attention', mlaOf({ batch: 1, context: 1000 }), 2 * 1000 * 128 * (576 + 512), 1000 * 1152 + 2 * 128 * (576 + 512)],
    ['prefill attention', prefillOf(10, { batch: 2 }), 2 * 2 * ((10 * 11) / 2) * 32 * 256, 2 * 10 * (4096 + 2 * 32 * 256)],
    ['an element-wise step', elementwiseOf(100, 7), 7, 100],
    ['a collective: nothing in memory', collectiveOf(), 0, 0],
    ['an exchange: nothing in memory', exchangeOf(), 0, 0],
  ] as const)('%s', (_, kernel, flop, bytes) => expect(workOf(kernel)).toEqual({ flop, bytes }));
});

describe('the work of matrices', () => {
  it('grows with every edge', () =>
    fc.assert(
      fc.property(gemms, fc.constantFrom('m', 'n', 'k'), sizes(1000), (kernel, edge, more) => {
        const [small, large] = [workOf(kernel), workOf({ ...kernel, [edge]: kernel[edge] + more })];
        expect(large.flop).toBeGreaterThan(small.flop);
        expect(large.bytes).toBeGreaterThan(small.bytes);
      }),
    ));

  it('of one expert that has all rows is that of a GEMM', () =>
    fc.assert(
      fc.property(gemms, (kernel) => {
        const { m, kind: _, ...rest } = kernel;
        expect(workOf({ kind: 'grouped-gemm', experts: 4, hit: 1, rows: m, ...rest })).toEqual(workOf(kernel));
      }),
    ));

  it('of more experts hit is more traffic and the same FLOP', () =>
    fc.assert(
      fc.property(groupedGemms, (kernel) => {
        const [few, many] = [workOf(kernel), workOf({ ...kernel, hit: 2 * kernel.hit })];
        expect(many.flop).toBe(few.flop);
        expect(many.bytes - few.bytes).toBeCloseTo(kernel.hit * kernel.n * kernel.k * kernel.weightBytes, -3);
      }),
    ));
});

describe('the work of attention', () => {
  const perKvHead = (kernel: DecodeAttentionKernel): DecodeAttentionKernel => ({
    ...kernel,
    heads: kernel.heads / kernel.kvHeads,
    kvHeads: 1,
    kvBytesPerToken: kernel.kvBytesPerToken / kernel.kvHeads,
  });

  it('of grouped queries is that of one key-value head as many times', () =>
    fc.assert(
      fc.property(groupedQueries, (kernel) => {
        const [all, one] = [workOf(kernel), workOf(perKvHead(kernel))];
        expect(all).toEqual(times(one, kernel.kvHeads));
      }),
    ));

  it('with a key-value head for each head is multi-head attention: n times one head', () =>
    fc.assert(
      fc.property(groupedQueries, (kernel) => {
        const { heads, queryKeyDim, valueDim, batch, context } = kernel;
        const mha = { ...kernel, kvHeads: heads, kvBytesPerToken: 2 * heads * (queryKeyDim + valueDim) };
        expect(workOf(mha)).toEqual(times(workOf(perKvHead(mha)), heads));
        // each element of the cache is multiplied and added once: 1 FLOP a byte in 16 bit
        expect(workOf(mha).flop).toBe(batch * context * mha.kvBytesPerToken);
      }),
    ));

  it('needs no more FLOP with fewer key-value heads, but fewer bytes', () => {
    const works = [64, 8, 1].map((kvHeads) => workOf(attentionOf({ kvHeads, kvBytesPerToken: kvHeads * 512 })));
    expect(new Set(works.map(({ flop }) => flop)).size).toBe(1);
    const [mha, gqa, mqa] = works.map(({ bytes }) => bytes) as [number, number, number];
    expect(mha > gqa && gqa > mqa).toBe(true);
  });

  it('of latent attention is that of one key-value head, with 128 times the FLOP a byte less its queries', () => {
    const { flop, bytes } = workOf(mlaOf({ batch: 1, context: 1_000_000 }));
    expect(flop / bytes).toBeCloseTo((2 * 128 * (576 + 512)) / 1152, 0);
  });

  it('of a prompt is that of each of its tokens after the others, in FLOP', () => {
    const context = 37;
    const steps = Array.from({ length: context }, (_, token) => workOf(attentionOf({ batch: 1, context: token + 1, heads: 32, kvHeads: 8, kvBytesPerToken: 4096 })).flop);
    expect(workOf(prefillOf(context)).flop).toBe(steps.reduce((sum, flop) => sum + flop, 0));
  });

  it('of a prompt reads its cache once, not once a token', () => expect(workOf(prefillOf(4096)).bytes).toBe(4096 * (4096 + 2 * 32 * 256)));
});
