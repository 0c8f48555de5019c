import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import type { Pool } from '../../../src/serving/disaggregation/cluster.ts';
import { requestsAt } from '../../../src/serving/disaggregation/load.ts';
import { simulate } from '../../../src/serving/disaggregation/simulate.ts';
import { gapsOf } from '../../../src/serving/engine/arrivals.ts';
import { lengthsOf } from '../../../src/serving/engine/lengths.ts';
import { randomOf } from '../../../src/serving/engine/random.ts';
import type { Requests } from '../../../src/serving/engine/requests.ts';
import { type Limits, type Reference, reference } from './reference.ts';
import { constantTimes, longestOf, poolOf, releasedTimesOf, requestsArbitrary, requestsFrom, rulesOf, whole, wholeTimes } from './support.ts';

/** A pool of stages whose times are those of the released coefficients, or whole seconds. */
const pool: fc.Arbitrary<Pool> = fc
  .record({ instances: fc.oneof({ weight: 2, arbitrary: fc.constant(1) }, whole(2, 3)), stages: whole(1, 3), times: fc.constantFrom<1 | 2 | 4 | 'whole' | 'constant'>('whole', 'constant', 1, 2, 4) })
  .map(({ instances, stages, times }) => poolOf({ instances, stages, times: times === 'whole' ? wholeTimes : times === 'constant' ? constantTimes(2, 1) : releasedTimesOf(times, stages) }));
/** How much more than the longest request a batch holds: nothing, so that batches of one are common, or some. */
const room = fc.constantFrom(0, 1, 20, 100, 50_000);

/** Both, which have to be the same to the last bit: their times are sums of the same numbers in the same order. */
function compare(requests: Requests, prefill: Pool, decode: Pool | null, limits: Limits): Reference {
  const rules = rulesOf({ batching: { maxPrompts: 10_000_000, maxTokens: limits.prefillTokens, padded: null }, decodeTokens: limits.decodeTokens });
  const outcome = simulate(requests, decode === null ? { kind: 'colocated', pool: prefill, rules } : { kind: 'disaggregated', prefill, decode, rules, link: null });
  const expected = reference(requests, prefill, decode, limits);
  for (const field of ['prefillStart', 'firstToken', 'decodeStart', 'finish'] as const) expect(Array.from(outcome[field]), field).toEqual(expected[field]);
  expect(expected.finish.some(Number.isNaN)).toBe(false);
  return expected;
}

const limitsOf = (requests: Requests, prefillRoom: number, decodeRoom: number): Limits => ({
  prefillTokens: Math.max(...requests.prompt) + prefillRoom,
  decodeTokens: longestOf(requests) + decodeRoom,
});

describe('simulate gives each request the times of the plain simulator', () => {
  test.prop([requestsArbitrary(60, 25, 60), pool, pool, room, room], { numRuns: 250 })('on instances of their own', (requests, prefill, decode, prefillRoom, decodeRoom) => {
    compare(requests, prefill, decode, limitsOf(requests, prefillRoom, decodeRoom));
  });

  test.prop([requestsArbitrary(60, 25, 60), pool, room, room], { numRuns: 250 })('colocated', (requests, prefill, prefillRoom, decodeRoom) => {
    compare(requests, prefill, null, limitsOf(requests, prefillRoom, decodeRoom));
  });

  test.prop([requestsArbitrary(2000, 60, 60), pool, pool, fc.boolean()], { numRuns: 60 })('with long prompts', (requests, prefill, decode, apart) => {
    compare(requests, prefill, apart ? decode : null, limitsOf(requests, 1000, 3000));
  });

  it.each([1, 2, 3])('in batches of hundreds, whose coefficients are others, in %d stages', (stages) => {
    const random = randomOf(stages);
    const lengths = (longest: number): Int32Array => lengthsOf({ kind: 'histogram', edges: [1, longest], probabilities: [1] }, 250, random);
    const requests = requestsAt({ gaps: gapsOf({ kind: 'poisson' }, 250, random), prompt: lengths(300), output: lengths(60) }, 60);
    const pools = [poolOf({ stages, times: releasedTimesOf(2, stages) }), poolOf({ stages, times: releasedTimesOf(1, stages) })] as const;
    compare(requests, pools[0], pools[1], { prefillTokens: 4000, decodeTokens: 50_000 });
    compare(requests, pools[0], null, { prefillTokens: 4000, decodeTokens: 20_000 });
  });

  it('colocated, where more than 9,000,000 tokens wait and prompts are held back', () => {
    const rows = Array.from({ length: 6 }, (_, at) => [at, 4_000_000, 3] as const);
    const limits = { prefillTokens: 9_500_000, decodeTokens: 4_000_003 };
    const { prefillStart, finish } = compare(requestsFrom([...rows, [7, 10, 3]]), poolOf({ times: constantTimes(1, 1) }), null, limits);
    // three prompts are read; they decode in turn, one a batch, and prompts go on where two of them are left, then where two of four are
    expect(prefillStart).toEqual([0, 1, 2, 10, 10, 13, 13]);
    expect(finish).toEqual([10, 12, 13, 23, 24, 25, 26]);
  });
});
