import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { peakFor } from '../../../src/accelerators/peak.ts';
import { busyShare, gemm } from '../../../src/timing/kernels/gemm.ts';
import { chips, chipsOfCatalogue, constantsOf, expectNear, expectNotLess, gemmOf, gemms, roundChip, sizes } from '../support.ts';

const constants = { launch: 2e-6, stepTime: 5e-8, tileTime: 4e-7, computeShare: 0.8, memoryShare: 0.9 };
const timeOf = (changes: Parameters<typeof gemmOf>[0], given = constants, chip = roundChip): number => gemm.time(gemmOf(changes), chip, given);

describe('busyShare', () => {
  it.each([
    ['one tile of 64 x 16 on 8 units', { m: 1, n: 1, computeUnits: 8 }, 1 / 8],
    ['the whole of such a tile', { m: 64, n: 16, computeUnits: 8 }, 1 / 8],
    ['one row more', { m: 65, n: 16, computeUnits: 8 }, 2 / 8],
    ['one column more', { m: 64, n: 17, computeUnits: 8 }, 2 / 8],
    ['at least as many tiles as units', { m: 256, n: 48, computeUnits: 8 }, 1],
    ['decode on H100', { m: 16, n: 1536, computeUnits: 132 }, 96 / 132],
  ])('%s', (_, given, share) => expect(busyShare.evaluate(given)).toBe(share));
});

describe('gemm', () => {
  it('pads rows to 64, on units that are all busy', () => {
    const work = (2 * 128 * 4096 * 1024) / (0.8 * 1e15);
    const tiles = ((128 * 4096) / 128 ** 2) * (4e-7 / 8);
    const memory = (2 * (4096 * 1024 + 100 * 1024 + 100 * 4096)) / (0.9 * 1e12);
    expectNear(timeOf({ m: 100, n: 4096, k: 1024 }), 2e-6 + (5e-8 * 1024) / 128 + ((work + tiles) ** 4 + memory ** 4) ** 0.25);
  });

  it('computes on a quarter of the units where it has two tiles for eight', () => {
    const work = (2 * 64 * 32 * 1280) / (0.8 * 1e15 * (2 / 8));
    const tiles = ((64 * 32) / 128 ** 2) * (4e-7 / (8 * (2 / 8)));
    const memory = (2 * (32 * 1280 + 1280 + 32)) / (0.9 * 1e12);
    expectNear(timeOf({ m: 1, n: 32, k: 1280 }), 2e-6 + (5e-8 * 1280) / 128 + ((work + tiles) ** 4 + memory ** 4) ** 0.25);
  });

  it('takes the peak of the format that the chip computes in', () => {
    const bare = { launch: 0, stepTime: 0, tileTime: 0, computeShare: 0.5, memoryShare: 1 };
    const large = { m: 65_536, n: 65_536, k: 65_536, weightBytes: 1, inputBytes: 1, outputBytes: 1 };
    for (const chip of chips)
      for (const math of ['bf16', 'fp8', 'int8'] as const) {
        const bound = (2 * 65_536 ** 3) / (0.5 * peakFor(chip, math).flopPerSecond);
        expect(timeOf({ ...large, math }, bare, chip) / bound).toBeCloseTo(1, 6);
      }
  });

  it('costs no more for rows that fit into the padding, but for their bytes', () => {
    const free = { ...constants, memoryShare: 1 };
    const [one, full, over] = [1, 64, 65].map((m) => timeOf({ m, n: 65_536, k: 65_536, weightBytes: 0, inputBytes: 0, outputBytes: 0 }, free)) as [number, number, number];
    expect(full).toBe(one);
    expect((over - 2e-6 - (5e-8 * 65_536) / 128) / (full - 2e-6 - (5e-8 * 65_536) / 128)).toBeCloseTo(2, 12);
  });

  it('tends to work over the share of the peak', () => {
    const share = (edge: number): number => (2 * edge ** 3) / (1e15 * timeOf({ m: edge, n: edge, k: edge }));
    const [small, middle, large] = [1024, 8192, 2 ** 20].map(share) as [number, number, number];
    expect(small < middle && middle < large && large < 0.8).toBe(true);
    expect(large).toBeCloseTo(0.8, 2);
  });

  it('doubles with its rows, its columns and its depth where it is large', () => {
    const edge = 2 ** 22;
    const large = timeOf({ m: edge, n: edge, k: edge });
    for (const changes of [{ m: 2 * edge }, { n: 2 * edge }, { k: 2 * edge }]) expect(timeOf({ m: edge, n: edge, k: edge, ...changes }) / large).toBeCloseTo(2, 3);
  });

  it('tends to the weights over the share of the bandwidth for a row of a large matrix', () => {
    const memory = (2 * 2 ** 32) / (0.9 * 1e12);
    expect(timeOf({ m: 1, n: 2 ** 16, k: 2 ** 16 }, { ...constants, stepTime: 0, launch: 0 }) / memory).toBeCloseTo(1, 2);
  });

  describe.each(['gemm-h100', 'gemm-h100-fp8', 'gemm-h800', 'gemm-h20'])('with the constants of %s', (id) => {
    const fitted = constantsOf(id) as typeof constants;

    it.each(['m', 'k'] as const)('never takes less time for a larger %s', (edge) =>
      fc.assert(
        fc.property(gemms, chipsOfCatalogue, sizes(1000), (kernel, chip, more) => {
          expectNotLess(gemm.time({ ...kernel, [edge]: kernel[edge] + more }, chip, fitted), gemm.time(kernel, chip, fitted));
        }),
      ),
    );

    // columns are not padded to the 16 of a tile: within one, fewer columns are less work for the same units
    it('never takes less time for more columns, by whole tiles of 16', () =>
      fc.assert(
        fc.property(gemms, chipsOfCatalogue, sizes(64), (kernel, chip, tiles) => {
          const n = 16 * Math.ceil(kernel.n / 16);
          expectNotLess(gemm.time({ ...kernel, n: n + 16 * tiles }, chip, fitted), gemm.time({ ...kernel, n }, chip, fitted));
        }),
      ));
  });
});
