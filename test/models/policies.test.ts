import { describe, expect, it } from 'vitest';
import { STORAGE_BITS } from '../../src/layers/precision.ts';
import { PRECISION_POLICY_IDS, precisionPolicies } from '../../src/models/index.ts';

const POLICIES = Object.entries(precisionPolicies);

describe('precisionPolicies', () => {
  it('can be named, beside the model’s own', () => expect(PRECISION_POLICY_IDS).toEqual(['paper', 'fp8', 'bf16', 'fp8-kv16', 'w8a8kv16', 'w8a8kv8', 'kv4-math8', 'kv8-math16']));

  it.each(POLICIES)('%s has its name as its id, known formats only, and is frozen', (id, policy) => {
    expect(policy.id).toBe(id);
    expect(Object.isFrozen(policy)).toBe(true);
    for (const format of [policy.weights, policy.activations, policy.kv, policy.state, ...Object.values(policy.math)]) expect(STORAGE_BITS).toHaveProperty(format);
    expect(policy.kvByKind).toEqual({});
  });

  it.each([
    ['fp8', 8, 8, 8, 8],
    ['bf16', 16, 16, 16, 16],
    ['fp8-kv16', 8, 16, 16, 8],
    ['w8a8kv16', 8, 16, 16, 8],
    ['w8a8kv8', 8, 8, 8, 8],
    ['kv4-math8', 8, 4, 8, 8],
    ['kv8-math16', 8, 8, 16, 16],
  ] as const)('%s: weights %d, KV %d, attention math %d, linear math %d bit', (id, weights, kv, attention, linear) => {
    const policy = precisionPolicies[id];
    expect([policy.weights, policy.kv, policy.math.attention, policy.math.linear].map((format) => STORAGE_BITS[format])).toEqual([weights, kv, attention, linear]);
    expect(policy.math.ffn).toBe(policy.math.linear);
  });

  it.each(POLICIES)('%s multiplies the head as all matrices, but where it is not quantised', (id, { math, weights, weightsByComponent }) => {
    const whole = id.startsWith('w8a8');
    expect(math.head).toBe(whole ? 'bf16' : math.linear);
    expect(weightsByComponent ?? {}).toEqual(whole ? { embedding: 'bf16', router: 'bf16', head: 'bf16' } : {});
    expect(STORAGE_BITS[weights]).toBe(id === 'bf16' ? 16 : 8);
  });

  it('keep a recurrent state in 32 bit', () => {
    for (const [, { state }] of POLICIES) expect(state).toBe('fp32');
  });
});
