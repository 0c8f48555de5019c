import { test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import type { PreemptionOutcome } from '../../../src/serving/preemption/outcome.ts';
import { POLICIES, type SwapPolicy } from '../../../src/serving/preemption/policy.ts';
import { type Engine, type PreemptionOptions, simulatePreemption } from '../../../src/serving/preemption/simulate.ts';
import { type Case, caseArbitrary, constantsOf, conversationsFrom, engineOf, linkOf, plain, type Talk, timesOf, tokensOf, turnTimes } from './support.ts';

const optionsOf = ({ policy, pattern, persistence, seed, updateEvery }: Case): PreemptionOptions => ({ policy, priorities: { pattern, persistence, seed }, updateEvery });

const run = (given: Case, engine: Partial<Engine> = {}, options: Partial<PreemptionOptions> = {}) =>
  simulatePreemption(conversationsFrom(given.talks), { ...engineOf(given), ...engine }, { ...optionsOf(given), ...options });

const sum = (values: Iterable<number>): number => [...values].reduce((all, value) => all + value, 0);

describe('every run', () => {
  test.prop([caseArbitrary], { numRuns: 250 })('makes all tokens, in order, in no less time than its passes take', (given) => {
    const { turns, count, output, firstTurn, earliest, think } = conversationsFrom(given.talks);
    const outcome = run(given);
    const { arrival, firstToken, finish } = outcome;
    expect(outcome.tbt.count).toBe(sum(output) - turns);
    // no pass takes less
    const least = given.unit * 2 ** -5;
    const above = (later: number, earlier: number): void => expect(later).toBeGreaterThanOrEqual(earlier * (1 - 1e-12));
    for (let conversation = 0; conversation < count; conversation++)
      for (let turn = firstTurn[conversation] as number; turn < (firstTurn[conversation + 1] as number); turn++) {
        const before = turn === firstTurn[conversation] ? 0 : (finish[turn - 1] as number) + (think[turn] as number);
        expect(arrival[turn]).toBe(Math.max(earliest[turn] as number, before));
        above(firstToken[turn] as number, (arrival[turn] as number) + least);
        above(finish[turn] as number, (firstToken[turn] as number) + least * ((output[turn] as number) - 1));
      }
    expect(outcome.makespan).toBe(Math.max(...finish));
    above(outcome.makespan - Math.min(...earliest), outcome.busySeconds + outcome.stallSeconds);
    above(outcome.busySeconds, outcome.iterations * least);
  });

  test.prop([caseArbitrary], { numRuns: 200 })('takes back all that went out, and reads again what it dropped', (given) => {
    const outcome = run(given);
    expect(outcome.in.operations).toBe(outcome.out.operations);
    if (given.policy.reuse) expect(outcome.out.blocks).toBeLessThanOrEqual(outcome.in.blocks);
    else {
      expect(outcome.out.blocks).toBe(outcome.in.blocks);
      expect(outcome.givenUp).toBe(0);
    }
    for (const way of [outcome.out, outcome.in]) {
      expect(way.groups).toBeLessThanOrEqual(way.blocks);
      if (given.policy.initialGroup === null) expect(way.groups).toBe(way.blocks);
    }
    expect(outcome.recomputedTokens).toBeGreaterThanOrEqual(outcome.drops);
    if (given.policy.preempt === 'recompute') expect(outcome.out.operations).toBe(0);
  });

  test.prop([caseArbitrary], { numRuns: 120 })('where all fit, swaps nothing, whatever the policy', (given) => {
    const { all } = tokensOf(given.talks);
    // a block for each conversation, 1 % and the blocks of their tokens
    const roomy = { gpuBlocks: Math.ceil(1.02 * (all / given.blockTokens + given.talks.length)) + 10, maxRequests: given.talks.length };
    const expected = run(given, roomy, { policy: POLICIES.recompute });
    expect([expected.drops, expected.stallSeconds]).toEqual([0, 0]);
    expect(plain(run(given, roomy))).toEqual(plain(expected));
  });

  test.prop([caseArbitrary], { numRuns: 120 })('over a link that takes no time, is the same with and without groups, and never stalls', (given) => {
    const link = linkOf(constantsOf(0, 0, Number.POSITIVE_INFINITY));
    const policy: SwapPolicy = { ...given.policy, swapping: 'synchronous', preempt: 'swap' };
    const engine = engineOf(given);
    const memory = { gpuBlocks: Math.max(3, engine.gpuBlocks), cpuBlocks: Math.max(3, engine.cpuBlocks) };
    const of = (initialGroup: number | null): PreemptionOutcome => run(given, { link, ...memory }, { policy: { ...policy, initialGroup } });
    const [single, grouped] = [of(null), of(3)];
    expect(single.stallSeconds).toBe(0);
    expect(turnTimes(grouped)).toEqual(turnTimes(single));
    expect(grouped.out.blocks).toBe(single.out.blocks);
  });

  test.prop([caseArbitrary], { numRuns: 120 })('without memory on the host, recomputes all', (given) => {
    const single: Case = { ...given, policy: { ...given.policy, initialGroup: null } };
    const dropped = run(single, { cpuBlocks: 0 });
    expect([dropped.out.operations, dropped.in.operations]).toEqual([0, 0]);
    expect(plain(dropped)).toEqual(plain(run(single, {}, { policy: POLICIES.recompute })));
  });

  test.prop([caseArbitrary], { numRuns: 120 })('is the same again, and takes twice the time where all times are twice as long', (given) => {
    const once = run(given);
    expect(plain(run(given))).toEqual(plain(once));
    const talks = given.talks.map((talk): Talk => talk.map(([earliest, think, prompt, output]) => [2 * earliest, 2 * think, prompt, output] as const));
    const { layout, ...engine } = engineOf(given);
    const slower = engineOf({ ...given, unit: 2 * given.unit });
    const twice = simulatePreemption(conversationsFrom(talks), { ...engine, layout, times: timesOf(2 * given.unit), link: slower.link }, optionsOf(given));
    for (const [field, times] of Object.entries(turnTimes(once))) expect(turnTimes(twice)[field], field).toEqual(times.map((time) => 2 * time));
    for (const field of ['busySeconds', 'stallSeconds', 'makespan'] as const) expect(twice[field], field).toBe(2 * once[field]);
    expect(twice.out.bytes).toBe(once.out.bytes);
  });
});

describe('seeds', () => {
  it('make other priorities', () => {
    const talks: Talk[] = Array.from({ length: 6 }, () => [[0, 0, 20, 20]]);
    const given: Case = {
      talks,
      blockTokens: 4,
      slices: [{ count: 4, bytes: 1024, mostBlocks: Number.POSITIVE_INFINITY }],
      states: { pieces: 0, bytes: 0 },
      spare: 0.2,
      host: 3,
      out: { dispatch: 0, call: 0, rate: 2 ** 18 },
      in: { dispatch: 0, call: 0, rate: 2 ** 18 },
      both: 2,
      maxRequests: 100,
      batchTokens: 10_000,
      unit: 1,
      policy: POLICIES.vllm,
      pattern: 'random',
      persistence: 0,
      seed: 1,
      updateEvery: 2,
    };
    expect(turnTimes(run(given))).not.toEqual(turnTimes(run({ ...given, seed: 2 })));
  });
});
