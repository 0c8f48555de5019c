import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { type Cluster, DISPATCHES, type EncodePool, type MemoryRules, type Pool, type Rules, STAGE_ROLES, type Switching } from '../../../src/serving/disaggregation/cluster.ts';
import { loadOf, requestsAt } from '../../../src/serving/disaggregation/load.ts';
import { type Outcome, ttftOf } from '../../../src/serving/disaggregation/outcome.ts';
import { simulate } from '../../../src/serving/disaggregation/simulate.ts';
import { phasesOf, summaryOf } from '../../../src/serving/disaggregation/summary.ts';
import { randomOf } from '../../../src/serving/engine/random.ts';
import type { Requests } from '../../../src/serving/engine/requests.ts';
import { ORDERS, orderKey } from '../../../src/serving/multimodal/order.ts';
import { colocated, constantTimes, longestOf, MEMORY, requestsArbitrary, rulesOf, whole } from '../disaggregation/support.ts';
import { epd, mediaArbitrary, requestsFrom, TIMES, timesOf, unevenMedia, wholeMedia } from './support.ts';

const ONE_BY_ONE = { batching: { maxPrompts: 1, maxTokens: 10_000, padded: null } } as const;

const memory: fc.Arbitrary<MemoryRules> = fc.record({
  waitingShare: fc.constantFrom(0.05, 1),
  reserve: fc.constantFrom(0, 0.05),
  maxRequests: whole(1, 8),
  pulls: fc.constantFrom('between-steps', 'beside-steps'),
});
const setting = fc.record({
  uneven: fc.boolean(),
  encode: fc.record({ instances: whole(1, 4), maxJobs: fc.constantFrom<number>(1, 2, 50), share: fc.constantFrom('media', 'request') }),
  transfer: fc.constantFrom(0, 0.25, 2),
  instances: whole(1, 3),
  stages: whole(1, 3),
  memory: fc.option(memory),
  room: whole(0, 100),
  maxPrompts: whole(1, 4),
  dispatch: fc.constantFrom(...DISPATCHES),
  order: fc.constantFrom(...ORDERS),
  bytesPerSecond: fc.option(fc.constantFrom(8, 1000)),
  switching: fc.option(fc.record({ every: fc.constantFrom(0.5, 2, 7), cost: fc.constantFrom(0, 1, 4), least: fc.constantFrom({}, { encode: 2 }, { prefill: 2, decode: 2 }) })),
});
type Setting = typeof setting extends fc.Arbitrary<infer T> ? T : never;

/** A cluster that holds the requests, whose every time is `slower` times as long. */
function clusterOf(requests: Requests, given: Setting, slower = 1): Extract<Cluster, { kind: 'disaggregated' }> {
  const times = given.uneven ? unevenMedia : wholeMedia;
  const slow: Pool['times'] = { prefill: (...batch) => slower * times.prefill(...batch), decode: (...batch) => slower * times.decode(...batch) };
  const tokens = longestOf(requests) + given.room;
  const pool: Pool = { instances: given.instances, stages: given.stages, times: slow, kvTokens: tokens };
  const order = orderKey(given.order, { ttft: 20 * slower, seconds: (prompt, media) => slower * (0.125 * prompt + media) });
  const rules = rulesOf({
    batching: { maxPrompts: given.maxPrompts, maxTokens: tokens, padded: null },
    decodeTokens: tokens,
    memory: given.memory,
    dispatch: given.dispatch,
    decodeSteps: 'output-1',
    ...(order === undefined ? {} : { order }),
  });
  const { switching } = given;
  const rule: Switching | null = switching === null ? null : { everySeconds: slower * switching.every, seconds: () => slower * switching.cost, least: switching.least };
  return {
    kind: 'disaggregated',
    encode: { ...given.encode, seconds: (media) => slower * (0.5 + media), transferSeconds: slower * given.transfer },
    prefill: pool,
    decode: pool,
    rules,
    link: given.bytesPerSecond === null ? null : { bytesPerToken: 2, bytesPerSecond: given.bytesPerSecond / slower },
    ...(rule === null ? {} : { switching: rule }),
  };
}

const requests = mediaArbitrary(40, 15, 25);
const encodedOf = ({ encoded }: Outcome): Float64Array => encoded as Float64Array;
/** How much later the latest of others is. */
const latest = (than: Float64Array, others: Float64Array): number => others.reduce((most, time, at) => (Number.isNaN(time) ? most : Math.max(most, time - (than[at] as number))), 0);

