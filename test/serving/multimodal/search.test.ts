import { describe, expect, it } from 'vitest';
import { DISPATCHES } from '../../../src/serving/disaggregation/cluster.ts';
import { shortOf } from '../../../src/serving/disaggregation/goodput.ts';
import type { Load } from '../../../src/serving/disaggregation/load.ts';
import type { Ranking } from '../../../src/serving/disaggregation/placement.ts';
import { gapsOf } from '../../../src/serving/engine/arrivals.ts';
import { randomOf } from '../../../src/serving/engine/random.ts';
import { type Allocation, allocationsOf, allocationText, clusterOfAllocation, priceOfAllocation, type StageBatches } from '../../../src/serving/multimodal/allocation.ts';
import { ORDERS } from '../../../src/serving/multimodal/order.ts';
import { type AllocationSearch, rankAllocations, searchAllocations, searchSteps } from '../../../src/serving/multimodal/search.ts';
import { allocationOf, multimodalOf, placed, SINGLE, together } from './support.ts';

const COUNT = 60;
const load: Load = {
  gaps: gapsOf({ kind: 'poisson' }, COUNT, randomOf(3)),
  prompt: new Int32Array(COUNT).fill(20),
  output: new Int32Array(COUNT).fill(3),
  media: Int32Array.from({ length: COUNT }, (_, at) => [0, 4, 2][at % 3] as number),
};
const options: AllocationSearch = {
  loads: [load],
  goal: { slo: { ttft: 8, tpot: 1 }, criterion: 'joint', share: 0.9 },
  rates: { share: 0.01, near: 0.5 },
  objective: 'rate',
  prune: null,
  seconds: (_prompt, media) => 1 + media,
};
const BATCHES: readonly StageBatches[] = [
  { encode: 1, prefill: 1, decode: 8 },
  { encode: 2, prefill: 4, decode: 8 },
];
const SHARES = ['media', 'request'] as const;
const counts = allocationsOf({ chips: 4, fewer: false, prefill: [SINGLE], decode: [SINGLE], colocated: [SINGLE], kinds: ['epd', 'pd', 'aggregated'] });
/** Everything that the search could try. */
const everything = counts.flatMap((count) =>
  BATCHES.flatMap((batches) =>
    (count.encode > 0 ? SHARES : ['media' as const]).flatMap((share) => DISPATCHES.flatMap((dispatch) => ORDERS.map((order): Allocation => ({ ...count, batches, share, dispatch, order })))),
  ),
);
const best = (ranking: Ranking<Allocation>) => ranking[0] as Ranking<Allocation>[number];
const isBestFirst = (ranking: Ranking<Allocation>): boolean => ranking.every(({ ratePerChip }, at) => at === 0 || ratePerChip <= (ranking[at - 1]?.ratePerChip as number));

describe('rankAllocations', () => {
  const rank = (changes: Partial<AllocationSearch> = {}, entrySeconds = 0) =>
    rankAllocations(multimodalOf({ entrySeconds }), [placed(2, 1, 1), placed(0, 3, 1), together(4)].map(allocationOf), { ...options, ...changes });

  it('has the best first, with chips, rate and price', () => {
    const ranking = rank();
    expect(isBestFirst(ranking)).toBe(true);
    for (const { candidate, chips, rate, ratePerChip, usdPerRequest } of ranking) {
      expect([chips, ratePerChip]).toEqual([4, rate / 4]);
      expect(usdPerRequest).toBeCloseTo((priceOfAllocation(multimodalOf(), candidate) as number) / (3600 * rate), 12);
    }
  });

  it('takes the time of entry off the objective, for the order too', () => {
    const slo = { ...options.goal.slo, ttft: 5 };
    expect(rank({}, 3)).toEqual(rank({ goal: { ...options.goal, slo } }));
    expect(best(rank({}, 3)).rate).toBeLessThan(best(rank()).rate);
    expect(() => rank({}, options.goal.slo.ttft)).toThrow(`goodput: ttft ${options.goal.slo.ttft} s is not above the ${options.goal.slo.ttft} s before a request waits for anything`);
  });

  it('says of what cannot run why it cannot', () => {
    const [bad] = rankAllocations(multimodalOf(), [allocationOf({ ...together(2), encode: 2 })], options);
    expect(bad).toMatchObject({ rate: 0, because: 'allocation: encode 2 instances stand beside colocated ones, which encode themselves' });
  });
});

