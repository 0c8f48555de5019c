import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { step3Counting } from '../../src/layers/counting.ts';
import { type GqaSpec, gqa } from '../../src/layers/gqa.ts';
import { precisionPolicies } from '../../src/models/policies.ts';
import { bytesOf, contextOf, flopOf, operatorOf, refusesNonPositiveIntegers, weightsOf } from '../support/operators.ts';
import { assertPrinted } from '../support/printed.ts';
import { countsOf } from '../support/step3-tables.ts';

const qwen3Moe: GqaSpec = { kind: 'gqa', queryHeads: 64, kvHeads: 4, headDim: 128 };
const eight = { ...qwen3Moe, kvHeads: 8 };

const GOLDEN = [
  ['Qwen3 MoE', 94, 4096, qwen3Moe],
  ['Qwen3 32B', 64, 5120, eight],
  ['ERNIE 4.5', 54, 8192, eight],
  ['Pangu Pro', 48, 5120, { ...eight, queryHeads: 40 }],
] as const;

const specs = fc.record({ kvHeads: fc.integer({ min: 1, max: 16 }), group: fc.integer({ min: 1, max: 16 }), headDim: fc.integer({ min: 1, max: 256 }) });
const specOf = ({ kvHeads, group, headDim }: { kvHeads: number; group: number; headDim: number }): GqaSpec => ({ kind: 'gqa', queryHeads: kvHeads * group, kvHeads, headDim });
const contexts = fc.integer({ min: 1, max: 1_000_000 });

describe('gqa', () => {
  for (const [paperName, repeat, hidden, spec] of GOLDEN) {
    const operators = gqa.lower(spec, contextOf({ hidden, counting: step3Counting }));
    it.each(countsOf(paperName))('reproduces $at', ({ at, contextLength, printed }) => {
      assertPrinted(repeat * bytesOf(operators, 'kvRead').evaluate(contextLength), printed.kvBytesRead, `${at}, KV bytes`);
      assertPrinted(repeat * flopOf(operators, 'core').evaluate(contextLength), printed.attentionFlop, `${at}, core FLOP`);
      assertPrinted(repeat * flopOf(operators, 'linear').evaluate(contextLength), printed.linearFlop, `${at}, linear FLOP`);
    });
  }

  it('counts as its docstring says', () =>
    fc.assert(
      fc.property(specs, fc.integer({ min: 1, max: 8192 }), contexts, (sizes, hidden, S) => {
        const spec = specOf(sizes);
        const operators = gqa.lower(spec, contextOf({ hidden }));
        const { queryHeads: nq, kvHeads: nkv, headDim: d } = spec;
        expect(bytesOf(operators, 'kvRead').evaluate(S)).toBe(2 * nkv * d * S);
        expect(bytesOf(operators, 'kvWrite').evaluate(S)).toBe(2 * nkv * d);
        expect(flopOf(operators, 'core').evaluate(S)).toBe(4 * nq * d * S);
        expect(flopOf(operators, 'linear').evaluate(S)).toBe(2 * hidden * d * (2 * nq + 2 * nkv));
        expect(weightsOf(operators)).toBe(hidden * d * (2 * nq + 2 * nkv));
      }),
    ));

  it('does n times the work and reads n times the bytes at n times the context', () =>
    fc.assert(
      fc.property(specs, contexts, fc.integer({ min: 1, max: 100 }), (sizes, S, n) => {
        const operators = gqa.lower(specOf(sizes), contextOf());
        expect(flopOf(operators, 'core').evaluate(n * S)).toBe(n * flopOf(operators, 'core').evaluate(S));
        expect(bytesOf(operators, 'kvRead').evaluate(n * S)).toBe(n * bytesOf(operators, 'kvRead').evaluate(S));
        expect(flopOf(operators, 'linear').evaluate(n * S)).toBe(flopOf(operators, 'linear').evaluate(S));
      }),
    ));

  it('is multi-head attention where every query head has its key-value head: four equal projections', () => {
    const operators = gqa.lower({ ...qwen3Moe, kvHeads: 64 }, contextOf());
    expect(weightsOf(operators)).toBe(4 * 4096 * 64 * 128);
    expect(operatorOf(operators, 'key-value').weights).toBe(2 * operatorOf(operators, 'query').weights);
    expect(flopOf(operators, 'core').evaluate(1) / bytesOf(operators, 'kvRead').evaluate(1)).toBe(2);
  });

  it('is multi-query attention with one key-value head: the cache does not grow with the query heads', () => {
    const kvRead = (queryHeads: number) => bytesOf(gqa.lower({ ...qwen3Moe, queryHeads, kvHeads: 1 }, contextOf()), 'kvRead');
    expect(kvRead(64).equals(kvRead(1))).toBe(true);
    expect(kvRead(64).toString()).toBe('256*S');
  });

  it('has an arithmetic intensity of 2 n_q / n_kv at 8 bit: 32 for Qwen3 MoE (section 5.1)', () => {
    const operators = gqa.lower(qwen3Moe, contextOf());
    for (const S of [1, 8192, 32768]) expect(flopOf(operators, 'core').evaluate(S) / bytesOf(operators, 'kvRead').evaluate(S)).toBe(32);
  });

  it('prefills N tokens with the work of decoding them one by one', () =>
    fc.assert(
      fc.property(specs, fc.integer({ min: 1, max: 60 }), (sizes, N) => {
        const spec = specOf(sizes);
        const [prefill, decode] = [gqa.lower(spec, contextOf({ phase: 'prefill' })), gqa.lower(spec, contextOf())];
        let work = 0;
        for (let S = 1; S <= N; S++) work += flopOf(decode).evaluate(S);
        expect(flopOf(prefill).evaluate(N)).toBe(work);
        expect(bytesOf(prefill, 'kvRead').evaluate(N)).toBe(bytesOf(decode, 'kvRead').evaluate(N));
        expect(bytesOf(prefill, 'kvWrite').evaluate(N)).toBe(N * bytesOf(decode, 'kvWrite').evaluate(N));
        expect(weightsOf(prefill)).toBe(weightsOf(decode));
      }),
      { numRuns: 30 },
    ));

  it('stores KV in the format of its kind, and only KV', () => {
    const policy = { ...precisionPolicies.fp8, kvByKind: { gqa: 'bf16', chunked: 'fp4' } } as const;
    const [wide, narrow] = [gqa.lower(qwen3Moe, contextOf({ precision: policy })), gqa.lower(qwen3Moe, contextOf())];
    expect(bytesOf(wide, 'kvRead').equals(bytesOf(narrow, 'kvRead').times(2))).toBe(true);
    expect(bytesOf(wide, 'kvWrite').equals(bytesOf(narrow, 'kvWrite').times(2))).toBe(true);
    expect(bytesOf(wide, 'weights').equals(bytesOf(narrow, 'weights'))).toBe(true);
    expect(flopOf(wide).equals(flopOf(narrow))).toBe(true);
  });

  refusesNonPositiveIntegers('gqa', gqa, qwen3Moe, ['queryHeads', 'kvHeads', 'headDim']);

  it('refuses KV heads that do not divide the query heads', () =>
    expect(() => gqa.validate({ ...qwen3Moe, queryHeads: 40, kvHeads: 6 }, 4096)).toThrow(/^gqa: queryHeads 40 is not a multiple of kvHeads 6$/));
});
