import { describe, expect, it } from 'vitest';
import { lowerModel, modelOf, parameters, precisionPolicies } from '../../src/models/index.ts';
import { assertPrinted } from '../support/printed.ts';
import { HAND_MODELS } from '../support/step3-by-hand.ts';
import { PAPER_MODELS } from '../support/step3-tables.ts';

/** Published, in billions: total, active, and the convention of counting embeddings that gives the active figure; `4.0e2` is a name that ends in zeros. */
const PUBLISHED = [
  ['deepseek-v3', '671', '37', 'withoutInputEmbedding', 'model card'],
  ['qwen3-235b-a22b', '235', '22', 'all', 'model name'],
  ['qwen3-32b', '32.8', '32.8', 'all', 'model card'],
  ['llama-4-maverick', '4.0e2', '17', 'all', 'model name and card'],
  ['minimax-m1', '456', '45.9', 'withoutEmbeddings', 'model card'],
  ['ernie-4.5-300b-a47b', '3.0e2', '47', 'withoutInputEmbedding', 'model name'],
  ['pangu-pro-moe', '72', '16.5', 'all', 'model name; active: arXiv:2507.19427v1, Table 6'],
  ['step-3', '316', '38', 'withoutInputEmbedding', 'arXiv:2507.19427v1, Table 1'],
] as const;

describe('parameters', () => {
  it.each(PUBLISHED)('%s: %sB in all, %sB active (%s, %s)', (id, total, active, convention, where) => {
    const counts = parameters(modelOf(id));
    assertPrinted(counts.total.all / 1e9, total, `${id}, total, ${where}`);
    assertPrinted(counts.active[convention] / 1e9, active, `${id}, active, ${where}`);
  });

  it('kimi-k2: 1T in all, 32B active (model card)', () => {
    const { total, active } = parameters(modelOf('kimi-k2'));
    assertPrinted(total.all / 1e12, '1.0', 'total');
    assertPrinted(active.withoutInputEmbedding / 1e9, '32', 'active');
  });

  it.each(PAPER_MODELS)('$paperName: active parts are those that the paper multiplies by', ({ model }) => {
    const { linear, ffn, router, head } = HAND_MODELS[model.id] as (typeof HAND_MODELS)[string];
    const { active, total, parts } = parameters(model);
    expect(active.withoutEmbeddings).toBe(linear + ffn + router);
    expect(active.withoutInputEmbedding).toBe(linear + ffn + router + head);
    expect(active.all).toBe(linear + ffn + router + 2 * head);
    expect(parts.attention).toBe(linear);
    expect([parts.embedding, parts.head]).toEqual([head, head]);
    expect(total.all).toBe(parts.embedding + parts.attention + parts.dense + parts.router + parts.experts + parts.sharedExperts + parts.head);
  });

  it.each(PAPER_MODELS)('$paperName: is the sum over operators, and each convention leaves out what it says', ({ model }) => {
    const { total, active, parts } = parameters(model);
    const sum = (key: 'weights' | 'activeWeights') => lowerModel(model).reduce((weights, operator) => weights + operator[key] * operator.repeat, 0);
    expect([total.all, active.all]).toEqual([sum('weights'), sum('activeWeights')]);
    expect(total.all - total.withoutInputEmbedding).toBe(parts.embedding);
    expect(total.withoutInputEmbedding - total.withoutEmbeddings).toBe(parts.head);
    expect(active.withoutEmbeddings).toBeLessThanOrEqual(total.withoutEmbeddings);
  });

  it('is all active in a dense model', () => {
    const { total, active } = parameters(modelOf('qwen3-32b'));
    expect(active).toEqual(total);
  });

  it('counts one table of a tied model, as its head', () => {
    const model = modelOf('qwen3-32b');
    const [tied, untied] = [parameters({ ...model, tiedEmbeddings: true }), parameters(model)];
    expect(tied.parts.embedding).toBe(0);
    expect(tied.total.all).toBe(untied.total.withoutInputEmbedding);
    expect(tied.total.withoutEmbeddings).toBe(untied.total.withoutEmbeddings);
    expect(tied.bytes).toBe(untied.bytes - untied.parts.embedding);
    expect(tied.bytes).toBe(tied.total.all);
  });

  it('takes one byte each in 8 bit, two in 16 bit', () => {
    const model = modelOf('step-3');
    expect(parameters(model).bytes).toBe(parameters(model).total.all);
    expect(parameters({ ...model, precision: precisionPolicies.bf16 }).bytes).toBe(2 * parameters(model).total.all);
  });
});
