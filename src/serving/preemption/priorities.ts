import { type Random, randomOf } from '../engine/random.ts';

/**
 * How priorities change at an update.
 *   random   each active conversation draws anew from [0, 1), whatever was before
 *   markov   with probability `persistence` a conversation keeps its priority; otherwise it draws the largest of 1 + s numbers from [0, 1), s being how often it ran at
 *            the updates before, the last counting 1, each one before it half of the next: who was served recently and often is served again
 *   fixed    the priority of the arrival stays: later turns of lower priority (first come, first served)
 */
export const PATTERNS = ['random', 'markov', 'fixed'] as const;
export type Pattern = (typeof PATTERNS)[number];

export interface PriorityOptions {
  readonly pattern: Pattern;
  /** of `markov`: 0 unless given */
  readonly persistence?: number;
  readonly seed?: number;
}

/** How much of a service counts after one more update. */
const DECAY = 0.5;

/** Priorities of conversations; a larger one goes first. The same seed gives the same ones for the same questions. */
export class Priorities {
  readonly of: Float64Array;
  readonly #served: Float64Array;
  readonly #random: Random;
  readonly #pattern: Pattern;
  readonly #persistence: number;
  #arrived = 0;

  /** @throws RangeError for a persistence that is no probability, or a seed that is none */
  constructor(conversations: number, { pattern, persistence = 0, seed = 0 }: PriorityOptions) {
    if (!(persistence >= 0 && persistence <= 1)) throw new RangeError(`preemption: persistence ${persistence} is not from 0 to 1`);
    this.of = new Float64Array(conversations);
    this.#served = new Float64Array(conversations);
    this.#random = randomOf(seed);
    this.#pattern = pattern;
    this.#persistence = persistence;
  }

  /** A turn arrives. */
  arrive(conversation: number): void {
    this.of[conversation] = this.#pattern === 'fixed' ? -this.#arrived++ : this.#random();
  }

  /** An update of one active conversation. */
  update(conversation: number, runs: boolean): void {
    if (this.#pattern === 'fixed') return;
    if (this.#pattern === 'random') {
      this.of[conversation] = this.#random();
      return;
    }
    const served = DECAY * (this.#served[conversation] as number) + (runs ? 1 : 0);
    this.#served[conversation] = served;
    // the largest of n uniform numbers is distributed as u^(1/n)
    if (this.#random() >= this.#persistence) this.of[conversation] = this.#random() ** (1 / (1 + served));
  }
}
