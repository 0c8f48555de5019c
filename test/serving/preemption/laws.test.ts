import { describe, expect, it } from 'vitest';
import type { SwapPolicy } from '../../../src/serving/preemption/policy.ts';
import type { PriorityOptions } from '../../../src/serving/preemption/priorities.ts';
import { type Engine, simulatePreemption } from '../../../src/serving/preemption/simulate.ts';
import { constantsOf, conversationsFrom, layoutOf, linkOf, type Talk, timesOf } from './support.ts';

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
