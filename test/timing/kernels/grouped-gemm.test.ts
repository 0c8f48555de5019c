import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { groupedGemm, paddedRows } from '../../../src/timing/kernels/grouped-gemm.ts';
import type { GroupedGemmKernel } from '../../../src/timing/kernels/kernel.ts';
import { chipsOfCatalogue, constantsOf, expectNear, expectNotLess, groupedGemms, groupedOf, roundChip } from '../support.ts';

const constants = { launch: 7e-6, computeShare: 0.5, memoryShare: 0.8 };
const timeOf = (changes: Partial<GroupedGemmKernel>): number => groupedGemm.time(groupedOf(changes), roundChip, constants);

describe('paddedRows', () => {
  it.each([
    ['one tile where an expert has few rows', { hit: 10, rowsOfExpert: 1, tile: 64 }, 10 * 64],
    ['one tile up to half of its rows', { hit: 10, rowsOfExpert: 32, tile: 64 }, 10 * 64],
    ['half a tile more from there', { hit: 10, rowsOfExpert: 33, tile: 64 }, 10 * (33 + 32)],
    ['half a tile of 128 more', { hit: 4, rowsOfExpert: 1000, tile: 128 }, 4 * (1000 + 64)],
  ])('are %s', (_, given, rows) => expect(paddedRows.evaluate(given)).toBe(rows));
});

describe('groupedGemm', () => {
  const smooth = (compute: number, memory: number): number => (compute ** 4 + memory ** 4) ** 0.25;

  it('covers each expert hit with tiles of 64 rows where it has no more', () => {
    const memory = 16 * 4096 * 2048 + 1024 * 2048 + 2 * 1024 * 4096;
    expectNear(timeOf({}), 7e-6 + smooth((2 * 16 * (64 + 32) * 4096 * (2048 + 128)) / (0.5 * 2e15), memory / (0.8 * 1e12)));
  });

  it('and with tiles of 128 rows where it has more', () => {
    const rows = 16 * 65;
    const memory = 16 * 4096 * 2048 + rows * 2048 + 2 * rows * 4096;
    expectNear(timeOf({ rows }), 7e-6 + smooth((2 * 16 * (65 + 64) * 4096 * (2048 + 128)) / (0.5 * 2e15), memory / (0.8 * 1e12)));
  });

  it('is a launch where no expert has rows', () => expect(timeOf({ rows: 0, hit: 0 })).toBe(7e-6));

  it('tends to work over the share of the peak, deeper by 128', () => {
    const [rows, n, k] = [16 * 2 ** 20, 65_536, 65_536];
    expect(timeOf({ rows, n, k }) / ((2 * rows * n * (k + 128)) / (0.5 * 2e15))).toBeCloseTo(1, 3);
  });

  it('is not faster where fewer rows pad the same tiles', () => {
    const compute = (rows: number): number => timeOf({ rows, weightBytes: 0, inputBytes: 0, outputBytes: 0 });
    expect(compute(16)).toBe(compute(512));
    expect(compute(528)).toBeGreaterThan(compute(512));
  });

  it('takes all experts to read many weights, and only those hit', () => {
    const [few, all] = [2, 16].map((hit) => timeOf({ hit, rows: 16, n: 7168, k: 7168 }) - 7e-6) as [number, number];
    expect(all / few).toBeCloseTo(8, 1);
  });

  it.each(['grouped-gemm-h100', 'grouped-gemm-h800', 'grouped-gemm-h20'])('never takes less time for more rows, columns or depth, with the constants of %s', (id) => {
    const fitted = constantsOf(id) as typeof constants;
    fc.assert(
      fc.property(groupedGemms, chipsOfCatalogue, fc.constantFrom('rows', 'n', 'k'), fc.integer({ min: 1, max: 500 }), (kernel, chip, edge, more) => {
        expectNotLess(groupedGemm.time({ ...kernel, [edge]: kernel[edge] + more }, chip, fitted), groupedGemm.time(kernel, chip, fitted), `${edge}: `);
      }),
    );
  });

  it('never takes less time for more experts hit by tiles of one size', () =>
    fc.assert(
      fc.property(groupedGemms, chipsOfCatalogue, fc.double({ min: 1, max: 4, noNaN: true }), (kernel, chip, factor) => {
        const hit = kernel.hit * factor;
        fc.pre(kernel.rows / hit >= 1 && kernel.rows / kernel.hit > 64 === kernel.rows / hit > 64);
        expectNotLess(groupedGemm.time({ ...kernel, hit }, chip, constants), groupedGemm.time(kernel, chip, constants));
      }),
    ));
});
