import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { step3Counting } from '../../src/layers/counting.ts';
import { gqa } from '../../src/layers/gqa.ts';
import { type MfaSpec, mfa } from '../../src/layers/mfa.ts';
import { precisionPolicies } from '../../src/models/policies.ts';
import { bytesOf, contextOf, flopOf, operatorOf, refusesNonPositiveIntegers, weightsOf } from '../support/operators.ts';
import { assertPrinted } from '../support/printed.ts';
import { countsOf } from '../support/step3-tables.ts';

const step3: MfaSpec = { kind: 'mfa', queryHeads: 64, headDim: 256, queryRank: 2048 };
const at7168 = contextOf({ hidden: 7168 });
const size = fc.integer({ min: 1, max: 256 });
const specs: fc.Arbitrary<MfaSpec> = fc.record({ kind: fc.constant('mfa'), queryHeads: size, headDim: size, queryRank: size });

describe('mfa', () => {
  const paper = mfa.lower(step3, contextOf({ hidden: 7168, counting: step3Counting }));
  it.each(countsOf('Step-3'))('reproduces $at', ({ at, contextLength, printed }) => {
    assertPrinted(61 * bytesOf(paper, 'kvRead').evaluate(contextLength), printed.kvBytesRead, `${at}, KV bytes`);
    assertPrinted(61 * flopOf(paper, 'core').evaluate(contextLength), printed.attentionFlop, `${at}, core FLOP`);
    assertPrinted(61 * flopOf(paper, 'linear').evaluate(contextLength), printed.linearFlop, `${at}, linear FLOP`);
  });

  it('counts as its docstring says', () =>
    fc.assert(
      fc.property(specs, size, fc.integer({ min: 1, max: 1_000_000 }), (spec, hidden, S) => {
        const { queryHeads: n, headDim: d, queryRank: r } = spec;
        const operators = mfa.lower(spec, contextOf({ hidden }));
        const weights = hidden * r + r * n * d + 2 * hidden * d + n * d * hidden;
        expect(weightsOf(operators)).toBe(weights);
        expect(flopOf(operators, 'linear').evaluate(S)).toBe(2 * weights);
        expect(flopOf(operators, 'core').evaluate(S)).toBe(4 * n * d * S);
        expect(bytesOf(operators, 'kvRead').evaluate(S)).toBe(2 * d * S);
      }),
    ));

  it('caches and attends as gqa with one key-value head does', () =>
    fc.assert(
      fc.property(specs, fc.constantFrom('decode', 'prefill'), ({ queryHeads, headDim, queryRank }, phase) => {
        const context = contextOf({ phase });
        const one = mfa.lower({ kind: 'mfa', queryHeads, headDim, queryRank }, context);
        const other = gqa.lower({ kind: 'gqa', queryHeads, kvHeads: 1, headDim }, context);
        const [core, gqaCore] = [operatorOf(one, 'core'), operatorOf(other, 'core')];
        expect(core).toEqual(gqaCore);
        for (const id of ['key-value', 'output']) expect(operatorOf(one, id).weights).toBe(operatorOf(other, id).weights);
      }),
    ));

  it('splits the work by heads, over one cached head', () => expect(operatorOf(mfa.lower(step3, at7168), 'core')).toMatchObject({ shardBy: 'heads', shape: { queryHeads: 64, kvHeads: 1 } }));

  it('has an arithmetic intensity of 128 in Step-3, and 256 with a 4-bit cache (section 5.2)', () => {
    const intensity = (precision: (typeof precisionPolicies)['fp8' | 'kv4-math8']) => {
      const operators = mfa.lower(step3, contextOf({ hidden: 7168, precision }));
      return flopOf(operators, 'core').evaluate(8192) / bytesOf(operators, 'kvRead').evaluate(8192);
    };
    expect(intensity(precisionPolicies.fp8)).toBe(128);
    expect(intensity(precisionPolicies['kv4-math8'])).toBe(256);
  });

  it('holds 67 MB of linear weights beside o_proj shared by eight (section 6)', () => {
    const operators = mfa.lower(step3, at7168);
    assertPrinted((weightsOf(operators) - (operatorOf(operators, 'output').weights * 7) / 8) / 1e6, '67', 'section 6, L20');
  });

  it('prefills with the work of decoding token by token', () => {
    const [prefill, decode] = [mfa.lower(step3, contextOf({ hidden: 7168, phase: 'prefill' })), mfa.lower(step3, at7168)];
    let work = 0;
    for (let S = 1; S <= 100; S++) work += flopOf(decode).evaluate(S);
    expect(flopOf(prefill).evaluate(100)).toBe(work);
  });

  refusesNonPositiveIntegers('mfa', mfa, step3, ['queryHeads', 'headDim', 'queryRank']);
});
