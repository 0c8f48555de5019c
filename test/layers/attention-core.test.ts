import { describe, expect, it } from 'vitest';
import { attentionCore, type CoreParts } from '../../src/layers/attention-core.ts';
import { step3Counting } from '../../src/layers/counting.ts';
import { gqaCoreFlop, gqaKvBytes } from '../../src/layers/grouped-query.ts';
import { mlaKvBytes } from '../../src/layers/mla-formulas.ts';
import { precisionPolicies } from '../../src/models/policies.ts';
import { spans } from '../../src/units/context-curve.ts';
import { contextOf } from '../support/operators.ts';

const parts = (kvHeads: number): CoreParts => ({
  queryHeads: 8,
  kvHeads,
  queryKeyDim: 64,
  valueDim: 32,
  attends: { span: spans.min(100), limit: 'window' },
  flop: { card: gqaCoreFlop, inputs: { queryHeads: 8, headDim: 64 } },
  kvBytesPerToken: { card: gqaKvBytes, inputs: { kvHeads, headDim: 64, bytesPerElement: 1 } },
  shardBy: 'kvHeads',
});

describe('attentionCore', () => {
  it('decode: work and reads over the span, one write', () => {
    const { flop, bytes } = attentionCore(parts(2), contextOf());
    expect([flop, bytes.kvRead, bytes.kvWrite].map(String)).toEqual(['2048*min(S, 100)', '256*min(S, 100)', '256']);
  });

  it('prefill: work over all prefixes, the prompt written once and read once', () => {
    const { flop, bytes } = attentionCore(parts(2), contextOf({ phase: 'prefill' }));
    expect([flop, bytes.kvRead, bytes.kvWrite].map(String)).toEqual(['2048*sum(min(t, 100), t = 1..S)', '256*S', '256*S']);
  });

  it('does not write where writes are not counted', () => {
    for (const phase of ['decode', 'prefill'] as const) expect(attentionCore(parts(2), contextOf({ phase, counting: step3Counting })).bytes.kvWrite.isZero).toBe(true);
  });

  it('takes queries in and gives values out, in activation precision, for every token', () => {
    expect(attentionCore(parts(2), contextOf()).bytes.activations.toString()).toBe(String(8 * (64 + 32)));
    expect(attentionCore(parts(2), contextOf({ precision: precisionPolicies.bf16 })).bytes.activations.toString()).toBe(String(2 * 8 * (64 + 32)));
    expect(attentionCore(parts(2), contextOf({ phase: 'prefill' })).bytes.activations.toString()).toBe(`${8 * (64 + 32)}*S`);
  });

  it('has no weights and no state', () => {
    const { weights, activeWeights, bytes } = attentionCore(parts(2), contextOf());
    expect([weights, activeWeights, bytes.weights.isZero, bytes.state.isZero]).toEqual([0, 0, true, true]);
  });

  it('refuses a cache whose tokens do not fill whole bytes', () => {
    const halves = { ...parts(1), kvBytesPerToken: { card: mlaKvBytes, inputs: { kvRank: 511, ropeDim: 64, bytesPerElement: 0.5 } } };
    for (const phase of ['decode', 'prefill'] as const) {
      expect(() => attentionCore(halves, contextOf({ phase }))).toThrow(RangeError);
      expect(() => attentionCore(halves, contextOf({ phase }))).toThrow(/^attention: kvBytesPerToken 287\.5 is not a whole number of bytes$/);
    }
  });

  it('derives its coefficients: the card gives the number before the span', () => {
    const { because, flop, bytes } = attentionCore(parts(2), contextOf());
    expect(because.flop.card.evaluate(because.flop.inputs)).toBe(flop.terms[0]?.coefficient);
    expect(because.kvRead?.card.evaluate(because.kvRead.inputs)).toBe(bytes.kvRead.terms[0]?.coefficient);
  });
});
