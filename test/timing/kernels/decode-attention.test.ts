import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { indexer, sparseMla, split64Attention, splitAttention, tile64Attention, tunedAttention, unpaddedAttention } from '../../../src/timing/kernels/decode-attention.ts';
import type { DecodeAttentionKernel } from '../../../src/timing/kernels/kernel.ts';
import { attentionOf, chipsOfCatalogue, constantsOf, expectNear, expectNotLess, groupedQueries, roundChip, sizes } from '../support.ts';

/** One request, 8 heads of 128 on one key-value head, 512 bytes a token. */
const small = (changes: Partial<DecodeAttentionKernel> = {}): DecodeAttentionKernel => attentionOf({ batch: 1, context: 1000, heads: 8, kvHeads: 1, kvBytesPerToken: 512, ...changes });
const smooth = (...times: readonly number[]): number => times.reduce((sum, time) => sum + time ** 4, 0) ** 0.25;
/** FLOP of a row of queries at one token, and bytes of queries and outputs of a head. */
const ROW = 2 * (128 + 128);

describe('split contexts (FlashInfer)', () => {
  const constants = { launch: 1e-5, hostFloor: 0, computeShare: 0.5, softmaxRate: 1e10, memoryShare: 0.8, unitBandwidth: 1e11 };
  const timeOf = (changes: Partial<DecodeAttentionKernel> = {}, given = constants): number => splitAttention.time(small(changes), roundChip, given);

  it('cuts a context into parts of 128 tokens, and adds up their outputs in 32 bit', () => {
    // 2 x 8 units for one block: parts of ceil(1024 / 16) = 64 tokens, at least 128, are 8 parts
    const bytes = 1024 * 512 + 8 * ROW + 8 * 1 * 8 * 8 * 128;
    const compute = (ROW * 1024 * 16) / (0.5 * 1e15) + (16 * 1024) / (8 * 1e10);
    expectNear(timeOf({ context: 1024 }), 1e-5 + smooth(compute, bytes / (0.8 * 1e12), bytes / (8 * 1e11)));
  });

  it('cuts it so that two blocks a unit are busy', () => {
    // 16 / 5 = 3 parts of ceil(3001 / 3) = 1001 tokens: 15 blocks on 8 units are two waves
    const bytes = 5 * (3001 * 512 + 8 * ROW + 8 * 8 * 3 * 128);
    const compute = (5 * ROW * 3001 * 16) / (0.5 * 1e15) + (5 * 16 * 3001) / (8 * 1e10);
    expectNear(timeOf({ batch: 5, context: 3001 }), 1e-5 + smooth((16 / 15) * compute, bytes / (0.8 * 1e12), bytes / (8 * 1e11)));
  });

  it('leaves contexts whole where there are more than enough blocks, in whole waves', () => {
    const bytes = 20 * (1000 * 512 + 8 * ROW);
    const compute = (20 * ROW * 1000 * 16) / (0.5 * 1e15) + (20 * 16 * 1000) / (8 * 1e10);
    expectNear(timeOf({ batch: 20 }), 1e-5 + smooth((24 / 20) * compute, bytes / (0.8 * 1e12), bytes / (8 * 1e11)));
  });

  it.each([
    ['16 rows', { heads: 8 }, 16, 1],
    ['16 rows, all of them used', { heads: 16 }, 16, 1],
    ['64 rows', { heads: 17 }, 64, 1],
    ['128 rows', { heads: 65 }, 128, 1],
    ['two of 64 rows for wide heads', { heads: 65, queryKeyDim: 256, valueDim: 256 }, 64, 2],
  ])('pads query heads to a tile of %s', (_, changes, tile, tiles) => {
    const kernel = small({ batch: 64, ...changes });
    const dims = kernel.queryKeyDim + kernel.valueDim;
    // without memory: 64 requests are whole waves of 8
    const given = { ...constants, softmaxRate: 1e30, unitBandwidth: 1e30, memoryShare: 1 };
    const chip = { ...roundChip, memoryBandwidth: 1e30 as typeof roundChip.memoryBandwidth };
    expectNear(splitAttention.time(kernel, chip, given), 1e-5 + (64 * 2 * dims * 1000 * tile * tiles) / (0.5 * 1e15));
  });

  it('is never below the floor of launches from the host', () => {
    expect(timeOf({}, { ...constants, hostFloor: 1e-3 })).toBe(1e-3);
    expect(timeOf({}, { ...constants, hostFloor: 1e-6 })).toBe(timeOf());
  });

  it('doubles with the context where it is long, and with the batch where it is large', () => {
    expect(timeOf({ batch: 64, context: 2 ** 24 }) / timeOf({ batch: 64, context: 2 ** 23 })).toBeCloseTo(2, 4);
    expect(timeOf({ batch: 2 ** 15, context: 8192 }) / timeOf({ batch: 2 ** 14, context: 8192 })).toBeCloseTo(2, 3);
  });

  it('in tiles of 64 rows takes no less, and as much where FlashInfer has tiles of 64 too', () =>
    fc.assert(
      fc.property(groupedQueries, chipsOfCatalogue, (kernel, chip) => {
        const group = kernel.heads / kernel.kvHeads;
        fc.pre(group <= 64);
        const [own, wide] = [splitAttention.time(kernel, chip, constants), split64Attention.time(kernel, chip, constants)];
        if (group > 16) expect(wide).toBe(own);
        else expectNotLess(wide, own);
      }),
    ));

  it('in tiles of 64 rows does four times the work for up to 16 query heads', () => {
    const given = { ...constants, launch: 0, memoryShare: 1, unitBandwidth: 1e30 };
    const chip = { ...roundChip, memoryBandwidth: 1e30 as typeof roundChip.memoryBandwidth };
    expectNear(split64Attention.time(small(), chip, given), 4 * splitAttention.time(small(), chip, given));
  });
});

