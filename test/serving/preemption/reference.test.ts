import { test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { simulatePreemption } from '../../../src/serving/preemption/simulate.ts';
import { type Reference, reference } from './reference.ts';
import { type Case, caseArbitrary, conversationsFrom, engineOf } from './support.ts';

const PRECISION = 1e-9;
const COUNTS = ['iterations', 'updates', 'drops', 'recomputedTokens', 'givenUp'] as const;
const SECONDS = ['busySeconds', 'stallSeconds', 'makespan'] as const;
const SWAPS = ['operations', 'blocks', 'groups', 'calls', 'bytes'] as const;
const HISTOGRAMS = { tbt: 'gaps', stalls: 'stalls', waiting: 'waiting' } as const;

const isNear = (a: number, b: number): boolean => Math.abs(a - b) <= PRECISION * Math.max(Math.abs(a), Math.abs(b), 1e-3);

function near(actual: number, expected: number, what: string): void {
  if (!isNear(actual, expected)) expect(actual, what).toBe(expected);
}

function compare(given: Case): Reference {
  const conversations = conversationsFrom(given.talks);
  const engine = engineOf(given);
  const { policy, pattern, persistence, seed, updateEvery } = given;
  const options = { policy, priorities: { pattern, persistence, seed }, updateEvery };
  const outcome = simulatePreemption(conversations, engine, options);
  const expected = reference(conversations, engine, options);
  for (const field of ['arrival', 'firstToken', 'finish'] as const) for (const [turn, time] of expected[field].entries()) near(outcome[field][turn] as number, time, `${field} of turn ${turn}`);
  for (const field of COUNTS) expect(outcome[field], field).toBe(expected[field]);
  for (const field of SECONDS) near(outcome[field], expected[field], field);
  for (const way of ['out', 'in'] as const) {
    for (const field of SWAPS) expect(outcome[way][field], `${way} ${field}`).toBe(expected[way][field]);
    near(outcome[way].seconds, expected[way].seconds, `${way} seconds`);
  }
  for (const [histogram, field] of Object.entries(HISTOGRAMS) as ['tbt' | 'stalls' | 'waiting', 'gaps' | 'stalls' | 'waiting'][]) {
    const values = expected[field];
    expect(outcome[histogram].count, histogram).toBe(values.length);
    near(
      outcome[histogram].sum,
      values.reduce((sum, value) => sum + value, 0),
      histogram,
    );
    near(outcome[histogram].largest, Math.max(0, ...values), histogram);
  }
  expect(expected.finish.some(Number.isNaN)).toBe(false);
  expect(expected.largestBatch).toBeLessThanOrEqual(given.batchTokens);
  return expected;
}

describe('simulatePreemption gives each turn the times of the plain simulator', () => {
  test.prop([caseArbitrary], { numRuns: 800 })('whatever the policy', (given) => {
    compare(given);
  });
});
