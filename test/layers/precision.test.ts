import { describe, expect, it } from 'vitest';
import { kvPrecision, PRECISION_BITS, type Precision, storedBytes } from '../../src/layers/precision.ts';
import { precisionPolicies } from '../../src/models/policies.ts';

describe('storedBytes', () => {
  it.each([
    ['fp32', 40],
    ['bf16', 20],
    ['fp16', 20],
    ['fp8', 10],
    ['int8', 10],
    ['fp4', 5],
    ['int4', 5],
  ] as const)('ten elements in %s take %d bytes', (precision, bytes) => expect(storedBytes(10, precision)).toBe(bytes));

  it('covers every format', () => {
    for (const precision of Object.keys(PRECISION_BITS) as Precision[]) expect(storedBytes(8, precision)).toBe(PRECISION_BITS[precision]);
  });

  it.each(['fp4', 'int4'] as const)('refuses half a byte of %s', (precision) => {
    expect(() => storedBytes(7, precision)).toThrow(RangeError);
    expect(() => storedBytes(7, precision)).toThrow(`precision: elements 7 in ${precision} do not fill whole bytes`);
  });
});

describe('kvPrecision', () => {
  const policy = { ...precisionPolicies.fp8, kvByKind: { gqa: 'bf16' } } as const;
  it('is that of the kind where the policy names it, else that of the policy', () => {
    expect(kvPrecision(policy, 'gqa')).toBe('bf16');
    expect(kvPrecision(policy, 'chunked')).toBe('fp8');
  });
});
