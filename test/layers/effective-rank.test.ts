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

  it('is not defined for a recurrent layer', () => {
    expect(rankOf('minimax-m1')).toBeNull();
  });
});
