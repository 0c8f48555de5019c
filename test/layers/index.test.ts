import { describe, expect, it } from 'vitest';
import { exactCounting, step3Counting } from '../../src/layers/counting.ts';
import { type AttentionSpec, type FfnSpec, layers, lowerLayer, validateLayer } from '../../src/layers/index.ts';
import { lowerVocabulary } from '../../src/layers/vocabulary.ts';
import { ContextCurve } from '../../src/units/context-curve.ts';
import { contextOf, flopOf, weightsOf } from '../support/operators.ts';

const heads = { queryHeads: 8, kvHeads: 2, headDim: 64 };
const ATTENTION: readonly AttentionSpec[] = [
  { kind: 'gqa', ...heads },
  { kind: 'chunked', ...heads, chunk: 16 },
  { kind: 'sliding-window', ...heads, window: 16 },
  { kind: 'mla', queryHeads: 8, queryRank: 32, kvRank: 64, nopeDim: 32, ropeDim: 16, valueDim: 32, decodeForm: 'absorbed' },
  { kind: 'mfa', queryHeads: 8, headDim: 64, queryRank: 32 },
  { kind: 'lightning', heads: 8, headDim: 64 },
  { kind: 'dsa', queryHeads: 8, queryRank: 32, kvRank: 64, nopeDim: 32, ropeDim: 16, valueDim: 32, indexHeads: 4, indexDim: 16, topK: 20 },
  { kind: 'gated-delta-net', keyHeads: 2, valueHeads: 4, keyDim: 16, valueDim: 8, convKernel: 4 },
  { kind: 'kda', heads: 4, headDim: 16, convKernel: 4 },
  { kind: 'mamba2', heads: 8, headDim: 16, groups: 2, stateDim: 32, convKernel: 4 },
  { kind: 'compressed', queryHeads: 8, headDim: 64, queryRank: 32, outputGroups: 2, outputRank: 16, window: 16, ratio: 4, windowsPerEntry: 2, indexHeads: 4, indexDim: 16, topK: 5 },
];
const FFN: readonly FfnSpec[] = [
  { kind: 'dense', intermediate: 128, gated: true },
  { kind: 'moe', experts: 8, activeExperts: 2, intermediate: 64, sharedExperts: 1, sharedIntermediate: 64, gated: true },
];
const SPECS = [...ATTENTION, ...FFN];
const NONE = { kind: 'none' } as const;
/** kinds with a second core: the indexer's, a convolution */
const CORES: Readonly<Record<string, number>> = { dsa: 2, 'gated-delta-net': 2, kda: 2, mamba2: 2, compressed: 3 };

const grouped = 512 * (8 + 2 + 2) * 64 + 8 * 64 * 512;
/** Weights of a layer of hidden 512, and the work of its core or feed-forward per token, both by hand. */
const BY_HAND: Readonly<Record<string, { readonly weights: number; readonly work: string }>> = {
  gqa: { weights: grouped, work: `${2 * 8 * (64 + 64)}*S` },
  chunked: { weights: grouped, work: `${2 * 8 * (64 + 64)}*chunk(S, 16)` },
  'sliding-window': { weights: grouped, work: `${2 * 8 * (64 + 64)}*min(S, 16)` },
  mla: { weights: 512 * 32 + 32 * 8 * (32 + 16) + 512 * (64 + 16) + 64 * 8 * (32 + 32) + 8 * 32 * 512, work: `${2 * 8 * (64 + 16 + 64)}*S` },
  mfa: { weights: 512 * 32 + 32 * 8 * 64 + 512 * (64 + 64) + 8 * 64 * 512, work: `${2 * 8 * (64 + 64)}*S` },
  lightning: { weights: 5 * 512 * 8 * 64, work: `${10 * 8 * 64 * 64}` },
  dsa: {
    weights: 512 * 32 + 32 * 8 * (32 + 16) + 512 * (64 + 16) + 64 * 8 * (32 + 32) + 8 * 32 * 512 + 32 * 4 * 16 + 512 * (16 + 4),
    work: `${2 * 4 * 16}*S + ${2 * 8 * (64 + 16 + 64)}*min(S, 20)`,
  },
  'gated-delta-net': { weights: 2 * 512 * (2 * 16 + 4 * 8 + 4) + 512 * 4 * 8 + 4 * (2 * 2 * 16 + 4 * 8), work: `${7 * 4 * 16 * 8 + 2 * 4 * (2 * 2 * 16 + 4 * 8)}` },
  kda: { weights: 4 * 512 * 64 + 512 * 4 + 2 * (512 * 16 + 4 * 16 * 16) + 4 * 3 * 64, work: `${7 * 4 * 16 * 16 + 2 * 4 * 3 * 64}` },
  compressed: {
    weights: 512 * 32 + 32 * 8 * 64 + 512 * 64 + 8 * 64 * 16 + 2 * 16 * 512 + 2 * 512 * 2 * 64 + 2 * 512 * 2 * 16 + 32 * 4 * 16 + 512 * 4,
    work: `${4 * 8 * 64}*min(S, 16) + ${2 * 4 * 16}*floor(S / 4) + ${4 * 8 * 64}*min(floor(S / 4), 5)`,
  },
  mamba2: { weights: 512 * (2 * 128 + 2 * 2 * 32 + 8) + 128 * 512 + 4 * (128 + 2 * 2 * 32), work: `${5 * 8 * 16 * 32 + 2 * 4 * (128 + 2 * 2 * 32)}` },
  dense: { weights: 3 * 512 * 128, work: `${2 * 3 * 512 * 128}` },
  moe: { weights: 512 * 8 + 3 * 512 * 64 * (8 + 1), work: `${2 * (512 * 8 + 3 * 512 * 64 * (2 + 1))}` },
};

