import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ChunkedSpec, chunked } from '../../src/layers/chunked.ts';
import { exactCounting, step3Counting } from '../../src/layers/counting.ts';
import { gqa } from '../../src/layers/gqa.ts';
import { precisionPolicies } from '../../src/models/policies.ts';
import { bytesOf, contextOf, flopOf, refusesNonPositiveIntegers, weightsOf } from '../support/operators.ts';
import { assertPrinted } from '../support/printed.ts';
import { countsOf } from '../support/step3-tables.ts';

const llama4: ChunkedSpec = { kind: 'chunked', queryHeads: 40, kvHeads: 8, headDim: 128, chunk: 8192 };
const heads = { kind: 'gqa', queryHeads: 40, kvHeads: 8, headDim: 128 } as const;
const byPosition = contextOf({ counting: exactCounting });
const byMinimum = contextOf({ counting: { ...exactCounting, chunkPosition: false } });

describe('chunked', () => {
  const paper = contextOf({ hidden: 5120, counting: step3Counting, precision: { ...precisionPolicies.fp8, kvByKind: { gqa: 'bf16' } } });
  const [local, full] = [chunked.lower(llama4, paper), gqa.lower(heads, paper)];
  it.each(countsOf('Llama 4 M'))('reproduces $at: 36 layers beside 12 of full attention', ({ at, contextLength: S, printed }) => {
    assertPrinted(36 * bytesOf(local, 'kvRead').evaluate(S) + 12 * bytesOf(full, 'kvRead').evaluate(S), printed.kvBytesRead, `${at}, KV bytes`);
    assertPrinted(36 * flopOf(local, 'core').evaluate(S) + 12 * flopOf(full, 'core').evaluate(S), printed.attentionFlop, `${at}, core FLOP`);
    assertPrinted(36 * flopOf(local, 'linear').evaluate(S) + 12 * flopOf(full, 'linear').evaluate(S), printed.linearFlop, `${at}, linear FLOP`);
  });

  it.each([byPosition, byMinimum])('is full attention while the context fits into one chunk', (context) => {
    const [one, other] = [chunked.lower(llama4, context), gqa.lower(heads, context)];
    for (const S of [1, 2, 4095, 8191, 8192]) {
      expect(flopOf(one).evaluate(S)).toBe(flopOf(other).evaluate(S));
      expect(bytesOf(one, 'kvRead').evaluate(S)).toBe(bytesOf(other, 'kvRead').evaluate(S));
    }
    expect(weightsOf(one)).toBe(weightsOf(other));
  });

  it('attends its position in the chunk: one token after a boundary, a whole chunk on it', () => {
    const attended = (S: number) => bytesOf(chunked.lower(llama4, byPosition), 'kvRead').evaluate(S) / 2048;
    expect([8192, 8193, 8194, 16384, 16385].map(attended)).toEqual([8192, 1, 2, 8192, 1]);
  });

  it('attends min(S, c) as the paper counts', () => {
    const attended = (S: number) => bytesOf(chunked.lower(llama4, byMinimum), 'kvRead').evaluate(S) / 2048;
    expect([8192, 8193, 16384, 1_000_000].map(attended)).toEqual([8192, 8192, 8192, 8192]);
  });

  it('never attends more by position than by minimum, and both agree in every last token of a chunk', () =>
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 512 }), fc.integer({ min: 1, max: 100_000 }), (chunk, S) => {
        const spec = { ...llama4, chunk };
        const [position, minimum] = [flopOf(chunked.lower(spec, byPosition), 'core'), flopOf(chunked.lower(spec, byMinimum), 'core')];
        expect(position.evaluate(S)).toBeLessThanOrEqual(minimum.evaluate(S));
        expect(position.evaluate(S * chunk)).toBe(minimum.evaluate(S * chunk));
      }),
    ));

  it.each([byPosition, byMinimum])('prefills with the work of decoding token by token, across chunks', (context) => {
    const spec = { ...llama4, chunk: 7 };
    const [decode, prefill] = [chunked.lower(spec, context), chunked.lower(spec, { ...context, phase: 'prefill' })];
    let work = 0;
    for (let N = 1; N <= 40; N++) {
      work += flopOf(decode).evaluate(N);
      expect(flopOf(prefill).evaluate(N)).toBe(work);
    }
  });

  refusesNonPositiveIntegers('chunked', chunked, llama4, ['queryHeads', 'kvHeads', 'headDim', 'chunk']);
  it('refuses KV heads that do not divide the query heads', () => expect(() => chunked.validate({ ...llama4, kvHeads: 7 }, 5120)).toThrow(/^chunked: queryHeads 40 is not a multiple of kvHeads 7$/));
});
