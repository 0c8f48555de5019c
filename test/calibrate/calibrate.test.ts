import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type CalibrationRun, calibrate } from '../../src/calibrate/calibrate.ts';
import { calibrations } from '../../src/calibrate/plan/index.ts';
import { modelOf } from '../../src/models/index.ts';
import type { CalibrationEntry } from '../../src/timing/calibration-data.ts';
import { idealTime } from '../../src/timing/ideal.ts';
import { familyOf } from '../../src/timing/kernels/families.ts';
import { chipOf, gemmOf } from '../timing/support.ts';
import { chipNamed, measurementsOf, planted, readerOf, tables } from './support.ts';

const run = (changes: Readonly<Record<string, string>> = {}, progress?: (id: string) => void): CalibrationRun => calibrate(readerOf({ ...tables, ...changes }), chipNamed, modelOf, progress);
const entryOf = ({ data }: CalibrationRun, id: string): CalibrationEntry => data.entries.find((entry) => entry.id === id) as CalibrationEntry;

/** Fitted to times of another kernel, and what takes over from it. */
const OTHERS = ['decode-attention-fa3-h20', 'decode-attention-h20-unpadded'];

describe('calibrate', () => {
  const started: string[] = [];
  const clean = run({}, (id) => started.push(id));

  it('has an entry for each plan, in its order, and says which fit it starts', () => {
    const ids = calibrations.map(({ id }) => id);
    expect(clean.data.entries.map(({ id }) => id)).toEqual(ids);
    expect(started).toEqual([...ids, 'serving']);
    expect([...clean.heldOut.keys()]).toEqual(ids);
  });

  it.each(calibrations.map(({ id }) => id).filter((id) => !OTHERS.includes(id)))('finds the constants that were planted for %s, to a few of five digits', (id) => {
    const [found, given] = [entryOf(clean, id).constants, planted[id] as Readonly<Record<string, number>>];
    expect(Object.keys(found).sort()).toEqual(Object.keys(given).sort());
    for (const [name, value] of Object.entries(given)) expect(Math.abs((found[name] as number) - value), name).toBeLessThanOrEqual(3e-3 * value);
  });

  it.each(calibrations.map((plan) => [plan.id, plan] as const))('writes what it did for %s', (id, plan) => {
    const entry = entryOf(clean, id);
    const held = clean.heldOut.get(id) ?? [];
    expect(entry).toMatchObject({
      family: plan.family,
      accelerators: plan.accelerators,
      mathBits: plan.mathBits ?? null,
      launchedFrom: plan.launchedFrom,
      because: plan.because ?? null,
      leftOut: plan.leftOut,
    });
    expect(entry.fitted).toEqual(Object.keys(plan.start));
    expect(Object.keys(entry.constants).sort()).toEqual(Object.keys(familyOf(plan.family).constants).sort());
    expect(entry.points).toBe(held.length);
    expect(entry.files).toEqual([...new Set(held.map(({ measurement }) => measurement.file))]);
    expect(entry.residuals.length).toBe(new Set(held.map(({ measurement }) => `${measurement.chip.id} ${measurement.group}`)).size);
    if (held.length === 0) expect(entry).toMatchObject({ architecture: null, unitPeaks: [], residuals: [], error: { inSample: null, heldOut: null, byAccelerator: {}, bySize: {}, coverage: null } });
    else expect(entry.architecture).toBe(chipOf(plan.accelerators[0] as string).architecture);
  });

  it('counts points of each chip and each size', () => {
    const { points, error } = entryOf(clean, 'decode-attention-h800-h20');
    expect(points).toBe(measurementsOf('gqaDecode').length);
    expect(Object.fromEntries(Object.entries(error.byAccelerator).map(([id, each]) => [id, each.points]))).toEqual({ h800: 45, h20: 45 });
    const seconds = measurementsOf('gqaDecode').map((each) => each.seconds);
    const between = (from: number, to: number): number => seconds.filter((each) => each >= from && each < to).length;
    expect(Object.fromEntries(Object.entries(error.bySize).map(([name, each]) => [name, each.points]))).toEqual({
      'below 30 us': between(0, 30e-6),
      '30 to 100 us': between(30e-6, 100e-6),
      'from 100 us': between(100e-6, 1),
    });
    expect(Object.keys(entryOf(clean, 'collective-h100').error.bySize)).toEqual(['below 64 KiB', 'from 64 KiB']);
  });

  it('rejects nothing where nothing is wrong', () => expect(clean.data.rejected).toEqual([]));

  it('counts the rows of engines that it left out, and why', () => {
    expect(clean.data.serving.leftOut).toEqual([
      { because: 'prefill and decode on separate chips', rows: 1 },
      { because: 'no precision stated', rows: 2 },
    ]);
    expect(clean.data.serving.engines.map(({ engine, version, points }) => [engine, version, points])).toEqual([
      ['sglang', null, 4],
      ['sglang', '0.5', 4],
    ]);
  });

  it('predicts each half of the models from the other', () => {
    expect(clean.data.serving.folds.map(({ fitted, predicted }) => [fitted, predicted])).toEqual([
      [['llama-3.1-8b'], ['qwen3-32b']],
      [['qwen3-32b'], ['llama-3.1-8b']],
    ]);
  });

  it('has no error of what was left out where a table holds one group', () => {
    const [header = '', ...lines] = (tables['infersim_dsa.csv'] as string).split('\n');
    const one = run({ 'infersim_dsa.csv': [header, ...lines.filter((line) => !line.startsWith('decode,attn') || line.includes('1024'))].join('\n') });
    expect(header.startsWith('phase,table')).toBe(true);
    const { points, residuals, error } = entryOf(one, 'sparse-mla-h800');
    expect(points).toBe(3);
    expect(one.heldOut.get('sparse-mla-h800')).toEqual([]);
    expect(residuals).toEqual([]);
    expect(error).toMatchObject({ heldOut: null, byAccelerator: {}, bySize: {}, coverage: null });
    expect(error.inSample).toBeLessThan(1e-3);
  });

  it.each([
    ['infersim_gqa_decode.csv', 'decode-attention-h800-h20'],
    ['frontier_a800_mha_decode.csv', 'decode-attention-a800'],
  ])('refuses a table %s of nothing but a header: %s', (file, id) => {
    const [header = ''] = (tables[file] as string).split('\n');
    const bad = (): CalibrationRun => run({ [file]: header });
    expect(bad).toThrow(RangeError);
    expect(bad).toThrow(new RangeError(`calibrate: fit ${id} has no rows in the tables`));
  });

  describe('where one shape is impossible', () => {
    const ideal = idealTime(gemmOf({ m: 8192, n: 4096, k: 4096, math: 'fp8', weightBytes: 1, inputBytes: 1 }), chipOf('h20')).seconds;
    const table = tables['infersim_gemm.csv'] as string;
    const bad = run({ 'infersim_gemm.csv': `${table}\nH20,8192,4096,4096,${(ideal / 1.25) * 1e6}` });

    it('rejects it whole, and names file, shape, rows and utilisation', () => {
      expect(table.split('\n')[0]).toBe('gpu,m,k,n,latency_us');
      expect(bad.data.rejected).toEqual([{ file: 'infersim_gemm.csv', shape: 'h20 4096 x 4096', rows: 4, utilisation: expect.closeTo(1.25, 9) as unknown }]);
      expect(entryOf(bad, 'gemm-h20').points).toBe(entryOf(clean, 'gemm-h20').points - 3);
      expect(bad.heldOut.get('gemm-h20')?.map(({ measurement }) => measurement.group)).not.toContain('4096 x 4096');
    });

    it('goes on with the rest: other fits are as they were', () => {
      for (const { id, constants } of clean.data.entries.filter(({ id }) => id !== 'gemm-h20')) expect(entryOf(bad, id).constants, id).toEqual(constants);
      for (const [name, value] of Object.entries(planted['gemm-h20'] ?? {})) expect(Math.abs((entryOf(bad, 'gemm-h20').constants[name] as number) / value - 1), name).toBeLessThan(1e-3);
    });
  });

  describe('where one matrix is twice as slow', () => {
    const slow = (tables['infersim_gemm.csv'] as string)
      .split('\n')
      .map((line) => {
        const [gpu, m, k, n, latency] = line.split(',');
        return gpu === 'H20' && k === '7168' ? [gpu, m, k, n, 2 * Number(latency)].join(',') : line;
      })
      .join('\n');
    const other = run({ 'infersim_gemm.csv': slow });

    it('its residuals say so, as it was left out of the fit, and those of the others do not', () => {
      const { residuals, error } = entryOf(other, 'gemm-h20');
      const groups = [
        ...new Set(
          measurementsOf('deepGemm')
            .filter(({ chip }) => chip.id === 'h20')
            .map(({ group }) => group),
        ),
      ];
      expect(groups.length).toBe(residuals.length);
      residuals.forEach((group, at) => {
        for (const residual of group) expect(Math.abs(residual - (groups[at] === '7168 x 2112' ? Math.log(2) : 0)), groups[at]).toBeLessThan(0.02);
      });
      // one of eight matrices is predicted at half of what was measured
      expect(error.heldOut).toBeCloseTo(0.5 / 8, 2);
    });
  });
});

const MEASURED = resolve(import.meta.dirname, '../../../shared/measured');
const COMMITTED = resolve(import.meta.dirname, '../../src/timing/calibration.generated.json');

describe('the committed calibration', () => {
  it.skipIf(!existsSync(MEASURED))(
    'is what the measured tables give (skipped where ../shared/measured is not beside the project: the tables are not part of it)',
    () => {
      const { data } = calibrate((file) => readFileSync(join(MEASURED, file), 'utf8'), chipNamed, modelOf);
      const committed: unknown = JSON.parse(readFileSync(COMMITTED, 'utf8'));
      expect(JSON.parse(JSON.stringify(data))).toEqual(committed);
      expect(JSON.stringify(data)).toBe(JSON.stringify(committed));
    },
    120_000,
  );
});