describe('searchAllocations', () => {
  const found = searchAllocations(multimodalOf(), counts, { batches: BATCHES, shares: SHARES }, options);

  // rates are searched to within 1 %
  it.each(BATCHES.map((batches) => [batches] as const))('finds what is as good as the best of all, for batches %j', (batches) => {
    const all = rankAllocations(
      multimodalOf(),
      everything.filter((allocation) => allocation.batches === batches),
      options,
    );
    const some = searchAllocations(multimodalOf(), counts, { batches: [batches], shares: SHARES }, options);
    expect(best(some).ratePerChip).toBeGreaterThanOrEqual(best(all).ratePerChip / 1.01);
    expect(some.length).toBeLessThan(all.length / 2);
  });

  // one choice after the other: by order of arrival larger batches are better, and shortest jobs first, which is better still with batches of one, is only tried with them
  it('misses what is better only by two choices together', () => {
    const all = rankAllocations(multimodalOf(), everything, options);
    expect([best(all), best(found)].map(({ candidate }) => [allocationText(candidate), candidate.batches, candidate.order])).toEqual([
      ['3P1D', BATCHES[0], 'sjf'],
      ['3P1D', BATCHES[1], 'fcfs'],
    ]);
    expect(best(found).ratePerChip).toBeGreaterThan(0.95 * best(all).ratePerChip);
  });

  it('tries other rules of several counts, not of one count in several ways', () => {
    const refined = (of: (candidate: Allocation) => boolean): number => new Set(found.flatMap(({ candidate }) => (of(candidate) ? [allocationText(candidate)] : []))).size;
    expect(found.filter(({ rate }) => rate > 0).length).toBeGreaterThan(4);
    expect([refined(({ batches }) => batches === BATCHES[1]), refined(({ dispatch }) => dispatch === 'round-robin'), refined(({ order }) => order === 'sjf')]).toEqual([4, 4, 4]);
  });

  it('tries only the orders that it is given, and says how many steps that takes at most', () => {
    const choices = { batches: BATCHES, shares: SHARES, orders: ['fcfs'] as const };
    const some = searchAllocations(multimodalOf(), counts, choices, options);
    expect(new Set(some.map(({ candidate }) => candidate.order))).toEqual(new Set(['fcfs']));
    expect(some.length).toBeLessThanOrEqual(searchSteps(counts, choices));
    expect(searchSteps(counts, { ...choices, orders: ORDERS })).toBe(searchSteps(counts, choices) + 4 * (ORDERS.length - 1));
    expect(searchSteps(counts, { batches: BATCHES, shares: SHARES })).toBe(searchSteps(counts, { ...choices, orders: ORDERS }));
  });

  // where a higher rate reaches the goal and a lower one does not, two searches may find two rates: of the best, and of most, they find one
  it('finds rates that reach the goal, and the same best, where it looks for them from the best so far on', () => {
    const from = (follow: boolean) =>
      rankAllocations(
        multimodalOf(),
        counts.map((each) => allocationOf(each)),
        { ...options, follow },
      );
    const [plain, followed] = [from(false), from(true)];
    expect(allocationText(best(followed).candidate)).toBe(allocationText(best(plain).candidate));
    expect(Math.abs(best(followed).rate / best(plain).rate - 1)).toBeLessThanOrEqual(0.01);
    expect(followed).not.toEqual(plain);
    for (const { candidate, rate } of followed) {
      expect(rate).toBeGreaterThan(0);
      expect(shortOf(clusterOfAllocation(multimodalOf(), candidate), [load], options.goal, rate)).toBeNull();
    }
  });

  it('looks at each allocation once, and says what it serves', () => {
    expect(new Set(found.map(({ candidate }) => JSON.stringify(candidate))).size).toBe(found.length);
    expect(isBestFirst(found)).toBe(true);
    // two searches of a rate that begin at others agree within their share
    for (const { candidate, rate, because } of found.slice(0, 5)) {
      const [alone] = rankAllocations(multimodalOf(), [candidate], options);
      expect(alone).toMatchObject({ candidate, because });
      expect(Math.abs((alone?.rate ?? 0) / rate - 1)).toBeLessThanOrEqual(0.01);
    }
  });

  it('has the first rule of each kind before others that serve no more', () => {
    const key = ({ candidate }: Ranking<Allocation>[number]): number => DISPATCHES.indexOf(candidate.dispatch) + 10 * ORDERS.indexOf(candidate.order);
    const plain = found.find(({ candidate }) => candidate.dispatch === 'least-loaded' && candidate.order === 'fcfs') as Ranking<Allocation>[number];
    const ahead = found.slice(0, found.indexOf(plain));
    expect(ahead.every(({ ratePerChip }) => ratePerChip > plain.ratePerChip)).toBe(true);
    expect(ahead.every((each) => key(each) !== key(plain))).toBe(true);
  });

  it('tries every count with every share, and those without encode instances once', () => {
    const first = found.filter(({ candidate }) => candidate.batches === BATCHES[0] && candidate.dispatch === 'least-loaded' && candidate.order === 'fcfs');
    const texts = first.map(({ candidate }) => `${allocationText(candidate)} ${candidate.encode > 0 ? candidate.share : ''}`).sort();
    expect(texts).toEqual(counts.flatMap((count) => (count.encode > 0 ? SHARES : ['']).map((share) => `${allocationText(allocationOf(count))} ${share}`)).sort());
  });

  it('ranks by cost where it is asked to', () => {
    const cheap = searchAllocations(multimodalOf(), counts, { batches: BATCHES.slice(0, 1), shares: ['media'] }, { ...options, objective: 'cost' });
    const prices = cheap.map(({ usdPerRequest }) => usdPerRequest ?? Number.POSITIVE_INFINITY);
    expect(prices).toEqual(prices.toSorted((a, b) => a - b));
    const all = rankAllocations(
      multimodalOf(),
      everything.filter(({ batches, share }) => batches === BATCHES[0] && share === 'media'),
      { ...options, objective: 'cost' },
    );
    expect(best(cheap).usdPerRequest).toBeLessThanOrEqual((best(all).usdPerRequest as number) * 1.01);
  });

  it('goes on from nothing where nothing serves a request', () => {
    const none = searchAllocations(multimodalOf(), counts, { batches: BATCHES, shares: SHARES }, { ...options, goal: { ...options.goal, slo: { ttft: 0.5, tpot: 1 } } });
    expect(none.map(({ rate }) => rate)).toEqual(Array(counts.length + counts.filter(({ encode }) => encode > 0).length).fill(0));
  });
});
