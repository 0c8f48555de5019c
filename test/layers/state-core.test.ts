import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kdaChannels } from '../../src/layers/kda.ts';
import { lightningStateBytes, lightningStateFlop } from '../../src/layers/lightning.ts';
import { convolution, convStateBytes, convWeights, type StateParts, stateCore } from '../../src/layers/state-core.ts';
import { precisionPolicies } from '../../src/models/policies.ts';
import { contextOf } from '../support/operators.ts';

const parts: StateParts = {
  heads: 4,
  keyDim: 16,
  valueDim: 8,
  flop: { card: lightningStateFlop, inputs: { heads: 4, headDim: 16 } },
  stateBytes: { card: lightningStateBytes, inputs: { heads: 4, headDim: 16, bytesPerElement: 2 } },
  inputsAndOutputs: 100,
};

describe('stateCore', () => {
  it('decode: the work of one token, the state moved, inputs and outputs in activation precision', () => {
    const { flop, bytes } = stateCore(parts, contextOf());
    expect([flop, bytes.state, bytes.activations].map(String)).toEqual([String(10 * 4 * 16 * 16), String(2 * 4 * 16 * 16 * 2), '100']);
    expect(stateCore(parts, contextOf({ precision: precisionPolicies.bf16 })).bytes.activations.toString()).toBe('200');
  });

  it('prefill: the work and the inputs of every token, the state moved once', () => {
    const { flop, bytes } = stateCore(parts, contextOf({ phase: 'prefill' }));
    expect([flop, bytes.state, bytes.activations].map(String)).toEqual([`${10 * 4 * 16 * 16}*S`, String(2 * 4 * 16 * 16 * 2), '100*S']);
  });

  it('keeps half of the bytes moved, and no KV', () => {
    for (const phase of ['decode', 'prefill'] as const) {
      const { cache, bytes } = stateCore(parts, contextOf({ phase }));
      expect([cache?.state, cache?.ring.isZero, cache?.paged.isZero]).toEqual([4 * 16 * 16 * 2, true, true]);
      expect([bytes.kvRead.isZero, bytes.kvWrite.isZero]).toEqual([true, true]);
    }
  });

  it('has no weights, and a state for each head', () => {
    const core = stateCore(parts, contextOf({ repeat: 3 }));
    expect([core.weights, core.activeWeights, core.bytes.weights.isZero]).toEqual([0, 0, true]);
    expect(core).toMatchObject({ id: 'core', part: 'core', component: 'attention', kind: 'state-update', repeat: 3, shardBy: 'heads', scales: { kind: 'perToken' } });
    expect(core.shape).toEqual({ kind: 'state', heads: 4, keyDim: 16, valueDim: 8 });
  });

  it('derives what it counts', () => {
    const { because } = stateCore(parts, contextOf());
    expect([because.flop, because.state]).toEqual([parts.flop, parts.stateBytes]);
  });
});

describe('convolution', () => {
  const width = { card: kdaChannels, inputs: { heads: 2, headDim: 50 } };
  const conv = convolution(width, 4, contextOf());

  it('has k weights for each of its 300 channels', () => {
    expect([conv.weights, conv.activeWeights]).toEqual([1200, 1200]);
    expect([conv.flop, conv.bytes.weights, conv.bytes.activations].map(String)).toEqual(['2400', '1200', '600']);
    expect(conv).toMatchObject({ id: 'conv', part: 'core', component: 'attention', kind: 'state-update', shardBy: 'heads', scales: { kind: 'perStep' } });
    expect(conv.shape).toEqual({ kind: 'state', heads: 300, keyDim: 4, valueDim: 1 });
  });

  it('keeps the last k - 1 inputs of each channel in 16 bit, and moves them twice, in every policy', () => {
    for (const precision of [...Object.values(precisionPolicies), { ...precisionPolicies.fp8, state: 'fp8' } as const]) {
      const { cache, bytes } = convolution(width, 4, contextOf({ precision }));
      expect([cache?.state, bytes.state.toString()]).toEqual([300 * 3 * 2, String(2 * 300 * 3 * 2)]);
    }
    expect([conv.cache?.ring.isZero, conv.cache?.paged.isZero, conv.bytes.kvRead.isZero, conv.bytes.kvWrite.isZero]).toEqual([true, true, true, true]);
  });

  it('keeps nothing with one tap', () => {
    const { cache, bytes } = convolution(width, 1, contextOf());
    expect([cache?.state, bytes.state.isZero]).toEqual([0, true]);
  });

  it('stores its weights in the format of attention, in whole bytes', () => {
    const stored = (heads: number, attention: 'bf16' | 'int4-g128') =>
      convolution({ card: kdaChannels, inputs: { heads, headDim: 50 } }, 4, contextOf({ precision: { ...precisionPolicies.fp8, weightsByComponent: { attention } } })).bytes.weights.toString();
    expect(stored(2, 'bf16')).toBe('2400');
    expect(1200 * (4.125 / 8)).toBe(618.75);
    expect(stored(2, 'int4-g128')).toBe('619');
  });

  it('prefill: works on every token, reads its weights and moves its inputs once', () => {
    const { flop, bytes } = convolution(width, 4, contextOf({ phase: 'prefill' }));
    expect([flop, bytes.activations, bytes.weights, bytes.state].map(String)).toEqual(['2400*S', '600*S', '1200', '3600']);
  });

  it('derives its channels, weights, work and state', () =>
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 64 }), fc.integer({ min: 1, max: 64 }), fc.integer({ min: 1, max: 8 }), (heads, headDim, k) => {
        const { because, weights, flop, bytes } = convolution({ card: kdaChannels, inputs: { heads, headDim } }, k, contextOf());
        const channels = 3 * heads * headDim;
        const derived = [because.channels, because.weights, because.flop, because.state].map((each) => each?.card.evaluate(each.inputs));
        expect(derived).toEqual([channels, k * channels, 2 * k * channels, 4 * channels * (k - 1)]);
        expect([weights, flop.evaluate(1), bytes.state.evaluate(1)]).toEqual(derived.slice(1));
      }),
    ));
});

describe('formulas', () => {
  it('weights of a convolution', () => expect(convWeights.evaluate({ channels: 8192, convKernel: 4 })).toBe(32_768));
  it('bytes of its inputs, read and written in 16 bit', () => expect(convStateBytes.evaluate({ channels: 8192, convKernel: 4 })).toBe(2 * 2 * 8192 * 3));
});
