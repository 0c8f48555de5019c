import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CalibrationData, type CalibrationEntry, quantile } from '../../src/timing/calibration-data.ts';
import { calibration } from '../../src/timing/choice.ts';
import { basisOf, estimateOf, kernelEstimate, kernelTime } from '../../src/timing/estimate.ts';
import { idealTime } from '../../src/timing/ideal.ts';
import { attentionOf, chipOf, chipsOfCatalogue, collectiveOf, elementwiseOf, exchangeOf, expectNear, expectNotLess, gemmOf, kernelsOf, mlaOf, prefillOf, timeOf } from './support.ts';

const h100 = chipOf('h100');
const entryOf = (id: string): CalibrationEntry => calibration.entries.find((entry) => entry.id === id) as CalibrationEntry;
const dataOf = (entry: CalibrationEntry): CalibrationData => ({ ...calibration, entries: [entry] });

describe.each(calibration.entries.map((entry) => [entry.id, entry] as const))('with the constants of %s', (_, entry) => {
  const options = { data: dataOf(entry), family: entry.family } as const;

  it('a kernel takes at least the roofline bound, on every chip, and its interval is around it', () =>
    fc.assert(
      fc.property(kernelsOf[entry.family], chipsOfCatalogue, fc.constantFrom('host', 'graph'), fc.constantFrom('burst', 'sustained'), (kernel, chip, launch, power) => {
        const { seconds, low, high, idealSeconds, bound } = kernelEstimate(kernel, chip, { ...options, launch, power });
        expect({ seconds: idealSeconds, bound }).toEqual(idealTime(kernel, chip));
        expectNotLess(seconds, idealSeconds);
        expectNotLess(low, idealSeconds);
        expectNotLess(seconds, low);
        expectNotLess(high, seconds);
      }),
    ));

  it('and takes no less without a graph, or at sustained power', () =>
    fc.assert(
      fc.property(kernelsOf[entry.family], chipsOfCatalogue, (kernel, chip) => {
        const at = (more: object): number =>
          kernelEstimate(kernel, chip, { ...options, data: { ...calibration, entries: [entry, ...calibration.entries.filter(({ family }) => family !== entry.family)] }, ...more }).seconds;
        expectNotLess(at({ launch: 'host' }), at({ launch: 'graph' }));
        expectNotLess(at({ power: 'sustained' }), at({ power: 'burst' }));
      }),
    ));
});

describe('kernelEstimate', () => {
  const gemm = entryOf('gemm-h100');

  it('is the time of the family with the constants of the choice', () => {
    const kernel = gemmOf();
    const { seconds, choice } = kernelEstimate(kernel, h100);
    expect(choice.entry).toBe(gemm);
    expect(seconds).toBe(timeOf('gemm', kernel, h100, gemm.constants));
  });

  it('has the 10 % and 90 % quantiles of its residuals', () => {
    const { seconds, low, high } = kernelEstimate(gemmOf(), h100);
    expectNear(low, seconds * Math.exp(quantile(gemm.residuals, 0.1)));
    expectNear(high, seconds * Math.exp(quantile(gemm.residuals, 0.9)));
  });

  it('widens them by the root of both squares where constants were carried', () => {
    const data = dataOf({ ...gemm, residuals: [[-0.1, 0.3]] });
    const { seconds, low, high, choice } = kernelEstimate(gemmOf(), chipOf('h200'), { data });
    expect(choice.widening).toBe(0.15);
    const half = Math.hypot(0.2, 0.15);
    expectNear(low, seconds * Math.exp(0.1 - half));
    expectNear(high, seconds * Math.exp(0.1 + half));
  });

  it('is wider the further constants were carried', () => {
    const data = dataOf({ ...gemm, residuals: [[-0.02, 0.02]] });
    const width = (chip: string, math: 'bf16' | 'fp8'): number => {
      // far above the bound: a row of a matrix whose weights take no time
      const { low, high } = kernelEstimate(gemmOf({ m: 1, n: 64, k: 64, math }), chipOf(chip), { data });
      return Math.log(high / low);
    };
    const widths = [width('h100', 'bf16'), width('h100', 'fp8'), width('h200', 'bf16'), width('h200', 'fp8'), width('a800', 'bf16')];
    expect(widths).toEqual([...widths].sort((a, b) => a - b));
    expect(new Set(widths).size).toBe(5);
  });

  it.each([
    ['faster', [[-0.4, -0.3]], -0.4, 0],
    ['slower', [[0.3, 0.4]], 0, 0.4],
  ])('lies in its interval, where all kernels that were measured were %s', (_, residuals, from, to) => {
    const { seconds, low, high } = kernelEstimate(gemmOf({ m: 1, n: 64, k: 64 }), h100, { data: dataOf({ ...gemm, residuals }) });
    expectNear(low, seconds * Math.exp(from));
    expectNear(high, seconds * Math.exp(to));
  });

  it('is never below the bound, where residuals say that it was', () => {
    const { low, idealSeconds } = kernelEstimate(gemmOf({ m: 8192, n: 8192, k: 8192 }), h100, { data: dataOf({ ...gemm, residuals: [[-2, 0.5]] }) });
    expect(low).toBe(idealSeconds);
  });

  it('is the bound where the constants of a family promise more than the chip can', () => {
    const data = dataOf({ ...gemm, constants: { ...gemm.constants, computeShare: 2, launch: 0, stepTime: 0, tileTime: 0 } });
    const { seconds, idealSeconds } = kernelEstimate(gemmOf({ m: 8192, n: 8192, k: 8192 }), h100, { data });
    expect(seconds).toBe(idealSeconds);
  });

  it('is measured where five groups on this chip were, else assumed', () => {
    const basis = (groups: number, chip = 'h100'): string => kernelEstimate(gemmOf(), chipOf(chip), { data: dataOf({ ...gemm, residuals: Array.from({ length: groups }, () => [0]) }) }).basis;
    expect([basis(4), basis(5), basis(20), basis(20, 'h200')]).toEqual(['assumed', 'measured', 'measured', 'assumed']);
  });

  it('says what was measured: GEMM on H100, but neither on a relative nor in another format, nor assumed kernels', () => {
    expect(kernelEstimate(gemmOf(), h100).basis).toBe('measured');
    expect(kernelEstimate(gemmOf(), chipOf('h200')).basis).toBe('assumed');
    expect(kernelEstimate(gemmOf({ math: 'bf16' }), chipOf('h20')).basis).toBe('assumed');
    expect(kernelEstimate(gemmOf({ math: 'fp8' }), chipOf('h20')).basis).toBe('measured');
    expect(kernelEstimate(attentionOf(), h100).basis).toBe('assumed');
    expect(kernelEstimate(mlaOf(), chipOf('h20'), { family: 'mla-decode/flashmla' }).basis).toBe('assumed');
    expect(kernelEstimate(exchangeOf({ mode: 'normal' }), h100).basis).toBe('assumed');
  });

  it('of exchanges with one chip is nothing, without an interval', () => {
    for (const kernel of [collectiveOf({ gpus: 1 }), exchangeOf({ gpus: 1 }), exchangeOf({ gpus: 1, mode: 'normal' })])
      expect(kernelEstimate(kernel, h100)).toMatchObject({ seconds: 0, low: 0, high: 0, idealSeconds: 0, bound: 'network' });
  });
});

