import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import type { Cluster, MemoryRules, Pool } from '../../../src/serving/disaggregation/cluster.ts';
import { type Outcome, tpotOf, ttftOf } from '../../../src/serving/disaggregation/outcome.ts';
import { simulate } from '../../../src/serving/disaggregation/simulate.ts';
import type { StageTimes } from '../../../src/serving/disaggregation/stage-times.ts';
import type { Requests } from '../../../src/serving/engine/requests.ts';
import { colocated, constantTimes, disaggregated, longestOf, MEMORY, releasedTimesOf, requestsArbitrary, requestsFrom, rulesOf, whole, wholeTimes } from './support.ts';

const FIELDS = ['prefillStart', 'firstToken', 'decodeReady', 'decodeStart', 'finish'] as const;
const timesOf = (outcome: Outcome): Readonly<Record<string, readonly number[]>> => Object.fromEntries(FIELDS.map((field) => [field, Array.from(outcome[field])]));

const memory: fc.Arbitrary<MemoryRules> = fc.record({
  waitingShare: fc.constantFrom(0.05, 1),
  reserve: fc.constantFrom(0, 0.05),
  maxRequests: whole(1, 8),
  pulls: fc.constantFrom('between-steps', 'beside-steps'),
});
const setting = fc.record({
  apart: fc.boolean(),
  instances: whole(1, 3),
  stages: whole(1, 3),
  times: fc.constantFrom('whole', 'released'),
  memory: fc.option(memory),
  room: whole(0, 100),
  maxPrompts: whole(1, 4),
  decodeSteps: fc.constantFrom('output', 'output-1'),
  dispatch: fc.constantFrom('shortest-queue', 'least-loaded'),
  bytesPerSecond: fc.option(fc.constantFrom(8, 1000)),
});
type Setting = typeof setting extends fc.Arbitrary<infer T> ? T : never;

/** A cluster that holds the requests, whose every time is `slower` times as long. */
function clusterOf(requests: Requests, given: Setting, slower = 1): Cluster {
  const times = given.times === 'whole' ? wholeTimes : releasedTimesOf(2, given.stages);
  const slow: StageTimes = { prefill: (...batch) => slower * times.prefill(...batch), decode: (...batch) => slower * times.decode(...batch) };
  const pool: Pool = { instances: given.instances, stages: given.stages, times: slow, kvTokens: longestOf(requests) + given.room };
  const batching = { maxPrompts: given.maxPrompts, maxTokens: longestOf(requests) + given.room, padded: null };
  const rules = rulesOf({
    batching,
    decodeTokens: longestOf(requests) + given.room,
    memory: given.memory,
    decodeSteps: given.decodeSteps,
    dispatch: given.dispatch,
  });
  const link = given.bytesPerSecond === null ? null : { bytesPerToken: 2, bytesPerSecond: given.bytesPerSecond / slower };
  return given.apart ? { kind: 'disaggregated', prefill: pool, decode: pool, rules, link } : { kind: 'colocated', pool, rules };
}

describe('any run', () => {
  test.prop([requestsArbitrary(40, 15, 25), setting], { numRuns: 400 })('has every request go through its times in order', (requests, given) => {
    const outcome = simulate(requests, clusterOf(requests, given));
    const broken = Array.from(requests.arrival, (arrival, at) => {
      const [start, first, ready, decode, end] = FIELDS.map((field) => outcome[field][at]) as [number, number, number, number, number];
      const steps = (requests.output[at] as number) - (given.decodeSteps === 'output' ? 0 : 1);
      if (outcome.steps[at] !== steps) return 'steps';
      const waits = arrival <= start && start < first;
      return (steps === 0 ? waits && end === first && Number.isNaN(ready) && Number.isNaN(decode) : waits && first <= ready && ready <= decode && decode < end) ? '' : `request ${at + 1}`;
    });
    expect(broken.filter((each) => each !== '')).toEqual([]);
    if (given.memory === null) expect(outcome.putOut).toBe(0);
  });

  test.prop([requestsArbitrary(40, 15, 25), setting], { numRuns: 150 })('has first tokens in the order of arrival, where one instance reads prompts', (requests, given) => {
    const { firstToken, prefillStart } = simulate(requests, clusterOf(requests, { ...given, instances: 1 }));
    for (const times of [firstToken, prefillStart]) expect(Array.from(times)).toEqual(Array.from(times).sort((a, b) => a - b));
  });

  test.prop([requestsArbitrary(40, 15, 25), setting, fc.constantFrom(0.25, 4)], { numRuns: 150 })(
    'takes k times as long where arrivals and all times are k times as long',
    (requests, given, slower) => {
      const outcome = simulate(requests, clusterOf(requests, given));
      const slow = { ...requests, arrival: requests.arrival.map((time) => slower * time) };
      const expected = Object.fromEntries(Object.entries(timesOf(outcome)).map(([field, times]) => [field, times.map((time) => slower * time)]));
      expect(timesOf(simulate(slow, clusterOf(requests, given, slower)))).toEqual(expected);
    },
  );

  test.prop([requestsArbitrary(40, 15, 25), setting], { numRuns: 60 })('comes out the same again, and leaves the requests as they are', (requests, given) => {
    const before = JSON.stringify(requests);
    const [first, second] = [simulate(requests, clusterOf(requests, given)), simulate(requests, clusterOf(requests, given))];
    expect(second).toEqual(first);
    expect(JSON.stringify(requests)).toBe(before);
  });
});