describe('layers', () => {
  it('has an example here for every kind', () => expect([...SPECS, NONE].map(({ kind }) => kind as string).sort()).toEqual(Object.keys(layers).sort()));

  it.each(SPECS)('lowers $kind to its own weights and work', (spec) => {
    expect(() => validateLayer(spec, 512)).not.toThrow();
    const operators = lowerLayer(spec, contextOf({ hidden: 512, repeat: 3 }));
    const work = ContextCurve.sum(operators.filter(({ part }) => part !== 'linear').map(({ flop }) => flop));
    expect({ weights: weightsOf(operators), work: work.toString() }).toEqual(BY_HAND[spec.kind]);
    for (const { repeat } of operators) expect(repeat).toBe(3);
    expect(new Set(operators.map(({ id }) => id)).size).toBe(operators.length);
  });

  it('lowers a side that is not there to nothing', () => expect(lowerLayer(NONE, contextOf())).toEqual([]));

  it.each(ATTENTION)('$kind is its cores and projections', (spec) => {
    const parts = lowerLayer(spec, contextOf({ hidden: 512 })).map(({ part }) => part);
    expect(parts.filter((part) => part === 'core')).toHaveLength(CORES[spec.kind] ?? 1);
    expect(new Set(parts)).toEqual(new Set(['core', 'linear']));
  });

  it.each(FFN)('$kind is feed-forward only', (spec) => expect(new Set(lowerLayer(spec, contextOf({ hidden: 512 })).map(({ part }) => part))).toEqual(new Set(['ffn'])));

  it.each(SPECS)('$kind: prefill of a prompt is the work of its tokens one by one', (spec) => {
    const [decode, prefill] = (['decode', 'prefill'] as const).map((phase) => flopOf(lowerLayer(spec, contextOf({ hidden: 512, phase })), spec.kind === 'mla' ? 'linear' : undefined)) as [
      ReturnType<typeof flopOf>,
      ReturnType<typeof flopOf>,
    ];
    let work = 0;
    for (let S = 1; S <= 40; S++) {
      work += decode.evaluate(S);
      expect(prefill.evaluate(S)).toBe(work);
    }
  });

  it('derives the work of each operator: its coefficient, and 0 where no work is counted', () => {
    const expanded = { kind: 'mla', queryHeads: 8, queryRank: 32, kvRank: 64, nopeDim: 32, ropeDim: 16, valueDim: 32, decodeForm: 'expanded' } as const;
    let uncounted = 0;
    for (const counting of [exactCounting, step3Counting])
      for (const phase of ['decode', 'prefill'] as const)
        for (const operator of [
          ...[...SPECS, expanded].flatMap((spec) => lowerLayer(spec, contextOf({ counting, phase }))),
          ...lowerVocabulary({ vocabulary: 100, tied: false }, contextOf({ counting, phase })),
        ]) {
          const derived = operator.because.flop.card.evaluate(operator.because.flop.inputs);
          if (operator.flop.isZero) uncounted++;
          expect(derived, operator.id).toBe(operator.flop.isZero ? 0 : operator.flop.terms[0]?.coefficient);
        }
    // each embedding, router and head without their switch, key-up and value-up of expanded decode
    expect(uncounted).toBe(4 + 2 + 2 + 4);
  });

  it.each(['mamba', 'toString', 'constructor'])('refuses kind %s, which has no file, by name', (kind) => {
    const unknown = { kind } as unknown as AttentionSpec;
    for (const call of [() => lowerLayer(unknown, contextOf()), () => validateLayer(unknown, 512)]) {
      expect(call).toThrow(RangeError);
      expect(call).toThrow(`layers: kind ${kind} is not one of gqa, mla, mfa, lightning, chunked, sliding-window, dsa, gated-delta-net, kda, mamba2, compressed, none, dense, moe`);
    }
  });
});
