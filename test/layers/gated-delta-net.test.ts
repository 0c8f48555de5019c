import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type GatedDeltaNetSpec, gatedDeltaNet } from '../../src/layers/gated-delta-net.ts';
import { validateLayer } from '../../src/layers/index.ts';
import { bytesOf, contextOf, flopOf, operatorOf, refusesNonPositiveIntegers, weightsOf } from '../support/operators.ts';
import { obeysRecurrentLaws } from '../support/recurrent-laws.ts';

const qwen3Next: GatedDeltaNetSpec = { kind: 'gated-delta-net', keyHeads: 16, valueHeads: 32, keyDim: 128, valueDim: 128, convKernel: 4 };
const operators = gatedDeltaNet.lower(qwen3Next, contextOf({ hidden: 2048 }));

const size = fc.integer({ min: 1, max: 64 });
const specs: fc.Arbitrary<GatedDeltaNetSpec> = fc
  .record({ keyHeads: size, group: fc.integer({ min: 1, max: 8 }), keyDim: size, valueDim: size, convKernel: fc.integer({ min: 1, max: 8 }) })
  .map(({ group, ...sizes }) => ({ kind: 'gated-delta-net', ...sizes, valueHeads: sizes.keyHeads * group }));

describe('gated-delta-net', () => {
  it('has the published 33,718,464 weights of a Qwen3-Next layer, less decay, step bias and norm', () => expect(weightsOf(operators) + 32 + 32 + 128).toBe(33_718_464));

  it('counts as its docstring says, at any context', () =>
    fc.assert(
      fc.property(specs, size, fc.integer({ min: 1, max: 10_000_000 }), (spec, hidden, S) => {
        const { keyHeads: nk, valueHeads: nv, keyDim: dk, valueDim: dv, convKernel: k } = spec;
        const lowered = gatedDeltaNet.lower(spec, contextOf({ hidden }));
        const channels = 2 * nk * dk + nv * dv;
        const linear = hidden * (2 * nk * dk + 2 * nv * dv + 2 * nv) + hidden * nv * dv;
        expect(operatorOf(lowered, 'core').bytes.state.evaluate(S)).toBe(2 * nv * dk * dv * 4);
        expect(operatorOf(lowered, 'core').flop.evaluate(S)).toBe(7 * nv * dk * dv);
        expect(operatorOf(lowered, 'conv').flop.evaluate(S)).toBe(2 * k * channels);
        expect(operatorOf(lowered, 'conv').bytes.state.evaluate(S)).toBe(2 * 2 * channels * (k - 1));
        expect(flopOf(lowered, 'linear').evaluate(S)).toBe(2 * linear);
        expect(weightsOf(lowered)).toBe(linear + k * channels);
      }),
    ));

  it('is a projection, a convolution over query, key and value, the states, and a projection', () => {
    expect(operators.map(({ id, part, kind, shardBy }) => `${id} ${part} ${kind} ${shardBy}`)).toEqual([
      'input linear gemm heads',
      'conv core state-update heads',
      'core core state-update heads',
      'output linear gemm rows',
    ]);
    expect(operatorOf(operators, 'input').shape).toMatchObject({ k: 2048, n: 2 * 2048 + 2 * 4096 + 2 * 32 });
    expect(operatorOf(operators, 'conv').shape).toMatchObject({ heads: 2 * 2048 + 4096, keyDim: 4 });
    expect(operatorOf(operators, 'core').shape).toEqual({ kind: 'state', heads: 32, keyDim: 128, valueDim: 128 });
    expect(operatorOf(operators, 'output').shape).toMatchObject({ k: 4096, n: 2048 });
  });

  it('tells key width and value width apart', () => {
    const spec = { ...qwen3Next, keyDim: 64 };
    expect(operatorOf(gatedDeltaNet.lower(spec, contextOf()), 'core').shape).toEqual({ kind: 'state', heads: 32, keyDim: 64, valueDim: 128 });
  });

  it('takes query, key, value and gate into its core, and gives the values out', () => {
    expect(operatorOf(operators, 'core').bytes.activations.toString()).toBe(String(2 * 2048 + 4096 + 4096));
  });

  it('has a state of 2 MiB a layer in FP32 for Qwen3-Next, and 48 KiB of convolution inputs', () => {
    expect(operatorOf(operators, 'core').cache?.state).toBe(2 * 2 ** 20);
    expect(operatorOf(operators, 'conv').cache?.state).toBe(48 * 2 ** 10);
    expect(bytesOf(operators, 'state').toString()).toBe(String(2 * (2 * 2 ** 20 + 48 * 2 ** 10)));
  });

  obeysRecurrentLaws(gatedDeltaNet, qwen3Next);

  it('has the fields of its spec', () => expect(() => validateLayer(qwen3Next, 2048)).not.toThrow());
  refusesNonPositiveIntegers('gated-delta-net', gatedDeltaNet, qwen3Next, ['keyHeads', 'valueHeads', 'keyDim', 'valueDim', 'convKernel']);
  it('refuses key heads that do not divide the value heads', () =>
    expect(() => gatedDeltaNet.validate({ ...qwen3Next, keyHeads: 12 }, 2048)).toThrow(/^gated-delta-net: valueHeads 32 is not a multiple of keyHeads 12$/));
});
