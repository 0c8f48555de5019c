import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { randomOf } from '../../../src/serving/engine/random.ts';
import { LogHistogram } from '../../../src/serving/preemption/log-histogram.ts';
import { emptyOutcome } from '../../../src/serving/preemption/outcome.ts';
import { BlockPool, poolOf, sharedRuns } from '../../../src/serving/preemption/pools.ts';
import { PATTERNS, Priorities } from '../../../src/serving/preemption/priorities.ts';
import { jainIndex, preemptionSummary } from '../../../src/serving/preemption/summary.ts';
import { WaitingLine } from '../../../src/serving/preemption/waiting-line.ts';
import { conversationsFrom, whole } from './support.ts';

const sum = (values: Iterable<number>): number => [...values].reduce((all, value) => all + value, 0);

describe('sharedRuns', () => {
  /** Block numbers of runs that touch no other. */
  const places = (runs: readonly number[]): number[] => runs.flatMap((length, run) => Array.from({ length }, (_, at) => 1000 * run + at));

  test.prop([fc.array(whole(1, 9), { minLength: 1, maxLength: 12 }), fc.array(whole(1, 9), { minLength: 1, maxLength: 12 }), fc.double({ min: 0, max: 1, noNaN: true })])(
    'counts the pieces that are contiguous in both memories',
    (a, b, part) => {
      const blocks = Math.floor(part * Math.min(sum(a), sum(b)));
      const [here, there] = [places(a), places(b)];
      let pieces = 0;
      for (let at = 0; at < blocks; at++) if (at === 0 || here[at] !== (here[at - 1] as number) + 1 || there[at] !== (there[at - 1] as number) + 1) pieces++;
      expect(sharedRuns(a, b, blocks)).toBe(pieces);
    },
  );

  it('is one piece where both lie together, and one a block where one of them has none together', () => {
    expect(sharedRuns([8], [8], 8)).toBe(1);
    expect(sharedRuns([8], [1, 1, 1, 1, 1, 1, 1, 1], 8)).toBe(8);
    expect(sharedRuns([3, 5], [5, 3], 8)).toBe(3);
    expect(sharedRuns([8], [8], 0)).toBe(0);
  });
});

describe('pools', () => {
  it.each([null, 4])('with a first group of %s blocks give and take back all blocks', (initialGroup) => {
    const pool = poolOf(20, initialGroup);
    expect(pool.grow(1, 5)).toBe(true);
    expect(pool.grow(2, 12)).toBe(true);
    expect(pool.grow(1, 4)).toBe(false);
    expect([pool.free, pool.blocksOf(1), pool.blocksOf(2), pool.blocksOf(3)]).toEqual([3, 5, 12, 0]);
    expect(sum(pool.runs(1, 2))).toBe(3);
    pool.release(1);
    pool.release(3);
    expect([pool.free, pool.blocksOf(1)]).toEqual([8, 0]);
    expect(pool.grow(1, 8)).toBe(true);
    expect(pool.free).toBe(0);
  });

  it('of single blocks have runs of one', () => {
    const pool = new BlockPool(9);
    pool.grow(7, 3);
    expect([pool.runs(7), pool.runs(7, 1), pool.runs(7, 3), pool.runs(8)]).toEqual([[1, 1, 1], [1, 1], [], []]);
  });
});

