import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { EventQueue } from '../../../src/serving/engine/event-queue.ts';

interface Event {
  readonly time: number;
  readonly kind: number;
  readonly slot: number;
}

/** Few times, so that many events are due together, or any. */
const time = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.double({ min: 0, max: 10, noNaN: true }));
const event: fc.Arbitrary<Event> = fc.record({ time, kind: fc.integer({ min: 0, max: 3 }), slot: fc.integer({ min: 0, max: 1_000_000 }) });
/** A push, or a pop where there is no event. */
const script = fc.array(fc.option(event, { freq: 3 }), { maxLength: 400 });

const popped = (queue: EventQueue): Event | null => (queue.pop() ? { time: queue.now, kind: queue.kind, slot: queue.slot } : null);

/** Takes the earliest of a list, of equals the first. */
function earliest(events: Event[]): Event | null {
  let best = 0;
  for (const [at, { time }] of events.entries()) if (time < (events[best] as Event).time) best = at;
  return events.splice(best, 1)[0] ?? null;
}

describe('EventQueue', () => {
  test.prop([script, fc.integer({ min: 1, max: 8 })], { numRuns: 200 })('gives what a list gives, earliest first, of equal times the first pushed, from any capacity', (steps, capacity) => {
    const queue = new EventQueue(capacity);
    const list: Event[] = [];
    const [seen, expected]: [unknown[], unknown[]] = [[], []];
    let taken = 0;
    for (const step of steps) {
      if (step === null) {
        const event = earliest(list);
        if (event !== null) taken++;
        seen.push(popped(queue));
        expected.push(event);
      } else {
        queue.push(step.time, step.kind, step.slot);
        list.push(step);
      }
      seen.push([queue.size, queue.taken, queue.next]);
      expected.push([list.length, taken, Math.min(Number.POSITIVE_INFINITY, ...list.map(({ time }) => time))]);
    }
    while (list.length > 0) {
      seen.push(popped(queue));
      expected.push(earliest(list));
    }
    expect(seen).toEqual(expected);
    expect(queue.pop()).toBe(false);
  });

  test.prop([fc.array(time, { maxLength: 300 })])('sorts as a stable sort does', (times) => {
    const queue = new EventQueue();
    for (const [slot, each] of times.entries()) queue.push(each, 0, slot);
    const sorted = times.map((each, slot) => ({ time: each, kind: 0, slot })).sort((a, b) => a.time - b.time);
    expect(times.map(() => popped(queue))).toEqual(sorted);
  });

  it('keeps the order of 10,000 events of one time', () => {
    const queue = new EventQueue(1);
    const events = Array.from({ length: 10_000 }, (_, slot): Event => ({ time: 1, kind: slot % 3, slot }));
    for (const { time, kind, slot } of events) queue.push(time, kind, slot);
    expect(events.map(() => popped(queue))).toEqual(events);
  });

  it('is due never where it is empty, and then leaves the event taken last as it is', () => {
    const queue = new EventQueue();
    expect([queue.next, queue.pop(), queue.now, queue.taken]).toEqual([Number.POSITIVE_INFINITY, false, 0, 0]);
    queue.push(2, 1, 7);
    expect([queue.next, queue.pop(), queue.pop(), queue.next]).toEqual([2, true, false, Number.POSITIVE_INFINITY]);
    expect([queue.now, queue.kind, queue.slot, queue.taken]).toEqual([2, 1, 7, 1]);
  });

  it('starts from no capacity as well', () => {
    const queue = new EventQueue(0);
    for (const each of [3, 1, 2]) queue.push(each, 0, each);
    expect([popped(queue), popped(queue), popped(queue)].map((each) => each?.slot)).toEqual([1, 2, 3]);
  });
});
