import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import type { Cluster, MemoryRules, Pool, Rules } from '../../../src/serving/disaggregation/cluster.ts';
import type { Outcome } from '../../../src/serving/disaggregation/outcome.ts';
import { simulate } from '../../../src/serving/disaggregation/simulate.ts';
import type { Requests } from '../../../src/serving/engine/requests.ts';
import { colocated, constantTimes, disaggregated, longestOf, MEMORY, requestsArbitrary, requestsFrom, whole } from './support.ts';

const CACHE = { kvTokens: 20 };
const memoryOf = (changes: Partial<MemoryRules> = {}): Partial<Rules> => ({ memory: { ...MEMORY, ...changes } });
const finishOf = (outcome: Outcome): readonly unknown[] => [Array.from(outcome.finish), outcome.putOut];

// prompts take 2 s together, a step 1 s
describe('a cache of 20 tokens', () => {
  it('takes the token of a step before it takes the next prompt', () => {
    const requests = requestsFrom([
      [0, 4, 2],
      [0, 16, 2],
    ]);
    // while the first waits no other is pulled; at its first step it takes the fifth token, and 16 more are too many
    const outcome = simulate(requests, disaggregated({}, CACHE, memoryOf({ waitingShare: 0.05 })));
    expect(Array.from(outcome.decodeReady)).toEqual([2, 4]);
    expect(finishOf(outcome)).toEqual([[4, 6], 0]);
  });

  // half of it may wait before no more is pulled: the second prompt comes with the first, or after its first step
  it.each([
    [9, 2],
    [10, 3],
  ])('is filled with prompts while less than a share of it waits: beside %d tokens at %d s', (prompt, second) => {
    const requests = requestsFrom([
      [0, prompt, 2],
      [0, 4, 2],
    ]);
    const outcome = simulate(requests, disaggregated({}, CACHE, memoryOf({ waitingShare: 0.5, pulls: 'between-steps' })));
    expect(Array.from(outcome.decodeReady)).toEqual([2, second]);
  });

  it('goes on with a request that waits in it, where the one that was put out does not fit beside', () => {
    const requests = requestsFrom([
      [0, 8, 10],
      [0, 10, 4],
    ]);
    // one decodes at a time; two tokens later the cache is full, and the second takes four steps until the first comes back for eight more
    for (const pulls of ['between-steps', 'beside-steps'] as const) expect(finishOf(simulate(requests, disaggregated({}, CACHE, memoryOf({ maxRequests: 1, pulls }))))).toEqual([[16, 8], 1]);
  });

  it('puts the newest prompt out where prompts leave no room for a token', () => {
    const requests = requestsFrom([
      [0, 10, 3],
      [0, 10, 3],
    ]);
    expect(finishOf(simulate(requests, disaggregated({}, CACHE, memoryOf())))).toEqual([[5, 8], 1]);
    // colocated it is read again, for 2 s; its first token stays where it was
    const again = simulate(requests, colocated(CACHE, memoryOf()));
    expect([finishOf(again), Array.from(again.firstToken)]).toEqual([
      [[5, 10], 1],
      [2, 2],
    ]);
  });

  it('puts out the newest of the batch, not of all: the first, where it decodes alone', () => {
    const requests = requestsFrom([
      [0, 10, 9],
      [0, 6, 3],
      [0, 4, 3],
    ]);
    // the third goes out for the first token, the first for its fifth; then come the third, the second that still waits in the cache, and the first
    expect(finishOf(simulate(requests, disaggregated({}, CACHE, memoryOf())))).toEqual([[17, 12, 9], 2]);
  });
});