describe('the best of Triton and FA3', () => {
  const constants = { launch: 5e-6, splitTime: 2e-6, computeShare: 0.5, memoryShare: 0.8, unitBandwidth: 1e11 };
  const timeOf = (changes: Partial<DecodeAttentionKernel> = {}): number => tunedAttention.time(small(changes), roundChip, constants);

  it('cuts a context into parts of at least 256 tokens where units would be idle', () => {
    const bytes = 1000 * 512 + 8 * ROW + 8 * 8 * 4 * 128;
    expectNear(timeOf(), 5e-6 + 2e-6 + smooth((ROW * 1000 * 16) / (0.5 * 1e15), bytes / (0.8 * 1e12), bytes / (8 * 1e11)));
  });

  it('cuts it into no more parts than units for a block', () => {
    const bytes = 3 * (1000 * 512 + 8 * ROW + 8 * 8 * 2 * 128);
    expectNear(timeOf({ batch: 3 }), 5e-6 + 2e-6 + smooth((3 * ROW * 1000 * 16) / (0.5 * 1e15), bytes / (0.8 * 1e12), bytes / (8 * 1e11)));
  });

  it('leaves contexts whole where 0.45 of the units have a block, or a context is one part', () => {
    const whole = (batch: number, context: number): number => {
      const bytes = batch * (context * 512 + 8 * ROW);
      return 5e-6 + smooth((batch * ROW * context * 16) / (0.5 * 1e15), bytes / (0.8 * 1e12), bytes / (8 * 1e11));
    };
    expectNear(timeOf({ batch: 4 }), whole(4, 1000));
    expectNear(timeOf({ context: 256 }), whole(1, 256));
  });

  it.each([
    ['16 rows', { heads: 16 }, 16, 1e15],
    ['64 rows', { heads: 17 }, 64, 1e15],
    ['two of 64 rows', { heads: 65 }, 128, 1e15],
    ['128 rows for an 8-bit cache', { heads: 16, math: 'fp8' }, 128, 2e15],
  ] as const)('pads query heads to tiles of %s', (_, changes, rows, peak) => {
    const chip = { ...roundChip, memoryBandwidth: 1e30 as typeof roundChip.memoryBandwidth };
    expectNear(tunedAttention.time(small({ batch: 64, ...changes }), chip, { ...constants, unitBandwidth: 1e30 }), 5e-6 + (64 * ROW * 1000 * rows) / (0.5 * peak));
  });

  it.each(['decode-attention-h100', 'decode-attention-h100-fp8'])('never takes less time for a longer context, with the constants of %s', (id) => {
    const fitted = constantsOf(id) as typeof constants;
    fc.assert(
      fc.property(groupedQueries, chipsOfCatalogue, sizes(10_000), (kernel, chip, more) => {
        expectNotLess(tunedAttention.time({ ...kernel, context: kernel.context + more }, chip, fitted), tunedAttention.time(kernel, chip, fitted));
      }),
    );
  });
});

