/**
 * What an engine does when a conversation has to leave the memory of the chip.
 *   initialGroup   blocks of the contiguous group that a conversation is given first; null: single blocks, each copied alone
 *   reuse          copies on the host are kept after a swap-in: only what was added since is copied out again
 *   swapping       synchronous: no iteration runs while copies do; asynchronous: others go on, what comes in joins when it is there, and what goes out frees its blocks when
 *                  it is out; adaptive: asynchronous, but swap-ins are waited for where that costs fewer tokens
 *   preempt        swap; recompute: the cache is dropped and read again from the tokens; cheaper: whichever takes less time for this conversation
 */
export interface SwapPolicy {
  readonly initialGroup: number | null;
  readonly reuse: boolean;
  readonly swapping: 'synchronous' | 'asynchronous' | 'adaptive';
  readonly preempt: 'swap' | 'recompute' | 'cheaper';
}

/** Blocks of the first group: section 3.1 of arXiv:2411.18424. */
export const INITIAL_GROUP = 60;

/** The systems of Figure 8 in arXiv:2411.18424, in its order, and what recomputing does. */
export const POLICIES = {
  vllm: { initialGroup: null, reuse: false, swapping: 'synchronous', preempt: 'swap' },
  groups: { initialGroup: INITIAL_GROUP, reuse: false, swapping: 'synchronous', preempt: 'swap' },
  'groups-reuse': { initialGroup: INITIAL_GROUP, reuse: true, swapping: 'synchronous', preempt: 'swap' },
  fastswitch: { initialGroup: INITIAL_GROUP, reuse: true, swapping: 'adaptive', preempt: 'swap' },
  recompute: { initialGroup: null, reuse: false, swapping: 'synchronous', preempt: 'recompute' },
  cheaper: { initialGroup: null, reuse: false, swapping: 'synchronous', preempt: 'cheaper' },
} as const satisfies Readonly<Record<string, SwapPolicy>>;
export type PolicyName = keyof typeof POLICIES;
