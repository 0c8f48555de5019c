import { describe, expect, it } from 'vitest';
import { step3Counting } from '../../src/layers/counting.ts';
import { layerCount, lowerModel, type Model, modelOf, precisionPolicies } from '../../src/models/index.ts';
import { flopOf } from '../support/operators.ts';
import { PAPER_MODELS } from '../support/step3-tables.ts';

const deepseekV3 = modelOf('deepseek-v3');
const [dense, moe] = deepseekV3.layers as [Model['layers'][number], Model['layers'][number]];

describe('lowerModel', () => {
  it('goes through the groups, attention before feed-forward, and ends with the vocabulary', () => {
    const places = lowerModel(deepseekV3).map(({ group, side }) => `${group} ${side}`);
    expect([...new Set(places)]).toEqual(['0 attention', '0 ffn', '1 attention', '1 ffn', 'null vocabulary']);
  });

  it('repeats the operators of a group in each of its layers', () => {
    for (const { group, repeat } of lowerModel(deepseekV3)) expect(repeat).toBe(group === null ? 1 : [3, 58][group]);
  });

  it('gives a part of each operator its side', () => {
    const sides = { core: 'attention', linear: 'attention', ffn: 'ffn', head: 'vocabulary', embedding: 'vocabulary', vision: 'vision' };
    for (const { model } of PAPER_MODELS) for (const { part, side } of lowerModel(model)) expect(side).toBe(sides[part]);
  });

  it('decodes, counts exactly and keeps the precision of the model unless told otherwise', () => {
    const llama = modelOf('llama-4-maverick');
    expect(lowerModel(llama)).toEqual(lowerModel(llama, { phase: 'decode', precision: llama.precision }));
    expect(lowerModel(llama)).not.toEqual(lowerModel(llama, { precision: precisionPolicies.fp8 }));
    expect(lowerModel(llama)).not.toEqual(lowerModel(llama, { counting: step3Counting }));
    expect(lowerModel(llama)).not.toEqual(lowerModel(llama, { phase: 'prefill' }));
  });

  it.each(PAPER_MODELS)('$paperName: the format changes bytes and never work', ({ model }) => {
    const [narrow, wide] = [precisionPolicies.fp8, precisionPolicies.bf16].map((precision) => lowerModel(model, { precision })) as [ReturnType<typeof lowerModel>, ReturnType<typeof lowerModel>];
    expect(flopOf(narrow).equals(flopOf(wide))).toBe(true);
    narrow.forEach(({ bytes }, index) => {
      for (const key of ['weights', 'kvRead', 'kvWrite', 'activations'] as const) expect(wide[index]?.bytes[key].equals(bytes[key].times(2))).toBe(true);
    });
  });

  it('does not depend on how layers are grouped', () => {
    const split = { ...deepseekV3, layers: [dense, { ...moe, count: 50 }, { ...moe, count: 8 }] };
    const work = (model: Model) => lowerModel(model).reduce((sum, { flop, repeat }) => sum + flop.evaluate(4096) * repeat, 0);
    expect(work(split)).toBe(work(deepseekV3));
  });
});

describe('layerCount', () =>
  it.each([
    ['deepseek-v3', 61],
    ['llama-4-maverick', 48],
    ['minimax-m1', 80],
    ['ernie-4.5-300b-a47b', 54],
    ['qwen3-32b', 64],
  ] as const)('%s has %d layers', (id, layers) => expect(layerCount(modelOf(id))).toBe(layers)));
