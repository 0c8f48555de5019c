import { describe, expect, it } from 'vitest';
import { effectiveRank } from '../../src/layers/effective-rank.ts';
import { modelOf } from '../../src/models/index.ts';

const rankOf = (model: string, group = 0) => effectiveRank(modelOf(model).layers[group]?.attention ?? { kind: 'lightning', heads: 1, headDim: 1 });

describe('effectiveRank', () => {
  it.each([
    ['step-3', 16384],
    ['deepseek-v3', 16384],
    ['qwen3-235b-a22b', 8192],
  ])('of %s is the printed %i (section 5.1)', (model, rank) => {
    expect(rankOf(model)).toBe(rank);
  });

  it('does not depend on the kind of cache', () => {
    expect(effectiveRank({ kind: 'mfa', queryHeads: 8, headDim: 64, queryRank: 32 })).toBe(effectiveRank({ kind: 'gqa', queryHeads: 8, kvHeads: 2, headDim: 64 }));
    expect(effectiveRank({ kind: 'chunked', queryHeads: 8, kvHeads: 2, headDim: 64, chunk: 16 })).toBe(512);
  });

  it('of sparse latent attention is that of the latent attention it selects for', () => {
    const heads = { queryHeads: 128, queryRank: 1536, kvRank: 512, nopeDim: 96, ropeDim: 64, valueDim: 128 };
    expect(effectiveRank({ kind: 'dsa', ...heads, indexHeads: 64, indexDim: 128, topK: 2048 })).toBe(128 * 96);
    expect(effectiveRank({ kind: 'mla', ...heads, decodeForm: 'absorbed' })).toBe(128 * 96);
  });

  it('is the width of the queries, whatever the values, the gate and the cache', () => {
    const heads = { queryHeads: 8, kvHeads: 2, headDim: 64 };
    for (const more of [{ valueDim: 32 }, { outputGate: 'element' }, { keysAreValues: true }, { sharesCache: true }] as const) expect(effectiveRank({ kind: 'gqa', ...heads, ...more })).toBe(512);
    expect(effectiveRank({ kind: 'sliding-window', ...heads, window: 16 })).toBe(512);
  });

  it('is not defined for a recurrent layer', () => {
    expect(rankOf('minimax-m1')).toBeNull();
    const recurrent = [
      { kind: 'gated-delta-net', keyHeads: 2, valueHeads: 4, keyDim: 16, valueDim: 8, convKernel: 4 },
      { kind: 'kda', heads: 4, headDim: 16, convKernel: 4 },
      { kind: 'mamba2', heads: 8, headDim: 16, groups: 2, stateDim: 32, convKernel: 4 },
    ] as const;
    for (const attention of recurrent) expect(effectiveRank(attention), attention.kind).toBeNull();
  });

  it('is not defined where there is no attention', () => expect(effectiveRank({ kind: 'none' })).toBeNull());
});
