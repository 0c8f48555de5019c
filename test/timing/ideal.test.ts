import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { peakFor } from '../../src/accelerators/peak.ts';
import { idealTime } from '../../src/timing/ideal.ts';
import { COLLECTIVES } from '../../src/timing/kernels/kernel.ts';
import { workOf } from '../../src/timing/kernels/work.ts';
import { attentionOf, chipOf, chipsOfCatalogue, collectiveOf, collectives, elementwiseOf, exchangeOf, exchanges, expectNear, gemmOf, gemms, mlaOf, roundChip } from './support.ts';

describe('the bound of a kernel', () => {
  it.each([
    ['a GEMM of many rows computes', gemmOf({ m: 8192, n: 8192, k: 8192 }), (2 * 8192 ** 3) / 1e15, 'compute'],
    ['a GEMM of one row reads', gemmOf({ m: 1, n: 8192, k: 8192 }), (2 * (8192 * 8192 + 2 * 8192)) / 1e12, 'memory'],
    ['an 8-bit GEMM has the 8-bit peak', gemmOf({ m: 8192, n: 8192, k: 8192, math: 'fp8' }), (2 * 8192 ** 3) / 2e15, 'compute'],
    ['attention reads', attentionOf({ batch: 1, context: 1000 }), (1000 * 2048 + 2 * 64 * 256) / 1e12, 'memory'],
    ['an element-wise step has the 16-bit peak', elementwiseOf(1e6, 2e9), 2e9 / 1e15, 'compute'],
    ['an element-wise step reads and writes', elementwiseOf(1e7, 2e9), 1e7 / 1e12, 'memory'],
  ] as const)('%s', (_, kernel, seconds, bound) => {
    const ideal = idealTime(kernel, roundChip);
    expectNear(ideal.seconds, seconds);
    expect(ideal.bound).toBe(bound);
  });

  it('changes at the ridge point of the chip', () => {
    // latent attention does 242 FLOP a byte at most: under the ridge of H800, over that of H20
    expect(['h800', 'h20'].map((id) => idealTime(mlaOf({ context: 65_536 }), chipOf(id)).bound)).toEqual(['memory', 'compute']);
  });

  it('is the larger of work at the peak and bytes at the bandwidth', () =>
    fc.assert(
      fc.property(gemms, chipsOfCatalogue, (kernel, chip) => {
        const { flop, bytes } = workOf(kernel);
        const { seconds, bound } = idealTime(kernel, chip);
        const [compute, memory] = [flop / peakFor(chip, kernel.math).flopPerSecond, bytes / chip.memoryBandwidth];
        expect(seconds).toBe(Math.max(compute, memory));
        expect(bound).toBe(compute > memory ? 'compute' : 'memory');
      }),
    ));

  it('refuses a format without a peak', () => expect(() => idealTime(gemmOf({ math: 'fp32' }), roundChip)).toThrow(/^accelerators: round\.peak fp32 is not catalogued$/));
});

describe('the bound of a collective', () => {
  it('is what a chip has to send over the slowest link, however it is reduced', () => {
    for (const operation of COLLECTIVES) {
      expect(idealTime(collectiveOf({ operation, gpus: 8, bytes: 8e9 }), roundChip)).toEqual({ seconds: 7e9 / 1e11, bound: 'network' });
      expect(idealTime(collectiveOf({ operation, gpus: 16, bytes: 8e9 }), roundChip)).toEqual({ seconds: 7.5e9 / 1e10, bound: 'network' });
    }
  });

  it('is nothing on one chip, and grows in proportion to the bytes', () => {
    for (const operation of COLLECTIVES) expect(idealTime(collectiveOf({ operation, gpus: 1 }), roundChip)).toEqual({ seconds: 0, bound: 'network' });
    fc.assert(
      fc.property(collectives, chipsOfCatalogue, (kernel, chip) => {
        expectNear(idealTime({ ...kernel, bytes: 3 * kernel.bytes }, chip).seconds, 3 * idealTime(kernel, chip).seconds);
      }),
    );
  });
});

describe('the bound of an exchange of tokens', () => {
  const bytes = 128 * 8 * 7168 * 2;
  const combine = exchangeOf({ direction: 'combine', elementBytes: 2 });

  it('is what crosses the links of a node', () => expectNear(idealTime(combine, roundChip).seconds, (bytes * 7) / 8 / 1e11));
  it('is what crosses the network where that takes longer', () => expectNear(idealTime({ ...combine, gpus: 64 }, roundChip).seconds, (bytes * (1 - 8 / 64)) / 1e10));
  it('is what crosses the links where the network is faster', () => {
    const fast = { ...roundChip, nicPerAcceleratorPerDirection: 1e13 as typeof roundChip.memoryBandwidth };
    expectNear(idealTime({ ...combine, gpus: 16 }, fast).seconds, (bytes * 7) / 16 / 1e11);
  });
  it('is nothing on one chip', () => {
    for (const mode of ['normal', 'low-latency'] as const) expect(idealTime(exchangeOf({ gpus: 1, mode }), roundChip)).toEqual({ seconds: 0, bound: 'network' });
  });

  it('of normal kernels lets a token cross once, whatever the number of its experts', () =>
    fc.assert(
      fc.property(exchanges('normal'), chipsOfCatalogue, (kernel, chip) => {
        expect(idealTime(kernel, chip)).toEqual(idealTime({ ...kernel, topK: 1 }, chip));
        expect(idealTime(kernel, chip)).toEqual(idealTime({ ...kernel, topK: 1, mode: 'low-latency' }, chip));
        expectNear(idealTime({ ...kernel, mode: 'low-latency' }, chip).seconds, kernel.topK * idealTime(kernel, chip).seconds);
      }),
    ));
});
