import { describe, expect, it } from 'vitest';
import { kvPrecision } from '../../src/layers/precision.ts';
import { precisionPolicies } from '../../src/models/policies.ts';

describe('kvPrecision', () => {
  const policy = { ...precisionPolicies.fp8, kvByKind: { gqa: 'bf16' } } as const;
  it('is that of the kind where the policy names it, else that of the policy', () => {
    expect(kvPrecision(policy, 'gqa')).toBe('bf16');
    expect(kvPrecision(policy, 'chunked')).toBe('fp8');
  });
});
