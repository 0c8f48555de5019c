import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import type { MemoryRules, Rules } from '../../../src/serving/disaggregation/cluster.ts';
import type { Outcome } from '../../../src/serving/disaggregation/outcome.ts';
import { simulate } from '../../../src/serving/disaggregation/simulate.ts';
import type { Requests } from '../../../src/serving/engine/requests.ts';
import { disaggregated, longestOf, MEMORY, requestsArbitrary, requestsFrom, whole } from './support.ts';

const CACHE = { kvTokens: 20 };
const memoryOf = (changes: Partial<MemoryRules> = {}): Partial<Rules> => ({ memory: { ...MEMORY, ...changes } });
const finishOf = (outcome: Outcome): readonly unknown[] => [Array.from(outcome.finish), outcome.putOut];

// prompts take 2 s together, a step 1 s
describe('a cache of 20 tokens', () => {
  it('takes the token of a step before it takes the next prompt', () => {
    const requests = requestsFrom([
      [0, 4, 2],
      [0, 16, 2],
    ]);
    // while the first waits no other is pulled; at its first step it takes the fifth token, and 16 more are too many
    const outcome = simulate(requests, disaggregated({}, CACHE, memoryOf({ waitingShare: 0.05 })));
    expect(Array.from(outcome.decodeReady)).toEqual([2, 4]);
    expect(finishOf(outcome)).toEqual([[4, 6], 0]);
  });
});

const memory: fc.Arbitrary<MemoryRules> = fc.record({
  waitingShare: fc.constantFrom(0.05, 0.3, 1),
  reserve: fc.constantFrom(0, 0.01, 0.2),
  maxRequests: whole(1, 8),
  pulls: fc.constantFrom('between-steps', 'beside-steps'),
});
describe('memory that is hardly enough', () => {
  // steps of 1 s and prompts at whole seconds: what a request holds at a second follows from its times, where none was put out
  test.prop([requestsArbitrary(10, 8, 20), whole(0, 30), whole(0, 100), memory], { numRuns: 600 })('is never exceeded', (requests, prefillRoom, decodeRoom, rules) => {
    const whole: Requests = { ...requests, arrival: requests.arrival.map(Math.round) };
    const [prefillTokens, decodeTokens] = [Math.max(...requests.prompt) + prefillRoom, longestOf(requests) + decodeRoom];
    const outcome = simulate(whole, disaggregated({ kvTokens: prefillTokens }, { kvTokens: decodeTokens }, { memory: rules, batching: { maxPrompts: 3, maxTokens: 1000, padded: null } }));
    const { prompt } = requests;
    const { prefillStart, decodeReady, decodeStart, finish } = outcome;
    if (outcome.putOut > 0) return;
    const most = [0, 0];
    for (let second = 0; second < Math.max(...finish); second++) {
      let [read, pulled] = [0, 0];
      for (const [at, tokens] of prompt.entries()) {
        const [start, ready, first, end] = [prefillStart, decodeReady, decodeStart, finish].map((times) => times[at] as number) as [number, number, number, number];
        if (start <= second && second < ready) read += tokens;
        if (ready <= second && second < end) pulled += tokens + Math.max(0, second - first + 1);
      }
      most[0] = Math.max(most[0] as number, read);
      most[1] = Math.max(most[1] as number, pulled);
    }
    expect(most[0]).toBeLessThanOrEqual(prefillTokens);
    expect(most[1]).toBeLessThanOrEqual(decodeTokens);
  });
});
