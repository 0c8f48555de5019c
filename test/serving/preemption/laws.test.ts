import { test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import type { LogHistogram } from '../../../src/serving/preemption/log-histogram.ts';
import type { PreemptionOutcome } from '../../../src/serving/preemption/outcome.ts';
import type { SwapPolicy } from '../../../src/serving/preemption/policy.ts';
import type { PriorityOptions } from '../../../src/serving/preemption/priorities.ts';
import { type Engine, simulatePreemption } from '../../../src/serving/preemption/simulate.ts';
import { caseArbitrary, constantsOf, conversationsFrom, engineOf, layoutOf, linkOf, type Talk, timesOf, tokensOf, whole } from './support.ts';

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

const histogram = ({ count, sum, largest }: LogHistogram): unknown => ({ count, sum, largest });

/** What can be compared as a whole. */
const plain = <T extends Pick<PreemptionOutcome, 'tbt' | 'stalls' | 'waiting'>>(outcome: T): unknown => ({
  ...outcome,
  tbt: histogram(outcome.tbt),
  stalls: histogram(outcome.stalls),
  waiting: histogram(outcome.waiting),
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
  test.prop([caseArbitrary, whole(1, 4)], { numRuns: 300 })('put nobody back at an update', (given, maxRequests) => {
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
