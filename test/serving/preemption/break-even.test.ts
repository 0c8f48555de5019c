import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { peakFor } from '../../../src/accelerators/peak.ts';
import { modelOf } from '../../../src/models/index.ts';
import { type BreakEvenOptions, type BreakEvenRun, breakEven, calibratedBreakEven, recomputeTime, swapTime } from '../../../src/serving/preemption/break-even.ts';
import { moveSeconds } from '../../../src/serving/preemption/copies.ts';
import { cacheLayout, LAYOUTS, movedBy } from '../../../src/serving/preemption/layout.ts';
import { evaluate } from '../../../src/units/context-expression.ts';
import { envelope } from '../../../src/units/envelope.ts';
import { chipOf } from '../../timing/support.ts';
import { constantsOf, linkOf, whole } from './support.ts';

const llama = modelOf('llama-3.1-8b');
const h100 = chipOf('h100');
const MODELS = ['llama-3.1-8b', 'deepseek-v3', 'gpt-oss-120b', 'minimax-m1', 'deepseek-v4-flash'].map(modelOf);
const PCIE = linkOf(constantsOf(0, 3e-6, 5e10));
const SIDES = { swap: -1, neither: 0, recompute: 1 } as const;

const constants = fc
  .record({ dispatch: fc.constantFrom(0, 1e-6, 5e-6, 2e-5), call: fc.constantFrom(0, 1e-6, 4e-6), rate: fc.constantFrom(1e9, 1.3e10, 5e10, 1e12) })
  .map(({ dispatch, call, rate }) => constantsOf(dispatch, call, rate));
const given = fc.record({
  model: fc.constantFrom(...MODELS),
  kind: fc.constantFrom(...LAYOUTS),
  out: constants,
  in: constants,
  groupBlocks: fc.constantFrom(1, 1, 3, 20),
  weights: fc.constantFrom('alone', 'shared'),
});

/** Runs cover from..to without a gap, and neighbours differ. */
function checkRuns(runs: readonly BreakEvenRun[], from: number, to: number): void {
  expect([runs[0]?.from, runs.at(-1)?.to]).toEqual([from, to]);
  for (const [at, run] of runs.entries()) {
    expect(run.to).toBeGreaterThanOrEqual(run.from);
    const next = runs[at + 1];
    if (next !== undefined) {
      expect(next.from).toBe(run.to + 1);
      expect(next.faster).not.toBe(run.faster);
    }
  }
}

describe('swapTime', () => {
  it('of llama-3.1-8b is 64 calls a block and its 2 MiB, each way', () => {
    const swap = swapTime({ layout: cacheLayout(llama), link: PCIE });
    for (const [context, blocks] of [
      [1, 1],
      [16, 1],
      [17, 2],
      [1000, 63],
    ] as const)
      expect(evaluate(swap, context)).toBeCloseTo(2 * (64 * blocks * 3e-6 + (blocks * 2 ** 21) / 5e10), 15);
    const grouped = swapTime({ layout: cacheLayout(llama), link: PCIE, groupBlocks: 20 });
    expect(evaluate(grouped, 1000)).toBeCloseTo(2 * (64 * 4 * 3e-6 + (63 * 2 ** 21) / 5e10), 15);
  });

  test.prop([given, whole(1, 100_000)])('is what the simulator takes for the same copies', ({ model, kind, out, in: back, groupBlocks }, context) => {
    const layout = cacheLayout(model, { kind });
    const blocks = Math.ceil(context / layout.blockTokens);
    // a window of part of a group takes other groups in the simulator, which knows where they lie
    const isWindowed = layout.slices.some(({ mostBlocks }) => mostBlocks < blocks);
    const groups = isWindowed ? blocks : Math.ceil(blocks / groupBlocks);
    const swap = swapTime({ layout, link: { ...PCIE, d2h: out, h2d: back }, groupBlocks: isWindowed ? 1 : groupBlocks });
    const moved = movedBy(layout, blocks, groups);
    expect(evaluate(swap, context) / (moveSeconds(moved, out) + moveSeconds(moved, back))).toBeCloseTo(1, 9);
  });

  test.prop([given, whole(1, 100_000)])('is no longer in larger groups', ({ model, kind, out, in: back }, context) => {
    const layout = cacheLayout(model, { kind });
    const times = [1, 2, 4, 8, 64].map((groupBlocks) => evaluate(swapTime({ layout, link: { ...PCIE, d2h: out, h2d: back }, groupBlocks }), context));
    expect(times).toEqual(times.toSorted((a, b) => b - a));
  });

  it.each([0, 1.5, Number.NaN])('refuses groups of %f blocks', (groupBlocks) => {
    expect(() => swapTime({ layout: cacheLayout(llama), link: PCIE, groupBlocks })).toThrow(new RangeError(`preemption: groupBlocks ${groupBlocks} is not a positive integer`));
  });
});

