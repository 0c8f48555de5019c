import { describe, expect, it } from 'vitest';
import { bytesPerElement, type GemmParts, gemm, gemmFlop, perToken, storedBytes, weightBytes } from '../../src/layers/gemm.ts';
import { routerWeights } from '../../src/layers/moe.ts';
import { COMPONENTS, STORAGE_BITS, weightFormat } from '../../src/layers/precision.ts';
import { lowerModel, modelEntries, precisionPolicies } from '../../src/models/index.ts';
import { contextOf } from '../support/operators.ts';

const parts = { id: 'test', part: 'ffn', k: 100, n: 30, weights: { card: routerWeights, inputs: { hidden: 100, experts: 30 } }, shardBy: 'columns' } as const;

describe('gemm', () => {
  it('is 2 k n work and k n weights', () => {
    const { flop, weights, activeWeights, bytes, kind, scales, shape } = gemm(parts, contextOf());
    expect([flop, bytes.weights, bytes.activations].map(String)).toEqual(['6000', '3000', '130']);
    expect([weights, activeWeights]).toEqual([3000, 3000]);
    expect({ kind, scales, shape }).toEqual({ kind: 'gemm', scales: { kind: 'perStep' }, shape: { kind: 'gemm', k: 100, n: 30, groups: 1, activeGroups: 1 } });
  });

  it('stores all groups and works on the active ones', () => {
    const { flop, weights, activeWeights, bytes, kind, scales } = gemm({ ...parts, groups: 8, activeGroups: 2 }, contextOf());
    expect([flop, bytes.weights, bytes.activations].map(String)).toEqual(['12000', '24000', '260']);
    expect([weights, activeWeights]).toEqual([24000, 6000]);
    expect({ kind, scales }).toEqual({ kind: 'grouped-gemm', scales: { kind: 'perExpertHit', experts: 8, activeExperts: 2 } });
  });

  it('reads groups that are all active once a step', () => expect(gemm({ ...parts, groups: 4, activeGroups: 4 }, contextOf())).toMatchObject({ kind: 'grouped-gemm', scales: { kind: 'perStep' } }));

  it('works on every token of a prompt and reads its weights once', () => {
    const { flop, bytes } = gemm(parts, contextOf({ phase: 'prefill' }));
    expect([flop, bytes.weights, bytes.activations].map(String)).toEqual(['6000*S', '3000', '130*S']);
  });

  it('leaves out work that is not counted, and keeps the weights', () => {
    const { flop, weights, bytes } = gemm({ ...parts, counted: false }, contextOf());
    expect([flop.isZero, weights, bytes.weights.toString()]).toEqual([true, 3000, '3000']);
  });

  it('takes weights and activations in their own formats', () => {
    const { bytes } = gemm(parts, contextOf({ precision: { ...precisionPolicies.bf16, activations: 'fp8', weights: 'int4' } }));
    expect([bytes.weights, bytes.activations].map(String)).toEqual(['1500', '130']);
  });

  it('belongs to the attention among the projections and to the dense layer elsewhere, unless it says otherwise', () => {
    expect(gemm({ ...parts, part: 'linear' }, contextOf()).component).toBe('attention');
    expect(gemm(parts, contextOf()).component).toBe('dense');
    for (const component of COMPONENTS) for (const part of ['linear', 'ffn'] as const) expect(gemm({ ...parts, part, component }, contextOf()).component).toBe(component);
  });

  it('stores its weights in the format of its component, and nothing else', () => {
    const precision = { ...precisionPolicies.fp8, weightsByComponent: { router: 'bf16', experts: 'mxfp4', attention: 'fp32' } } as const;
    const stored = (changes: Partial<GemmParts>) => gemm({ ...parts, ...changes }, contextOf({ precision })).bytes;
    expect(stored({}).weights.toString()).toBe('3000');
    expect(stored({ component: 'router' }).weights.toString()).toBe('6000');
    expect(stored({ component: 'router' }).activations.toString()).toBe('130');
    expect(stored({ part: 'linear' }).weights.toString()).toBe('12000');
    expect(stored({ component: 'experts' }).weights.toString()).toBe(String(Math.ceil((3000 * 4.25) / 8)));
    expect(stored({ component: 'experts', groups: 8, activeGroups: 2 }).weights.toString()).toBe(String((24000 * 4.25) / 8));
  });

  it('fills up the last byte of all its groups together', () => {
    const odd = { ...parts, k: 3, n: 5, weights: { card: routerWeights, inputs: { hidden: 3, experts: 5 } } };
    const stored = (groups: number) => gemm({ ...odd, groups }, contextOf({ precision: { ...precisionPolicies.fp8, weights: 'int4' } })).bytes.weights.toString();
    expect([1, 2, 3].map(stored)).toEqual(['8', '15', '23']);
  });

  it('never touches a KV cache or a state', () => {
    const { kvRead, kvWrite, state } = gemm(parts, contextOf()).bytes;
    expect([kvRead, kvWrite, state].every((curve) => curve.isZero)).toBe(true);
  });
});