describe('instances', () => {
  // with one more, whoever is before a request in its queue is done no later than with fewer
  test.prop([requestsArbitrary(40, 1, 40), whole(1, 4), whole(1, 3)], { numRuns: 200 })(
    'that are more give no request a later first token, where prompts are read one by one',
    (requests, instances, stages) => {
      const ttft = (count: number): Float64Array =>
        ttftOf(
          simulate(
            requests,
            disaggregated({ instances: count, stages, times: releasedTimesOf(1, stages) }, {}, { decodeSteps: 'output-1', batching: { maxPrompts: 1, maxTokens: 100, padded: null } }),
          ),
        );
      const [one, more] = [ttft(1), ttft(1 + instances)];
      expect(Math.max(...more.map((time, at) => time - (one[at] as number)))).toBeLessThan(1e-9);
    },
  );

  // prompts take 2 s and steps 1 s; at 4.5 s the first instance decodes and has no prompts, and the second has nothing
  it.each([
    ['shortest-queue', [2, 3, 7], [13, 4, 8]],
    ['least-loaded', [2, 3, 6.5], [11, 4, 7.5]],
  ] as const)('that are colocated get the next request by %s', (dispatch, firstToken, finish) => {
    const requests = requestsFrom([
      [0, 10, 9],
      [1, 10, 1],
      [4.5, 10, 1],
    ]);
    const outcome = simulate(requests, colocated({ instances: 2 }, { dispatch }));
    expect([Array.from(outcome.firstToken), Array.from(outcome.finish)]).toEqual([firstToken, finish]);
  });

  // steps take 1 s for each request; at 4 s both decode instances have nothing that waits, and the second has nothing that runs
  it.each([
    ['shortest-queue', [12, 3, 6]],
    ['least-loaded', [11, 3, 5]],
  ] as const)('that decode get the next request by %s', (dispatch, finish) => {
    const requests = requestsFrom([
      [0, 10, 9],
      [0, 10, 1],
      [2, 10, 1],
    ]);
    const times: StageTimes = { prefill: () => 2, decode: (count) => count };
    expect(Array.from(simulate(requests, disaggregated({ times }, { times, instances: 2 }, { dispatch })).finish)).toEqual(finish);
  });
});

