import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compile } from '../../src/cost/compile.ts';
import { attentionIntensity, mtpFactors } from '../../src/cost/variants.ts';
import { exactCounting, step3Counting } from '../../src/layers/counting.ts';
import { modelOf, precisionPolicies } from '../../src/models/index.ts';

const counting = step3Counting;

describe('attentionIntensity', () => {
  it.each([
    ['deepseek-v3', 512],
    ['kimi-k2', 256],
    ['step-3', 128],
    ['qwen3-235b-a22b', 32],
    ['qwen3-32b', 16],
  ] as const)('%s does %d FLOP per byte at any context (section 5.1, Figure 5)', (id, intensity) => {
    for (const S of [1, 8192, 32768]) expect(attentionIntensity(compile(modelOf(id), { counting }), S)).toBe(intensity);
  });

  it('doubles with a 4-bit cache and 8-bit math (section 5.2): Step-3 from 128 to 256', () => {
    for (const id of ['deepseek-v3', 'step-3', 'qwen3-32b'] as const) {
      const [eight, four] = (['fp8', 'kv4-math8'] as const).map((policy) => attentionIntensity(compile(modelOf(id), { counting, precision: precisionPolicies[policy] }), 8192)) as [number, number];
      expect(four).toBe(2 * eight);
    }
    expect(attentionIntensity(compile(modelOf('step-3'), { counting, precision: precisionPolicies['kv4-math8'] }), 8192)).toBe(256);
  });

  it('halves with a 16-bit cache', () => expect(attentionIntensity(compile(modelOf('step-3'), { counting, precision: precisionPolicies.bf16 }), 8192)).toBe(64));

  it('doubles with one draft token (section 5.2), whatever is accepted', () => {
    const compiled = compile(modelOf('step-3'), { counting });
    for (const acceptance of [0, 0.5, 1]) expect(attentionIntensity(compiled, 8192, { draftTokens: 1, acceptance })).toBe(256);
    expect(attentionIntensity(compiled, 8192, { draftTokens: 3, acceptance: 0.7 })).toBe(512);
    expect(attentionIntensity(compiled, 8192, { draftTokens: 0, acceptance: 1 })).toBe(128);
  });

  it('counts the write of the new token in exact counting, which fades with the context', () => {
    const compiled = compile(modelOf('step-3'), { counting: exactCounting });
    expect(attentionIntensity(compiled, 1)).toBe(64);
    expect(attentionIntensity(compiled, 1_000_000)).toBeCloseTo(128, 3);
  });
});

describe('mtpFactors', () => {
  const draft = fc.record({ draftTokens: fc.integer({ min: 0, max: 16 }), acceptance: fc.double({ min: 0, max: 1, noNaN: true }) });

  it('changes nothing without drafts', () => expect(mtpFactors({ draftTokens: 0, acceptance: 0.9 })).toEqual({ tokensPerStep: 1, flop: 1, kvBytes: 1, intensity: 1 }));

  it('costs no work where all drafts are accepted, and twice the work where one never is', () => {
    expect(mtpFactors({ draftTokens: 3, acceptance: 1 })).toEqual({ tokensPerStep: 4, flop: 1, kvBytes: 0.25, intensity: 4 });
    expect(mtpFactors({ draftTokens: 1, acceptance: 0 })).toEqual({ tokensPerStep: 1, flop: 2, kvBytes: 1, intensity: 2 });
  });

  it('never saves work, never adds traffic, and has the intensity of the two', () =>
    fc.assert(
      fc.property(draft, (mtp) => {
        const { tokensPerStep, flop, kvBytes, intensity } = mtpFactors(mtp);
        expect(tokensPerStep).toBeGreaterThanOrEqual(1);
        expect(tokensPerStep).toBeLessThanOrEqual(1 + mtp.draftTokens);
        expect(flop).toBeGreaterThanOrEqual(1);
        expect(kvBytes).toBeLessThanOrEqual(1);
        expect(flop / kvBytes).toBeCloseTo(intensity, 9);
      }),
    ));

  it.each([
    [{ draftTokens: -1, acceptance: 0.5 }, /^mtp: draftTokens -1 is not an integer of at least 0$/],
    [{ draftTokens: 1.5, acceptance: 0.5 }, /^mtp: draftTokens 1.5 is not an integer of at least 0$/],
    [{ draftTokens: 1, acceptance: -0.1 }, /^mtp: acceptance -0.1 is not between 0 and 1$/],
    [{ draftTokens: 1, acceptance: 1.1 }, /^mtp: acceptance 1.1 is not between 0 and 1$/],
    [{ draftTokens: 1, acceptance: Number.NaN }, /^mtp: acceptance NaN is not between 0 and 1$/],
  ])('refuses %j', (mtp, message) => {
    expect(() => mtpFactors(mtp)).toThrow(RangeError);
    expect(() => mtpFactors(mtp)).toThrow(message);
  });
});