describe('priorities', () => {
  const updates = (priorities: Priorities, count: number, step: (conversation: number, runs: boolean) => void): void => {
    for (let at = 0; at < count; at++) for (let conversation = 0; conversation < priorities.of.length; conversation++) step(conversation, conversation % 2 === 0);
  };

  it('at random are uniform, whoever runs', () => {
    const priorities = new Priorities(2, { pattern: 'random', seed: 4 });
    const drawn: number[][] = [[], []];
    updates(priorities, 20_000, (conversation, runs) => {
      priorities.update(conversation, runs);
      (drawn[conversation] as number[]).push(priorities.of[conversation] as number);
    });
    for (const values of drawn) {
      // four standard errors of the mean of uniform numbers, and of the share in a tenth
      expect(Math.abs(sum(values) / 20_000 - 0.5)).toBeLessThan(4 / Math.sqrt(12 * 20_000));
      for (let tenth = 0; tenth < 10; tenth++) expect(Math.abs(values.filter((value) => Math.floor(10 * value) === tenth).length / 20_000 - 0.1)).toBeLessThan(4 * Math.sqrt(0.09 / 20_000));
    }
  });

  it('of markov are the largest of 1 + s draws: mean (1 + s) / (2 + s), s up to 2 for those that always run, 0 for those that never do', () => {
    const priorities = new Priorities(2, { pattern: 'markov', seed: 5 });
    const [total, draws] = [[0, 0], 20_000];
    updates(priorities, draws, (conversation, runs) => {
      priorities.update(conversation, runs);
      total[conversation] = (total[conversation] as number) + (priorities.of[conversation] as number);
    });
    expect(Math.abs((total[0] as number) / draws - 3 / 4)).toBeLessThan(4 * Math.sqrt(3 / 80 / draws));
    expect(Math.abs((total[1] as number) / draws - 1 / 2)).toBeLessThan(4 * Math.sqrt(1 / 12 / draws));
  });

  it('of markov count a service less with each update after it', () => {
    const random = randomOf(6);
    const priorities = new Priorities(1, { pattern: 'markov', seed: 6 });
    let served = 0;
    for (const runs of [true, true, false, true, false, false]) {
      priorities.update(0, runs);
      served = served / 2 + (runs ? 1 : 0);
      random();
      expect(priorities.of[0]).toBe(random() ** (1 / (1 + served)));
    }
    expect(served).toBe(((1 / 2 + 1) / 2 / 2 + 1) / 2 / 2);
  });

  it('of markov stay with persistence 1, and as often as it says below', () => {
    const kept = (persistence: number): number => {
      const priorities = new Priorities(1, { pattern: 'markov', persistence, seed: 7 });
      priorities.arrive(0);
      let same = 0;
      for (let at = 0; at < 10_000; at++) {
        const before = priorities.of[0];
        priorities.update(0, true);
        if (priorities.of[0] === before) same++;
      }
      return same / 10_000;
    };
    expect([kept(0), kept(1)]).toEqual([0, 1]);
    expect(Math.abs(kept(0.7) - 0.7)).toBeLessThan(4 * Math.sqrt(0.21 / 10_000));
  });

  it('that are fixed go by arrival, and stay', () => {
    const priorities = new Priorities(3, { pattern: 'fixed' });
    for (const conversation of [1, 0, 2, 1]) priorities.arrive(conversation);
    const of = [...priorities.of];
    expect([0, 1, 2].sort((a, b) => (of[b] as number) - (of[a] as number))).toEqual([0, 2, 1]);
    for (const conversation of [0, 1, 2]) priorities.update(conversation, true);
    expect([...priorities.of]).toEqual(of);
  });

  it.each(PATTERNS)('of %s are the same for the same seed', (pattern) => {
    const of = (seed: number): number[] => {
      const priorities = new Priorities(4, { pattern, seed });
      for (let at = 0; at < 4; at++) priorities.arrive(at);
      for (let at = 0; at < 4; at++) priorities.update(at, at > 1);
      return [...priorities.of];
    };
    expect(of(3)).toEqual(of(3));
    if (pattern !== 'fixed') expect(of(3)).not.toEqual(of(4));
  });

  it.each([-0.1, 1.1, Number.NaN])('refuse a persistence of %f', (persistence) => {
    expect(() => new Priorities(1, { pattern: 'markov', persistence })).toThrow(new RangeError(`preemption: persistence ${persistence} is not from 0 to 1`));
  });

  it('refuse a seed that is none', () => {
    expect(() => new Priorities(1, { pattern: 'random', seed: -1 })).toThrow(new RangeError('random: seed -1 is not a whole number from 0 to 4294967295'));
  });
});