describe('a colocated instance', () => {
  it('holds no more requests than it may, those that decode included', () => {
    const requests = requestsFrom([
      [0, 10, 3],
      [0, 10, 3],
      [0, 10, 3],
    ]);
    expect(Array.from(simulate(requests, colocated({}, memoryOf({ maxRequests: 2 }))).firstToken)).toEqual([2, 2, 7]);
  });

  // a fifth of 100 tokens stays free beside the 50 of the first, which ends at 7
  it.each([
    [30, 4],
    [31, 9],
  ])('leaves its reserve free: a prompt of %d tokens is read at %d s', (prompt, second) => {
    const requests = requestsFrom([
      [0, 50, 5],
      [1, prompt, 5],
    ]);
    expect(Array.from(simulate(requests, colocated({ kvTokens: 100 }, memoryOf({ reserve: 0.2 }))).firstToken)).toEqual([2, second]);
  });

  it('uses the reserve for an empty cache', () => expect(simulate(requestsFrom([[0, 95, 5]]), colocated({ kvTokens: 100 }, memoryOf({ reserve: 0.2 }))).finish[0]).toBe(7));

  it('puts out what waits for its first step before what decodes, and reads it before prompts that came later', () => {
    const requests = requestsFrom([
      [0, 8, 6],
      [0, 8, 6],
      [1, 4, 2],
    ]);
    // all are read until 6, and the third goes out at once; at 8 the second does, at 9 there is room to read it again, and at 11 it goes out before it has stepped
    const outcome = simulate(requests, colocated(CACHE, { ...memoryOf(), batching: { maxPrompts: 1, maxTokens: 100, padded: null } }));
    expect([Array.from(outcome.firstToken), finishOf(outcome)]).toEqual([
      [2, 4, 6],
      [[14, 23, 20], 3],
    ]);
  });
});

it('a prompt that ends without a step makes room for one that waits, colocated in two stages', () => {
  const requests = requestsFrom([
    [1, 5, 7],
    [2, 10, 1],
  ]);
  const outcome = simulate(requests, colocated({ kvTokens: 15, stages: 2, times: constantTimes(1, 1) }, { ...memoryOf(), decodeSteps: 'output-1' }));
  // the second is read from 2 to 4 and holds the rest of the cache for so long
  expect(finishOf(outcome)).toEqual([[16, 4], 0]);
});

it('a batch that came round and went out as a whole leaves the stage to the next that came round', () => {
  const requests = requestsFrom([
    [0, 2, 3],
    [1, 8, 2],
    [2, 2, 1],
  ]);
  const rules: Partial<Rules> = { ...memoryOf({ waitingShare: 0.05, maxRequests: 1, pulls: 'between-steps' }), batching: { maxPrompts: 1, maxTokens: 100, padded: null } };
  const [prefill, decode] = [{ times: constantTimes(1, 1) }, { kvTokens: 14, stages: 3, times: constantTimes(1, 1) }];
  // the first two come round while the third is pulled, until 16; then the cache is full, the first goes out, and the second takes its step
  expect(finishOf(simulate(requests, disaggregated(prefill, decode, rules, { bytesPerToken: 1, bytesPerSecond: 1 })))).toEqual([[25, 19, 23], 1]);
});

/** What stages are asked for must keep to the limits of their instance. */
interface Asked {
  readonly cluster: Cluster;
  readonly broken: string[];
  passes: number;
}

const memory: fc.Arbitrary<MemoryRules> = fc.record({
  waitingShare: fc.constantFrom(0.05, 0.3, 1),
  reserve: fc.constantFrom(0, 0.01, 0.2),
  maxRequests: whole(1, 8),
  pulls: fc.constantFrom('between-steps', 'beside-steps'),
});
const setting = fc.record({
  apart: fc.boolean(),
  memory,
  room: fc.array(fc.oneof(fc.constant(0), whole(0, 80)), { minLength: 5, maxLength: 5 }),
  instances: whole(1, 2),
  stages: fc.tuple(whole(1, 3), whole(1, 3)),
  maxPrompts: whole(1, 5),
  padded: fc.option(whole(0, 20)),
  decodeSteps: fc.constantFrom('output', 'output-1'),
  dispatch: fc.constantFrom('least-loaded', 'shortest-queue'),
  bytesPerSecond: fc.constantFrom(1, 10, 100, null),
});
type Setting = typeof setting extends fc.Arbitrary<infer T> ? T : never;

