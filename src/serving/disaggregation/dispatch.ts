import type { Dispatch } from './cluster.ts';
import type { Instance } from './instance.ts';

/** What an instance has to do before a new prompt, or before a request that comes to decode. */
export const promptsWaiting = ({ prompts, first }: Instance): number => prompts.size + (first.running?.prompts ?? 0);
export const decodesWaiting = ({ first, waiting, unpulled }: Instance): number => first.decoding.size + waiting.size + unpulled.size;

/** The instance for the next request, by its number; the first of equals. */
export function instanceFor(instances: readonly Instance[], rule: Dispatch, waitingAt: (instance: Instance) => number): number {
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let at = 0; at < instances.length; at++) {
    const instance = instances[at] as Instance;
    const load = rule === 'least-loaded' ? instance.requests : waitingAt(instance);
    if (load < least) {
      best = at;
      least = load;
    }
  }
  return best;
}
