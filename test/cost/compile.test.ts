import { describe, expect, it } from 'vitest';
import { compile } from '../../src/cost/compile.ts';
import { type Counting, exactCounting, step3Counting } from '../../src/layers/counting.ts';
import { lowerModel, modelOf, precisionPolicies } from '../../src/models/index.ts';
import { overrideModel } from '../../src/models/override.ts';
import { ContextCurve } from '../../src/units/context-curve.ts';
import { assertPrinted } from '../support/printed.ts';
import { HAND_MODELS } from '../support/step3-by-hand.ts';
import { countsOf, PAPER_MODELS } from '../support/step3-tables.ts';

describe.each(PAPER_MODELS)('compile, $paperName', ({ paperName, model }) => {
  const compiled = compile(model, { counting: step3Counting });
  it.each(countsOf(paperName))('reproduces $at', ({ at, contextLength, printed }) => {
    assertPrinted(compiled.kvBytesRead.evaluate(contextLength), printed.kvBytesRead, `${at}, KV and state bytes`);
    assertPrinted(compiled.coreFlop.evaluate(contextLength), printed.attentionFlop, `${at}, core FLOP`);
    assertPrinted(compiled.linearFlop.evaluate(contextLength), printed.linearFlop, `${at}, linear FLOP`);
    assertPrinted(compiled.ffnFlop.evaluate(contextLength), printed.ffnFlop, `${at}, FFN FLOP`);
  });

  it('adds up what the operators do, in both countings and phases', () => {
    for (const counting of [step3Counting, exactCounting])
      for (const phase of ['decode', 'prefill'] as const) {
        const operators = lowerModel(model, { counting, phase });
        const { cores, coreFlop, linearFlop, ffnFlop, headFlop, kvBytesRead } = compile(model, { counting, phase });
        const work = ContextCurve.sum(operators.map(({ flop, repeat }) => flop.times(repeat)));
        const [reads, writes] = (['kvRead', 'kvWrite'] as const).map((key) => ContextCurve.sum(operators.map(({ bytes, repeat }) => bytes[key].times(repeat)))) as [ContextCurve, ContextCurve];
        const state = ContextCurve.sum(operators.map(({ bytes, repeat }) => bytes.state.times(repeat)));
        expect(ContextCurve.sum([coreFlop, linearFlop, ffnFlop, headFlop]).equals(work)).toBe(true);
        expect(kvBytesRead.equals(reads.plus(state))).toBe(true);
        expect(ContextCurve.sum(cores.map(({ flop }) => flop)).equals(coreFlop)).toBe(true);
        expect(ContextCurve.sum(cores.map(({ bytes }) => bytes)).equals(kvBytesRead.plus(writes))).toBe(true);
      }
  });

  it('holds one core for each kind of attention, and one in all where the roofline is taken over the sums', () => {
    const kinds = new Set(model.layers.map(({ attention }) => attention.kind));
    expect(compile(model).cores).toHaveLength(kinds.size);
    expect(compiled.cores).toHaveLength(1);
  });

  it('keeps the weights of every matrix multiply that is counted', () => {
    const { linear, router, head } = HAND_MODELS[model.id] as (typeof HAND_MODELS)[string];
    const weights = (counting: Counting, part: string) =>
      compile(model, { counting })
        .gemms.filter((term) => term.part === part)
        .reduce((sum, { weightBytes }) => sum + weightBytes, 0);
    expect(weights(exactCounting, 'linear')).toBe(linear);
    expect([weights(exactCounting, 'head'), weights(step3Counting, 'head')]).toEqual([head, 0]);
    expect(weights(exactCounting, 'ffn') - weights(step3Counting, 'ffn')).toBe(router);
  });
});

describe('compile', () => {
  it('keeps the weights of projections whose work is counted in the core: expanded MLA decode', () => {
    const expanded = overrideModel(modelOf('deepseek-v3'), { 'layers.*.attention.decodeForm': 'expanded' });
    const { linear } = HAND_MODELS['deepseek-v3'] as (typeof HAND_MODELS)[string];
    for (const phase of ['decode', 'prefill'] as const)
      for (const counting of [exactCounting, step3Counting]) {
        const { gemms } = compile(expanded, { phase, counting });
        const weights = gemms.filter(({ part }) => part === 'linear').reduce((sum, { weightBytes }) => sum + weightBytes, 0);
        expect([weights, linear]).toEqual([11_413_422_080, 11_413_422_080]);
      }
    expect(compile(expanded).linearFlop.evaluate(1)).toBe(2 * (linear - 61 * 2 * 128 * 128 * 512));
  });

  it('decodes, counts exactly and keeps the precision of the model unless told otherwise', () => {
    const model = modelOf('llama-4-maverick');
    const { phase, counting, precision } = compile(model);
    expect([phase, counting, precision]).toEqual(['decode', exactCounting, model.precision]);
    expect(compile(model, { precision: precisionPolicies.bf16 }).precision.id).toBe('bf16');
  });

  it('does not depend on how layers are grouped', () => {
    const model = modelOf('step-3');
    const [dense, moe] = model.layers as [(typeof model.layers)[number], (typeof model.layers)[number]];
    const split = compile({ ...model, layers: [{ ...moe, count: 20 }, dense, { ...moe, count: 36 }] });
    const whole = compile(model);
    for (const key of ['coreFlop', 'linearFlop', 'ffnFlop', 'headFlop', 'kvBytesRead'] as const) expect(split[key].equals(whole[key])).toBe(true);
    expect(split.cores).toHaveLength(1);
  });

  it('keeps cores apart that do the same work over different caches', () => {
    const model = modelOf('qwen3-32b');
    const [group] = model.layers as [(typeof model.layers)[number]];
    const heads = { kind: 'gqa', queryHeads: 64, headDim: 128 } as const;
    const { cores } = compile({ ...model, layers: [8, 4, 8].map((kvHeads) => ({ ...group, count: 2, attention: { ...heads, kvHeads } })) });
    expect(cores.map(({ bytes }) => String(bytes))).toEqual(['8192 + 8192*S', '2048 + 2048*S']);
  });

  it('prints its curves', () => {
    const { coreFlop, kvBytesRead } = compile(modelOf('llama-4-maverick'), { counting: { ...exactCounting, chunkPosition: false } });
    expect(String(kvBytesRead)).toBe('49152*S + 73728*min(S, 8192)');
    expect(String(coreFlop)).toBe('245760*S + 737280*min(S, 8192)');
  });
});
