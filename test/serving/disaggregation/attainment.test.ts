import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { attainmentOf, type Goal, quantileOf, shortfallOf } from '../../../src/serving/disaggregation/attainment.ts';
import type { Outcome } from '../../../src/serving/disaggregation/outcome.ts';
import { requestsFrom, whole } from './support.ts';

/** An outcome by its times to first token and per output token; requests arrive at 1 s and make 2 tokens. */
function outcomeOf(rows: readonly (readonly [ttft: number, tpot: number])[]): Outcome {
  const firstToken = Float64Array.from(rows, ([ttft]) => 1 + ttft);
  const finish = Float64Array.from(rows, ([ttft, tpot]) => 1 + ttft + 2 * tpot);
  const steps = new Int32Array(rows.length).fill(2);
  return {
    requests: requestsFrom(rows.map(() => [1, 5, 2])),
    encodeStart: null,
    encoded: null,
    prefillStart: firstToken,
    firstToken,
    decodeReady: firstToken,
    decodeStart: firstToken,
    finish,
    steps,
    events: 0,
    putOut: 0,
    roles: [],
  };
}

const goalOf = (ttft: number, tpot: number, criterion: Goal['criterion'], share = 0.9): Goal => ({ slo: { ttft, tpot }, criterion, share });

describe('attainmentOf', () => {
  const outcome = outcomeOf([
    [0.25, 0.125],
    [0.25, 0.5],
    [0.5, 0.125],
    [1, 1],
  ]);

  it('counts requests that keep both times, and each, to the last', () => {
    expect(attainmentOf(outcome, { ttft: 0.25, tpot: 0.125 })).toEqual({ both: 0.25, ttft: 0.5, tpot: 0.5 });
    expect(attainmentOf(outcome, { ttft: 0.5, tpot: 0.5 })).toEqual({ both: 0.75, ttft: 0.75, tpot: 0.75 });
    expect(attainmentOf(outcome, { ttft: 0.24, tpot: 10 })).toEqual({ both: 0, ttft: 0, tpot: 1 });
  });

  it('scales both times', () => expect(attainmentOf(outcome, { ttft: 0.25, tpot: 0.125 }, { scale: 4 })).toEqual({ both: 0.75, ttft: 1, tpot: 0.75 }));
});

describe('quantileOf', () => {
  // numpy 2.4: numpy.quantile([0.3, 0.1, 2.5, 0.7, 1.1, 0.2, 0.4], share)
  it.each([
    [0, 0.1],
    [0.25, 0.25],
    [0.5, 0.4],
    [0.9, 1.66],
    [0.99, 2.416],
    [1, 2.5],
  ])('is that of numpy: %d', (share, expected) => expect(quantileOf(Float64Array.of(0.3, 0.1, 2.5, 0.7, 1.1, 0.2, 0.4), share)).toBeCloseTo(expected, 12));

  it('of one value is the value', () => expect(quantileOf(Float64Array.of(7), 0.9)).toBe(7));

  test.prop([fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: 1, maxLength: 30 }), whole(0, 100), whole(0, 100)])('lies within the values, and never falls', (values, a, b) => {
    const [low, high] = [Math.min(a, b), Math.max(a, b)].map((share) => quantileOf(Float64Array.from(values), share / 100)) as [number, number];
    expect(low).toBeLessThanOrEqual(high + 1e-12);
    expect(low).toBeGreaterThanOrEqual(Math.min(...values) - 1e-12);
    expect(high).toBeLessThanOrEqual(Math.max(...values) + 1e-12);
  });
});

describe('shortfallOf', () => {
  // nine of ten first tokens are early, nine of ten requests are fast, eight are both
  const rows = Array.from({ length: 10 }, (_, at) => [at === 0 ? 2 : 0.5, at === 1 ? 2 : 0.5] as const);
  const outcome = outcomeOf(rows);

  it('asks for a share of requests that keep both times', () => {
    expect(shortfallOf(outcome, goalOf(1, 1, 'joint'))).toBe('ttft');
    expect(shortfallOf(outcome, goalOf(3, 1, 'joint'))).toBeNull();
    expect(shortfallOf(outcome, goalOf(3, 0.25, 'joint'))).toBe('tpot');
    expect(shortfallOf(outcome, goalOf(1, 1, 'joint', 0.8))).toBeNull();
  });

  it('or for a quantile of each time below its limit', () => {
    // the quantile of nine tenths of ten values lies a tenth of the way from the ninth to the tenth: 0.65
    expect(shortfallOf(outcome, goalOf(1, 1, 'separate'))).toBeNull();
    expect(shortfallOf(outcome, goalOf(0.64, 1, 'separate'))).toBe('ttft');
    expect(shortfallOf(outcome, goalOf(1, 0.64, 'separate'))).toBe('tpot');
    expect(shortfallOf(outcome, goalOf(0.5, 0.5, 'separate', 0.5))).toBe('ttft');
  });
});
