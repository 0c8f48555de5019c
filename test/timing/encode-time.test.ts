import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type EncoderInput, lowerEncoder } from '../../src/layers/encoder.ts';
import type { VisionSpec } from '../../src/layers/vision.ts';
import { modelEntries, modelOf, precisionPolicies } from '../../src/models/index.ts';
import type { CalibrationData } from '../../src/timing/calibration-data.ts';
import { calibration } from '../../src/timing/choice.ts';
import { encodeSeconds, encodeTime } from '../../src/timing/encode-time.ts';
import { kernelEstimate } from '../../src/timing/estimate.ts';
import { workOf } from '../../src/timing/kernels/work.ts';
import { encoderKernels } from '../../src/timing/step/index.ts';
import { chipOf, chips, expectNear, expectNotLess } from './support.ts';

const { bf16 } = precisionPolicies;
const seeing = modelEntries.map(({ model }) => model).filter(({ vision }) => vision !== undefined);
const anyModel = fc.constantFrom(...seeing);
const anyChip = fc.constantFrom(...chips);
const inputs: fc.Arbitrary<EncoderInput> = fc.record({ tiles: fc.integer({ min: 1, max: 200 }), patches: fc.integer({ min: 1, max: 4096 }), tokens: fc.integer({ min: 1, max: 1024 }) });
const miniCpm = modelOf('minicpm-v-2.6');
const tile: EncoderInput = { tiles: 1, patches: 1024, tokens: 64 };
const specOf = ({ vision }: { readonly vision?: VisionSpec }): VisionSpec => vision as VisionSpec;

describe('encoderKernels', () => {
  it('do the work of the operators, for each tile', () =>
    fc.assert(
      fc.property(anyModel, inputs, (model, input) => {
        const { tiles, patches, tokens } = input;
        const done = encoderKernels(specOf(model), input, bf16).reduce((sum, { kernel, count }) => sum + count * workOf(kernel).flop, 0);
        const asked = lowerEncoder(specOf(model), { precision: bf16, tokens }).reduce((sum, { flop, repeat }) => sum + tiles * repeat * flop.evaluate(patches), 0);
        expectNear(done, asked);
      }),
    ));

  it('of MiniCPM-V 2.6 are those of its layers between those of its ends', () => {
    const runs = encoderKernels(specOf(miniCpm), { ...tile, tiles: 3 }, bf16);
    expect(runs.map(({ id, count }) => `${count} ${id}`)).toEqual([
      '1 stem.0',
      '27 attention-norm',
      '27 qkv',
      '27 core',
      '27 output',
      '27 ffn-norm',
      '27 up',
      '27 down-activation',
      '27 down',
      '1 encoder-norm',
      '1 connector.1',
      '1 connector.2',
      '1 connector.3',
      '1 connector.4',
      '1 connector.5',
    ]);
    const kernelOf = (id: string) => runs.find((run) => run.id === id)?.kernel;
    expect(kernelOf('qkv')).toMatchObject({ kind: 'gemm', m: 3 * 1024, n: 3 * 1152, k: 1152, math: 'bf16', weightBytes: 2 });
    expect(kernelOf('core')).toEqual({
      kind: 'prefill-attention',
      batch: 3,
      context: 1024,
      pairs: 1024 ** 2,
      heads: 16,
      kvHeads: 16,
      queryKeyDim: 72,
      valueDim: 72,
      kvBytesPerToken: 2 * 1152 * 2,
      math: 'bf16',
    });
    expect(['connector.1', 'connector.2', 'connector.3', 'connector.4', 'connector.5'].map((id) => kernelOf(id))).toMatchObject([
      { m: 3 * 1024, k: 1152, n: 3584 },
      { m: 3 * 64, k: 3584, n: 3584 },
      { m: 3 * 1024, k: 3584, n: 2 * 3584 },
      { m: 3 * 64, k: 3584, n: 3584 },
      { m: 3 * 64, k: 3584, n: 3584 },
    ]);
  });

  it('activate what a gate leaves, and quantise what 8-bit matrices read', () => {
    const mistral = specOf(modelOf('mistral-small-3.1-24b'));
    const ids = encoderKernels(mistral, tile, precisionPolicies.fp8).map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining(['stem.0-quantise', 'attention-input-quantise', 'attention-output-quantise', 'gate-up-quantise', 'down-quantise', 'connector.0-quantise']));
    expect(encoderKernels(mistral, tile, bf16).some(({ id }) => id.endsWith('-quantise'))).toBe(false);
    const activation = encoderKernels(mistral, tile, bf16).find(({ id }) => id === 'down-activation')?.kernel;
    expect(activation).toEqual({ kind: 'elementwise', bytes: 3 * 1024 * mistral.intermediate * 2, flop: 0 });
  });
});