describe('any run of a cluster that encodes', () => {
  test.prop([requests, setting], { numRuns: 400 })('has every request go through its times in order', (load, given) => {
    const outcome = simulate(load, clusterOf(load, given));
    const [start, encoded] = [outcome.encodeStart as Float64Array, outcome.encoded as Float64Array];
    const broken = Array.from(load.arrival, (arrival, at) => {
      const [read, first, ready, decode, end] = TIMES.map((field) => outcome[field][at]) as [number, number, number, number, number];
      const [from, to] = [start[at] as number, encoded[at] as number];
      const encodes = (load.media?.[at] as number) > 0 ? arrival <= from && from < to && to <= read : Number.isNaN(from) && Number.isNaN(to) && arrival <= read;
      const decodes = load.output[at] === 1 ? end === first && Number.isNaN(ready) && Number.isNaN(decode) : first <= ready && ready <= decode && decode < end;
      return encodes && read < first && decodes ? '' : `request ${at + 1}`;
    });
    expect(broken.filter((each) => each !== '')).toEqual([]);
  });

  test.prop([requests, setting], { numRuns: 200 })('has the whole time of a request in its phases', (load, given) => {
    const outcome = simulate(load, clusterOf(load, given));
    const { encodeQueue, encode, ...others } = phasesOf(outcome);
    const life = outcome.finish.reduce((sum, time, at) => sum + time - (load.arrival[at] as number), 0) / load.arrival.length;
    expect((encodeQueue as number) + (encode as number) + Object.values(others).reduce((a, b) => a + b, 0)).toBeCloseTo(life, 9);
    expect(summaryOf(outcome, { ttft: 1, tpot: 1 }).phases).toEqual({ encodeQueue, encode, ...others });
  });

  test.prop([requests, setting, fc.constantFrom(0.25, 4)], { numRuns: 150 })('takes k times as long where arrivals and all times are k times as long', (load, given, slower) => {
    const scaled = (times: Readonly<Record<string, readonly number[]>>) => Object.fromEntries(Object.entries(times).map(([field, column]) => [field, column.map((time) => slower * time)]));
    const all = (outcome: Outcome) => ({
      ...timesOf(outcome),
      encodeStart: Array.from(outcome.encodeStart as Float64Array),
      encoded: Array.from(outcome.encoded as Float64Array),
      changes: outcome.roles.map(({ time }) => time),
    });
    const slow = { ...load, arrival: load.arrival.map((time) => slower * time) };
    expect(all(simulate(slow, clusterOf(load, given, slower)))).toEqual(scaled(all(simulate(load, clusterOf(load, given)))));
  });

  test.prop([requests, setting], { numRuns: 60 })('comes out the same again, and leaves the requests as they are', (load, given) => {
    const before = JSON.stringify(load);
    const cluster = clusterOf(load, given);
    expect(simulate(load, cluster)).toEqual(simulate(load, cluster));
    expect(simulate(load, clusterOf(load, given))).toEqual(simulate(load, cluster));
    expect(JSON.stringify(load)).toBe(before);
  });
});

describe('a request alone', () => {
  // whole numbers: sums are exact. The link sends the results of one while the next is read
  test.prop([whole(1, 20), whole(1, 8), whole(1, 9), whole(0, 9), whole(1, 9), fc.constantFrom(...DISPATCHES)], { numRuns: 200 })(
    'with n media on E instances has its first token after ceil(n / E) of them, the way to prefill and its prompt',
    (media, instances, each, transferSeconds, prefill, dispatch) => {
      const load = requestsFrom([0, 1000, 2000].map((arrival) => [arrival, 10, 1, media]));
      const ttft = (share: 'media' | 'request') =>
        Array.from(ttftOf(simulate(load, epd({ instances, share, seconds: (read) => each * read, transferSeconds }, { times: constantTimes(prefill, 1) }, {}, { dispatch }))));
      const longest = Math.ceil(media / instances);
      const parallel = transferSeconds <= each ? longest * each + transferSeconds : each + longest * transferSeconds;
      expect(ttft('media')).toEqual(Array(3).fill(parallel + prefill));
      expect(ttft('request')).toEqual(Array(3).fill(media * (each + transferSeconds) + prefill));
    },
  );

  test.prop([whole(0, 20), whole(1, 300), fc.boolean()], { numRuns: 50 })('is encoded by the instance that reads it, where none encodes alone', (media, prompt, apart) => {
    const load = requestsFrom([[0, prompt, 1, media]]);
    const cluster = apart ? { ...epd({}, { times: unevenMedia }), encode: undefined } : colocated({ times: unevenMedia });
    const { encode: _, ...without } = cluster as typeof cluster & { encode?: unknown };
    const outcome = simulate(load, without as Cluster);
    expect(ttftOf(outcome)[0]).toBe(unevenMedia.prefill(1, prompt, prompt ** 2, true, media));
    expect([outcome.encodeStart, outcome.encoded]).toEqual([null, null]);
  });
});

