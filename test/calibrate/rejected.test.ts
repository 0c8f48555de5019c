import { describe, expect, it } from 'vitest';
import type { Measurement } from '../../src/calibrate/fit.ts';
import { withoutImpossible } from '../../src/calibrate/rejected.ts';
import { idealTime } from '../../src/timing/ideal.ts';
import { chipOf, elementwiseOf, gemmOf } from '../timing/support.ts';

const [h800, h20] = [chipOf('h800'), chipOf('h20')];

/** A GEMM of m rows that reaches `utilisation` of the roofline. */
function measurement(m: number, utilisation: number, changes: Partial<Measurement> = {}): Measurement {
  const { chip = h800, kernel = gemmOf({ m, n: 8192, k: 8192 }) } = changes;
  return { kernel, chip, seconds: idealTime(kernel, chip).seconds / utilisation, group: '8192 x 8192', file: 'gemm.csv', ...changes };
}

describe('withoutImpossible', () => {
  const good = [measurement(1, 0.4), measurement(4096, 0.8)];

  it('keeps what a chip can do, in its order', () => expect(withoutImpossible(good)).toEqual({ kept: good, rejected: [] }));
  it('keeps nothing of nothing', () => expect(withoutImpossible([])).toEqual({ kept: [], rejected: [] }));

  it('splits a shape off whole whose large kernel beat the roofline, names it and goes on with the rest', () => {
    const wrong = [measurement(1, 0.3, { group: 'wrong' }), measurement(2048, 1.25, { group: 'wrong' }), measurement(4096, 1.5, { group: 'wrong' }), measurement(8192, 0.9, { group: 'wrong' })];
    const [first, ...others] = wrong as [Measurement, ...Measurement[]];
    const { kept, rejected } = withoutImpossible([good[0] as Measurement, first, good[1] as Measurement, ...others]);
    expect(kept).toEqual(good);
    expect(rejected).toEqual([{ file: 'gemm.csv', shape: 'h800 wrong', rows: 4, utilisation: expect.closeTo(1.5, 9) as unknown }]);
  });

  it('keeps that shape of another chip and of another file', () => {
    const [elsewhere, other] = [measurement(4096, 0.8, { chip: h20 }), measurement(4096, 0.8, { file: 'other.csv' })];
    const { kept, rejected } = withoutImpossible([elsewhere, measurement(4096, 1.1), other]);
    expect(kept).toEqual([elsewhere, other]);
    expect(rejected.map(({ file, shape, rows }) => [file, shape, rows])).toEqual([['gemm.csv', 'h800 8192 x 8192', 1]]);
  });

  it('lists every shape on its own', () => {
    const { kept, rejected } = withoutImpossible([measurement(4096, 1.1, { group: 'a' }), measurement(4096, 1.2, { group: 'b' }), ...good]);
    expect(kept).toEqual(good);
    expect(rejected.map(({ shape }) => shape)).toEqual(['h800 a', 'h800 b']);
  });

  it('does not judge small kernels, whose times round', () => {
    const small = measurement(0, 1.3, { kernel: elementwiseOf(49e-6 * h800.memoryBandwidth) });
    expect(withoutImpossible([small]).kept).toEqual([small]);
  });

  it.each([
    ['50 us are large', 50.1e-6, 1.01, 0],
    ['less are not', 49.9e-6, 1.01, 1],
    ['the roofline itself is possible', 50.1e-6, 1, 1],
  ])('%s', (_, ideal, utilisation, kept) => {
    const each = measurement(0, utilisation, { kernel: elementwiseOf(ideal * h800.memoryBandwidth) });
    expect(withoutImpossible([each]).kept.length).toBe(kept);
  });
});
