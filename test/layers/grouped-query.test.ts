import { describe, expect, it } from 'vitest';
import { gqaCoreFlop, gqaEffectiveRank, gqaKeyValueWeights, gqaKvBytes, gqaQueryWeights, groupedQuery, validateQueryHeads } from '../../src/layers/grouped-query.ts';
import { spans } from '../../src/units/context-curve.ts';
import { contextOf, operatorOf } from '../support/operators.ts';

const qwen3Moe = { kind: 'gqa', queryHeads: 64, kvHeads: 4, headDim: 128 } as const;

describe('grouped-query formulas', () => {
  it.each([
    ['query weights', gqaQueryWeights.evaluate({ hidden: 4096, queryHeads: 64, headDim: 128 }), 4096 * 8192],
    ['key-value weights', gqaKeyValueWeights.evaluate({ hidden: 4096, kvHeads: 4, headDim: 128 }), 2 * 4096 * 512],
    ['KV bytes in 8 bit', gqaKvBytes.evaluate({ kvHeads: 4, headDim: 128, bytesPerElement: 1 }), 1024],
    ['KV bytes in 4 bit', gqaKvBytes.evaluate({ kvHeads: 4, headDim: 128, bytesPerElement: 0.5 }), 512],
    ['core work', gqaCoreFlop.evaluate({ queryHeads: 64, headDim: 128 }), 32768],
    ['effective rank of Qwen3 MoE (section 5.1)', gqaEffectiveRank.evaluate({ queryHeads: 64, headDim: 128 }), 8192],
    ['effective rank of Step-3 (section 5.1)', gqaEffectiveRank.evaluate({ queryHeads: 64, headDim: 256 }), 16384],
  ])('%s', (_, actual, expected) => expect(actual).toBe(expected));
});

describe('groupedQuery', () => {
  const operators = groupedQuery(qwen3Moe, { span: spans.min(512), limit: 'window' }, contextOf({ repeat: 7 }));

  it('is query, key-value, core, output, each in every layer', () => {
    expect(operators.map(({ id, part, repeat }) => `${id} ${part} ${repeat}`)).toEqual(['query linear 7', 'key-value linear 7', 'core core 7', 'output linear 7']);
  });

  it('multiplies matrices of the right shape', () => {
    expect(operatorOf(operators, 'query').shape).toEqual({ kind: 'gemm', k: 4096, n: 8192, groups: 1, activeGroups: 1 });
    expect(operatorOf(operators, 'key-value').shape).toEqual({ kind: 'gemm', k: 4096, n: 1024, groups: 1, activeGroups: 1 });
    expect(operatorOf(operators, 'output').shape).toEqual({ kind: 'gemm', k: 8192, n: 4096, groups: 1, activeGroups: 1 });
    expect(operatorOf(operators, 'core').shape).toEqual({ kind: 'attention', queryHeads: 64, kvHeads: 4, queryKeyDim: 128, valueDim: 128 });
  });

  it('attends what the span says', () => {
    expect(operatorOf(operators, 'core').flop.toString()).toBe('32768*min(S, 512)');
    expect(operatorOf(operators, 'core').bytes.kvRead.toString()).toBe('1024*min(S, 512)');
  });

  it('splits by heads, the cache by key-value heads', () => expect(operators.map(({ shardBy }) => shardBy)).toEqual(['heads', 'kvHeads', 'kvHeads', 'heads']));

  it('splits the work by heads where one key-value head is cached', () => {
    const shardBy = (kvHeads: number) => operatorOf(groupedQuery({ ...qwen3Moe, kvHeads }, { span: spans.linear, limit: null }, contextOf()), 'core').shardBy;
    expect([1, 4, 64].map(shardBy)).toEqual(['heads', 'kvHeads', 'kvHeads']);
  });
});

describe('validateQueryHeads', () => {
  it('accepts MHA, GQA and MQA', () => {
    for (const kvHeads of [1, 4, 64]) expect(() => validateQueryHeads('gqa', { ...qwen3Moe, kvHeads })).not.toThrow();
  });
  it('names its place', () => {
    expect(() => validateQueryHeads('chunked', { ...qwen3Moe, headDim: 0 })).toThrow(/^chunked: headDim 0 is not a positive integer$/);
    expect(() => validateQueryHeads('chunked', { ...qwen3Moe, kvHeads: 128 })).toThrow(/^chunked: queryHeads 64 is not a multiple of kvHeads 128$/);
  });
});