describe('encode instances', () => {
  test.prop([requestsArbitrary(40, 15, 25), setting], { numRuns: 150 })('change nothing where there are no media', (load, given) => {
    const { encode: _, switching: __, ...without } = clusterOf(load, given);
    const plain = simulate(load, without);
    const none = { ...load, media: new Int32Array(load.arrival.length) };
    const cluster = clusterOf(load, { ...given, switching: null });
    for (const requests of [load, none]) expect(timesOf(simulate(requests, cluster))).toEqual(timesOf(plain));
    // prefill instances that could encode have nothing to encode
    expect(timesOf(simulate(none, without))).toEqual(timesOf(plain));
  });

  test.prop([requests, setting], { numRuns: 150 })('of one, that takes all that waits, is the same by media and by request', (load, given) => {
    const run = (share: 'media' | 'request'): Outcome => simulate(load, clusterOf(load, { ...given, switching: null, encode: { instances: 1, maxJobs: 10_000, share } }));
    expect(run('media')).toEqual({ ...run('request'), events: expect.any(Number) });
  });

  // the job that comes E jobs before ends no later than the one that comes E - 1 before: so does what waits for it
  test.prop([requests, whole(1, 4), whole(1, 3)], { numRuns: 200 })(
    'that are more encode no request later, and have the k-th first token no later, by turns, one job at a time',
    (load, instances, more) => {
      const run = (count: number): Outcome => simulate(load, epd({ instances: count, seconds: () => 2 }, {}, {}, { ...ONE_BY_ONE, dispatch: 'round-robin' }));
      const [few, many] = [run(instances), run(instances + more)];
      expect(latest(encodedOf(few), encodedOf(many))).toBeLessThan(1e-9);
      // not each request's own: others may come to prefill before it
      expect(latest(few.firstToken.toSorted(), many.firstToken.toSorted())).toBeLessThan(1e-9);
    },
  );

  test.prop([requests, whole(1, 4), whole(1, 3)], { numRuns: 200 })('that are more encode no request later by least load, where jobs begin and end at the same times', (load, instances, more) => {
    const ticks = { ...load, arrival: load.arrival.map(Math.floor) };
    const run = (count: number): Outcome => simulate(ticks, epd({ instances: count, seconds: () => 1 }, {}, {}, { dispatch: 'least-loaded' }));
    expect(latest(encodedOf(run(instances)), encodedOf(run(instances + more)))).toBe(0);
  });

  // load is counted in media, not in what is left of them: with four instances the last request waits for a job that has hardly begun
  it('that are more may encode a request later by least load, else', () => {
    const load = requestsFrom([0.343, 0.51, 1.001, 1.372, 1.616, 2.085, 2.456, 2.923, 3.22, 3.476, 3.77, 4.261, 4.477, 4.736, 4.751].map((arrival) => [arrival, 10, 1, 1] as const));
    const [three, four] = [3, 4].map((instances) => encodedOf(simulate(load, epd({ instances, seconds: () => 1 }, {}, {}, { dispatch: 'least-loaded' })))) as [Float64Array, Float64Array];
    expect([three.at(-1), four.at(-1)].map((time) => time?.toFixed(3))).toEqual(['6.261', '6.477']);
  });
});

