import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { csvFormat } from 'd3-dsv';
import { describe, expect, it } from 'vitest';
import { link } from '../../src/accelerators/index.ts';
import { calibrateCopies } from '../../src/calibrate/copies.ts';
import { COPY_DIRECTIONS, type CopyData, type CopyDirection, type CopyEntry, type CopyMethod } from '../../src/timing/copy-data.ts';
import { type CopyConstants, copyTime, withThreads } from '../../src/timing/copy-time.ts';
import { readerOf } from './support.ts';

type Row = Readonly<Record<string, string | number>>;

const FILE = 'h100-2026-11.csv';
const WIRE = { id: 'wire', rawPerDirection: 6e10 };
const SIZES = Array.from({ length: 9 }, (_, at) => 4096 * 2 ** at);

const KERNELS: Readonly<Record<CopyMethod, string>> = {
  loop: 'cudaMemcpyAsync, 1 stream per thread (C++)',
  framework: 'torch Tensor.copy_(non_blocking) from Python',
  batch: 'cudaMemcpyBatchAsync (one call; call_mean_us = issue time / pieces)',
  gather: 'gather kernel over mapped pinned memory, 32 blocks x 512',
};

const constants = (secondsPerCall: number, bytesPerSecond: number, dispatchSeconds = 0, serialShare = 1): CopyConstants => ({ dispatchSeconds, secondsPerCall, bytesPerSecond, serialShare });

/** The batch dispatches more slowly to the device; framework has the copies of the loop. */
const PLANTED: Readonly<Record<CopyMethod, Readonly<Record<CopyDirection, CopyConstants>>>> = {
  loop: { h2d: constants(3e-6, 5e10, 0, 0.25), d2h: constants(2e-6, 4e10, 0, 0.25) },
  framework: { h2d: constants(3e-6, 5e10, 8e-6, 2.5), d2h: constants(2e-6, 4e10, 6e-6, 2.5) },
  batch: { h2d: constants(5e-7, 5e10, 4e-6), d2h: constants(9e-7, 5.2e10) },
  gather: { h2d: constants(1e-9, 4.8e10), d2h: constants(2e-9, 4.5e10) },
};

const METHODS = Object.keys(PLANTED) as readonly CopyMethod[];

function rowOf(method: CopyMethod, direction: CopyDirection, bytes: number, threads: number, slower = 1): Row {
  const seconds = slower * copyTime.evaluate({ ...withThreads(PLANTED[method][direction], threads), bytes });
  return { kind: 'swap', kernel: KERNELS[method], dir: direction, threads, piece_bytes: bytes, pieces: 64, median_us: 64e6 * seconds, size_bytes: 64 * bytes };
}

const swaps = METHODS.flatMap((method) =>
  COPY_DIRECTIONS.flatMap((direction) => (method === 'loop' || method === 'framework' ? [1, 4] : [1]).flatMap((threads) => SIZES.map((bytes) => rowOf(method, direction, bytes, threads)))),
);

const contiguous = (dir: string, bytes: number, rate: number, op = 'contiguous pinned'): Row => ({ kind: 'pcie', op, dir, size_bytes: bytes, median_us: (1e6 * bytes) / rate });
const rates: readonly Row[] = [
  contiguous('h2d', 2 ** 20, 7e10),
  contiguous('h2d', 2 ** 30, 5.5e10),
  contiguous('d2h', 2 ** 30, 5.4e10),
  contiguous('both', 2 ** 30, 9.5e10, 'both directions at once'),
  contiguous('both', 2 ** 30, 9e10, 'both directions at once'),
  contiguous('h2d', 2 ** 31, 7e9, 'contiguous pageable'),
];

/** Rows that no fit takes. */
const ignored: readonly Row[] = [
  { ...rowOf('loop', 'h2d', 4096, 1, 9), caveat: 'disturbed' },
  { ...rowOf('gather', 'h2d', 4096, 1, 9), kernel: 'gather kernel over mapped pinned memory, 8 blocks x 512' },
  { kind: 'linear', dtype: 'bf16', kernel: 'any', median_us: 1 },
];

const run = (rows: readonly Row[]): CopyData => calibrateCopies(readerOf({ [FILE]: csvFormat([...rows]) }), WIRE);
const entryOf = ({ entries }: CopyData, method: CopyMethod, direction: CopyDirection): CopyEntry => entries.find((entry) => entry.method === method && entry.direction === direction) as CopyEntry;
const cases = METHODS.flatMap((method) => COPY_DIRECTIONS.map((direction) => [method, direction] as const));

