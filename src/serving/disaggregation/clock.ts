import { EventQueue } from '../engine/event-queue.ts';
import type { Stage } from './instance.ts';

/** What can happen in a cluster, beside arrivals; the slot is a stage, a request, or an encode instance. */
export const WAKE = 0;
export const PREFILLED = 1;
export const DECODED = 2;
export const PULLED = 3;
/** from here on only where encoding has instances of its own */
export const ENCODED = 4;
export const WAKE_ENCODE = 5;
export const AT_PREFILL = 6;
export const DECIDE = 7;
export const CHANGED = 8;

/** The time of a run, and what is to come. */
export class Clock {
  /** s */
  now = 0;
  readonly events = new EventQueue();

  /** @throws RangeError for what is no time */
  after(seconds: number, kind: number, slot: number): void {
    if (!(seconds >= 0 && seconds < Number.POSITIVE_INFINITY)) throw new RangeError(`disaggregation: stage time ${seconds} is not a number of seconds from 0 on`);
    this.events.push(this.now + seconds, kind, slot);
  }

  /** An idle stage looks at what it has to do, after all that happens at this time before. */
  wake(stage: Stage): void {
    if (stage.busy || stage.waking) return;
    stage.waking = true;
    this.events.push(this.now, WAKE, stage.index);
  }
}
