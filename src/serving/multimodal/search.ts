import { DISPATCHES } from '../disaggregation/cluster.ts';
import { meritOf, type Ranking, rank, type SearchOptions } from '../disaggregation/placement.ts';
import { type Allocation, allocationText, chipsOfAllocation, clusterOfAllocation, priceOfAllocation, type StageBatches } from './allocation.ts';
import type { MultimodalEstimator } from './estimator.ts';
import { ORDERS, type Order, type OrderOptions, orderKey } from './order.ts';

export interface AllocationSearch extends SearchOptions {
  /** time of a request alone, by which orders go, s */
  readonly seconds: OrderOptions['seconds'];
}

/** What is tried beside the counts of instances. */
export interface AllocationChoices {
  readonly batches: readonly StageBatches[];
  readonly shares: readonly Allocation['share'][];
  /** beside first come first served: all unless given; where all requests are alike they change nothing */
  readonly orders?: readonly Order[];
}

/** One batch and parallel encoding: what the counts are compared with first. */
const FIRST = { dispatch: 'least-loaded', order: 'fcfs' } as const;
/** Counts of which other batches, dispatchers and orders are tried. */
const REFINED = 4;

/** Allocations ranked by the requests that each serves within the goal, or by their cost. */
export const rankAllocations = (estimator: MultimodalEstimator, allocations: readonly Allocation[], options: AllocationSearch): Ranking<Allocation> => {
  const { goal, seconds } = options;
  if (!(goal.slo.ttft > estimator.entrySeconds)) throw new RangeError(`goodput: ttft ${goal.slo.ttft} s is not above the ${estimator.entrySeconds} s before a request waits for anything`);
  const slo = { ...goal.slo, ttft: goal.slo.ttft - estimator.entrySeconds };
  const key = (order: Order) => orderKey(order, { ttft: slo.ttft, seconds });
  return rank(
    allocations,
    {
      text: allocationText,
      chips: chipsOfAllocation,
      cluster: (allocation) => clusterOfAllocation(estimator, allocation, key(allocation.order)),
      usdPerHour: (allocation) => priceOfAllocation(estimator, allocation),
    },
    { ...options, goal: { ...goal, slo } },
  );
};

/** How many allocations `searchAllocations` looks at, at most. */
export const searchSteps = (counts: readonly Pick<Allocation, 'encode'>[], { batches, shares, orders = ORDERS }: AllocationChoices): number =>
  counts.reduce((sum, { encode }) => sum + (encode > 0 ? shares.length : 1), 0) + REFINED * (batches.length - 1 + DISPATCHES.length - 1 + orders.filter((order) => order !== FIRST.order).length);

/**
 * The best use of chips: counts of instances with every way to share media out and the first batches; then of the best counts other batches, dispatchers and orders, one after the other.
 * Gives every allocation that was looked at, best first; of equals the simpler.
 */
export function searchAllocations(
  estimator: MultimodalEstimator,
  counts: readonly Pick<Allocation, 'encode' | 'placement'>[],
  { batches, shares, orders = ORDERS }: AllocationChoices,
  options: AllocationSearch,
): Ranking<Allocation> {
  const [first] = batches as [StageBatches];
  const start = counts.flatMap((count) => (count.encode > 0 ? shares : shares.slice(0, 1)).map((share): Allocation => ({ ...count, batches: first, share, ...FIRST })));
  let found = rankAllocations(estimator, start, options);
  /** Of the best of each of the best counts, what else could be tried: it likely serves about as much. */
  const refine = (others: (allocation: Allocation) => readonly Allocation[]): void => {
    const byCount = new Map<string, Ranking<Allocation>[number]>();
    for (const row of found) if (row.rate > 0 && !byCount.has(allocationText(row.candidate))) byCount.set(allocationText(row.candidate), row);
    for (const { candidate, rate } of [...byCount.values()].slice(0, REFINED)) found = merged(found, rankAllocations(estimator, others(candidate), nearTo(options, rate)), options);
  };
  refine((allocation) => batches.slice(1).map((batch) => ({ ...allocation, batches: batch })));
  refine((allocation) => DISPATCHES.filter((dispatch) => dispatch !== allocation.dispatch).map((dispatch) => ({ ...allocation, dispatch })));
  refine((allocation) => orders.filter((order) => order !== allocation.order).map((order) => ({ ...allocation, order })));
  return found;
}

const nearTo = <T extends SearchOptions>(options: T, near: number): T => ('share' in options.rates ? { ...options, rates: { ...options.rates, near } } : options);

/** Two rankings in one; the first keeps its place among equals. */
function merged(a: Ranking<Allocation>, b: Ranking<Allocation>, { objective }: SearchOptions): Ranking<Allocation> {
  const merit = meritOf(objective);
  return [...a, ...b].sort((x, y) => merit(y) - merit(x) || x.chips - y.chips);
}
