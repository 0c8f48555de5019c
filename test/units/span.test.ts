import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareSpans, pieceEnd, spanAt, spanExactly, spans, spanText } from '../../src/units/span.ts';
import { anySpan, counted } from './curves.ts';

const context = fc.integer({ min: 0, max: 700 });

describe('a span', () => {
  it('equals its definition counted out, in doubles and in integers', () => {
    fc.assert(
      fc.property(anySpan, context, (span, S) => {
        expect(BigInt(spanAt(span, S))).toBe(counted(span, S));
        expect(spanExactly(span, BigInt(S))).toBe(counted(span, S));
      }),
    );
  });

  it('is one polynomial of degree at most 2 that never falls up to the end of its piece', () => {
    fc.assert(
      fc.property(anySpan, fc.integer({ min: 1, max: 700 }), (span, S) => {
        const end = Math.min(pieceEnd(span, S), S + 400);
        expect(end).toBeGreaterThanOrEqual(S);
        const values = Array.from({ length: end - S + 1 }, (_, i) => spanAt(span, S + i));
        const steps = values.slice(1).map((value, i) => value - Number(values[i]));
        const bends = steps.slice(1).map((step, i) => step - Number(steps[i]));
        expect(steps.every((step) => step >= 0)).toBe(true);
        expect(new Set(bends).size).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('is ordered totally, and equal spans alone compare as 0', () => {
    fc.assert(
      fc.property(anySpan, anySpan, anySpan, (a, b, c) => {
        expect(Math.sign(compareSpans(a, b)) + Math.sign(compareSpans(b, a))).toBe(0);
        expect(compareSpans(a, b) === 0).toBe(spanText(a) === spanText(b));
        if (compareSpans(a, b) <= 0 && compareSpans(b, c) <= 0) expect(compareSpans(a, c)).toBeLessThanOrEqual(0);
      }),
    );
  });

  it.each([
    [spans.one, '1'],
    [spans.linear, 'S'],
    [spans.min(8192), 'min(S, 8192)'],
    [spans.chunk(30), 'chunk(S, 30)'],
    [spans.ceil(64), 'ceil(S / 64)'],
    [spans.floor(4, 512), 'min(floor(S / 4), 512)'],
    [spans.prefix(spans.floor(64)), 'sum(floor(t / 64), t = 1..S)'],
  ])('%o reads %s', (span, text) => expect(spanText(span)).toBe(text));
});
