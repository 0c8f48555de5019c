import type { EventQueue } from '../engine/event-queue.ts';
import { type HostLink, halved, moveSeconds } from './copies.ts';
import type { Swaps } from './outcome.ts';
import type { SwapPolicy } from './policy.ts';
import type { Copied } from './residency.ts';

/** Kinds of events. */
export const ARRIVES = 0;
export const LEFT = 1;
export const CAME = 2;

/** A cache that comes back. */
export interface Incoming {
  readonly conversation: number;
  readonly copied: Copied;
}

/**
 * Copies in time: each direction carries one after the other. What is waited for adds to the stall before the next iteration; what is not ends with an event.
 * Asynchronous copies get half of what both directions reach together, as the other is taken to be busy.
 */
export class Swapper {
  /** time that the next iteration waits, s */
  stall = 0;
  /** caches on their way in */
  coming = 0;
  /** caches that came in since the last iteration while nothing ran */
  waitedFor = 0;
  readonly link: HostLink;
  readonly #events: EventQueue;
  readonly #swapping: SwapPolicy['swapping'];
  readonly #out: Swaps;
  readonly #in: Swaps;
  /** when each direction is free again */
  #outFree = 0;
  #inFree = 0;

  constructor(link: HostLink, swapping: SwapPolicy['swapping'], events: EventQueue, swaps: { readonly out: Swaps; readonly in: Swaps }) {
    this.link = swapping === 'synchronous' ? link : halved(link);
    this.#events = events;
    this.#swapping = swapping;
    this.#out = swaps.out;
    this.#in = swaps.in;
  }

  /** A cache goes out. @returns whether it is out already, as it is waited for */
  out(now: number, conversation: number, copied: Copied): boolean {
    const seconds = moveSeconds(copied, this.link.d2h);
    count(this.#out, copied, seconds);
    if (this.#swapping === 'synchronous') {
      this.stall += seconds;
      return true;
    }
    this.#outFree = Math.max(this.#outFree, now + this.stall) + seconds;
    this.#events.push(this.#outFree, LEFT, conversation);
    return false;
  }

  /**
   * Caches come in. Where they may be waited for or not: waiting for all costs each running conversation that time, not waiting costs those that come up to an iteration.
   * @returns whether they are in already
   */
  in(now: number, incoming: readonly Incoming[], running: number, iterationSeconds: number): boolean {
    const seconds = incoming.map(({ copied }) => moveSeconds(copied, this.link.h2d));
    incoming.forEach(({ copied }, at) => {
      count(this.#in, copied, seconds[at] as number);
    });
    const total = seconds.reduce((sum, time) => sum + time, 0);
    if (this.#swapping === 'synchronous' || (this.#swapping === 'adaptive' && total * running <= iterationSeconds * incoming.length)) {
      this.stall = Math.max(this.stall, this.#inFree - now) + total;
      this.waitedFor += incoming.length;
      return true;
    }
    this.coming += incoming.length;
    incoming.forEach(({ conversation }, at) => {
      this.#inFree = Math.max(this.#inFree, now + this.stall) + (seconds[at] as number);
      this.#events.push(this.#inFree, CAME, conversation);
    });
    return false;
  }
}

function count(swaps: Swaps, { blocks, groups, calls, bytes }: Copied, seconds: number): void {
  swaps.operations++;
  swaps.blocks += blocks;
  swaps.groups += groups;
  swaps.calls += calls;
  swaps.bytes += bytes;
  swaps.seconds += seconds;
}
