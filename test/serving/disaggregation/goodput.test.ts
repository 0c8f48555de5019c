import { test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import type { Goal } from '../../../src/serving/disaggregation/attainment.ts';
import { goodput, shortOf } from '../../../src/serving/disaggregation/goodput.ts';
import { type Load, loadOf, requestsAt } from '../../../src/serving/disaggregation/load.ts';
import { gapsOf } from '../../../src/serving/engine/arrivals.ts';
import { randomOf } from '../../../src/serving/engine/random.ts';
import { disaggregated, releasedTimesOf, requestsArbitrary, whole } from './support.ts';

const COUNT = 100;
const alike = (gaps: Float64Array): Load => ({ gaps, prompt: new Int32Array(COUNT).fill(100), output: new Int32Array(COUNT).fill(2) });
const steady = alike(gapsOf({ kind: 'fixed' }, COUNT, randomOf(0)));
const bursts = alike(gapsOf({ kind: 'gamma', cv: 3 }, COUNT, randomOf(0)));
/** Prompts one by one, 2 s each; steps of any number of requests take 1 s. */
const cluster = disaggregated({}, {}, { batching: { maxPrompts: 1, maxTokens: 1000, padded: null } });
const goalOf = (ttft: number, tpot: number): Goal => ({ slo: { ttft, tpot }, criterion: 'joint', share: 0.9 });

describe('a load', () => {
  it('at a rate has its gaps shortened, and its lengths as they are', () => {
    const { arrival, prompt, output } = requestsAt({ gaps: Float64Array.of(0, 1, 0.5, 3), prompt: Int32Array.of(1, 2, 3, 4), output: Int32Array.of(5, 6, 7, 8) }, 2);
    expect([Array.from(arrival), Array.from(prompt), Array.from(output)]).toEqual([
      [0, 0.5, 0.75, 2.25],
      [1, 2, 3, 4],
      [5, 6, 7, 8],
    ]);
  });

  test.prop([requestsArbitrary(10, 10, 30), whole(1, 100)])('of requests gives them back at their rate', (requests, rate) => {
    const again = requestsAt(loadOf(requests, rate), rate);
    expect([again.prompt, again.output]).toEqual([requests.prompt, requests.output]);
    expect(Math.max(...again.arrival.map((time, at) => Math.abs(time - (requests.arrival[at] as number))))).toBeLessThan(1e-9);
  });
});

describe('goodput', () => {
  it('is half a request/s where each prompt takes 2 s and must not wait', () => {
    const { rate, stops } = goodput(cluster, [steady], goalOf(2.0001, 100), { highest: 4, within: 1e-6 });
    // a tenth of the requests may wait for longer: of those that arrive one after the other they are the last
    expect(rate).toBeGreaterThan(0.5 - 1e-6);
    expect(rate).toBeLessThan(0.5001);
    expect(stops).toBe('ttft');
    expect([shortOf(cluster, [steady], goalOf(2.0001, 100), rate), shortOf(cluster, [steady], goalOf(2.0001, 100), rate + 1e-4)]).toEqual([null, 'ttft']);
  });

  it('has every load reach the goal', () => {
    const search = { highest: 4, within: 1e-4 };
    const [even, uneven, both] = [[steady], [bursts], [steady, bursts]].map((loads) => goodput(cluster, loads, goalOf(4, 100), search).rate) as [number, number, number];
    expect(uneven).toBeLessThan(even);
    expect(both).toBeCloseTo(uneven, 3);
  });

  it('is 0 where no rate reaches the goal, and names the time', () => {
    expect(goodput(cluster, [steady], goalOf(1, 100), { highest: 1, within: 0.25 })).toEqual({ rate: 0, stops: 'ttft' });
    expect(goodput(cluster, [steady], goalOf(100, 0.5), { highest: 1, within: 0.25 })).toEqual({ rate: 0, stops: 'tpot' });
  });

  it('comes as near to the highest rate as it is asked to, where nothing stops it', () => {
    expect(goodput(cluster, [steady], goalOf(1e6, 1e6), { highest: 8, within: 1 })).toEqual({ rate: 7, stops: null });
    expect(goodput(cluster, [steady], goalOf(1e6, 1e6), { highest: 8, within: 8 })).toEqual({ rate: 0, stops: null });
  });

  it('doubles with all instances, of twice the load', () => {
    const pools = (instances: number) =>
      disaggregated({ instances, times: releasedTimesOf(1, 1) }, { instances, times: releasedTimesOf(1, 1) }, { batching: { maxPrompts: 1, maxTokens: 1000, padded: null } });
    const [one, two] = [1, 2].map((instances) => goodput(pools(instances), [steady], goalOf(0.1, 1), { highest: 200, within: 0.01 }).rate) as [number, number];
    expect(two / one).toBeGreaterThan(1.9);
    expect(two / one).toBeLessThan(2.1);
  });

  it.each([
    [0, 1, 'highest 0 requests/s is not above 0'],
    [Number.NaN, 1, 'highest NaN requests/s is not above 0'],
    [Number.POSITIVE_INFINITY, 1, 'highest Infinity requests/s is not above 0'],
    [5, 0, 'within 0 requests/s is not at least 1e-12 of the highest, 5'],
    [5, -1, 'within -1 requests/s is not at least 1e-12 of the highest, 5'],
    [5, Number.NaN, 'within NaN requests/s is not at least 1e-12 of the highest, 5'],
  ])('refuses to search up to %d, within %d', (highest, within, message) => {
    expect(() => goodput(cluster, [steady], goalOf(1, 1), { highest, within })).toThrow(new RangeError(`goodput: ${message}`));
  });
});
