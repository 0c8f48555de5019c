import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { gapsOf } from '../../../src/serving/engine/arrivals.ts';
import { randomOf } from '../../../src/serving/engine/random.ts';
import { type ConversationOptions, type Conversations, conversationsOf, conversationsOfTrace, type TraceRow } from '../../../src/serving/preemption/conversations.ts';
import { answerShare, DRAWN_KTOKENS, DRAWN_TURNS, MULTI_TURN, meanConversationTokens, turnsStaircase, valueAt } from '../../../src/serving/preemption/sharegpt-turns.ts';

const sum = (values: Iterable<number>): number => {
  let total = 0;
  for (const value of values) total += value;
  return total;
};

const turnsBy = ({ count, firstTurn }: Conversations): number[] => Array.from({ length: count }, (_, at) => (firstTurn[at + 1] as number) - (firstTurn[at] as number));

const tokensBy = ({ count, firstTurn, prompt, output }: Conversations): number[] =>
  Array.from({ length: count }, (_, at) => sum(prompt.subarray(firstTurn[at], firstTurn[at + 1])) + sum(output.subarray(firstTurn[at], firstTurn[at + 1])));

/** The smallest value that a share of the values is at or below. */
const quantile = (values: readonly number[], share: number): number => values.toSorted((a, b) => a - b)[Math.ceil(share * values.length) - 1] as number;

const atMost = (values: readonly number[], limit: number): number => values.filter((value) => value <= limit).length / values.length;

const columns = ({ firstTurn, earliest, think, prompt, output }: Conversations): number[][] => [firstTurn, earliest, think, prompt, output].map((column) => Array.from(column));

const many = conversationsOf({ count: 40_000, rate: 1, seed: 3 });

describe('ShareGPT of FastSwitch Figure 4', () => {
  it('is drawn as curves that never fall', () => {
    for (const { value, share } of [DRAWN_TURNS, DRAWN_KTOKENS]) {
      expect(value.length).toBe(share.length);
      for (let at = 1; at < value.length; at++) {
        expect(value[at] as number).toBeGreaterThan(value[at - 1] as number);
        expect(share[at] as number).toBeGreaterThanOrEqual(share[at - 1] as number);
      }
    }
  });

  it('has a staircase of turns on the levels of the drawing, and the printed share of more than one turn', () => {
    const staircase = turnsStaircase();
    expect((1 - (staircase[0] as number)).toFixed(2)).toBe('0.78');
    expect(staircase.at(-1)).toBe(1);
    const all = DRAWN_TURNS.share.at(-1) as number;
    for (const [turns, level] of [
      [2, 0.3232],
      [3, 0.4949],
      [4, 0.4949],
      [5, 0.6184],
      [7, 0.7332],
      [9, 0.8199],
      [11, 0.8827],
      [13, 0.9288],
      [15, 0.9539],
    ] as const)
      expect(((staircase[turns - 1] as number) * all).toFixed(3)).toBe(level.toFixed(3));
  });

  it('deviates from the printed mean of turns, 5.5: less with each rise where it begins than where it ends', () => {
    const mean = (staircase: readonly number[]): number => sum(staircase.map((share, at) => (at + 1) * (share - (staircase[at - 1] ?? 0))));
    const taken = mean(turnsStaircase());
    expect(MULTI_TURN.meanTurns).toBe(5.5);
    expect(taken.toFixed(2)).toBe('5.75');
    const ends = turnsStaircase().flatMap((share, at, all) => (at < 2 ? [share] : at === 2 ? [all[1] as number, share] : [share]));
    expect(mean(ends) - taken).toBeGreaterThan(0.6);
  });

  it('inverts a curve at its points and between them', () => {
    const all = DRAWN_KTOKENS.share.at(-1) as number;
    for (const [at, share] of DRAWN_KTOKENS.share.entries()) expect(valueAt(DRAWN_KTOKENS, share / all)).toBeCloseTo(DRAWN_KTOKENS.value[at] as number, 9);
    expect(valueAt(DRAWN_KTOKENS, 0)).toBe(0.001);
    expect(valueAt({ value: [1, 3], share: [0, 0.5] }, 0.25)).toBe(1.5);
  });

  it('has the mean that the inverse has, and answers of its mean conversation', () => {
    const steps = 200_000;
    const mean = sum(Array.from({ length: steps }, (_, at) => 1000 * valueAt(DRAWN_KTOKENS, (at + 0.5) / steps))) / steps;
    expect(meanConversationTokens() / mean).toBeCloseTo(1, 4);
    // DistServe's mean answer over the mean turn
    expect(answerShare() * (meanConversationTokens() / MULTI_TURN.meanTurns)).toBeCloseTo(200.3, 9);
  });
});