describe('calibrateCopies', () => {
  const clean = run([...swaps, ...rates, ...ignored]);

  it.each(cases)('finds the constants that were planted: %s %s', (method, direction) => {
    const found = entryOf(clean, method, direction);
    expect(found.form).toBe(PLANTED[method][direction].dispatchSeconds > 0 ? 'pipelined' : 'additive');
    for (const [name, value] of Object.entries(PLANTED[method][direction])) {
      const share = Math.abs(found.constants[name as keyof CopyConstants] - value);
      expect(share, name).toBeLessThanOrEqual(0.005 * value);
    }
  });

  it.each(cases)('predicts sizes that it has not seen: %s %s', (method, direction) => {
    const { error, otherForm, fitted } = entryOf(clean, method, direction);
    expect(error.points).toBe(SIZES.length);
    expect(error.bySize['below 64 KiB'].points).toBe(SIZES.filter((bytes) => bytes < 65_536).length);
    expect(error.bySize['from 64 KiB'].points).toBe(SIZES.filter((bytes) => bytes >= 65_536).length);
    expect(error.mean).toBeLessThan(0.01);
    expect(error.threads?.points ?? null).toBe(fitted.includes('serialShare') ? SIZES.length : null);
    expect(error.threads?.mean ?? 0).toBeLessThan(0.02);
    if (PLANTED[method][direction].dispatchSeconds > 0) expect(otherForm.mean).toBeGreaterThan(0.05);
  });

  it('reads the largest contiguous copy of pinned memory, and both runs of both directions', () => {
    expect(clean.file).toBe(FILE);
    expect(clean.link).toEqual({ ...WIRE, achievedPerDirection: 5.5e10 });
    expect(clean.bothDirections).toEqual({ slowest: 9e10, fastest: 9.5e10 });
  });

  it('says of a size that is off that it is, while others are as they were', () => {
    const off = run([...swaps.map((row) => (row.kernel === KERNELS.gather && row.dir === 'h2d' && row.piece_bytes === 32_768 ? rowOf('gather', 'h2d', 32_768, 1, 1.5) : row)), ...rates]);
    const { error } = entryOf(off, 'gather', 'h2d');
    expect(error.worstAt).toBe(32_768);
    expect(Math.abs(error.worst - 1 / 3)).toBeLessThan(0.01);
    expect(Math.abs(error.mean - 1 / 3 / SIZES.length)).toBeLessThan(0.01);
    for (const [method, direction] of cases.filter((each) => each.join() !== 'gather,h2d')) expect(entryOf(off, method, direction)).toEqual(entryOf(clean, method, direction));
  });

  it('does without rows of several threads: a share of 1 that nothing determined', () => {
    const single = entryOf(run([...swaps.filter(({ threads }) => threads === 1), ...rates]), 'loop', 'h2d');
    expect(single.constants.serialShare).toBe(1);
    expect(single.fitted).toEqual(['secondsPerCall', 'bytesPerSecond']);
    expect(single.error.threads).toBeNull();
  });

  it.each<readonly [string, readonly Row[]]>([
    ['batch d2h has no rows of one thread in the table', [...swaps.filter(({ kernel, dir }) => kernel !== KERNELS.batch || dir !== 'd2h'), ...rates]],
    ['kernel "scatter" is not known', [...swaps, ...rates, { ...rowOf('loop', 'h2d', 4096, 1), kernel: 'scatter' }]],
    ['dir "up" is not one of h2d, d2h', [...swaps, ...rates, { ...rowOf('loop', 'h2d', 4096, 1), dir: 'up' }]],
    ['contiguous pinned copies have no rows in one direction or in both', swaps],
  ])('refuses: %s', (message, rows) => expect(() => run(rows)).toThrow(new RangeError(`calibrate: copies: ${message}`)));

  it('refuses a size that is none', () =>
    expect(() => run([...swaps, ...rates, { ...rowOf('loop', 'h2d', 4096, 1), piece_bytes: 0 }])).toThrow(new RangeError('calibrate: piece_bytes "0" is not a number above 0')));
});

const MEASURED = resolve(import.meta.dirname, '../../../shared/measured');
const COMMITTED = resolve(import.meta.dirname, '../../src/timing/copies.generated.json');

describe('the committed copies', () => {
  it.skipIf(!existsSync(MEASURED))(
    'are what the measured tables give (skipped where ../shared/measured is not beside the project: the tables are not part of it)',
    () => {
      const data = calibrateCopies((file) => readFileSync(join(MEASURED, file), 'utf8'), link('pcie5-x16').link);
      const committed: unknown = JSON.parse(readFileSync(COMMITTED, 'utf8'));
      expect(JSON.stringify(data)).toBe(JSON.stringify(committed));
    },
    60_000,
  );
});
