import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bidirectionalPairs, type EncoderContext, encoderCoreFlop, encoderParts, lowerEncoder, validateEncoderInput } from '../../src/layers/encoder.ts';
import type { Operator } from '../../src/layers/operator.ts';
import { lowerVision, MATRIX_ROWS, type VisionSpec } from '../../src/layers/vision.ts';
import { modelEntries, modelOf } from '../../src/models/index.ts';
import { lowerModel } from '../../src/models/lower.ts';
import { precisionPolicies } from '../../src/models/policies.ts';
import { contextOf, operatorOf } from '../support/operators.ts';

const { bf16, fp8 } = precisionPolicies;
const encoderOf = (id: string): VisionSpec => modelOf(id).vision as VisionSpec;
const on = (tokens: number, precision = bf16): EncoderContext => ({ precision, tokens });
const total = (operators: readonly Operator[], of: (operator: Operator) => number): number => operators.reduce((sum, operator) => sum + operator.repeat * of(operator), 0);
const flopOf = (spec: VisionSpec, patches: number, tokens: number): number => total(lowerEncoder(spec, on(tokens)), ({ flop }) => flop.evaluate(patches));

const size = fc.integer({ min: 1, max: 64 });
const count = fc.integer({ min: 1, max: 2000 });
const matrices = fc.array(fc.record({ name: fc.constant('matrix'), inputs: size, outputs: size, rows: fc.constantFrom(...MATRIX_ROWS) }), { maxLength: 4 });
const specs: fc.Arbitrary<VisionSpec> = fc
  .record({ layers: size, hidden: size, heads: fc.integer({ min: 1, max: 8 }), headDim: size, intermediate: size, gated: fc.boolean(), stem: matrices, connector: matrices })
  .map(({ headDim, ...spec }) => ({ ...spec, attentionWidth: spec.heads * headDim }));
const seeing = modelEntries.map(({ model }) => model).filter(({ vision }) => vision !== undefined);

describe('bidirectionalPairs', () => {
  it('are the square of the patches, exactly', () =>
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 }), fc.integer({ min: 1, max: 2 ** 20 }), (patches, factor) => {
        expect(bidirectionalPairs(factor).exact(patches)).toBe(BigInt(factor) * BigInt(patches) ** 2n);
        expect(bidirectionalPairs().evaluate(patches)).toBe(Number(BigInt(patches) ** 2n));
      }),
    ));
});

