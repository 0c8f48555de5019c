import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { step3Counting } from '../../src/layers/counting.ts';
import { gqa } from '../../src/layers/gqa.ts';
import { type SlidingWindowSpec, slidingWindow } from '../../src/layers/sliding-window.ts';
import { precisionPolicies } from '../../src/models/policies.ts';
import { bytesOf, contextOf, flopOf, refusesNonPositiveIntegers, weightsOf } from '../support/operators.ts';

const spec: SlidingWindowSpec = { kind: 'sliding-window', queryHeads: 32, kvHeads: 8, headDim: 128, window: 4096 };
const full = gqa.lower({ kind: 'gqa', queryHeads: 32, kvHeads: 8, headDim: 128 }, contextOf());
const windowed = slidingWindow.lower(spec, contextOf());

describe('sliding-window', () => {
  it('is full attention up to the window', () => {
    for (const S of [1, 4095, 4096]) {
      expect(flopOf(windowed).evaluate(S)).toBe(flopOf(full).evaluate(S));
      expect(bytesOf(windowed, 'kvRead').evaluate(S)).toBe(bytesOf(full, 'kvRead').evaluate(S));
    }
    expect(weightsOf(windowed)).toBe(weightsOf(full));
  });

  it('does not grow beyond the window', () => {
    for (const curve of [flopOf(windowed), bytesOf(windowed, 'kvRead')]) expect(curve.evaluate(10_000_000)).toBe(curve.evaluate(4096));
    expect(flopOf(windowed).evaluate(4097)).toBeLessThan(flopOf(full).evaluate(4097));
  });

  it('attends only the token itself in a window of one', () => {
    const one = slidingWindow.lower({ ...spec, window: 1 }, contextOf());
    for (const S of [1, 100]) expect(flopOf(one, 'core').evaluate(S)).toBe(4 * 32 * 128);
  });

  it('grows with its window', () =>
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), fc.integer({ min: 1, max: 10_000 }), fc.integer({ min: 1, max: 20_000 }), (a, b, S) => {
        const core = (window: number) => flopOf(slidingWindow.lower({ ...spec, window }, contextOf()), 'core').evaluate(S);
        expect(core(Math.min(a, b))).toBeLessThanOrEqual(core(Math.max(a, b)));
        expect(core(a)).toBe(4 * 32 * 128 * Math.min(S, a));
      }),
    ));

  it('slides: no counting turns it into chunks', () => {
    const paper = slidingWindow.lower(spec, contextOf({ counting: { ...step3Counting, kvWrite: true } }));
    expect(paper).toEqual(windowed);
  });

  it('prefills with the work of decoding token by token', () => {
    const small = { ...spec, window: 5 };
    const [decode, prefill] = [slidingWindow.lower(small, contextOf()), slidingWindow.lower(small, contextOf({ phase: 'prefill' }))];
    let work = 0;
    for (let N = 1; N <= 20; N++) {
      work += flopOf(decode).evaluate(N);
      expect(flopOf(prefill).evaluate(N)).toBe(work);
    }
  });

  it('stores KV in the format of its kind', () => {
    const precision = { ...precisionPolicies.fp8, kvByKind: { 'sliding-window': 'bf16' } } as const;
    expect(bytesOf(slidingWindow.lower(spec, contextOf({ precision })), 'kvRead').equals(bytesOf(windowed, 'kvRead').times(2))).toBe(true);
  });

  refusesNonPositiveIntegers('sliding-window', slidingWindow, spec, ['queryHeads', 'kvHeads', 'headDim', 'window']);
  it('refuses KV heads that do not divide the query heads', () =>
    expect(() => slidingWindow.validate({ ...spec, kvHeads: 5 }, 4096)).toThrow(/^sliding-window: queryHeads 32 is not a multiple of kvHeads 5$/));
});
