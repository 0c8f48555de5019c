import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PRECISION_BITS, type Precision, type PrecisionPolicy } from '../../../src/layers/precision.ts';
import { lowerModel, type Model, modelEntries, modelOf, precisionPolicies } from '../../../src/models/index.ts';
import { gemmOf, isMatrix, type MatrixOperator, mathOf } from '../../../src/timing/step/gemm.ts';
import { operatorOf } from '../../support/operators.ts';

const { bf16, fp8, w8a8kv16 } = precisionPolicies;
const matrixOf = (model: Model, id: string): MatrixOperator => operatorOf(lowerModel({ ...model, layers: model.layers.slice(-1) }), id) as MatrixOperator;
const llama = modelOf('llama-3.1-8b');
const deepseek = modelOf('deepseek-v3');
const [query, keyValue, output, head] = ['query', 'key-value', 'output', 'head'].map((id) => matrixOf(llama, id)) as [MatrixOperator, MatrixOperator, MatrixOperator, MatrixOperator];

describe('isMatrix', () => {
  it('is true of matrix multiplies alone', () => {
    for (const { model } of modelEntries) for (const operator of lowerModel(model)) expect(isMatrix(operator), operator.id).toBe(['gemm', 'grouped-gemm'].includes(operator.kind));
  });
});

describe('mathOf', () => {
  it('is that of the part', () => {
    const policy: PrecisionPolicy = { ...fp8, math: { attention: 'fp16', linear: 'fp8', ffn: 'int8', head: 'fp4' } };
    expect(['query-up', 'shared-down', 'head'].map((id) => mathOf(matrixOf(deepseek, id), policy))).toEqual(['fp8', 'int8', 'fp4']);
  });

  it('is 16 bit for matrices that are stored in no fewer', () => {
    expect(['query-up', 'router', 'shared-down', 'head'].map((id) => mathOf(matrixOf(deepseek, id), w8a8kv16))).toEqual(['fp8', 'bf16', 'fp8', 'bf16']);
    expect(mathOf(head, { ...bf16, math: { ...bf16.math, head: 'fp8' } })).toBe('bf16');
  });

  it('is what is asked for where that is no narrower than what is stored', () => {
    expect(mathOf(query, { ...bf16, math: { ...bf16.math, linear: 'fp16' } })).toBe('fp16');
    expect(mathOf(query, { ...bf16, weights: 'fp32', math: { ...bf16.math, linear: 'fp32' } })).toBe('fp32');
    expect(mathOf(query, { ...bf16, weights: 'int4-g128' })).toBe('bf16');
  });
});

describe('gemmOf', () => {
  it('sets outputs of one input side by side', () => {
    expect(gemmOf([query, keyValue], 64, 1, bf16)).toEqual({ kind: 'gemm', m: 64, n: 4096 + 2048, k: 4096, math: 'bf16', weightBytes: 2, inputBytes: 2, outputBytes: 2 });
  });

  it.each([
    [4, 1024 + 512],
    [16, 256 + 256],
    [32, 128 + 256],
  ])('splits columns in %i, those of key-value heads in 8 at most: %i', (t, n) => expect(gemmOf([query, keyValue], 1, t, bf16)).toMatchObject({ n, k: 4096 }));

  it('splits rows, and leaves the outputs whole', () => expect(gemmOf([output], 1, 8, bf16)).toMatchObject({ n: 4096, k: 512 }));
  it('leaves copied matrices whole', () => expect(gemmOf([matrixOf(deepseek, 'kv-down')], 1, 8, fp8)).toMatchObject({ n: 576, k: 7168 }));
  it('rounds a part of a vocabulary up', () => expect(gemmOf([head], 1, 5, bf16)).toMatchObject({ n: Math.ceil(128_256 / 5) }));

  it.each([
    [fp8, 1, 1],
    [bf16, 2, 2],
    [w8a8kv16, 1, 1],
    [{ ...bf16, weights: 'int4-g128' }, 0.515625, 2],
    [{ ...bf16, weights: 'fp8-block128', math: { ...bf16.math, linear: 'fp8' } }, 1 + 4 / 128 ** 2, 1],
    [{ ...bf16, weights: 'fp32', math: { ...bf16.math, linear: 'fp32' } }, 4, 2],
  ] as const)('has weights with their scales, inputs of the arithmetic in 16 bit at most, outputs in 16 bit: $0.weights', (policy, weightBytes, inputBytes) => {
    expect(gemmOf([query], 1, 1, policy)).toMatchObject({ weightBytes, inputBytes, outputBytes: 2 });
  });

  it('reads inputs in the width of the arithmetic, never above 16 bit', () =>
    fc.assert(
      fc.property(fc.constantFrom(...(Object.keys(PRECISION_BITS) as Precision[])), (linear) => {
        const kernel = gemmOf([query], 1, 1, { ...bf16, weights: 'fp4', math: { ...bf16.math, linear } });
        expect(kernel.math).toBe(linear);
        expect(kernel.inputBytes).toBe(Math.min(2, PRECISION_BITS[linear] / 8));
      }),
    ));

  it('has the work of t shards, which is that of the whole but for rounding up', () =>
    fc.assert(
      fc.property(fc.constantFrom(query, output, head), fc.integer({ min: 1, max: 64 }), fc.integer({ min: 1, max: 4096 }), (matrix, t, m) => {
        const [one, each] = [gemmOf([matrix], m, 1, bf16), gemmOf([matrix], m, t, bf16)];
        const work = (kernel: typeof one): number => kernel.n * kernel.k;
        expect(each.m).toBe(m);
        expect(t * work(each)).toBeGreaterThanOrEqual(work(one));
        // at most one more column or row on each chip
        expect(t * work(each)).toBeLessThan(work(one) + t * Math.max(one.n, one.k));
      }),
    ));
});
