import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import type { PromptBatching } from '../../../src/serving/disaggregation/cluster.ts';
import { fitsBatch, PromptBatch, PromptQueue } from '../../../src/serving/disaggregation/prompt-queue.ts';
import { whole } from './support.ts';

const COUNT = 20;

function membersOf(first: number, next: Int32Array): readonly number[] {
  const found: number[] = [];
  for (let at = first; at >= 0 && found.length <= COUNT; at = next[at] as number) found.push(at);
  return found;
}

describe('PromptQueue', () => {
  test.prop([fc.array(fc.constantFrom('push', 'pushFront', 'take', 'take', 'empty'), { maxLength: 80 })])('is a list that takes at both ends, and gives batches in its order', (steps) => {
    const next = new Int32Array(COUNT).fill(-1);
    const queue = new PromptQueue(next);
    const batch = new PromptBatch();
    const [list, taken, outside]: [number[], number[], number[]] = [[], [], Array.from({ length: COUNT }, (_, at) => at)];
    for (const step of steps) {
      if (step === 'empty') {
        batch.clear();
        outside.push(...taken.splice(0));
      } else if (step === 'take') {
        if (list.length === 0) continue;
        taken.push(list.shift() as number);
        queue.moveTo(batch, 1 + (taken[taken.length - 1] as number));
      } else if (outside.length > 0) {
        const request = outside.shift() as number;
        queue[step](request);
        if (step === 'push') list.push(request);
        else list.unshift(request);
      }
      const lengths = taken.map((request) => request + 1);
      const sum = (of: (length: number) => number): number => lengths.reduce((total, length) => total + of(length), 0);
      expect([queue.size, membersOf(queue.first, next), membersOf(batch.first, next)]).toEqual([list.length, list, taken]);
      expect([batch.prompts, batch.tokens, batch.squares, batch.longest]).toEqual([lengths.length, sum((length) => length), sum((length) => length ** 2), Math.max(0, ...lengths)]);
    }
  });
});

describe('fitsBatch', () => {
  const batchOf = (...lengths: readonly number[]): PromptBatch => {
    const queue = new PromptQueue(new Int32Array(lengths.length).fill(-1));
    const batch = new PromptBatch();
    for (const at of lengths.keys()) queue.push(at);
    for (const tokens of lengths) queue.moveTo(batch, tokens);
    return batch;
  };
  const LIMITS: PromptBatching = { maxPrompts: 3, maxTokens: 100, padded: null };
  const padded = (maxTokens: number, maxPadding: number): PromptBatching => ({ ...LIMITS, padded: { maxTokens, maxPadding } });

  it.each<[boolean, PromptBatching, readonly number[], number]>([
    [true, LIMITS, [], 100],
    [false, LIMITS, [], 101],
    [true, LIMITS, [40, 40], 20],
    [false, LIMITS, [40, 40], 21],
    [false, LIMITS, [1, 1, 1], 1],
    // padded: two prompts of 30 are 60 tokens, 10 of them padding
    [true, padded(60, 10), [30], 20],
    [false, padded(59, 10), [30], 20],
    [false, padded(60, 9), [30], 20],
    // the longer one sets the length, wherever it stands
    [true, padded(60, 10), [20], 30],
    [false, padded(60, 9), [20], 30],
    // one alone has no padding, and is never refused for its length
    [true, padded(10, 0), [], 50],
  ])('says %j by %j to %j and %d more', (fits, limits, lengths, tokens) => expect(fitsBatch(limits, batchOf(...lengths), tokens)).toBe(fits));

  test.prop([fc.array(whole(1, 20), { minLength: 1, maxLength: 8 }), whole(1, 20), whole(0, 60), whole(20, 120)])('counts the padding of the whole batch', (lengths, tokens, maxPadding, maxTokens) => {
    const all = [...lengths, tokens];
    const area = all.length * Math.max(...all);
    const expected = area <= maxTokens && area - all.reduce((a, b) => a + b, 0) <= maxPadding;
    expect(fitsBatch({ maxPrompts: 10, maxTokens: 1000, padded: { maxTokens, maxPadding } }, batchOf(...lengths), tokens)).toBe(expected);
  });
});