describe('lowerEncoder', () => {
  it('has the work of a tile of MiniCPM-V 2.6, counted by hand: SigLIP over 1024 patches, a resampler to 64 tokens of 3584', () => {
    const [S, T, D] = [1024, 64, 3584];
    const layer = 2 * S * (4 * 1152 ** 2 + 2 * 1152 * 4304) + 2 * 2 * 16 * S * S * 72;
    const resampler = 2 * S * (1152 * D + 2 * D * D) + 2 * T * 3 * D * D;
    expect(flopOf(encoderOf('minicpm-v-2.6'), S, T)).toBe(27 * layer + 2 * S * 3 * 14 * 14 * 1152 + resampler);
  });

  it('has the work of a tile of InternVL2-26B, counted by hand: InternViT-6B over 1024 patches, four neighbours merged to 256 tokens of 6144', () => {
    const [S, T, D] = [1024, 256, 6144];
    const layer = 2 * S * (4 * 3200 ** 2 + 2 * 3200 * 12800) + 2 * 2 * 25 * S * S * 128;
    expect(flopOf(encoderOf('internvl2-26b'), S, T)).toBe(45 * layer + 2 * S * 3 * 14 * 14 * 3200 + 2 * T * (4 * 3200 * D + D * D));
  });

  it('counts as its docstring says', () =>
    fc.assert(
      fc.property(specs, count, count, (spec, S, T) => {
        const { layers, hidden: H, attentionWidth: W, intermediate: I, gated, stem, connector } = spec;
        const rowsOf = { patches: S, tokens: T, table: 0 };
        const ends = [...stem, ...connector].reduce((sum, { inputs, outputs, rows }) => sum + 2 * inputs * outputs * rowsOf[rows], 0);
        expect(flopOf(spec, S, T)).toBe(layers * (2 * S * (4 * H * W + (gated ? 3 : 2) * H * I) + 4 * W * S * S) + ends);
      }),
    ));

  it('has the weights of lowerVision, in each encoder of the catalogue and any other, and stores them in the same bytes', () => {
    expect(seeing.length).toBeGreaterThan(5);
    const same = (spec: VisionSpec, precision: EncoderContext['precision']): void => {
      const [opened, closed] = [lowerEncoder(spec, on(7, precision)), lowerVision(spec, contextOf({ precision }))];
      expect(total(opened, ({ weights }) => weights)).toBe(total(closed, ({ weights }) => weights));
      expect(total(opened, ({ bytes }) => bytes.weights.evaluate(1))).toBe(total(closed, ({ bytes }) => bytes.weights.evaluate(1)));
    };
    for (const { vision, precision } of seeing) same(vision as VisionSpec, precision);
    fc.assert(fc.property(specs, (spec) => same(spec, bf16)));
  });

  it('attends in quadratic work: twice the patches are four times the core and twice the matrices', () => {
    const operators = lowerEncoder(encoderOf('minicpm-v-2.6'), on(64));
    for (const { id, part, flop } of operators.filter(({ repeat }) => repeat > 1)) expect(flop.evaluate(2048) / flop.evaluate(1024), id).toBe(part === 'core' ? 4 : 2);
  });

  it('works as much on each of two tiles as on one, where one of twice the patches attends more', () =>
    fc.assert(fc.property(specs, count, count, (spec, S, T) => void expect(flopOf(spec, 2 * S, 2 * T) - 2 * flopOf(spec, S, T)).toBe(spec.layers * 8 * spec.attentionWidth * S * S))));

  it('names its operators by where they are', () => {
    const { stem, attention, ffn, connector } = encoderParts(encoderOf('minicpm-v-2.6'), on(64));
    const ids = (operators: readonly Operator[]): readonly string[] => operators.map(({ id, part, kind }) => `${id} ${part} ${kind}`);
    expect(ids(stem)).toEqual(['stem.0 linear gemm', 'stem.1 embedding lookup']);
    expect(ids(attention)).toEqual(['qkv linear gemm', 'core core attention-core', 'output linear gemm']);
    expect(ids(ffn)).toEqual(['up ffn gemm', 'down ffn gemm']);
    expect(ids(connector)).toEqual([
      'connector.0 embedding lookup',
      'connector.1 linear gemm',
      'connector.2 linear gemm',
      'connector.3 linear gemm',
      'connector.4 linear gemm',
      'connector.5 linear gemm',
    ]);
    expect(encoderParts(encoderOf('mistral-small-3.1-24b'), on(64)).ffn.map(({ id }) => id)).toEqual(['gate-up', 'down']);
    for (const each of [...stem, ...attention, ...ffn, ...connector]) expect(each.component).toBe('vision');
  });

  it('has heads of the width of its encoder, and reads keys and values of a tile once, in the format of activations', () => {
    const core = (precision: EncoderContext['precision']): Operator => operatorOf(lowerEncoder(encoderOf('minicpm-v-2.6'), on(64, precision)), 'core');
    expect(core(bf16).shape).toEqual({ kind: 'attention', queryHeads: 16, kvHeads: 16, queryKeyDim: 72, valueDim: 72 });
    expect(core(bf16).bytes.kvRead.toString()).toBe(`${2 * 1152 * 2}*S`);
    expect(core({ ...bf16, activations: 'fp8' }).bytes.kvRead.toString()).toBe(`${2 * 1152}*S`);
    expect([core(bf16).cache, core(bf16).bytes.kvWrite.isZero, core(bf16).attends]).toEqual([undefined, true, undefined]);
  });

  it('moves activations of the rows of a matrix: patches, tokens, none of a table', () => {
    const spec = { ...encoderOf('minicpm-v-2.6'), stem: [], connector: MATRIX_ROWS.map((rows) => ({ name: rows, inputs: 3, outputs: 5, rows })) };
    const connector = encoderParts(spec, on(64)).connector.map(({ bytes, flop }) => [bytes.activations.toString(), flop.toString()]);
    expect(connector).toEqual([
      [`${2 * 8}*S`, '30*S'],
      [`${2 * 8 * 64}`, `${30 * 64}`],
      ['0', '0'],
    ]);
  });

  it('derives its work and weights', () => {
    for (const { id, because, weights, flop } of lowerEncoder(encoderOf('qwen3-vl-235b-a22b'), on(64))) {
      if (because.weights !== undefined) expect(because.weights.card.evaluate(because.weights.inputs), id).toBe(weights);
      const each = because.flop.card.evaluate(because.flop.inputs);
      expect(flop.evaluate(1024) === 0 ? 0 : flop.evaluate(1024) / each, id).toBe(flop.isZero ? 0 : id === 'core' ? 1024 ** 2 : id.startsWith('connector') ? 64 : 1024);
    }
    expect(encoderCoreFlop.evaluate({ attentionWidth: 1152 })).toBe(4608);
  });

  it('stores weights in the format of the encoder', () => {
    const bytes = total(lowerEncoder(encoderOf('minicpm-v-2.6'), on(64, { ...fp8, weightsByComponent: { vision: 'bf16' } })), (operator) => operator.bytes.weights.evaluate(1));
    expect(bytes).toBe(2 * total(lowerEncoder(encoderOf('minicpm-v-2.6'), on(64)), ({ weights }) => weights));
  });

  it('leaves a token of text at no work in the encoder', () => {
    for (const model of seeing) for (const { part, flop } of lowerModel(model, { phase: 'prefill' })) if (part === 'vision') expect(flop.isZero).toBe(true);
  });

  it.each([0, -1, 1.5, Number.NaN])('refuses %d tokens', (tokens) => expect(() => lowerEncoder(encoderOf('minicpm-v-2.6'), on(tokens))).toThrow(`encoder: tokens ${tokens} is not a positive integer`));
});

describe('validateEncoderInput', () => {
  it.each(['tiles', 'patches', 'tokens'] as const)('refuses %s that are not a positive integer', (field) => {
    for (const value of [0, -1, 1.5, Number.NaN, undefined]) {
      const check = (): void => validateEncoderInput({ tiles: 1, patches: 1024, tokens: 64, [field]: value });
      expect(check).toThrow(RangeError);
      expect(check).toThrow(`encode: ${field} ${value} is not a positive integer`);
    }
    expect(() => validateEncoderInput({ tiles: 1, patches: 1024, tokens: 64 })).not.toThrow();
  });
});
