import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attentionCore, type CoreParts } from '../../src/layers/attention-core.ts';
import { step3Counting } from '../../src/layers/counting.ts';
import { gqaCoreFlop, gqaKvBytes } from '../../src/layers/grouped-query.ts';
import { mlaKvBytes } from '../../src/layers/mla-formulas.ts';
import type { Operator } from '../../src/layers/operator.ts';
import { precisionPolicies } from '../../src/models/policies.ts';
import { type Span, spans } from '../../src/units/context-curve.ts';
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

  it('is the core of attention unless it says otherwise', () => {
    expect(attentionCore(parts(2), contextOf())).toMatchObject({
      id: 'core',
      component: 'attention',
      part: 'core',
      kind: 'attention-core',
      attends: { limit: 'window' },
      scales: { kind: 'perToken' },
      shardBy: 'kvHeads',
    });
    expect(attentionCore(parts(2), contextOf()).shape).toEqual({ kind: 'attention', queryHeads: 8, kvHeads: 2, queryKeyDim: 64, valueDim: 32 });
    expect(attentionCore({ ...parts(2), id: 'index-core', component: 'indexer' }, contextOf())).toMatchObject({ id: 'index-core', component: 'indexer', part: 'core' });
  });

  it('derives its coefficients: the card gives the number before the span', () => {
    const { because, flop, bytes } = attentionCore(parts(2), contextOf());
    expect(because.flop.card.evaluate(because.flop.inputs)).toBe(flop.terms[0]?.coefficient);
    expect(because.kvRead?.card.evaluate(because.kvRead.inputs)).toBe(bytes.kvRead.terms[0]?.coefficient);
  });
});

describe('the cache of an attention core', () => {
  const cacheOf = (span: Span, changes: Partial<CoreParts> = {}, phase: 'decode' | 'prefill' = 'decode') =>
    attentionCore({ ...parts(2), attends: { span, limit: null }, ...changes }, contextOf({ phase })).cache;
  const [window, chunk, full] = [spans.min(100), spans.chunk(100), spans.linear];

  it.each([
    ['a window', window, '256*min(S, 100)'],
    ['a chunk, whatever the position in it', chunk, '256*min(S, 100)'],
    ['all tokens', full, '256*S'],
  ] as const)('is, for %s, a ring of its size, and pages of every token', (_, span, ring) => {
    for (const phase of ['decode', 'prefill'] as const) {
      const cache = cacheOf(span, {}, phase);
      expect([String(cache?.ring), String(cache?.paged), cache?.state]).toEqual([ring, '256*S', 0]);
    }
  });

  it('keeps every token in the ring too where a later one can attend it', () => {
    for (const span of [window, chunk, full]) expect(String(cacheOf(span, { forgets: false })?.ring)).toBe('256*S');
    expect(cacheOf(window, { forgets: true })).toEqual(cacheOf(window));
  });

  it('is never read beyond what the ring holds, and filled by what is written', () =>
    fc.assert(
      fc.property(fc.constantFrom(window, chunk, full), fc.integer({ min: 1, max: 1000 }), (span, S) => {
        const { bytes, cache } = attentionCore({ ...parts(2), attends: { span, limit: null } }, contextOf());
        expect(bytes.kvRead.evaluate(S)).toBeLessThanOrEqual(cache?.ring.evaluate(S) ?? 0);
        expect(cache?.ring.evaluate(S)).toBeLessThanOrEqual(cache?.paged.evaluate(S) ?? 0);
        expect(cache?.paged.evaluate(S)).toBe(S * bytes.kvWrite.evaluate(S));
      }),
    ));

  it('is not there where the keys and values are those of another layer, which are read and not written', () => {
    for (const phase of ['decode', 'prefill'] as const) {
      const [own, shared] = [true, false].map((ownsCache) => attentionCore({ ...parts(2), ownsCache }, contextOf({ phase }))) as [Operator, Operator];
      expect('cache' in shared).toBe(false);
      expect(shared.bytes.kvWrite.isZero).toBe(true);
      const { cache, ...rest } = own;
      expect(shared).toEqual({ ...rest, bytes: { ...own.bytes, kvWrite: shared.bytes.kvWrite } });
    }
    expect(attentionCore({ ...parts(2), ownsCache: true }, contextOf())).toEqual(attentionCore(parts(2), contextOf()));
  });

  it('holds fewer entries than tokens where it says so, and does not count writing them', () => {
    const entries = { keeps: spans.floor(4) };
    for (const phase of ['decode', 'prefill'] as const) {
      const { bytes, cache } = attentionCore({ ...parts(2), ...entries, forgets: false }, contextOf({ phase }));
      expect([String(cache?.ring), String(cache?.paged)]).toEqual(['256*floor(S / 4)', '256*floor(S / 4)']);
      expect(bytes.kvWrite.isZero).toBe(true);
      expect(bytes.kvRead.toString()).toBe(phase === 'decode' ? '256*min(S, 100)' : '256*floor(S / 4)');
    }
  });

  it('holds states beside it where it says so, and does not count moving them', () => {
    const kept = { card: gqaKvBytes, inputs: { kvHeads: 3, headDim: 5, bytesPerElement: 4 } };
    const { bytes, cache, because } = attentionCore({ ...parts(2), kept }, contextOf());
    expect(because.kept).toBe(kept);
    expect('kept' in attentionCore(parts(2), contextOf()).because).toBe(false);
    expect(cache).toEqual({ ...attentionCore(parts(2), contextOf()).cache, state: 120 });
    expect(bytes.state.isZero).toBe(true);
  });

  it('holds what it holds whether or not its writes are counted', () => {
    const paper = attentionCore(parts(2), contextOf({ counting: step3Counting }));
    expect(paper.cache).toEqual(attentionCore(parts(2), contextOf()).cache);
  });
});