describe('contexts that are never cut', () => {
  const constants = { launch: 6e-6, computeShare: 0.5, memoryShare: 0.8 };

  it('take whole waves of blocks, each a tile of 64 rows', () => {
    // 9 requests x 1 tile on 8 units: two waves
    const memory = 9 * (1000 * 512 + 8 * ROW);
    expectNear(tile64Attention.time(small({ batch: 9 }), roundChip, constants), 6e-6 + smooth((2 * 8 * ROW * 64 * 1000) / (0.5 * 1e15), memory / (0.8 * 1e12)));
  });

  it('or of as many rows as there are queries', () => {
    const memory = 9 * (1000 * 512 + 8 * ROW);
    expectNear(unpaddedAttention.time(small({ batch: 9 }), roundChip, constants), 6e-6 + smooth((2 * 8 * ROW * 8 * 1000) / (0.5 * 1e15), memory / (0.8 * 1e12)));
  });

  it('take as long with and without padding where a tile is full, and longer with it where it is not', () =>
    fc.assert(
      fc.property(groupedQueries, chipsOfCatalogue, (kernel, chip) => {
        const full = { ...kernel, heads: 64 * kernel.kvHeads };
        expect(unpaddedAttention.time(full, chip, constants)).toBe(tile64Attention.time(full, chip, constants));
        fc.pre(kernel.heads <= 64 * kernel.kvHeads);
        expectNotLess(tile64Attention.time(kernel, chip, constants), unpaddedAttention.time(kernel, chip, constants));
      }),
    ));

  it.each([
    ['padded', tile64Attention],
    ['unpadded', unpaddedAttention],
  ])('%s, never take less time for more requests or longer contexts', (_, family) =>
    fc.assert(
      fc.property(groupedQueries, chipsOfCatalogue, sizes(1000), (kernel, chip, more) => {
        expectNotLess(family.time({ ...kernel, batch: kernel.batch + more }, chip, constants), family.time(kernel, chip, constants));
        expectNotLess(family.time({ ...kernel, context: kernel.context + more }, chip, constants), family.time(kernel, chip, constants));
      }),
    ),
  );
});

describe('sparse attention and its indexer', () => {
  const constants = { launch: 6e-6, computeShare: 0.4, memoryShare: 0.9 };

  it('is a launch, work and bytes', () => {
    const kernel = small({ variant: 'sparse-mla', batch: 64, context: 2048, heads: 128, queryKeyDim: 576, valueDim: 512, kvBytesPerToken: 656 });
    const compute = (2 * 64 * 2048 * 128 * 1088) / (0.4 * 1e15);
    const memory = (64 * 2048 * 656 + 2 * 64 * 128 * 1088) / (0.9 * 1e12);
    expectNear(sparseMla.time(kernel, roundChip, constants), 6e-6 + smooth(compute, memory));
  });

  it('scores have no values: half of the work, and keys alone are read', () => {
    const kernel = small({ variant: 'indexer', batch: 64, context: 8192, heads: 64, queryKeyDim: 128, valueDim: 0, kvBytesPerToken: 132, math: 'fp8' });
    const compute = (2 * 64 * 8192 * 64 * 128) / (0.4 * 2e15);
    const memory = (64 * 8192 * 132 + 2 * 64 * 64 * 128) / (0.9 * 1e12);
    expectNear(indexer.time(kernel, roundChip, constants), 6e-6 + smooth(compute, memory));
  });

  it('are the same formula, linear in the batch but for the launch', () => {
    const kernel = small({ variant: 'indexer', valueDim: 0 });
    expect(indexer.time(kernel, roundChip, constants)).toBe(sparseMla.time(kernel, roundChip, constants));
    const beside = (batch: number): number => indexer.time({ ...kernel, batch }, roundChip, constants) - 6e-6;
    expect(beside(3000) / beside(1000)).toBeCloseTo(3, 9);
  });
});
