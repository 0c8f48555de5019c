import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { type Cluster, DISPATCHES, type OrderKey, STAGE_ROLES, type StageRole, type Switching } from '../../../src/serving/disaggregation/cluster.ts';
import { simulate } from '../../../src/serving/disaggregation/simulate.ts';
import type { Requests } from '../../../src/serving/engine/requests.ts';
import { ORDERS, orderKey } from '../../../src/serving/multimodal/order.ts';
import { longestOf, poolOf, rulesOf, whole } from '../disaggregation/support.ts';
import { FIELDS, type Reference, type ReferenceCluster, reference } from './reference.ts';
import { mediaArbitrary, requestsFrom, unevenMedia, wholeMedia } from './support.ts';

const settings = {
  uneven: fc.boolean(),
  encode: fc.record({ instances: whole(1, 4), maxJobs: fc.constantFrom(1, 1, 2, 3, 50), share: fc.constantFrom('media', 'request') }),
  transfer: fc.constantFrom(0, 1, 3),
  prefill: whole(1, 3),
  decode: whole(1, 3),
  link: fc.constantFrom(null, { bytesPerToken: 0, bytesPerSecond: 1 }, { bytesPerToken: 1, bytesPerSecond: 32 }, { bytesPerToken: 1, bytesPerSecond: 4 }),
  maxPrompts: fc.constantFrom(1, 2, 100),
  promptRoom: fc.constantFrom(0, 30, 10_000),
  decodeRoom: fc.constantFrom(0, 30, 10_000),
  stepsLess: fc.constantFrom<0 | 1>(0, 1),
  dispatch: fc.constantFrom(...DISPATCHES),
  order: fc.constantFrom(...ORDERS),
};
const setting = fc.record(settings);
type Setting = typeof setting extends fc.Arbitrary<infer T> ? T : never;
const role = fc.constantFrom<StageRole>(...STAGE_ROLES);
const switching = fc.record({ every: fc.constantFrom(0.5, 2, 7), cost: fc.constantFrom(0, 1, 4), slow: role, least: fc.constantFrom({}, {}, { encode: 2 }, { encode: 3, decode: 2 }, { prefill: 2 }) });

/** Both, which have to be the same to the last bit: their times are sums of the same numbers in the same order. */
function compare(requests: Requests, given: Setting, kind: 'epd' | 'pd' | 'colocated', switches: Switching | null = null): Reference {
  const unit = given.uneven ? 0.317 : 1;
  const times = given.uneven ? unevenMedia : wholeMedia;
  const pool = { ...given.encode, seconds: (media: number): number => unit * (1 + media), transferSeconds: (unit * given.transfer) / (given.uneven ? 4 : 1) };
  const order: OrderKey | undefined = orderKey(given.order, { ttft: 20, seconds: (prompt, media) => 0.1 * prompt + unit * media });
  const limits = { maxPrompts: given.maxPrompts, maxTokens: Math.max(...requests.prompt) + given.promptRoom, decodeTokens: longestOf(requests) + given.decodeRoom };
  const rules = rulesOf({
    batching: { maxPrompts: limits.maxPrompts, maxTokens: limits.maxTokens, padded: null },
    decodeTokens: limits.decodeTokens,
    decodeSteps: given.stepsLess === 0 ? 'output' : 'output-1',
    dispatch: given.dispatch,
    ...(order === undefined ? {} : { order }),
  });
  const [prefill, decode] = [poolOf({ instances: given.prefill, times }), poolOf({ instances: given.decode, times })];
  const cluster: Cluster =
    kind === 'colocated'
      ? { kind, pool: prefill, rules }
      : { kind: 'disaggregated', prefill, decode, rules, link: given.link, ...(kind === 'epd' ? { encode: pool } : {}), ...(switches === null ? {} : { switching: switches }) };
  const plain: ReferenceCluster = {
    ...limits,
    encode: kind === 'epd' ? pool : null,
    prefill,
    decode: kind === 'colocated' ? null : decode,
    link: given.link,
    stepsLess: given.stepsLess,
    dispatch: given.dispatch,
    keys: order === undefined ? null : Array.from(requests.arrival, (arrival, at) => order(arrival, requests.prompt[at] as number, requests.media?.[at] ?? 0)),
    switching: switches,
  };
  const [outcome, expected] = [simulate(requests, cluster), reference(requests, plain)];
  for (const field of FIELDS) {
    const column = outcome[field];
    if (column === null) expect(kind, field).not.toBe('epd');
    else expect(Array.from(column), field).toEqual(expected[field]);
  }
  expect(expected.finish.some(Number.isNaN)).toBe(false);
  expect(outcome.roles).toEqual(expected.counts);
  return expected;
}

/** Requests that come eight times as fast, and again when the last has come. */
function burst({ arrival, prompt, output, media }: Requests, times: number): Requests {
  const count = arrival.length;
  const of = (column: Int32Array | undefined, at: number): number => column?.[at % count] ?? 0;
  const starts = Float64Array.from({ length: times * count }, (_, at) => ((arrival[at % count] as number) + Math.floor(at / count) * (arrival.at(-1) as number)) / 8).sort();
  return requestsFrom(Array.from(starts, (start, at) => [start, of(prompt, at), of(output, at), of(media, at)]));
}

const requests = mediaArbitrary(40, 15, 30);

describe('simulate gives each request the times of the plain simulator', () => {
  test.prop([requests, setting], { numRuns: 600 })('with encode instances', (load, given) => {
    compare(load, given, 'epd');
  });

  test.prop([requests, setting], { numRuns: 200 })('where prefill instances encode', (load, given) => {
    compare(load, given, 'pd');
  });

  test.prop([requests, setting], { numRuns: 200 })('colocated', (load, given) => {
    compare(load, given, 'colocated');
  });

  test.prop([requests, setting, switching], { numRuns: 800 })('where instances change their role', (load, given, { every, cost, slow, least }) => {
    compare(load, given, 'epd', { everySeconds: every, seconds: (from, to) => cost * (from === slow || to === slow ? 2 : 1), least });
  });

  // so much waits that an instance that leaves has prompts or jobs to hand over
  const heavy = fc.record({ ...settings, prefill: whole(2, 3), decode: whole(1, 2), maxPrompts: fc.constant(1), decodeRoom: fc.constantFrom(0, 30), promptRoom: fc.constant(0) });
  test.prop([mediaArbitrary(40, 30, 20), heavy, fc.constantFrom(0.5, 2), whole(4, 12)], { numRuns: 80 })('where instances that have much to do change their role', (load, given, every, times) => {
    compare(burst(load, times), given, 'epd', { everySeconds: every, seconds: () => 1 });
  });
});