describe('recomputeTime', () => {
  const weights = 32 * (2 * 4096 ** 2 + 2 * 4096 * 1024 + 3 * 4096 * 14336);
  const peak = peakFor(h100, 'bf16').flopPerSecond;

  it('of a long prompt of llama-3.1-8b is its arithmetic: 2 a weight and token, 4 a head, dimension and pair of tokens', () => {
    const context = 4096;
    const pairs = (context * (context + 1)) / 2;
    const expected = (2 * weights * context + 4 * 32 * 32 * 128 * pairs) / peak;
    expect(evaluate(recomputeTime(llama, h100), context) / expected).toBeCloseTo(1, 9);
    expect(evaluate(recomputeTime(llama, h100, { tensorParallel: 2 }), context) / expected).toBeCloseTo(1 / 2, 9);
  });

  it('of a token is the reading of all weights, and its arithmetic where they are read anyway', () => {
    // cores read and write a few KiB
    expect(evaluate(recomputeTime(llama, h100), 1) / ((2 * weights) / h100.memoryBandwidth)).toBeCloseTo(1, 3);
    const shared = evaluate(recomputeTime(llama, h100, { weights: 'shared' }), 1);
    expect(shared).toBeGreaterThan((2 * weights) / peak);
    expect(shared).toBeLessThan(evaluate(recomputeTime(llama, h100), 1) / 50);
  });
});

describe('breakEven', () => {
  /** Nearer than doubles tell apart, the exact sign stands. */
  function checkSign(swap: number, recompute: number, faster: BreakEvenRun['faster'], context: number): void {
    if (Math.abs(swap - recompute) > 1e-12 * recompute) expect(Math.sign(swap - recompute), `${context}`).toBe(SIDES[faster]);
  }

  test.prop([given, whole(1, 300), whole(0, 600)], { numRuns: 30 })('has the sign of swap less recompute at every context', ({ model, kind, out, in: back, groupBlocks, weights }, from, more) => {
    const to = from + more;
    const { runs, trend, swap, recompute } = breakEven(model, h100, { layout: cacheLayout(model, { kind }), link: { ...PCIE, d2h: out, h2d: back }, groupBlocks, weights }, from, to);
    const mean = envelope(swap, 'mean');
    const parts: readonly (readonly [readonly BreakEvenRun[], typeof swap])[] = [
      [runs, swap],
      [trend, mean],
    ];
    for (const [list, time] of parts) {
      checkRuns(list, from, to);
      for (const run of list) for (let context = run.from; context <= run.to; context++) checkSign(evaluate(time, context), evaluate(recompute, context), run.faster, context);
    }
  });

  test.prop([given], { numRuns: 60 })('has that of both ends of each run, and between them, far beyond', ({ model, kind, out, in: back, groupBlocks, weights }) => {
    const { runs, swap, recompute } = breakEven(model, h100, { layout: cacheLayout(model, { kind }), link: { ...PCIE, d2h: out, h2d: back }, groupBlocks, weights });
    checkRuns(runs, 1, 131_072);
    for (const { from, to, faster } of runs) for (const context of [from, (from + to) >> 1, to]) checkSign(evaluate(swap, context), evaluate(recompute, context), faster, context);
  });

  it('changes more than once near a break-even, where copies of whole blocks are a staircase', () => {
    const options: BreakEvenOptions = { layout: cacheLayout(llama, { blockTokens: 256 }), link: PCIE, weights: 'shared' };
    const { runs, trend } = breakEven(llama, h100, options, 1, 20_000);
    expect(runs.length).toBeGreaterThan(1);
    expect(trend.length).toBeLessThanOrEqual(runs.length);
  });

  it('swaps always over a link that is fast enough', () => {
    for (const model of MODELS)
      expect(breakEven(model, h100, { layout: cacheLayout(model), link: linkOf(constantsOf(0, 0, 1e18)) }, 1, 100_000).runs).toEqual([{ from: 1, to: 100_000, faster: 'swap' }]);
  });

  it('recomputes always where a call takes a second', () => {
    expect(breakEven(llama, h100, { layout: cacheLayout(llama), link: linkOf(constantsOf(1, 0, 5e10)) }, 1, 10_000).runs).toEqual([{ from: 1, to: 10_000, faster: 'recompute' }]);
  });

  it.each([
    [0, 10],
    [10, 9],
    [1.5, 10],
    [1, Number.NaN],
  ])('refuses contexts %f..%f', (from, to) => {
    expect(() => breakEven(llama, h100, { layout: cacheLayout(llama), link: PCIE }, from, to)).toThrow(new RangeError(`preemption: contexts ${from}..${to} are no range of positive integers`));
  });
});

describe('calibratedBreakEven', () => {
  it.each([1e-6, 3e-6, 12e-6, 40e-6])('has runs that agree with both times on each side, at %f s a call', (call) => {
    const layout = cacheLayout(llama);
    const options = { layout, link: linkOf(constantsOf(0, call, 5e10)) };
    const { runs, recompute } = calibratedBreakEven(llama, h100, options, 1, 8192);
    checkRuns(runs, 1, 8192);
    const swap = envelope(swapTime(options), 'mean');
    for (const { from, to, faster } of runs) for (const context of [from, to]) expect(evaluate(swap, context) < recompute(context) ? 'swap' : 'recompute', `${context}`).toBe(faster);
  });

  it('is of one context where from is to', () => {
    expect(calibratedBreakEven(llama, h100, { layout: cacheLayout(llama), link: PCIE }, 5, 5).runs).toEqual([{ from: 5, to: 5, faster: 'swap' }]);
  });

  it('refuses contexts that are no range', () => {
    expect(() => calibratedBreakEven(llama, h100, { layout: cacheLayout(llama), link: PCIE }, 10, 9)).toThrow(new RangeError('preemption: contexts 10..9 are no range of positive integers'));
  });
});