describe('an order', () => {
  const heavy = (): Requests => {
    const random = randomOf(7);
    return requestsFrom(Array.from({ length: 200 }, (_, at) => [at, 10 + Math.floor(100 * random()), 1, random() < 0.3 ? 1 + Math.floor(9 * random()) : 0] as const));
  };
  const secondsOf = (prompt: number, media: number): number => 0.01 * prompt + 0.5 * media;
  const times: Pool['times'] = { prefill: (_prompts, tokens, _squares, _isFirst, media) => secondsOf(tokens, media), decode: () => 1 };
  const meanTtft = (load: Requests, order: (typeof ORDERS)[number], cluster: (rules: Partial<Rules>) => Cluster): number => {
    const key = orderKey(order, { ttft: 10, seconds: secondsOf });
    const ttft = ttftOf(simulate(load, cluster({ ...ONE_BY_ONE, decodeSteps: 'output-1', ...(key === undefined ? {} : { order: key }) })));
    return ttft.reduce((a, b) => a + b, 0) / ttft.length;
  };
  const together = (rules: Partial<Rules>): Cluster => colocated({ times }, rules);
  const apart = (rules: Partial<Rules>): Cluster => epd({ share: 'request', seconds: (media) => 0.5 * media }, { times }, {}, rules);

  test.prop([mediaArbitrary(100, 1, 20)], { numRuns: 100 })('of shortest jobs first has the lowest mean time to first token, where all are there at first', (load) => {
    const all = { ...load, arrival: new Float64Array(load.arrival.length) };
    const jobs = Array.from(all.prompt, (prompt, at) => secondsOf(prompt, all.media?.[at] as number)).sort((a, b) => a - b);
    const least = jobs.reduce((sum, seconds, at) => sum + (jobs.length - at) * seconds, 0) / jobs.length;
    expect(meanTtft(all, 'sjf', together)).toBeCloseTo(least, 9);
    expect(meanTtft(all, 'fcfs', together)).toBeGreaterThan(least - 1e-9);
  });

  it.each([
    ['where prefill instances encode', together],
    ['with an encode instance', apart],
  ])('of shortest jobs first lowers the mean time to first token of a heavy, mixed load: %s', (_, cluster) => {
    expect(meanTtft(heavy(), 'sjf', cluster)).toBeLessThan(0.95 * meanTtft(heavy(), 'fcfs', cluster));
  });

  test.prop([requests, setting], { numRuns: 150 })('is that of arrival where requests are alike', (load, given) => {
    const alike = { ...load, prompt: load.prompt.map(() => 20), media: (load.media as Int32Array).map(() => 3) };
    const run = (order: (typeof ORDERS)[number], encodes: boolean): Outcome => {
      const { encode, ...without } = clusterOf(alike, { ...given, switching: null, order });
      return simulate(alike, encodes ? { ...without, encode: encode as EncodePool } : without);
    };
    expect(run('sjf', true)).toEqual(run('fcfs', true));
    // by least slack a request that comes from encoding late goes before those that arrived after it
    for (const order of ['sjf', 'least-slack'] as const) expect(run(order, false)).toEqual(run('fcfs', false));
  });

  it('takes the one with least time left first', () => {
    // all wait for the first; then slack ends at 10 + 1 - 1, 10 + 2 - 6 and 10 + 3 - 5 s
    const load = requestsFrom([
      [0, 400, 1, 0],
      [1, 100, 1, 0],
      [2, 100, 1, 10],
      [3, 500, 1, 0],
    ]);
    const key = orderKey('least-slack', { ttft: 10, seconds: secondsOf });
    const { firstToken } = simulate(load, together({ ...ONE_BY_ONE, ...(key === undefined ? {} : { order: key }), decodeSteps: 'output-1' }));
    expect(Array.from(firstToken)).toEqual([4, 16, 10, 15]);
  });

  it('is refused where a key is no number', () => {
    const load = requestsFrom([
      [0, 10, 1, 0],
      [0, 20, 1, 0],
    ]);
    expect(() => simulate(load, colocated({}, { order: (_, prompt) => (prompt === 20 ? Number.NaN : 0) }))).toThrow(new RangeError('disaggregation: request 2 order NaN is not a number'));
  });
});