describe('the waiting line', () => {
  test.prop([fc.array(fc.tuple(fc.constantFrom('add', 'remove', 'change'), whole(0, 7), whole(0, 3)), { maxLength: 60 })])('is sorted by priority, then by number', (steps) => {
    const priority = new Float64Array(8);
    const line = new WaitingLine(priority);
    let members: number[] = [];
    for (const [step, conversation, value] of steps) {
      if (step === 'change') {
        for (let at = 0; at < 8; at++) if (at === conversation || !members.includes(at)) priority[at] = value;
        line.sort();
      } else if (step === 'add' && !members.includes(conversation)) {
        members.push(conversation);
        line.add(conversation);
      } else if (step === 'remove' && members.length > 0) {
        const place = conversation % members.length;
        members = members.filter((member) => member !== line.at(place));
        line.remove(place);
      }
      members.sort((a, b) => (priority[b] as number) - (priority[a] as number) || a - b);
      expect(Array.from({ length: line.length }, (_, at) => line.at(at))).toEqual(members);
    }
  });
});

describe('the logarithmic histogram', () => {
  const value = fc.oneof(
    fc.constant(0),
    fc.double({ min: -18, max: 18, noNaN: true }).map((power) => Math.exp(power)),
  );

  test.prop([fc.array(fc.tuple(value, whole(1, 5)), { minLength: 1, maxLength: 200 }), fc.double({ min: 0, max: 1, noNaN: true })])(
    'has quantiles within 0.1 % of those of sorted values',
    (values, share) => {
      const histogram = new LogHistogram();
      for (const [each, times] of values) histogram.add(each, times);
      const sorted = values.flatMap(([each, times]) => new Array<number>(times).fill(each)).sort((a, b) => a - b);
      const exact = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] as number;
      const quantile = histogram.quantile(share);
      // of no share at all, nothing
      if (share === 0) expect(quantile).toBeLessThanOrEqual(exact * 1.001);
      else expect(Math.abs(quantile - exact)).toBeLessThanOrEqual(0.001 * exact);
      expect(histogram.count).toBe(sorted.length);
      expect(histogram.mean).toBeCloseTo(sum(sorted) / sorted.length, 6);
      expect(histogram.largest).toBe(sorted.at(-1));
      expect(histogram.quantile(1)).toBeLessThanOrEqual(histogram.largest);
    },
  );

  it('of nothing is 0', () => {
    const histogram = new LogHistogram();
    expect([histogram.mean, histogram.quantile(0.5), histogram.largest, histogram.count]).toEqual([0, 0, 0, 0]);
  });
});

describe('the summary of a run', () => {
  it('has the times, rates and shares of a run by hand', () => {
    const conversations = conversationsFrom([
      [
        [1, 0, 10, 4],
        [0, 0, 5, 2],
      ],
      [[3, 0, 10, 6]],
    ]);
    const outcome = emptyOutcome(3);
    outcome.arrival.set([1, 5, 3]);
    outcome.firstToken.set([2, 8, 7]);
    outcome.finish.set([4, 9, 11]);
    Object.assign(outcome, { makespan: 11, busySeconds: 6, stallSeconds: 1, iterations: 12 });
    Object.assign(outcome.out, { operations: 2, blocks: 12, groups: 3, bytes: 300, seconds: 2 });
    const summary = preemptionSummary(conversations, outcome);
    expect(summary).toMatchObject({ conversations: 2, turns: 3, makespan: 10, iterations: 12, outputTokensPerSecond: 12 / 10, shares: { busy: 0.6, stall: 0.1 } });
    expect(summary.shares.idle).toBeCloseTo(0.3, 12);
    // times to the first token: 1, 3, 4
    expect(summary.ttft).toMatchObject({ mean: 8 / 3, p50: 3 });
    expect(summary.ttft.p90).toBeCloseTo(3.8, 12);
    expect([summary.out.blocksPerGroup, summary.out.bytesPerSecond, summary.in.blocksPerGroup, summary.in.bytesPerSecond]).toEqual([4, 150, 0, 0]);
    // 6 tokens in 3 + 4 s, 6 in 8 s
    const [a, b] = [6 / 7, 6 / 8];
    expect(summary.fairness).toBeCloseTo((a + b) ** 2 / (2 * (a ** 2 + b ** 2)), 12);
  });

  it('has the index of Jain: 1 where all are alike, 1 / n where one has all', () => {
    expect(jainIndex.evaluate({ sum: 4 * 3, squares: 4 * 9, count: 4 })).toBe(1);
    expect(jainIndex.evaluate({ sum: 3, squares: 9, count: 4 })).toBe(1 / 4);
  });
});
