import type { Requests } from '../engine/requests.ts';
import type { Dispatch, Rules } from './cluster.ts';
import type { Instance } from './instance.ts';

/** What an instance has to do before a new prompt, or before a request that comes to decode. */
export const promptsWaiting = ({ prompts, first }: Instance): number => prompts.size + (first.running?.prompts ?? 0);
export const decodesWaiting = ({ first, waiting, unpulled }: Instance): number => first.decoding.size + waiting.size + unpulled.size;
export const requestsAt = ({ requests }: Instance): number => requests;

/** Chooses the instance for what comes next, by a rule; the first of equals. */
export class Dispatcher<T> {
  readonly #load: ((instance: T) => number) | null;
  #turn = 0;

  /** @param waiting what an instance has to do before it @param all what waits and what runs there */
  constructor(rule: Dispatch, waiting: (instance: T) => number, all: (instance: T) => number) {
    this.#load = rule === 'round-robin' ? null : rule === 'least-loaded' ? all : waiting;
  }

  choose(instances: readonly T[]): T {
    const load = this.#load;
    if (load === null) return instances[this.#turn++ % instances.length] as T;
    let best = instances[0] as T;
    let least = load(best);
    for (let at = 1; at < instances.length; at++) {
      const instance = instances[at] as T;
      const its = load(instance);
      if (its < least) {
        best = instance;
        least = its;
      }
    }
    return best;
  }
}

/** Keys by which requests wait; null where they wait in the order in which they come. @throws RangeError for a key that is NaN */
export function keysOf({ arrival, prompt, media }: Requests, { order }: Rules): Float64Array | null {
  if (order === undefined) return null;
  const keys = arrival.map((time, at) => order(time, prompt[at] as number, media?.[at] ?? 0));
  const none = keys.findIndex(Number.isNaN);
  if (none >= 0) throw new RangeError(`disaggregation: request ${none + 1} order NaN is not a number`);
  return keys;
}