describe('a change of roles', () => {
  test.prop([requests, setting, fc.constantFrom<readonly [number, number, number]>([1, 1, 1], [2, 1, 1], [1, 2, 2], [2, 2, 2])], { numRuns: 300 })(
    'keeps instances, but for one that changes, and the least of each role',
    (load, given, [encode, prefill, decode]) => {
      const cluster = clusterOf(load, given);
      const least = { encode, prefill, decode };
      const { roles } = simulate(load, { ...cluster, switching: { everySeconds: 1, seconds: () => 2, least } });
      const total = given.encode.instances + 2 * given.instances;
      const all = roles.map((counts) => STAGE_ROLES.reduce((sum, role) => sum + counts[role], 0));
      // a change begins, ends, and only then does the next one begin
      expect(all).toEqual(all.map((_, at) => total - (at % 2)));
      expect(all.at(-1)).toBe(total);
      for (const role of STAGE_ROLES) expect(Math.min(...roles.map((counts) => counts[role]))).toBeGreaterThanOrEqual(Math.min(roles[0]?.[role] as number, least[role]));
      for (let at = 1; at < roles.length; at++) {
        const [before, after] = [roles[at - 1] as (typeof roles)[number], roles[at] as (typeof roles)[number]];
        const steps = STAGE_ROLES.map((role) => after[role] - before[role]).filter((step) => step !== 0);
        expect(steps).toEqual([at % 2 === 1 ? -1 : 1]);
        expect(after.time - before.time).toBeGreaterThanOrEqual(at % 2 === 1 ? 0 : 2);
      }
    },
  );

  // 3 encode instances that long outputs leave with nothing to do
  const rows = Array.from({ length: 60 }, (_, at) => [0.5 * at, 20, 40, at % 20 === 0 ? 1 : 0] as const);
  const slowly: Pool['times'] = { prefill: () => 0.1, decode: (count) => 0.1 * count };
  const cluster = epd({ instances: 3 }, { times: slowly }, { times: slowly }, { dispatch: 'least-loaded' });
  const switching: Switching = { everySeconds: 5, seconds: () => 0.7 };

  it('gives instances to the stage that has most to do', () => {
    const [fixed, moved] = [simulate(requestsFrom(rows), cluster), simulate(requestsFrom(rows), { ...cluster, switching })];
    expect(fixed.roles).toEqual([]);
    expect(moved.roles.slice(0, 5)).toEqual([
      { time: 0, encode: 3, prefill: 1, decode: 1 },
      { time: 5, encode: 2, prefill: 1, decode: 1 },
      { time: 5.7, encode: 2, prefill: 1, decode: 2 },
      { time: 10, encode: 1, prefill: 1, decode: 2 },
      { time: 10.7, encode: 1, prefill: 1, decode: 3 },
    ]);
    expect(Math.max(...moved.finish)).toBeLessThan(Math.max(...fixed.finish));
  });

  it('hands what a decode instance has not pulled over to the others, and waits for what it has', () => {
    // each decode instance holds one of three; 20 others wait to be encoded
    const load = requestsFrom(Array.from({ length: 26 }, (_, at) => [0, 60, 41, at < 6 ? 0 : 1] as const));
    const full = epd({ seconds: () => 10 }, { times: constantTimes(0.125, 1) }, { instances: 2, kvTokens: 110 }, { memory: MEMORY, decodeSteps: 'output-1', dispatch: 'round-robin', ...ONE_BY_ONE });
    const { decodeStart, finish, roles } = simulate(load, { ...full, switching: { everySeconds: 5, seconds: () => 1, least: { prefill: 1 } } });
    expect(roles.slice(0, 3)).toEqual([
      { time: 0, encode: 1, prefill: 1, decode: 2 },
      { time: 5, encode: 1, prefill: 1, decode: 1 },
      { time: (finish[0] as number) + 1, encode: 2, prefill: 1, decode: 1 },
    ]);
    // the first instance gave; the others come after the second's own, and the one after the other
    expect(Array.from(decodeStart.slice(0, 2))).toEqual([0.125, 0.25]);
    expect(Array.from(decodeStart.slice(2, 6)).toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4].map((turn) => 0.25 + 40 * turn));
  });

  it('needs no media', () => {
    const { media: _, ...text } = requestsFrom(rows.map(([arrival, prompt, output]) => [arrival, prompt, output, 0] as const));
    const none = { ...text, media: new Int32Array(rows.length) };
    const [without, zero] = [simulate(text, { ...cluster, switching }), simulate(none, { ...cluster, switching })];
    expect(zero.roles.length).toBeGreaterThan(4);
    expect(without.roles).toEqual(zero.roles);
    expect(without.finish).toEqual(zero.finish);
  });

  it('never begins where it takes longer than the load: the rest goes on as it was', () => {
    const slow: Switching = { everySeconds: 1e6, seconds: () => 1 };
    expect(timesOf(simulate(requestsFrom(rows), { ...cluster, switching: slow }))).toEqual(timesOf(simulate(requestsFrom(rows), cluster)));
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('is refused where it takes %d s', (seconds) => {
    expect(() => simulate(requestsFrom(rows), { ...cluster, switching: { everySeconds: 5, seconds: () => seconds } })).toThrow(
      new RangeError(`disaggregation: switching seconds ${seconds} is not a number of seconds from 0 on`),
    );
  });
});

describe('a load that comes again', () => {
  test.prop([mediaArbitrary(20, 5, 12), whole(1, 30)], { numRuns: 50 })('has its media come again with their requests', (requests, leastSeconds) => {
    const { arrival, prompt, output, media } = requestsAt({ ...loadOf(requests, 2), leastSeconds }, 2);
    const count = requests.arrival.length;
    expect(arrival.length).toBe(Math.max(count, 2 * leastSeconds));
    const rows = (of: Requests): readonly (readonly unknown[])[] => Array.from(of.prompt, (tokens, at) => [tokens, of.output[at], of.media?.[at]]);
    const once = rows(requests);
    expect(rows({ arrival, prompt, output, ...(media === undefined ? {} : { media }) })).toEqual(Array.from(arrival, (_, at) => once[at % count]));
  });
});