describe('conversationsOf', () => {
  it('has the turns of Figure 4: half up to 5, 90 % up to 13', () => {
    const turns = turnsBy(many);
    expect([quantile(turns, 0.5), quantile(turns, 0.9)]).toEqual([5, 13]);
    for (const [at, share] of turnsStaircase().entries()) expect(Math.abs(atMost(turns, at + 1) - share)).toBeLessThan(0.01);
  });

  it('has the lengths of Figure 4: half up to 1.3 thousand tokens, 90 % up to 2.6', () => {
    const tokens = tokensBy(many);
    expect((quantile(tokens, 0.5) / 1000).toFixed(1)).toBe('1.3');
    expect((quantile(tokens, 0.9) / 1000).toFixed(1)).toBe('2.6');
    const all = DRAWN_KTOKENS.share.at(-1) as number;
    for (const [at, value] of DRAWN_KTOKENS.value.entries()) expect(Math.abs(atMost(tokens, 1000 * value) - (DRAWN_KTOKENS.share[at] as number) / all)).toBeLessThan(0.01);
  });

  it('draws multi-turn conversations alone as the others without the single turns', () => {
    const turns = turnsBy(conversationsOf({ count: 40_000, rate: 1, seed: 4, multiTurnOnly: true }));
    expect(Math.min(...turns)).toBe(2);
    const [single = 0] = turnsStaircase();
    for (const [at, share] of turnsStaircase().entries()) expect(Math.abs(atMost(turns, at + 1) - (share - single) / (1 - single))).toBeLessThan(0.01);
  });

  it('answers the share of ShareGPT, draws turns and lengths independently', () => {
    expect(sum(many.output) / (sum(many.output) + sum(many.prompt))).toBeCloseTo(answerShare(), 2);
    const [turns, tokens] = [turnsBy(many), tokensBy(many)];
    const mean = (short: boolean): number => {
      const chosen = tokens.filter((_, at) => (turns[at] as number) <= 4 === short);
      return sum(chosen) / chosen.length;
    };
    expect(Math.abs(mean(true) / mean(false) - 1)).toBeLessThan(0.03);
  });

  it('starts as requests of the engine arrive, all turns of a conversation at its start at the earliest', () => {
    const { earliest, firstTurn } = conversationsOf({ count: 500, rate: 4, seed: 9, turns: 3 });
    const gaps = gapsOf({ kind: 'poisson' }, 500, randomOf(9));
    let time = 0;
    for (const [at, gap] of gaps.entries()) {
      time += gap / 4;
      expect(Array.from(earliest.subarray(firstTurn[at], firstTurn[at + 1]))).toEqual([time, time, time]);
    }
    const bursts = conversationsOf({ count: 3, rate: 2, arrivals: { kind: 'fixed' }, turns: 1 });
    expect(Array.from(bursts.earliest)).toEqual([0, 0.5, 1]);
  });

  it('thinks before every turn but the first, in the mean as long as asked for, exponentially', () => {
    const { think, firstTurn, turns, count } = conversationsOf({ count: 10_000, rate: 1, turns: 5, thinkSeconds: 12 });
    for (let at = 0; at < count; at++) expect(think[firstTurn[at] as number]).toBe(0);
    const later = turns - count;
    const mean = sum(think) / later;
    expect(Math.abs(mean / 12 - 1)).toBeLessThan(0.03);
    expect(Math.abs(sum(think.map((each) => each ** 2)) / later / (2 * 144) - 1)).toBeLessThan(0.06);
    expect(sum(many.think)).toBe(0);
  });

  test.prop([
    fc.record({
      count: fc.integer({ min: 1, max: 30 }),
      rate: fc.double({ min: 0.01, max: 100, noNaN: true }),
      turns: fc.oneof(fc.constant('sharegpt' as const), fc.integer({ min: 2, max: 20 })),
      tokens: fc.oneof(fc.constant('sharegpt' as const), fc.integer({ min: 74, max: 5_000 })),
      outputShare: fc.double({ min: 0.001, max: 0.999, noNaN: true }),
      thinkSeconds: fc.double({ min: 0, max: 100, noNaN: true }),
      multiTurnOnly: fc.boolean(),
      seed: fc.nat(1_000),
    }),
  ])('has whole columns: turns in order, at least a token asked and one answered, tokens as given', (options: ConversationOptions) => {
    const made = conversationsOf(options);
    expect(made.count).toBe(options.count);
    expect(made.firstTurn[0]).toBe(0);
    expect(made.firstTurn[made.count]).toBe(made.turns);
    for (const column of [made.earliest, made.think, made.prompt, made.output]) expect(column.length).toBe(made.turns);
    for (const turns of turnsBy(made)) {
      if (options.turns === 'sharegpt') expect(turns).toBeGreaterThanOrEqual(options.multiTurnOnly === true ? 2 : 1);
      else expect(turns).toBe(options.turns);
    }
    expect(Math.min(...made.prompt, ...made.output)).toBeGreaterThanOrEqual(1);
    if (options.tokens !== 'sharegpt') for (const tokens of tokensBy(made)) expect(tokens).toBe(options.tokens);
    expect(columns(conversationsOf(options))).toEqual(columns(made));
  });

  it('keeps of a seed what an option does not ask for', () => {
    const base = conversationsOf({ count: 200, rate: 1, seed: 5 });
    const thinking = conversationsOf({ count: 200, rate: 1, seed: 5, thinkSeconds: 3 });
    expect(columns({ ...thinking, think: base.think })).toEqual(columns(base));
    expect(Array.from(conversationsOf({ count: 200, rate: 1, seed: 5, thinkSeconds: 6 }).think)).toEqual(Array.from(thinking.think, (each) => 2 * each));
    expect(Array.from(conversationsOf({ count: 200, rate: 2, seed: 5 }).earliest)).toEqual(Array.from(base.earliest, (each) => each / 2));
    expect(turnsBy(conversationsOf({ count: 200, rate: 1, seed: 5, tokens: 900 }))).toEqual(turnsBy(base));
    expect(tokensBy(conversationsOf({ count: 200, rate: 1, seed: 5, turns: 1 })).filter((tokens) => tokens > 80)).toEqual(tokensBy(base).filter((tokens) => tokens > 80));
    expect(turnsBy(conversationsOf({ count: 200, rate: 1, seed: 6 }))).not.toEqual(turnsBy(base));
    expect(columns(conversationsOf({ count: 200, rate: 1 }))).toEqual(columns(conversationsOf({ count: 200, rate: 1, seed: 0 })));
  });

  it('spreads tokens evenly in the mean, unevenly in each conversation', () => {
    const { prompt, count } = conversationsOf({ count: 5_000, rate: 1, turns: 4, tokens: 4_000, outputShare: 0.5 });
    const means = [0, 1, 2, 3].map((place) => sum(prompt.filter((_, turn) => turn % 4 === place)) / count);
    for (const mean of means) expect(Math.abs(mean / 500 - 1)).toBeLessThan(0.04);
    // shares by exponential weights: the variance of 1 of 4 is 3/80
    const variance = sum(prompt.map((tokens) => (tokens - 500) ** 2)) / prompt.length;
    expect(Math.abs(variance / (1_996 ** 2 * (3 / 80)) - 1)).toBeLessThan(0.05);
  });

  it.each<[string, Partial<ConversationOptions>]>([
    ['count 0 is not a whole number from 1 to 1000000', { count: 0 }],
    ['count 1.5 is not a whole number from 1 to 1000000', { count: 1.5 }],
    ['count 1000001 is not a whole number from 1 to 1000000', { count: 1_000_001 }],
    ['rate 0 is not a finite number above 0', { rate: 0 }],
    ['rate NaN is not a finite number above 0', { rate: Number.NaN }],
    ['rate Infinity is not a finite number above 0', { rate: Number.POSITIVE_INFINITY }],
    ['turns 0 is not a whole number from 1 to 10000000', { turns: 0 }],
    ['turns 1 is not of more than one turn, which multiTurnOnly asks for', { turns: 1, multiTurnOnly: true }],
    ['count 11 makes more than 10000000 turns', { count: 11, turns: 1_000_000 }],
    ['tokens 0.5 is not a whole number from 1 to 16777216', { tokens: 0.5 }],
    ['tokens 16777217 is not a whole number from 1 to 16777216', { tokens: 16_777_217 }],
    ['tokens 7 is below 2 for each of 4 turns', { turns: 4, tokens: 7 }],
    ['outputShare 0 is not between 0 and 1', { outputShare: 0 }],
    ['outputShare 1 is not between 0 and 1', { outputShare: 1 }],
    ['thinkSeconds -1 is not a finite number from 0 on', { thinkSeconds: -1 }],
    ['thinkSeconds NaN is not a finite number from 0 on', { thinkSeconds: Number.NaN }],
  ])('refuses: %s', (message, options) => {
    expect(() => conversationsOf({ count: 5, rate: 1, ...options })).toThrow(new RangeError(`preemption: ${message}`));
  });

  it('refuses a seed and arrivals that are none, as the engine does', () => {
    expect(() => conversationsOf({ count: 5, rate: 1, seed: -1 })).toThrow(new RangeError('random: seed -1 is not a whole number from 0 to 4294967295'));
    expect(() => conversationsOf({ count: 5, rate: 1, arrivals: { kind: 'gamma', cv: 0 } })).toThrow(new RangeError('arrivals: cv 0 is not from 0.01 to 100'));
  });

  it('has as few tokens as turns need', () => {
    const { prompt, output } = conversationsOf({ count: 3, rate: 1, turns: 4, tokens: 8 });
    expect(new Set([...prompt, ...output])).toEqual(new Set([1]));
  });
});

