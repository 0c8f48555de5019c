import { describe, expect, it } from 'vitest';
import { lowerModel, modelEntries, modelOf, precisionPolicies } from '../../../src/models/index.ts';
import { splitModel } from '../../../src/serving/afd/split-model.ts';

describe('splitModel', () => {
  it('cuts Step-3 into 5 dense layers and 56 of 48 experts, 3 for each token', () => {
    const { groups, experts, precision, model, vocabulary } = splitModel(modelOf('step-3'));
    expect(groups.map(({ layers, activeExperts }) => [layers, activeExperts])).toEqual([
      [5, null],
      [56, 3],
    ]);
    expect([experts, model.id, precision]).toEqual([48, 'step-3', modelOf('step-3').precision]);
    expect(vocabulary.map(({ id }) => id)).toEqual(['embedding', 'head']);
    const ids = groups.map(({ attention, ffn }) => [attention.map(({ id }) => id), ffn.map(({ id }) => id)]);
    expect(ids).toEqual([
      [
        ['query-down', 'query-up', 'key-value', 'core', 'output'],
        ['gate-up', 'down'],
      ],
      [
        ['query-down', 'query-up', 'key-value', 'core', 'output'],
        ['router', 'routed-gate-up', 'routed-down', 'shared-gate-up', 'shared-down'],
      ],
    ]);
  });

  it('knows no experts of a dense model', () => {
    const { groups, experts } = splitModel(modelOf('llama-3.1-8b'));
    expect([experts, ...groups.map(({ activeExperts }) => activeExperts)]).toEqual([null, null]);
  });

  it('takes the precision that is asked for', () => {
    const { precision, groups } = splitModel(modelOf('llama-3.1-8b'), precisionPolicies.fp8);
    expect(precision).toBe(precisionPolicies.fp8);
    const read = (policy: keyof typeof precisionPolicies): number =>
      splitModel(modelOf('llama-3.1-8b'), precisionPolicies[policy]).groups[0]?.ffn.reduce((sum, { bytes }) => sum + bytes.weights.evaluate(1), 0) as number;
    expect(read('bf16')).toBe(2 * read('fp8'));
    expect(groups.length).toBe(1);
  });

  it.each(modelEntries.map(({ model }) => model))('leaves out no operator of $id but those of the vision encoder, and none is on both sides', (model) => {
    const { groups, vocabulary } = splitModel(model);
    const split = [...groups.flatMap(({ attention, ffn }) => [...attention, ...ffn]), ...vocabulary];
    const whole = lowerModel(model, { phase: 'decode' }).filter(({ side }) => side !== 'vision');
    expect(split.map(({ id, repeat, weights }) => [id, repeat, weights])).toEqual(whole.map(({ id, repeat, weights }) => [id, repeat, weights]));
    for (const [at, { layers, attention, ffn }] of groups.entries()) {
      expect(layers).toBe(model.layers[at]?.count);
      for (const { repeat } of [...attention, ...ffn]) expect(repeat).toBe(layers);
    }
  });
});
