import { describe, expect, it } from 'vitest';
import { COMPONENTS, kvPrecision, PRECISION_BITS, STORAGE_BITS, weightFormat } from '../../src/layers/precision.ts';
import { precisionPolicies } from '../../src/models/policies.ts';

/** bits of an element, its share of the scales included */
const BY_HAND: Readonly<Record<keyof typeof STORAGE_BITS, number>> = {
  fp32: 32,
  bf16: 16,
  fp16: 16,
  fp8: 8,
  int8: 8,
  fp4: 4,
  int4: 4,
  'fp8-block128': 8 + 32 / 16384,
  mxfp8: 8.25,
  mxfp4: 4.25,
  nvfp4: 4.5,
  'int4-g32': 4.5,
  'int4-g64': 4.25,
  'int4-g128': 4.125,
  'int4-g32-zp': 4.625,
  'int4-g64-zp': 4.3125,
  'int4-g128-zp': 4.15625,
  'int8-g128': 8.125,
};

describe('STORAGE_BITS', () => {
  it.each(Object.entries(STORAGE_BITS))('%s', (format, bits) => expect(bits).toBe(BY_HAND[format as keyof typeof STORAGE_BITS]));

  it('holds every format of arithmetic, and none of these has scales', () => {
    expect(Object.keys(STORAGE_BITS).sort()).toEqual(Object.keys(BY_HAND).sort());
    for (const [format, bits] of Object.entries(PRECISION_BITS)) expect(STORAGE_BITS).toHaveProperty(format, bits);
    for (const format of Object.keys(STORAGE_BITS)) expect([format, Number.isInteger(BY_HAND[format as keyof typeof STORAGE_BITS])]).toEqual([format, Object.hasOwn(PRECISION_BITS, format)]);
  });
});

describe('kvPrecision', () => {
  const policy = { ...precisionPolicies.fp8, kvByKind: { gqa: 'bf16' } } as const;
  it('is that of the kind where the policy names it, else that of the policy', () => {
    expect(kvPrecision(policy, 'gqa')).toBe('bf16');
    expect(kvPrecision(policy, 'chunked')).toBe('fp8');
  });
});

describe('weightFormat', () => {
  it('is that of the component where the policy names it, else that of the policy', () => {
    const policy = { ...precisionPolicies.fp8, weightsByComponent: { experts: 'mxfp4', head: 'bf16' } } as const;
    expect(Object.fromEntries(COMPONENTS.map((component) => [component, weightFormat(policy, component)]))).toEqual({
      embedding: 'fp8',
      attention: 'fp8',
      indexer: 'fp8',
      dense: 'fp8',
      router: 'fp8',
      experts: 'mxfp4',
      sharedExperts: 'fp8',
      head: 'bf16',
      vision: 'fp8',
    });
  });

  it('is that of the policy for every component where it names none', () => {
    for (const component of COMPONENTS) expect(weightFormat(precisionPolicies.bf16, component)).toBe('bf16');
  });
});
