import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { blockedAttentionIntensity, decodeStepTime, prefillBatchTime } from '../../../src/serving/disaggregation/latency-form.ts';

const whole = fc.integer({ min: 1, max: 4096 });
const OPT_13B = { hidden: 5120, intermediate: 20480, block: 16 } as const;

/** A batch of prompts. */
const batchOf = (...prompts: readonly number[]) => ({ tokens: prompts.reduce((sum, length) => sum + length, 0), squares: prompts.reduce((sum, length) => sum + length ** 2, 0) });

describe('prefillBatchTime', () => {
  it('is each of its terms where the others have no constant', () => {
    const batch = { ...OPT_13B, ...batchOf(512, 100) };
    const none = { gemm: 0, attention: 0, host: 0 };
    // 12 h^2 multiply-accumulates of a token where m = 4 h
    expect(prefillBatchTime.evaluate({ ...batch, ...none, gemm: 1 })).toBe(612 * 12 * 5120 ** 2);
    expect(prefillBatchTime.evaluate({ ...batch, ...none, attention: 1 })).toBe((3 * 5120 * (512 ** 2 + 100 ** 2)) / 16);
    expect(prefillBatchTime.evaluate({ ...batch, ...none, host: 0.003 })).toBe(0.003);
  });

  test.prop([whole, whole])('of two prompts is shorter than of one as long as both, by the squares, and than of one after the other, by the host', (one, other) => {
    const constants = { gemm: 1e-14, attention: 1e-9, host: 2e-3 };
    const time = (...prompts: readonly number[]): number => prefillBatchTime.evaluate({ ...OPT_13B, ...constants, ...batchOf(...prompts) });
    expect((time(one + other) - time(one, other)) / ((constants.attention * 3 * 5120 * 2 * one * other) / 16)).toBeCloseTo(1, 6);
    expect(time(one) + time(other) - time(one, other)).toBeCloseTo(constants.host, 9);
  });
});

describe('decodeStepTime', () => {
  it('is each of its terms where the other has no constant', () => {
    expect(decodeStepTime.evaluate({ ...OPT_13B, gemm: 1, attention: 0, tokens: 32_768 })).toBe(12 * 5120 ** 2);
    expect(decodeStepTime.evaluate({ ...OPT_13B, gemm: 0, attention: 1, tokens: 32_768 })).toBe(3 * 5120 * 32_768);
  });

  test.prop([whole, whole])('depends on the tokens of all contexts together, not on how many contexts there are', (one, other) => {
    const time = (tokens: number): number => decodeStepTime.evaluate({ ...OPT_13B, gemm: 1e-10, attention: 1e-9, tokens });
    expect(time(one + other) - time(one)).toBeCloseTo(time(other) - time(0), 9);
    expect(time(one + other)).toBeGreaterThan(time(one));
  });
});

describe('blockedAttentionIntensity', () => {
  test.prop([fc.constantFrom(16, 32, 64), fc.integer({ min: 1, max: 64 }), fc.constantFrom(64, 128)])('is work over accesses of a head, whatever the prompt', (block, blocks, headSize) => {
    const length = block * blocks;
    const [flop, accesses] = [2 * headSize * length ** 2, 3 * headSize * length * (length / block)];
    expect(blockedAttentionIntensity.evaluate({ block })).toBeCloseTo(flop / accesses, 12);
  });

  it('is 32/3 with blocks of 16 and 64/3 with blocks of 32', () => {
    expect(blockedAttentionIntensity.evaluate({ block: 16 })).toBeCloseTo(10.6667, 4);
    expect(blockedAttentionIntensity.evaluate({ block: 32 })).toBeCloseTo(21.3333, 4);
  });
});
