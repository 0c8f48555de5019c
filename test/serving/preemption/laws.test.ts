import { test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import type { SwapPolicy } from '../../../src/serving/preemption/policy.ts';
import type { PriorityOptions } from '../../../src/serving/preemption/priorities.ts';
import { type Engine, simulatePreemption } from '../../../src/serving/preemption/simulate.ts';
import { caseArbitrary, constantsOf, conversationsFrom, engineOf, layoutOf, linkOf, plain, type Talk, timesOf, tokensOf, whole } from './support.ts';

const SWAP: SwapPolicy = { initialGroup: null, reuse: false, swapping: 'synchronous', preempt: 'swap' };
const RANDOM: PriorityOptions = { pattern: 'random', seed: 1 };

/** Blocks of 4 tokens and 4 KiB, a link of 1 MiB/s: a block takes 2^-8 s. */
const engineWith = (changes: Partial<Engine> = {}): Engine => ({
  times: timesOf(1),
  layout: layoutOf(4),
  gpuBlocks: 10,
  cpuBlocks: 100,
  link: linkOf(constantsOf(0, 0, 2 ** 20)),
  maxRequests: 100,
  batchTokens: 10_000,
  ...changes,
});

describe('an update', () => {
  it.each([10, 100, 101])('leaves a conversation alone that has %i blocks, all there are, for itself', (gpuBlocks) => {
    const talks: Talk[] = [[[0, 0, 4 * gpuBlocks - 8, 8]]];
    for (const swapping of ['synchronous', 'asynchronous'] as const) {
      const outcome = simulatePreemption(conversationsFrom(talks), engineWith({ gpuBlocks }), { policy: { ...SWAP, swapping }, priorities: RANDOM, updateEvery: 1 });
      expect(outcome.updates).toBe(8);
      expect(outcome.out.operations + outcome.drops).toBe(0);
      expect(outcome.stallSeconds).toBe(0);
    }
  });
});

describe('the watermark', () => {
  it('does not keep those that run from the last blocks', () => {
    // they come to 199 of 200 blocks, of which 2 stay free at an admission
    const talks: Talk[] = [[[0, 0, 200, 200]], [[0, 0, 196, 200]]];
    for (const pattern of ['random', 'fixed'] as const) {
      const outcome = simulatePreemption(conversationsFrom(talks), engineWith({ gpuBlocks: 200 }), { policy: SWAP, priorities: { pattern }, updateEvery: 1 });
      expect(outcome.updates).toBe(200);
      expect(outcome.out.operations + outcome.drops).toBe(0);
    }
  });
});

describe('stalls and waiting', () => {
  /** Two that fit one at a time; updates swap them. */
  const pair: readonly Talk[] = [[[0, 0, 20, 12]], [[0, 0, 20, 12]]];
  const passes = { prefill: () => 1, decode: () => 1 };
  const run = (swapping: SwapPolicy['swapping']) =>
    simulatePreemption(conversationsFrom(pair), engineWith({ times: passes, gpuBlocks: 9, link: linkOf(constantsOf(0, 0, 2 ** 14)) }), {
      policy: { ...SWAP, swapping },
      priorities: RANDOM,
      updateEvery: 2,
    });

  it.each(['synchronous', 'asynchronous', 'adaptive'] as const)('%s: stalls of all iterations are the stall of the run', (swapping) => {
    const outcome = run(swapping);
    expect(outcome.stallSeconds).toBeGreaterThan(1);
    // each iteration takes 1 s
    expect(outcome.stalls.sum).toBeCloseTo(outcome.stallSeconds, 9);
  });

  it('count caches that are waited for as those on their way', () => {
    const outcome = run('synchronous');
    // it runs alone, so that it is all that is active when it comes back
    expect(outcome.waiting.sum).toBe(outcome.in.operations);
    expect(outcome.in.operations).toBeGreaterThan(1);
  });
});

describe('memory', () => {
  it('holds a conversation whose last token, which is never read, would need one more block', () => {
    const run = (output: number) => simulatePreemption(conversationsFrom([[[0, 0, 30, output]]]), engineWith(), { policy: SWAP, priorities: RANDOM, updateEvery: 1 });
    expect(run(11).out.operations).toBe(0);
    expect(() => run(12)).toThrow('preemption: conversation 1 needs 11 blocks, more than the 10 that the chip has');
  });
});

describe('priorities that never change', () => {
  // as many blocks as run together can need, and no more: caches that are idle have to leave, those that run never
  test.prop([caseArbitrary, whole(1, 4)], { numRuns: 150 })('put nobody back at an update', (given, maxRequests) => {
    const engine = engineOf(given);
    const { longest } = tokensOf(given.talks);
    const gpuBlocks = Math.max(given.policy.initialGroup ?? 0, maxRequests * Math.ceil(longest / given.blockTokens));
    const run = (updateEvery: number): unknown => {
      const { updates, ...rest } = simulatePreemption(conversationsFrom(given.talks), { ...engine, gpuBlocks, maxRequests }, { policy: given.policy, priorities: { pattern: 'fixed' }, updateEvery });
      expect(updates > 0).toBe(updateEvery === 1);
      return plain(rest);
    };
    expect(run(1)).toEqual(run(Number.POSITIVE_INFINITY));
  });
});

describe('one swap', () => {
  /** The second turn of the first conversation finds its cache on the host: the second conversation needed its blocks. */
  const talks: Talk[] = [
    [
      [0, 0, 24, 5],
      [10, 0, 4, 4],
    ],
    [[2, 0, 30, 3]],
  ];
  const run = (rate: number, policy: Partial<SwapPolicy> = {}) =>
    simulatePreemption(conversationsFrom(talks), engineWith({ link: linkOf(constantsOf(0, 0, rate)) }), {
      policy: { ...SWAP, ...policy },
      priorities: { pattern: 'fixed' },
      updateEvery: Number.POSITIVE_INFINITY,
    });

  it('moves 7 blocks of 4 KiB out and in again and stalls for both', () => {
    const outcome = run(2 ** 15);
    for (const way of [outcome.out, outcome.in]) expect(way).toEqual({ operations: 1, blocks: 7, groups: 7, calls: 28, bytes: 7 * 2 ** 12, seconds: 7 / 8 });
    expect(outcome.stallSeconds).toBe(14 / 8);
    // it waits for the swap-in, then reads 5 tokens, its last one and 4 new ones, beside 28 that are in the cache
    expect(outcome.firstToken[1]).toBe(10 + 7 / 8 + timesOf(1).prefill(1, 5, 25, 5 * 28));
  });

  it.each(['synchronous', 'asynchronous', 'adaptive'] as const)('%s: stalls no longer over a faster link', (swapping) => {
    const stalls = [12, 14, 15, 16, 18, 20, 30].map((power) => run(2 ** power, { swapping }).stallSeconds);
    for (let at = 1; at < stalls.length; at++) expect(stalls[at]).toBeLessThan(stalls[at - 1] as number);
    expect(run(Number.POSITIVE_INFINITY, { swapping }).stallSeconds).toBe(0);
  });

  it('is recomputed where that takes less, and not where it takes more', () => {
    const recompute = timesOf(1).prefill(1, 28, 28 ** 2, 0);
    // 14 blocks of 4 KiB, both ways together
    const rate = (14 * 2 ** 12) / recompute;
    expect(run(0.99 * rate, { preempt: 'cheaper' })).toMatchObject({ drops: 1, recomputedTokens: 28, stallSeconds: 0 });
    expect(run(1.01 * rate, { preempt: 'cheaper' })).toMatchObject({ drops: 0, out: { blocks: 7 } });
  });
});

describe('reuse', () => {
  /** A conversation of three turns that leaves for another one between any two. */
  const talks: Talk[] = [
    [
      [0, 0, 24, 5],
      [10, 0, 4, 4],
      [20, 0, 1, 1],
    ],
    [[2, 0, 30, 3]],
    [[12, 0, 30, 3]],
  ];
  const run = (reuse: boolean, cpuBlocks = 100) =>
    simulatePreemption(conversationsFrom(talks), engineWith({ cpuBlocks }), { policy: { ...SWAP, reuse }, priorities: { pattern: 'fixed' }, updateEvery: Number.POSITIVE_INFINITY });

  it('copies out again only what was added', () => {
    // 28 tokens, 7 full blocks, go out; then 28 + 1 + 4 + 3 = 36 tokens, of which 7 blocks are on the host
    expect(run(false).out).toMatchObject({ operations: 2, blocks: 7 + 9 });
    expect(run(true).out).toMatchObject({ operations: 2, blocks: 7 + 2 });
    for (const reuse of [false, true]) expect(run(reuse).in).toMatchObject({ operations: 2, blocks: 7 + 9 });
    expect(run(true).stallSeconds).toBeLessThan(run(false).stallSeconds);
  });

  it('finds room for the blocks that were added only', () => {
    expect(run(true, 9)).toMatchObject({ drops: 0, givenUp: 0 });
    expect(run(true, 8)).toMatchObject({ drops: 1, givenUp: 0, recomputedTokens: 36 });
  });
});

describe('asynchronous copies', () => {
  it('stall less than synchronous ones while somebody runs', () => {
    // the third runs all the time, while the first two change places on the rest of the chip
    const talks: Talk[] = [[[0, 0, 20, 30]], [[0, 0, 20, 30]], [[0, 0, 20, 30]]];
    const stall = (swapping: SwapPolicy['swapping']): number =>
      simulatePreemption(conversationsFrom(talks), engineWith({ gpuBlocks: 26, link: linkOf(constantsOf(0, 0, 2 ** 18)) }), {
        policy: { ...SWAP, swapping },
        priorities: { pattern: 'random', seed: 3 },
        updateEvery: 5,
      }).stallSeconds;
    expect(stall('synchronous')).toBeGreaterThan(0);
    expect(stall('asynchronous')).toBeLessThan(stall('synchronous'));
  });
});

describe('simulatePreemption', () => {
  it.each([
    [{ gpuBlocks: 0 }, 'preemption: gpuBlocks 0 is not a whole number of at least 1'],
    [{ gpuBlocks: 10.5 }, 'preemption: gpuBlocks 10.5 is not a whole number of at least 1'],
    [{ cpuBlocks: -1 }, 'preemption: cpuBlocks -1 is not a whole number of at least 0'],
    [{ maxRequests: 0 }, 'preemption: maxRequests 0 is not a whole number of at least 1'],
    [{ batchTokens: Number.NaN }, 'preemption: batchTokens NaN is not a whole number of at least 1'],
    [{ gpuBlocks: 4 }, 'preemption: conversation 2 needs 5 blocks, more than the 4 that the chip has'],
  ] as const)('refuses an engine of %o', (changes, message) => {
    expect(() => simulatePreemption(conversationsFrom([[[0, 0, 4, 4]], [[0, 0, 10, 10]]]), engineWith(changes), { policy: SWAP, priorities: RANDOM, updateEvery: 1 })).toThrow(new RangeError(message));
  });

  it.each([0, 0.5, -1, Number.NaN])('refuses updates every %f iterations', (updateEvery) => {
    expect(() => simulatePreemption(conversationsFrom([[[0, 0, 4, 4]]]), engineWith(), { policy: SWAP, priorities: RANDOM, updateEvery })).toThrow(
      new RangeError(`preemption: updateEvery ${updateEvery} is not a number of at least 1`),
    );
  });
});
