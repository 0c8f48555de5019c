import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gatedDeltaNet } from '../../src/layers/gated-delta-net.ts';
import { validateLayer } from '../../src/layers/index.ts';
import { type KdaSpec, kda } from '../../src/layers/kda.ts';
import { bytesOf, contextOf, flopOf, operatorOf, refusesNonPositiveIntegers, weightsOf } from '../support/operators.ts';
import { obeysRecurrentLaws } from '../support/recurrent-laws.ts';

const kimiLinear: KdaSpec = { kind: 'kda', heads: 32, headDim: 128, convKernel: 4 };
const fullRank: KdaSpec = { ...kimiLinear, fullRankGate: true };
const at2304 = contextOf({ hidden: 2304 });
const operators = kda.lower(kimiLinear, at2304);

const size = fc.integer({ min: 1, max: 128 });
const specs: fc.Arbitrary<KdaSpec> = fc.record({ kind: fc.constant('kda'), heads: size, headDim: size, convKernel: fc.integer({ min: 1, max: 8 }), fullRankGate: fc.boolean() });

describe('kda', () => {
  it('has the published 39,514,272 weights of a Kimi-Linear-48B layer, less decay bias, decay and norm', () => expect(weightsOf(operators) + 32 * 128 + 32 + 128).toBe(39_514_272));

  it('counts as its docstring says, at any context', () =>
    fc.assert(
      fc.property(specs, size, fc.integer({ min: 1, max: 10_000_000 }), (spec, hidden, S) => {
        const { heads: n, headDim: d, convKernel: k } = spec;
        const lowered = kda.lower(spec, contextOf({ hidden }));
        const lowRank = hidden * d + n * d * d;
        const linear = 4 * hidden * n * d + hidden * n + lowRank + (spec.fullRankGate ? hidden * n * d : lowRank);
        expect(operatorOf(lowered, 'core').bytes.state.evaluate(S)).toBe(2 * n * d * d * 4);
        expect(operatorOf(lowered, 'core').flop.evaluate(S)).toBe(7 * n * d * d);
        expect(operatorOf(lowered, 'conv').flop.evaluate(S)).toBe(2 * k * 3 * n * d);
        expect(operatorOf(lowered, 'conv').bytes.state.evaluate(S)).toBe(2 * 2 * 3 * n * d * (k - 1));
        expect(flopOf(lowered, 'linear').evaluate(S)).toBe(2 * linear);
        expect(weightsOf(lowered)).toBe(linear + k * 3 * n * d);
      }),
    ));

  it('multiplies matrices of the right shape', () => {
    const shapes = operators.flatMap(({ id, shape }) => (shape.kind === 'gemm' ? [`${id} ${shape.k} ${shape.n}`] : []));
    expect(shapes).toEqual(['query-key-value 2304 12288', 'step 2304 32', 'decay-down 2304 128', 'decay-up 128 4096', 'output-gate-down 2304 128', 'output-gate-up 128 4096', 'output 4096 2304']);
    expect(operatorOf(operators, 'conv').shape).toMatchObject({ heads: 3 * 4096, keyDim: 4 });
    expect(operatorOf(operators, 'core').shape).toEqual({ kind: 'state', heads: 32, keyDim: 128, valueDim: 128 });
  });

  it('splits by heads what is there for each head', () => {
    for (const id of ['query-key-value', 'conv', 'step', 'decay-up', 'output-gate-up', 'core']) expect([id, operatorOf(operators, id).shardBy]).toEqual([id, 'heads']);
    expect(operatorOf(operators, 'output').shardBy).toBe('rows');
  });

  it('takes query, key, value, decay into its core, and gives the values out', () => expect(operatorOf(operators, 'core').bytes.activations.toString()).toBe(String(5 * 4096)));

  it('with a full-rank gate has one matrix as large as the output in place of two, and is alike otherwise', () => {
    const lowered = kda.lower(fullRank, at2304);
    expect(operatorOf(lowered, 'output-gate').shape).toMatchObject({ k: 2304, n: 4096 });
    expect(operatorOf(lowered, 'output-gate').weights).toBe(operatorOf(lowered, 'output').weights);
    const rest = (each: typeof lowered) => each.filter(({ id }) => !id.startsWith('output-gate'));
    expect(rest(lowered)).toEqual(rest(operators));
    expect(lowered).toHaveLength(operators.length - 1);
    expect(weightsOf(lowered) - weightsOf(operators)).toBe(2304 * 4096 - (2304 * 128 + 128 * 4096));
  });

  it('has a low-rank gate where it does not say, and where it says no', () => expect(kda.lower({ ...kimiLinear, fullRankGate: false }, at2304)).toEqual(operators));

  it('does as much work on its states as a gated delta-net of as many heads', () => {
    const delta = gatedDeltaNet.lower({ kind: 'gated-delta-net', keyHeads: 32, valueHeads: 32, keyDim: 128, valueDim: 128, convKernel: 4 }, at2304);
    expect(flopOf(delta, 'core').equals(flopOf(operators, 'core'))).toBe(true);
    expect(bytesOf(delta, 'state').equals(bytesOf(operators, 'state'))).toBe(true);
  });

  describe('with a low-rank gate', () => obeysRecurrentLaws(kda, kimiLinear));
  describe('with a full-rank gate', () => obeysRecurrentLaws(kda, fullRank));

  it('has the fields of its spec', () => expect(() => validateLayer(fullRank, 2304)).not.toThrow());
  refusesNonPositiveIntegers('kda', kda, kimiLinear, ['heads', 'headDim', 'convKernel']);
  it('refuses a gate that is neither of full rank nor not', () =>
    expect(() => kda.validate({ ...kimiLinear, fullRankGate: 1 as unknown as boolean }, 2304)).toThrow(/^kda: fullRankGate 1 is not true or false$/));
});