describe('units that do something else', () => {
  const large = prefillOf(65_536);

  it('take their part of the peak away, not of the bandwidth', () => {
    const { constants } = kernelEstimate(large, h100).choice;
    const bare = (reservedUnits: number): number => kernelEstimate(large, h100, { reservedUnits }).seconds - (constants.launch as number);
    expect(bare(33) / bare(0)).toBeCloseTo(132 / (132 - 33), 6);
    expect(kernelEstimate(elementwiseOf(1e9), h100, { reservedUnits: 33 }).seconds).toBeCloseTo(kernelEstimate(elementwiseOf(1e9), h100).seconds, 15);
  });

  it('change neither the bound nor a chip without them', () => {
    expect(kernelEstimate(large, h100, { reservedUnits: 20 }).idealSeconds).toBe(kernelEstimate(large, h100).idealSeconds);
    expect(kernelEstimate(large, h100, { reservedUnits: 0 })).toEqual(kernelEstimate(large, h100));
  });

  it.each([
    ['h100', 132],
    ['h100', 200],
    ['h100', -1],
    ['h100', 0.5],
    ['h100', Number.NaN],
    ['ascend-910b', 20],
  ])('of the %s are a whole number below all of them: %d are refused', (id, reservedUnits) => {
    const [chip, check] = [chipOf(id), () => kernelEstimate(large, chipOf(id), { reservedUnits })];
    expect(check).toThrow(RangeError);
    expect(check).toThrow(new RangeError(`timing: reservedUnits ${reservedUnits} is not a whole number below the ${chip.computeUnits} of ${id}`));
    expect(() => kernelEstimate(large, chip, { reservedUnits: chip.computeUnits - 1 })).not.toThrow();
  });

  it('never make matrix work faster', () =>
    fc.assert(
      fc.property(kernelsOf.gemm, fc.integer({ min: 1, max: 19 }), chipsOfCatalogue, (kernel, reservedUnits, chip) => {
        expectNotLess(kernelEstimate(kernel, chip, { reservedUnits }).seconds, kernelEstimate(kernel, chip).seconds);
      }),
    ));
});

describe('kernelTime', () => {
  it('is the estimate without its interval, which `estimateOf` adds', () =>
    fc.assert(
      fc.property(fc.oneof(kernelsOf.gemm, kernelsOf['decode-attention/tuned'], kernelsOf.collective), chipsOfCatalogue, fc.constantFrom('host', 'graph'), (kernel, chip, launch) => {
        const [time, estimate] = [kernelTime(kernel, chip, { launch }), kernelEstimate(kernel, chip, { launch })];
        const { low, high, basis, ...rest } = estimate;
        expect(time).toEqual(rest);
        expect(Object.keys(time).sort()).toEqual(['bound', 'choice', 'idealSeconds', 'seconds']);
        expect(estimateOf(time)).toEqual({ ...time, low, high, basis });
        expect(basisOf(time.choice)).toBe(basis);
      }),
    ));

  it('does not look at residuals', () => {
    const data = dataOf({ ...entryOf('gemm-h100'), residuals: [[Number.NaN]] });
    expect(kernelTime(gemmOf(), h100, { data }).seconds).toBe(kernelTime(gemmOf(), h100).seconds);
  });
});
