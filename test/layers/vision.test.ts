import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lowerVision, MATRIX_ROWS, type VisionSpec, validateVision, visionLayerWeights, visionMatrixWeights } from '../../src/layers/vision.ts';
import { precisionPolicies } from '../../src/models/policies.ts';
import { contextOf, operatorOf } from '../support/operators.ts';

/** SigLIP so400m as in Gemma 3 4B: patches of 14 x 14 in three colours, 64 x 64 of them, and a projection to 2560. */
const siglip: VisionSpec = {
  layers: 27,
  hidden: 1152,
  attentionWidth: 1152,
  heads: 16,
  intermediate: 4304,
  gated: false,
  stem: [
    { name: 'patch embedding', inputs: 3 * 14 * 14, outputs: 1152, rows: 'patches' },
    { name: 'positions', inputs: 4096, outputs: 1152, rows: 'table' },
  ],
  connector: [{ name: 'projection', inputs: 1152, outputs: 2560, rows: 'tokens' }],
};
const operators = lowerVision(siglip, contextOf({ hidden: 2560, repeat: 7 }));
const stored = (each: typeof operators) => each.reduce((sum, { weights, repeat }) => sum + weights * repeat, 0);

const size = fc.integer({ min: 1, max: 512 });
const matrices = fc.array(fc.record({ name: fc.constant('matrix'), inputs: size, outputs: size, rows: fc.constantFrom(...MATRIX_ROWS) }), { maxLength: 3 });
const specs: fc.Arbitrary<VisionSpec> = fc.record({
  layers: size,
  hidden: size,
  attentionWidth: size,
  heads: fc.constant(1),
  intermediate: size,
  gated: fc.boolean(),
  stem: matrices,
  connector: matrices,
});

describe('lowerVision', () => {
  it('has the weights of SigLIP so400m, matrix by matrix', () => {
    expect(operators.map(({ id, repeat, weights }) => [id, repeat, weights])).toEqual([
      ['vision', 27, 4 * 1152 * 1152 + 2 * 1152 * 4304],
      ['vision.stem.0', 1, 588 * 1152],
      ['vision.stem.1', 1, 4096 * 1152],
      ['vision.connector.0', 1, 1152 * 2560],
    ]);
    expect(operatorOf(operators, 'vision').weights).toBe(15_224_832);
  });

  it('is matrices that every shard holds whole and reads once a step', () => {
    const matrix = (inputs: number, outputs: number) => ({ shape: { kind: 'encoder', inputs, outputs }, shardBy: 'replicated', scales: { kind: 'perStep' } });
    expect(operators.map(({ shape, shardBy, scales }) => ({ shape, shardBy, scales }))).toEqual([matrix(1152, 1152), matrix(588, 1152), matrix(4096, 1152), matrix(1152, 2560)]);
  });

  it('adds up to 416,466,432 in the encoder and 2,949,120 in the connector', () => {
    expect(stored(lowerVision({ ...siglip, connector: [] }, contextOf()))).toBe(416_466_432);
    expect(stored(operators)).toBe(416_466_432 + 2_949_120);
  });

  it('counts as its docstring says', () =>
    fc.assert(
      fc.property(specs, (spec) => {
        const { layers, hidden: H, attentionWidth: W, intermediate: I, gated, stem, connector } = spec;
        const rest = [...stem, ...connector].reduce((sum, { inputs, outputs }) => sum + inputs * outputs, 0);
        expect(stored(lowerVision(spec, contextOf()))).toBe(layers * (4 * H * W + (gated ? 3 : 2) * H * I) + rest);
      }),
    ));

  it('costs a text token nothing: no work, no cache, no active weights', () => {
    for (const phase of ['decode', 'prefill'] as const)
      for (const { part, component, kind, flop, activeWeights, bytes, cache } of lowerVision(siglip, contextOf({ phase }))) {
        expect({ part, component, kind, activeWeights, cache }).toEqual({ part: 'vision', component: 'vision', kind: 'encoder', activeWeights: 0, cache: undefined });
        for (const curve of [flop, bytes.kvRead, bytes.kvWrite, bytes.state, bytes.activations]) expect(curve.isZero).toBe(true);
      }
  });

  it('stores its weights in a format of its own, in whole bytes', () => {
    const bytes = (spec: VisionSpec, precision: Parameters<typeof contextOf>[0]) => lowerVision(spec, contextOf(precision)).map((each) => each.bytes.weights.toString());
    expect(bytes(siglip, {})).toEqual(operators.map(({ weights }) => String(weights)));
    expect(bytes(siglip, { precision: { ...precisionPolicies.fp8, weightsByComponent: { vision: 'bf16', attention: 'fp4' } } })).toEqual(operators.map(({ weights }) => String(2 * weights)));
    const odd = { ...siglip, stem: [{ name: 'odd', inputs: 3, outputs: 5, rows: 'patches' as const }], connector: [] };
    expect(bytes(odd, { precision: { ...precisionPolicies.fp8, weightsByComponent: { vision: 'int4' } } })[1]).toBe('8');
  });

  it('derives its weights, and no work', () => {
    for (const { because, weights } of operators) {
      expect(because.weights?.card.evaluate(because.weights.inputs)).toBe(weights);
      expect(because.flop.card.evaluate(because.flop.inputs)).toBe(0);
    }
  });
});