/** A cluster whose caches and batches hold the longest request, and little more. */
function askedOf(requests: Requests, given: Setting): Asked {
  const longest = longestOf(requests);
  const [prefillRoom = 0, decodeRoom = 0, batchRoom = 0, paddedRoom = 0, stepRoom = 0] = given.room;
  const broken: string[] = [];
  const pool = (room: number, stages: number): Pool => ({
    instances: given.instances,
    stages,
    kvTokens: longest + room,
    times: {
      prefill: (prompts, tokens) => {
        asked.passes++;
        if (prompts > given.maxPrompts || tokens > longest + Math.min(room, batchRoom)) broken.push(`prefill of ${prompts} prompts, ${tokens} tokens`);
        return 1 + (tokens % 3);
      },
      decode: (count, context) => {
        asked.passes++;
        if (asked.passes > 100_000) throw new Error('no end');
        if (count > given.memory.maxRequests || context + count > longest + room) broken.push(`step of ${count} requests, ${context} tokens`);
        return 1;
      },
    },
  });
  const padded = given.padded === null ? null : { maxTokens: longest + paddedRoom, maxPadding: given.padded };
  const rules: Rules = {
    batching: { maxPrompts: given.maxPrompts, maxTokens: longest + batchRoom, padded },
    decodeTokens: longest + stepRoom,
    memory: given.memory,
    decodeSteps: given.decodeSteps,
    dispatch: given.dispatch,
  };
  const first = pool(prefillRoom, given.stages[0]);
  const link = given.bytesPerSecond === null ? null : { bytesPerToken: 1, bytesPerSecond: given.bytesPerSecond };
  const cluster: Cluster = given.apart ? { kind: 'disaggregated', prefill: first, decode: pool(decodeRoom, given.stages[1]), rules, link } : { kind: 'colocated', pool: first, rules };
  const asked: Asked = { cluster, broken, passes: 0 };
  return asked;
}

describe('memory that is hardly enough', () => {
  test.prop([requestsArbitrary(40, 20, 12), setting], { numRuns: 1500 })('has every request end, in batches that keep to every limit', (requests, given) => {
    const asked = askedOf(requests, given);
    const { finish } = simulate(requests, asked.cluster);
    expect([finish.findIndex(Number.isNaN), asked.broken]).toEqual([-1, []]);
  });

  // steps of 1 s and prompts at whole seconds: what a request holds at a second follows from its times, where none was put out
  test.prop([requestsArbitrary(10, 8, 20), whole(0, 30), whole(0, 100), memory], { numRuns: 600 })('is never exceeded', (requests, prefillRoom, decodeRoom, rules) => {
    const whole: Requests = { ...requests, arrival: requests.arrival.map(Math.round) };
    const [prefillTokens, decodeTokens] = [Math.max(...requests.prompt) + prefillRoom, longestOf(requests) + decodeRoom];
    const outcome = simulate(whole, disaggregated({ kvTokens: prefillTokens }, { kvTokens: decodeTokens }, { memory: rules, batching: { maxPrompts: 3, maxTokens: 1000, padded: null } }));
    const { prompt } = requests;
    const { prefillStart, decodeReady, decodeStart, finish } = outcome;
    if (outcome.putOut > 0) return;
    const most = [0, 0];
    for (let second = 0; second < Math.max(...finish); second++) {
      let [read, pulled] = [0, 0];
      for (const [at, tokens] of prompt.entries()) {
        const [start, ready, first, end] = [prefillStart, decodeReady, decodeStart, finish].map((times) => times[at] as number) as [number, number, number, number];
        if (start <= second && second < ready) read += tokens;
        if (ready <= second && second < end) pulled += tokens + Math.max(0, second - first + 1);
      }
      most[0] = Math.max(most[0] as number, read);
      most[1] = Math.max(most[1] as number, pulled);
    }
    expect(most[0]).toBeLessThanOrEqual(prefillTokens);
    expect(most[1]).toBeLessThanOrEqual(decodeTokens);
  });
});
