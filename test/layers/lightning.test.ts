import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exactCounting, step3Counting } from '../../src/layers/counting.ts';
import { gqa } from '../../src/layers/gqa.ts';
import { type LightningSpec, lightning } from '../../src/layers/lightning.ts';
import { precisionPolicies } from '../../src/models/policies.ts';
import { bytesOf, contextOf, flopOf, operatorOf, refusesNonPositiveIntegers, weightsOf } from '../support/operators.ts';
import { assertPrinted } from '../support/printed.ts';
import { countsOf } from '../support/step3-tables.ts';

const minimax: LightningSpec = { kind: 'lightning', heads: 64, headDim: 128 };
const operators = lightning.lower(minimax, contextOf({ hidden: 6144 }));
const size = fc.integer({ min: 1, max: 128 });

describe('lightning', () => {
  const full = gqa.lower(
    { kind: 'gqa', queryHeads: 64, kvHeads: 8, headDim: 128 },
    contextOf({ hidden: 6144, counting: step3Counting, precision: { ...precisionPolicies.fp8, kvByKind: { gqa: 'bf16' } } }),
  );
  it.each(countsOf('MM M1'))('reproduces $at: 70 layers beside 10 of full attention', ({ at, contextLength: S, printed }) => {
    assertPrinted(70 * bytesOf(operators, 'state').evaluate(S) + 10 * bytesOf(full, 'kvRead').evaluate(S), printed.kvBytesRead, `${at}, state and KV bytes`);
    assertPrinted(70 * flopOf(operators, 'core').evaluate(S) + 10 * flopOf(full, 'core').evaluate(S), printed.attentionFlop, `${at}, core FLOP`);
    assertPrinted(70 * flopOf(operators, 'linear').evaluate(S) + 10 * flopOf(full, 'linear').evaluate(S), printed.linearFlop, `${at}, linear FLOP`);
  });

  it('counts as its docstring says, at any context', () =>
    fc.assert(
      fc.property(size, size, size, fc.integer({ min: 1, max: 10_000_000 }), (heads, headDim, hidden, S) => {
        const lowered = lightning.lower({ kind: 'lightning', heads, headDim }, contextOf({ hidden }));
        expect(bytesOf(lowered, 'state').evaluate(S)).toBe(2 * heads * headDim ** 2 * 4);
        expect(flopOf(lowered, 'core').evaluate(S)).toBe(10 * heads * headDim ** 2);
        expect(flopOf(lowered, 'linear').evaluate(S)).toBe(2 * 5 * hidden * heads * headDim);
        expect(weightsOf(lowered)).toBe(5 * hidden * heads * headDim);
      }),
    ));

  it('has a state that does not depend on the context, and no KV cache', () => {
    for (const curve of [bytesOf(operators, 'state'), flopOf(operators)]) expect(curve.evaluate(1)).toBe(curve.evaluate(10_000_000));
    for (const key of ['kvRead', 'kvWrite'] as const) expect(bytesOf(operators, key).isZero).toBe(true);
  });

  it('moves its state in the state format only', () => {
    const half = lightning.lower(minimax, contextOf({ hidden: 6144, precision: { ...precisionPolicies.bf16, state: 'bf16' } }));
    expect(bytesOf(operators, 'state').equals(bytesOf(half, 'state').times(2))).toBe(true);
    expect(bytesOf(lightning.lower(minimax, contextOf({ hidden: 6144, precision: precisionPolicies.bf16 })), 'state').equals(bytesOf(operators, 'state'))).toBe(true);
  });

  it('prefills every token and moves the state once', () => {
    const prefill = lightning.lower(minimax, contextOf({ hidden: 6144, phase: 'prefill' }));
    expect(flopOf(prefill).evaluate(1000)).toBe(1000 * flopOf(operators).evaluate(1));
    expect(bytesOf(prefill, 'state').equals(bytesOf(operators, 'state'))).toBe(true);
  });

  it('is counted alike by both countings', () => {
    const [exact, paper] = [exactCounting, step3Counting].map((counting) => lightning.lower(minimax, contextOf({ hidden: 6144, counting })));
    expect(exact).toEqual(paper);
  });

  it('is five projections around a state update', () => {
    expect(operators.map(({ id }) => id)).toEqual(['query', 'key', 'value', 'gate', 'core', 'output']);
    expect(operatorOf(operators, 'core')).toMatchObject({ kind: 'state-update', shape: { kind: 'state', heads: 64, keyDim: 128, valueDim: 128 } });
    expect(operatorOf(operators, 'output').shape).toMatchObject({ k: 8192, n: 6144 });
  });

  refusesNonPositiveIntegers('lightning', lightning, minimax, ['heads', 'headDim']);
});
