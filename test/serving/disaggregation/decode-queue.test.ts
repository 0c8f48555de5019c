import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { DecodeQueue } from '../../../src/serving/disaggregation/decode-queue.ts';
import { Cohorts } from '../../../src/serving/engine/cohorts.ts';
import { whole } from './support.ts';

const membersOf = (cohorts: Cohorts, cohort: number): readonly number[] => {
  const found: number[] = [];
  for (let at = cohort < 0 ? -1 : (cohorts.first[cohort] as number); at >= 0; at = cohorts.next[at] as number) found.push(at);
  return found;
};

describe('DecodeQueue', () => {
  /** Groups of prompts: one waits alone, more are a cohort. */
  const groups = fc.array(fc.array(whole(1, 30), { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 12 });

  test.prop([groups, fc.array(whole(0, 200), { minLength: 1, maxLength: 12 })], { numRuns: 300 })(
    'gives the longest prefix that fits, requests and cohorts alike, and keeps the rest in order',
    (given, takes) => {
      const prompts = given.flat();
      const cohorts = new Cohorts(Int32Array.from(prompts), new Int32Array(prompts.length).fill(5));
      const queue = new DecodeQueue(cohorts, []);
      const list: number[] = [];
      let number = 0;
      for (const group of given) {
        const requests = group.map(() => number++);
        list.push(...requests);
        if (requests.length === 1) queue.pushRequest(requests[0] as number);
        else {
          const cohort = cohorts.create();
          for (const request of requests) cohorts.append(cohort, request);
          queue.pushCohort(cohort);
        }
      }
      const sumOf = (requests: readonly number[]): number => requests.reduce((sum, request) => sum + (prompts[request] as number), 0);
      for (const tokens of [...takes, 10_000]) {
        let fit = 0;
        while (fit < list.length && sumOf(list.slice(0, fit + 1)) + fit + 1 <= tokens) fit++;
        const joined: number[] = [];
        const batch = queue.takeFitting(tokens, (request) => joined.push(request));
        const expected = list.splice(0, fit);
        expect([batch >= 0, membersOf(cohorts, batch)]).toEqual([fit > 0, expected]);
        // those in cohorts have joined one before
        expect(joined).toEqual(expected.filter((request) => joined.includes(request)));
        expect([queue.size, queue.context]).toEqual([list.length, sumOf(list)]);
      }
      expect(queue.takeFitting(10_000, () => {})).toBe(-1);
    },
  );

  it('of requests alone gives its last as well as its first', () => {
    const cohorts = new Cohorts(Int32Array.of(10, 20, 30, 40), new Int32Array(4).fill(5));
    const queue = new DecodeQueue(cohorts, []);
    for (const request of [0, 1, 2]) queue.pushRequest(request);
    expect([queue.takeLast(), queue.size, queue.context, queue.front]).toEqual([2, 2, 30, 0]);
    queue.pushRequest(3);
    expect([queue.takeRequest(), queue.takeRequest(), queue.takeLast(), queue.takeLast()]).toEqual([0, 1, 3, -1]);
    expect([queue.size, queue.context, queue.front]).toEqual([0, 0, -1]);
    queue.pushRequest(1);
    expect([queue.takeLast(), queue.front, queue.takeRequest(), queue.takeCohort()]).toEqual([1, -1, -1, -1]);
  });
});
