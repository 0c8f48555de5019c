import { type Goal, shortfallOf } from './attainment.ts';
import type { Cluster } from './cluster.ts';
import { type Load, requestsAt } from './load.ts';
import { simulate } from './simulate.ts';

export interface RateSearch {
  /** highest rate that is looked at, requests/s */
  readonly highest: number;
  /** the search ends when it knows the rate to within this, requests/s */
  readonly within: number;
}

export interface Goodput {
  /** highest rate found that reaches the goal, requests/s; 0 where none does */
  readonly rate: number;
  /** what stops a higher one; null where the highest rate that is looked at reaches the goal */
  readonly stops: 'ttft' | 'tpot' | null;
}

/**
 * The highest rate at which a cluster reaches a goal, by halving [0, highest]: each load runs at each rate, and all of them have to reach it.
 * Ignored: that short runs do better than long ones, and that a higher rate may reach the goal where a lower one does not.
 */
export function goodput(cluster: Cluster, loads: readonly Load[], goal: Goal, { highest, within }: RateSearch): Goodput {
  let [low, high] = [0, highest];
  let stops: Goodput['stops'] = null;
  while (high - low > within) {
    const rate = (low + high) / 2;
    const short = shortOf(cluster, loads, goal, rate);
    if (short === null) low = rate;
    else {
      high = rate;
      stops = short;
    }
  }
  return { rate: low, stops };
}

/** What stops a cluster at a rate; null where every load reaches the goal. */
export function shortOf(cluster: Cluster, loads: readonly Load[], goal: Goal, rate: number): Goodput['stops'] {
  for (const load of loads) {
    const short = shortfallOf(simulate(requestsAt(load, rate), cluster), goal);
    if (short !== null) return short;
  }
  return null;
}