describe('encodeTime', () => {
  it('is the sum of its parts, each as often as it runs', () => {
    const { parts, seconds, idealSeconds } = encodeTime(miniCpm, chipOf('h800'), { ...tile, tiles: 10 });
    const runs = encoderKernels(specOf(miniCpm), { ...tile, tiles: 10 }, miniCpm.precision);
    expect(parts.map(({ id, part, kernel, count }) => ({ id, part, kernel, count }))).toEqual(runs);
    for (const { kernel, count, ...part } of parts) {
      const estimate = kernelEstimate(kernel, chipOf('h800'), { launch: 'graph', power: 'sustained' });
      expect(part).toMatchObject({ estimate, seconds: count * estimate.seconds, idealSeconds: count * estimate.idealSeconds, hidden: 0 });
    }
    expectNear(
      seconds,
      parts.reduce((sum, part) => sum + part.seconds, 0),
    );
    expectNear(
      idealSeconds,
      parts.reduce((sum, part) => sum + part.idealSeconds, 0),
    );
  });

  it('is not below its roofline bound, in an interval that has both of its ends on their sides; encodeSeconds agrees', () =>
    fc.assert(
      fc.property(anyModel, anyChip, inputs, (model, chip, input) => {
        const { seconds, idealSeconds, low, high, parts } = encodeTime(model, chip, input);
        expectNotLess(seconds, idealSeconds);
        expect(low).toBeGreaterThanOrEqual(idealSeconds);
        expect(low).toBeLessThanOrEqual(seconds * (1 + 1e-12));
        expect(high).toBeGreaterThanOrEqual(seconds);
        expect(low).toBeLessThan(high);
        for (const part of parts) expectNotLess(part.seconds, part.idealSeconds, `${part.id}: `);
        expect(encodeSeconds(model, chip, input)).toEqual({ seconds, idealSeconds });
      }),
      { numRuns: 30 },
    ));

  it('never takes less for more tiles, patches or tokens', () =>
    fc.assert(
      fc.property(anyModel, anyChip, inputs, fc.constantFrom('tiles' as const, 'patches' as const, 'tokens' as const), fc.integer({ min: 1, max: 500 }), (model, chip, input, field, more) => {
        const [less, most] = [encodeSeconds(model, chip, input), encodeSeconds(model, chip, { ...input, [field]: input[field] + more })];
        expectNotLess(most.seconds, less.seconds);
        expectNotLess(most.idealSeconds, less.idealSeconds);
      }),
    ));

  it('takes less for two tiles in one pass than in two, and tends to the same a tile in large passes', () => {
    const of = (tiles: number): number => encodeSeconds(miniCpm, chipOf('a100-80g'), { ...tile, tiles }).seconds / tiles;
    expect(of(2)).toBeLessThan(of(1));
    expect(of(4096) / of(1024)).toBeCloseTo(1, 2);
  });

  it('takes longer where kernels are launched from the host, and not longer in bursts', () => {
    const of = (options: Parameters<typeof encodeTime>[3]): number => encodeSeconds(miniCpm, chipOf('h800'), tile, options).seconds;
    expect(of({ launch: 'host' })).toBeGreaterThan(of({}));
    expect(of({})).toBe(of({ launch: 'graph', power: 'sustained' }));
    expect(of({ power: 'burst' })).toBeLessThanOrEqual(of({}));
  });

  it('reads the calibration and the policy that it is given', () => {
    const slower: CalibrationData = {
      ...calibration,
      entries: calibration.entries.map((entry) => ({ ...entry, constants: { ...entry.constants, ...(entry.constants.launch === undefined ? {} : { launch: 1 }) } })),
    };
    expect(encodeTime(miniCpm, chipOf('h800'), tile, { data: slower }).seconds).toBeGreaterThan(100);
    expect(encodeSeconds(miniCpm, chipOf('h800'), tile, { precision: precisionPolicies.fp8 }).idealSeconds).toBeLessThan(
      encodeSeconds(miniCpm, chipOf('h800'), tile, { precision: bf16 }).idealSeconds,
    );
  });

  it('says that attention in both directions is beyond what was measured', () => {
    const core = encodeTime(miniCpm, chipOf('h800'), tile).parts.find(({ id }) => id === 'core');
    expect([core?.estimate.choice.carried, core?.estimate.basis]).toEqual(['beyond what was measured', 'assumed']);
  });

  it('refuses a model that sees nothing, and counts that are none', () => {
    expect(() => encodeTime(modelOf('qwen3-8b'), chipOf('h800'), tile)).toThrow(new RangeError('encode: model qwen3-8b has no vision encoder'));
    expect(() => encodeSeconds(miniCpm, chipOf('h800'), { ...tile, tiles: 0 })).toThrow(new RangeError('encode: tiles 0 is not a positive integer'));
    expect(() => encodeTime(miniCpm, chipOf('h800'), { ...tile, tokens: 1.5 })).toThrow(new RangeError('encode: tokens 1.5 is not a positive integer'));
  });
});