describe('formulas', () => {
  it('a layer, gated and not', () => {
    const sizes = { hidden: 1152, attentionWidth: 1152, intermediate: 4304 };
    expect(visionLayerWeights.evaluate({ ...sizes, inputMatrices: 1 })).toBe(15_224_832);
    expect(visionLayerWeights.evaluate({ ...sizes, inputMatrices: 2 })).toBe(15_224_832 + 1152 * 4304);
  });
  it('a matrix', () => expect(visionMatrixWeights.evaluate({ inputs: 588, outputs: 1152 })).toBe(677_376));
});

describe('validateVision', () => {
  it('accepts its example', () => expect(() => validateVision(siglip)).not.toThrow());

  it.each(['layers', 'hidden', 'attentionWidth', 'heads', 'intermediate'] as const)('refuses %s that is not a positive integer', (field) => {
    for (const value of [0, -1, 1.5, Number.NaN, '8', null, undefined]) {
      const check = (): void => validateVision({ ...siglip, [field]: value } as VisionSpec);
      expect(check).toThrow(RangeError);
      expect(check).toThrow(`vision: ${field} ${String(value)} is not a positive integer`);
    }
  });

  it.each([
    [{ gated: 'no' }, /^vision: gated no is not true or false$/],
    [{ stem: [{ name: 'patches', inputs: 0, outputs: 1152 }] }, /^vision: stem patches: inputs 0 is not a positive integer$/],
    [{ stem: [siglip.stem[0], { name: 'positions', inputs: 4096, outputs: 0.5 }] }, /^vision: stem positions: outputs 0\.5 is not a positive integer$/],
    [{ heads: 7 }, /^vision: attentionWidth 1152 is not a multiple of heads 7$/],
    [{ connector: [{ ...siglip.connector[0], rows: undefined }] }, /^vision: connector projection: rows undefined is not one of patches, tokens, table$/],
    [{ stem: [{ ...siglip.stem[0], rows: 'pixels' }] }, /^vision: stem patch embedding: rows pixels is not one of patches, tokens, table$/],
    [{ connector: [{ name: 'projection', inputs: 1152, outputs: -1 }] }, /^vision: connector projection: outputs -1 is not a positive integer$/],
  ])('refuses %j', (changes, message) => {
    const check = (): void => validateVision({ ...siglip, ...changes } as VisionSpec);
    expect(check).toThrow(RangeError);
    expect(check).toThrow(message);
  });
});