describe('a request alone', () => {
  test.prop([whole(1, 3000), whole(1, 200), fc.constantFrom(1, 2, 4), whole(1, 3)], { numRuns: 100 })('takes the time of its stages', (prompt, output, degree, stages) => {
    const times = releasedTimesOf(degree, stages);
    const passOf = (of: (isFirst: boolean) => number): number => of(true) + (stages - 1) * of(false);
    const steps = Array.from({ length: output }, (_, made) => passOf((isFirst) => times.decode(1, prompt + made, isFirst))).reduce((a, b) => a + b, 0);
    const requests = requestsFrom(Array.from({ length: 3 }, (_, at) => [1000 * at, prompt, output] as const));
    for (const cluster of [disaggregated({ stages, times }, { stages, times }), colocated({ stages, times }), colocated({ stages, times }, { memory: MEMORY })]) {
      const large = cluster.kind === 'colocated' ? { ...cluster, pool: { ...cluster.pool, kvTokens: 10_000 } } : cluster;
      const outcome = simulate(requests, large);
      for (const ttft of ttftOf(outcome))
        expect(ttft).toBeCloseTo(
          passOf((isFirst) => times.prefill(1, prompt, prompt ** 2, isFirst, 0)),
          9,
        );
      for (const tpot of tpotOf(outcome)) expect(tpot).toBeCloseTo(steps / output, 9);
    }
  });

  it.each([null, MEMORY, { ...MEMORY, pulls: 'between-steps' } as const])('waits for its cache to come over, at the speed of the link: %j', (rules) => {
    const requests = requestsFrom([
      [0, 100, 5],
      [1000, 300, 5],
    ]);
    const [near, far] = [null, { bytesPerToken: 800_000, bytesPerSecond: 1e9 }].map((link) => simulate(requests, disaggregated({}, {}, { memory: rules }, link))) as [Outcome, Outcome];
    expect(Array.from(near.decodeReady)).toEqual([2, 1002]);
    for (const [at, seconds] of [0.08, 0.24].entries())
      for (const field of ['decodeReady', 'decodeStart', 'finish'] as const) expect((far[field][at] as number) - (near[field][at] as number), field).toBeCloseTo(seconds, 9);
    expect(far.firstToken).toEqual(near.firstToken);
  });

  it('of one output token ends with its prompt, or takes a step, as it is counted', () => {
    const requests = requestsFrom([[0, 10, 1]]);
    for (const cluster of [disaggregated, (_: object, pool: object, rules: object) => colocated(pool, rules)]) {
      const [engine, released] = (['output-1', 'output'] as const).map((decodeSteps) => simulate(requests, cluster({}, {}, { decodeSteps }))) as [Outcome, Outcome];
      expect([engine.finish[0], tpotOf(engine)[0], released.finish[0], tpotOf(released)[0]]).toEqual([2, 0, 3, 1]);
    }
  });
});

describe('memory', () => {
  test.prop([requestsArbitrary(60, 25, 50), whole(1, 3), whole(1, 2), fc.boolean(), fc.constantFrom('between-steps', 'beside-steps'), fc.boolean()], { numRuns: 150 })(
    'that is more than enough changes nothing, on instances of one stage',
    (requests, instances, degree, ties, pulls, apart) => {
      const pool = { instances, kvTokens: 1_000_000, times: ties ? wholeTimes : releasedTimesOf(degree, 1) };
      const run = (rules: MemoryRules | null): Outcome => simulate(requests, apart ? disaggregated(pool, { ...pool, instances: 1 }, { memory: rules }) : colocated(pool, { memory: rules }));
      const [free, limited] = [run(null), run({ ...MEMORY, pulls })];
      for (const field of ['prefillStart', 'firstToken', 'decodeStart', 'finish'] as const) expect(Array.from(limited[field]), field).toEqual(Array.from(free[field]));
    },
  );

  // prompts 1 s, steps 1 s, a token of the cache 1 s: the second prompt comes over from 4 to 7, beside the steps of the first or instead of them
  it.each([
    ['beside-steps', [3, 7], [8, 9]],
    ['between-steps', [3, 7], [11, 9]],
  ] as const)('is filled %s', (pulls, ready, finish) => {
    const requests = requestsFrom([
      [0, 2, 5],
      [3, 3, 2],
    ]);
    const times = constantTimes(1, 1);
    const outcome = simulate(requests, disaggregated({ times }, { times }, { memory: { ...MEMORY, pulls } }, { bytesPerToken: 1, bytesPerSecond: 1 }));
    expect([Array.from(outcome.decodeReady), Array.from(outcome.finish)]).toEqual([ready, finish]);
  });

  it('of prefill instances holds prompts until they are pulled', () => {
    const requests = requestsFrom([
      [0, 60, 1],
      [0, 60, 1],
      [0, 40, 1],
    ]);
    // 100 tokens: the second waits until the first has come over at 8, and the third goes with it
    const outcome = simulate(requests, disaggregated({ kvTokens: 100 }, {}, { memory: MEMORY }, { bytesPerToken: 1, bytesPerSecond: 10 }));
    expect([Array.from(outcome.prefillStart), Array.from(outcome.decodeReady)]).toEqual([
      [0, 8, 8],
      [8, 16, 20],
    ]);
  });
});
