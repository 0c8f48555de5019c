import { expect, it } from 'vitest';
import { exactCounting, step3Counting } from '../../src/layers/counting.ts';
import type { LayerModel } from '../../src/layers/lowering.ts';
import type { Operator } from '../../src/layers/operator.ts';
import { precisionPolicies } from '../../src/models/policies.ts';
import { ContextCurve } from '../../src/units/context-curve.ts';
import { bytesOf, contextOf, flopOf, operatorOf, weightsOf } from './operators.ts';

/** Tests of what holds for every recurrent layer behind a convolution: its state is of one size, and nothing lies in a KV cache. */
export function obeysRecurrentLaws<Spec extends object>(layer: LayerModel<Spec>, spec: Spec): void {
  const decode = layer.lower(spec, contextOf());
  const others = (operators: readonly Operator[]): readonly Operator[] => operators.filter(({ id }) => id !== 'core');

  it('has a state that does not depend on the context, and nothing in a KV cache', () => {
    for (const curve of [bytesOf(decode, 'state'), flopOf(decode)]) {
      expect(curve.evaluate(1)).toBeGreaterThan(0);
      expect(curve.evaluate(10_000_000)).toBe(curve.evaluate(1));
    }
    for (const key of ['kvRead', 'kvWrite'] as const) expect(bytesOf(decode, key).isZero).toBe(true);
    for (const { cache } of decode) expect([cache?.ring.isZero ?? true, cache?.paged.isZero ?? true]).toEqual([true, true]);
  });

  it('keeps what it reads, and writes it back', () => {
    for (const id of ['core', 'conv']) {
      const { cache, bytes } = operatorOf(decode, id);
      expect(bytes.state.equals(ContextCurve.constant(2 * (cache?.state ?? 0)))).toBe(true);
    }
    expect(decode.filter(({ cache }) => cache !== undefined).map(({ id }) => id)).toEqual(['conv', 'core']);
  });

  it('takes the state format for the state of its core, and for nothing else', () => {
    const half = layer.lower(spec, contextOf({ precision: { ...precisionPolicies.fp8, state: 'bf16' } }));
    const [wide, narrow] = [operatorOf(decode, 'core'), operatorOf(half, 'core')];
    expect(wide.bytes.state.equals(narrow.bytes.state.times(2))).toBe(true);
    expect(wide.cache?.state).toBe(2 * (narrow.cache?.state ?? 0));
    expect({ ...narrow, bytes: { ...narrow.bytes, state: wide.bytes.state }, cache: wide.cache, because: wide.because }).toEqual(wide);
    expect(others(half)).toEqual(others(decode));
  });

  it('takes no other format for its state', () => {
    const wide = layer.lower(spec, contextOf({ precision: precisionPolicies.bf16 }));
    expect(bytesOf(wide, 'state').equals(bytesOf(decode, 'state'))).toBe(true);
    for (const key of ['weights', 'activations'] as const) expect(bytesOf(wide, key).equals(bytesOf(decode, key).times(2))).toBe(true);
  });

  it('prefills every token, and moves its state and its weights once', () => {
    const prefill = layer.lower(spec, contextOf({ phase: 'prefill' }));
    for (const N of [1, 1000]) {
      expect(flopOf(prefill).evaluate(N)).toBe(N * flopOf(decode).evaluate(1));
      expect(bytesOf(prefill, 'activations').evaluate(N)).toBe(N * bytesOf(decode, 'activations').evaluate(1));
    }
    for (const key of ['state', 'weights', 'kvRead', 'kvWrite'] as const) expect(bytesOf(prefill, key).equals(bytesOf(decode, key))).toBe(true);
    expect(weightsOf(prefill)).toBe(weightsOf(decode));
    expect(prefill.map(({ cache }) => cache?.state)).toEqual(decode.map(({ cache }) => cache?.state));
  });

  it('is counted alike by both countings', () => {
    const [exact, paper] = [exactCounting, step3Counting].map((counting) => layer.lower(spec, contextOf({ counting })));
    expect(exact).toEqual(paper);
  });

  it('belongs to the attention, and touches all of its weights', () => {
    for (const { component, weights, activeWeights, id } of decode) expect([id, component, activeWeights]).toEqual([id, 'attention', weights]);
    for (const { repeat } of layer.lower(spec, contextOf({ repeat: 7 }))) expect(repeat).toBe(7);
  });
}