describe('storedBytes', () => {
  it.each([
    [1, 'int4', 1],
    [2, 'int4', 1],
    [3, 'int4', 2],
    [3, 'bf16', 6],
    [128, 'int4-g128', 66],
    [129, 'int4-g128', 67],
    [16384, 'fp8-block128', 16388],
    [16385, 'fp8-block128', 16390],
    [0, 'nvfp4', 0],
  ] as const)('%i weights in %s take %i bytes', (weights, format, bytes) => expect(storedBytes(weights, format)).toBe(bytes));
});

describe('perToken', () => {
  it('is constant in decode and proportional to the prompt in prefill', () => {
    expect(perToken(7, contextOf()).toString()).toBe('7');
    expect(perToken(7, contextOf({ phase: 'prefill' })).toString()).toBe('7*S');
  });
});

describe('formulas', () => {
  it('2 FLOP per weight', () => expect(gemmFlop.evaluate({ weights: 1234 })).toBe(2468));
  it('bytes of weights', () => expect(weightBytes.evaluate({ weights: 10, bytesPerElement: 0.5 })).toBe(5));
  it('bytes of an element', () => expect((['fp32', 'bf16', 'fp16', 'fp8', 'int8', 'fp4', 'int4'] as const).map(bytesPerElement)).toEqual([4, 2, 2, 1, 1, 0.5, 0.5]));
  it('bytes of an element with its share of the scales', () =>
    expect((['nvfp4', 'mxfp4', 'int4-g128', 'fp8-block128'] as const).map(bytesPerElement)).toEqual([0.5625, 0.53125, 0.515625, 1 + 1 / 4096]));
});

describe('every matrix multiply of the catalogue', () => {
  it.each(modelEntries.map(({ model }) => [model.id, model] as const))('%s: its weights fill its shape, its derivation gives them', (_, model) => {
    const multiplies = lowerModel(model).flatMap((operator) => (operator.shape.kind === 'gemm' ? [{ ...operator, shape: operator.shape }] : []));
    expect(multiplies.length).toBeGreaterThan(5);
    for (const { id, component, shape, weights, activeWeights, flop, bytes, because } of multiplies) {
      const { k, n, groups, activeGroups } = shape;
      expect(weights, id).toBe(k * n * groups);
      expect(activeWeights, id).toBe(k * n * activeGroups);
      expect(flop.evaluate(1), id).toBe(2 * k * n * activeGroups);
      expect(because.flop.card.evaluate(because.flop.inputs), id).toBe(flop.evaluate(1));
      expect(because.weights?.card.evaluate(because.weights.inputs), id).toBe(k * n);
      expect(bytes.weights.evaluate(1), id).toBe(Math.ceil((weights * STORAGE_BITS[weightFormat(model.precision, component)]) / 8));
    }
  });
});
