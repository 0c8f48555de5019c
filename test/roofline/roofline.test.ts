import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accelerator } from '../../src/accelerators/index.ts';
import { arithmeticIntensity, mbu, mfu, minActivationRatio, ridgePoint, rooflineTime } from '../../src/roofline/roofline.ts';
import { assertPrinted } from '../support/printed.ts';

// Table 4: column "roofline" | Table 7: smallest sparsity, H = 7168, L = 61 | network of a server of 8, B/s
const GOLDEN = [
  ['h800', '591', '0.058', 8 * 5e10],
  ['h20', '74', '0.007', 8 * 5e10],
  ['a800', '156', '0.031', 8 * 2.5e10],
  ['ascend-910b', '175', '0.034', 8 * 2.5e10],
] as const;

const amount = fc.double({ min: 1, max: 1e15, noNaN: true });

describe('roofline', () => {
  it.each(GOLDEN)('%s: reproduces its row of Tables 4 and 7', (id, ridge, ratio, networkBandwidth) => {
    const { peak, memoryBandwidth } = accelerator(id).accelerator;
    const best = peak.fp8 ?? peak.bf16;
    assertPrinted(ridgePoint.evaluate({ peak: best, memoryBandwidth }), ridge, `Table 4, ${id}`);
    assertPrinted(minActivationRatio.evaluate({ hidden: 7168, layers: 61, peak: best, memoryBandwidth, networkBandwidth, stageTime: 1.5 * 0.0111 }), ratio, `Table 7, ${id}`);
  });

  it('needs 0.073 on H800 at the measured 40 GB/s per network card (section 5.4)', () => {
    const { peak, memoryBandwidth } = accelerator('h800').accelerator;
    assertPrinted(minActivationRatio.evaluate({ hidden: 7168, layers: 61, peak: peak.fp8 ?? 0, memoryBandwidth, networkBandwidth: 8 * 4e10, stageTime: 1.5 * 0.0111 }), '0.073', 'section 5.4');
  });

  it('follows from its parts: the ideal batch of an expert, 3 H bytes per token, one layer of the stage', () => {
    const [hidden, layers, peak, memoryBandwidth, networkBandwidth, stage] = [7168, 61, 1.98e15, 3.35e12, 4e11, 0.0166];
    const ratio = minActivationRatio.evaluate({ hidden, layers, peak, memoryBandwidth, networkBandwidth, stageTime: stage });
    const batch = peak / (2 * memoryBandwidth * ratio);
    expect((3 * hidden * batch) / networkBandwidth).toBeCloseTo(stage / layers, 12);
  });

  it('is the larger of compute and memory time, at most their sum', () =>
    fc.assert(
      fc.property(amount, amount, amount, amount, (flop, bytes, peak, memoryBandwidth) => {
        const time = rooflineTime.evaluate({ flop, bytes, peak, memoryBandwidth });
        const [compute, memory] = [flop / peak, bytes / memoryBandwidth];
        expect([compute, memory]).toContain(time);
        expect(time).toBeGreaterThanOrEqual(Math.max(compute, memory));
        expect(time).toBeLessThanOrEqual(compute + memory);
      }),
    ));

  it('turns at the ridge point: below it memory, above it compute', () =>
    fc.assert(
      fc.property(amount, amount, amount, fc.double({ min: 0.01, max: 100, noNaN: true }), (bytes, peak, memoryBandwidth, factor) => {
        const flop = factor * bytes * ridgePoint.evaluate({ peak, memoryBandwidth });
        const bound = rooflineTime.evaluate({ flop, bytes, peak, memoryBandwidth });
        const relative = (expected: number) => Math.abs(bound - expected) / expected;
        expect(relative(factor > 1 ? flop / peak : bytes / memoryBandwidth)).toBeLessThan(1e-12);
      }),
    ));

  it('has an intensity in FLOP per byte', () => expect(arithmeticIntensity.evaluate({ flop: 64 * 4 * 256, bytes: 512 })).toBe(128));

  it('utilises all of the side that bounds it at its roofline time', () =>
    fc.assert(
      fc.property(amount, amount, amount, amount, (flop, bytes, peak, memoryBandwidth) => {
        const time = rooflineTime.evaluate({ flop, bytes, peak, memoryBandwidth });
        const [compute, memory] = [mfu.evaluate({ flop, peak, time }), mbu.evaluate({ bytes, memoryBandwidth, time })];
        expect(Math.abs(Math.max(compute, memory) - 1)).toBeLessThan(1e-12);
        expect(Math.min(compute, memory)).toBeGreaterThanOrEqual(0);
      }),
    ));
});
