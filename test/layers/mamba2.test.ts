import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { validateLayer } from '../../src/layers/index.ts';
import { type Mamba2Spec, mamba2 } from '../../src/layers/mamba2.ts';
import { bytesOf, contextOf, flopOf, operatorOf, refusesNonPositiveIntegers, weightsOf } from '../support/operators.ts';
import { obeysRecurrentLaws } from '../support/recurrent-laws.ts';

const nemotron3Nano: Mamba2Spec = { kind: 'mamba2', heads: 64, headDim: 64, groups: 8, stateDim: 128, convKernel: 4 };
const operators = mamba2.lower(nemotron3Nano, contextOf({ hidden: 2688 }));

const size = fc.integer({ min: 1, max: 64 });
const specs: fc.Arbitrary<Mamba2Spec> = fc
  .record({ groups: fc.integer({ min: 1, max: 8 }), headsOfGroup: size, headDim: size, stateDim: size, convKernel: fc.integer({ min: 1, max: 8 }) })
  .map(({ headsOfGroup, ...sizes }) => ({ kind: 'mamba2', ...sizes, heads: sizes.groups * headsOfGroup }));

describe('mamba2', () => {
  it('has the published 38,742,208 weights of a Nemotron-3-Nano layer, less the bias of the convolution, the norm, decay, skip and step bias', () =>
    expect(weightsOf(operators) + (4096 + 2 * 1024) + 4096 + 3 * 64).toBe(38_742_208));

  it('counts as its docstring says, at any context', () =>
    fc.assert(
      fc.property(specs, size, fc.integer({ min: 1, max: 10_000_000 }), (spec, hidden, S) => {
        const { heads: n, headDim: p, groups: g, stateDim: N, convKernel: k } = spec;
        const lowered = mamba2.lower(spec, contextOf({ hidden }));
        const channels = n * p + 2 * g * N;
        const linear = hidden * (2 * n * p + 2 * g * N + n) + hidden * n * p;
        expect(operatorOf(lowered, 'core').bytes.state.evaluate(S)).toBe(2 * n * p * N * 4);
        expect(operatorOf(lowered, 'core').flop.evaluate(S)).toBe(5 * n * p * N);
        expect(operatorOf(lowered, 'conv').flop.evaluate(S)).toBe(2 * k * channels);
        expect(operatorOf(lowered, 'conv').bytes.state.evaluate(S)).toBe(2 * 2 * channels * (k - 1));
        expect(flopOf(lowered, 'linear').evaluate(S)).toBe(2 * linear);
        expect(weightsOf(lowered)).toBe(linear + k * channels);
      }),
    ));

  it('is a projection, a convolution over input, B and C, the states, and a projection', () => {
    expect(operators.map(({ id, part, kind, shardBy }) => `${id} ${part} ${kind} ${shardBy}`)).toEqual([
      'input linear gemm heads',
      'conv core state-update heads',
      'core core state-update heads',
      'output linear gemm rows',
    ]);
    expect(operatorOf(operators, 'input').shape).toMatchObject({ k: 2688, n: 2 * 4096 + 2 * 1024 + 64 });
    expect(operatorOf(operators, 'conv').shape).toMatchObject({ heads: 4096 + 2 * 1024, keyDim: 4 });
    expect(operatorOf(operators, 'core').shape).toEqual({ kind: 'state', heads: 64, keyDim: 128, valueDim: 64 });
    expect(operatorOf(operators, 'output').shape).toMatchObject({ k: 4096, n: 2688 });
  });

  it('takes input, B and C into its core, and gives the channels out', () => expect(operatorOf(operators, 'core').bytes.activations.toString()).toBe(String(4096 + 2 * 1024 + 4096)));

  it('has states of heads, not of groups: sharing B and C narrows projection and convolution only', () => {
    const one = mamba2.lower({ ...nemotron3Nano, groups: 1 }, contextOf({ hidden: 2688 }));
    expect(operatorOf(one, 'core').flop.equals(operatorOf(operators, 'core').flop)).toBe(true);
    expect(operatorOf(one, 'core').cache?.state).toBe(operatorOf(operators, 'core').cache?.state);
    expect(weightsOf(operators) - weightsOf(one)).toBe((2688 + 4) * 2 * 7 * 128);
  });

  it('has a state of 2 MiB a layer in FP32 for Nemotron-3-Nano, and 36 KiB of convolution inputs', () => {
    expect(operatorOf(operators, 'core').cache?.state).toBe(2 * 2 ** 20);
    expect(operatorOf(operators, 'conv').cache?.state).toBe(36 * 2 ** 10);
    expect(bytesOf(operators, 'state').toString()).toBe(String(2 * (2 * 2 ** 20 + 36 * 2 ** 10)));
  });

  obeysRecurrentLaws(mamba2, nemotron3Nano);

  it('has the fields of its spec', () => expect(() => validateLayer(nemotron3Nano, 2688)).not.toThrow());
  refusesNonPositiveIntegers('mamba2', mamba2, nemotron3Nano, ['heads', 'headDim', 'groups', 'stateDim', 'convKernel']);
  it('refuses groups that do not divide the heads', () => expect(() => mamba2.validate({ ...nemotron3Nano, groups: 7 }, 2688)).toThrow(/^mamba2: heads 64 is not a multiple of groups 7$/));
});