const row = (conversation: string, arrival: number, prompt = 3, output = 5): TraceRow => ({ conversation, arrival, prompt, output });

describe('conversationsOfTrace', () => {
  it('puts the turns of a conversation together, conversations in the order of their first', () => {
    const made = conversationsOfTrace([row('b', 0, 1, 2), row('a', 1, 3, 4), row('b', 1, 5, 6), row('c', 2.5, 7, 8), row('b', 4, 9, 10), row('a', 4, 11, 12)]);
    expect([made.count, made.turns]).toEqual([3, 6]);
    expect(columns(made)).toEqual([
      [0, 3, 5, 6],
      [0, 1, 4, 1, 4, 2.5],
      [0, 0, 0, 0, 0, 0],
      [1, 5, 9, 3, 11, 7],
      [2, 6, 10, 4, 12, 8],
    ]);
  });

  test.prop([
    fc.array(
      fc.record({ conversation: fc.integer({ min: 0, max: 5 }).map(String), gap: fc.integer({ min: 0, max: 3 }), prompt: fc.integer({ min: 1, max: 99 }), output: fc.integer({ min: 1, max: 99 }) }),
      { minLength: 1, maxLength: 60 },
    ),
  ])('has what the rows of each conversation have, in their order', (steps) => {
    let time = 0;
    const rows = steps.map(({ gap, ...rest }) => {
      time += gap;
      return { ...rest, arrival: time };
    });
    const made = conversationsOfTrace(rows);
    const groups = [...new Set(rows.map(({ conversation }) => conversation))].map((name) => rows.filter(({ conversation }) => conversation === name));
    expect(made.count).toBe(groups.length);
    for (const [at, group] of groups.entries()) {
      const turns = Array.from({ length: (made.firstTurn[at + 1] as number) - (made.firstTurn[at] as number) }, (_, turn) => (made.firstTurn[at] as number) + turn);
      expect(turns.map((turn) => [made.earliest[turn], made.prompt[turn], made.output[turn]])).toEqual(group.map(({ arrival, prompt, output }) => [arrival, prompt, output]));
    }
  });

  it.each<[string, readonly TraceRow[]]>([
    ['trace has no rows', []],
    ['trace row 3: arrival 4.2 goes backwards from 5.1', [row('a', 1), row('b', 5.1), row('c', 4.2)]],
    ['trace row 1: arrival -1 is not a finite number of seconds from 0 on', [row('a', -1)]],
    ['trace row 2: arrival NaN is not a finite number of seconds from 0 on', [row('a', 0), row('a', Number.NaN)]],
    ['trace row 2: arrival Infinity is not a finite number of seconds from 0 on', [row('a', 0), row('a', Number.POSITIVE_INFINITY)]],
    ['trace row 1: prompt 0 is not a whole number of at least 1', [row('a', 0, 0)]],
    ['trace row 1: prompt 1.5 is not a whole number of at least 1', [row('a', 0, 1.5)]],
    ['trace row 2: output 0 is not a whole number of at least 1', [row('a', 0), row('b', 0, 1, 0)]],
    ['trace row 1: conversation "" is not a text of at least one character', [row('', 0)]],
    ['trace row 2: conversation a has more than 16777216 tokens', [row('a', 0, 16_000_000), row('a', 1, 1_000_000)]],
  ])('refuses: %s', (message, rows) => {
    expect(() => conversationsOfTrace(rows)).toThrow(new RangeError(`preemption: ${message}`));
  });
});
