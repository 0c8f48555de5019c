import { type Goal, shortfallOf } from './attainment.ts';
import type { Cluster } from './cluster.ts';
import { type Load, requestsAt } from './load.ts';
import { simulate } from './simulate.ts';

/** Rates that are looked at, requests/s: up to a highest one, to within a step; or any, to within a share of itself, from one on that it is likely near. */
export type RateSearch = { readonly highest: number; readonly within: number } | { readonly share: number; readonly near?: number };

export interface Goodput {
  /** highest rate found that reaches the goal, requests/s; 0 where none does */
  readonly rate: number;
  /** what stops a higher one; null where the highest rate that is looked at reaches the goal */
  readonly stops: 'ttft' | 'tpot' | null;
}

/** Without a highest rate: what the search starts at, and what it gives up below and above, requests/s. */
const START = 16;
const LEAST = 1e-4;
const MOST = 1e4;
/** Steps where the rate is likely near one that is given. */
const NEAR = 1.2;

/**
 * The highest rate at which a cluster reaches a goal: halved between one that does and one that does not. Every load has to reach it.
 * Ignored: that short runs do better than long ones, and that a higher rate may reach the goal where a lower one does not.
 * @throws RangeError for rates that cannot be searched
 */
export function goodput(cluster: Cluster, loads: readonly Load[], goal: Goal, search: RateSearch): Goodput {
  checkSearch(search);
  let stops: Goodput['stops'] = null;
  const reaches = (rate: number): boolean => {
    const short = shortOf(cluster, loads, goal, rate);
    if (short !== null) stops = short;
    return short === null;
  };
  let [low, high] = 'highest' in search ? [0, search.highest] : bracket(reaches, search.near ?? START, search.near === undefined ? 2 : NEAR);
  while (high - low > ('highest' in search ? search.within : search.share * low)) {
    const rate = (low + high) / 2;
    if (reaches(rate)) low = rate;
    else high = rate;
  }
  return { rate: low, stops };
}

/** A rate that holds and one that does not, in steps of a factor; twice the highest where all hold, twice 0 where none does. */
function bracket(reaches: (rate: number) => boolean, start: number, factor: number): readonly [number, number] {
  let rate = start;
  if (reaches(rate)) {
    while (rate < MOST) {
      const next = Math.min(MOST, factor * rate);
      if (!reaches(next)) return [rate, next];
      rate = next;
    }
    return [MOST, MOST];
  }
  while (rate > LEAST) {
    const above = rate;
    rate /= factor;
    if (reaches(rate)) return [rate, above];
  }
  return [0, 0];
}

/** What stops a cluster at a rate; null where every load reaches the goal. */
export function shortOf(cluster: Cluster, loads: readonly Load[], goal: Goal, rate: number): Goodput['stops'] {
  for (const load of loads) {
    const short = shortfallOf(simulate(requestsAt(load, rate), cluster), goal);
    if (short !== null) return short;
  }
  return null;
}

function checkSearch(search: RateSearch): void {
  if ('share' in search) {
    if (!(search.share >= 1e-6 && search.share <= 1)) throw new RangeError(`goodput: share ${search.share} is not from 1e-6 to 1`);
    if (search.near !== undefined && !(search.near > LEAST && search.near < MOST)) throw new RangeError(`goodput: near ${search.near} requests/s is not from ${LEAST} to ${MOST}`);
    return;
  }
  const { highest, within } = search;
  if (!(highest > 0 && highest < Number.POSITIVE_INFINITY)) throw new RangeError(`goodput: highest ${highest} requests/s is not above 0`);
  // below that, halves of the rate could be the same number
  if (!(within >= 1e-12 * highest)) throw new RangeError(`goodput: within ${within} requests/s is not at least 1e-12 of the highest, ${highest}`);
}
