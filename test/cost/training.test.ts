import { describe, expect, it } from 'vitest';
import { accelerator } from '../../src/accelerators/index.ts';
import { compile } from '../../src/cost/compile.ts';
import { trainingCost } from '../../src/cost/training.ts';
import { unitCosts } from '../../src/cost/unit-cost.ts';
import { exactCounting, step3Counting } from '../../src/layers/counting.ts';
import { modelOf, precisionPolicies } from '../../src/models/index.ts';

const chip = accelerator('ascend-910b').accelerator;
const cost = (model: string, context: number, counting = step3Counting): number => {
  const architecture = modelOf(model);
  return trainingCost(compile(architecture, { counting }), unitCosts(chip, architecture.precision.math), context);
};

describe('trainingCost', () => {
  it.each([
    ['pangu-pro-moe', '0.076'],
    ['step-3', '0.213'],
  ])('of %s on 910B at 8K is the plotted %s (Figure 4)', (model, printed) => {
    expect(cost(model, 8192).toFixed(3)).toBe(printed);
  });

  it('grows with the context by the attention core alone', () => {
    const growth = cost('step-3', 20000) - cost('step-3', 10000);
    expect(growth).toBeCloseTo(cost('step-3', 30000) - cost('step-3', 20000), 9);
    expect(growth).toBeGreaterThan(0);
  });

  it('counts the head where the counting does', () => {
    expect(cost('step-3', 8192, exactCounting)).toBeGreaterThan(cost('step-3', 8192));
  });

  it('charges each part at the price of its own format', () => {
    const model = modelOf('step-3');
    const h800 = accelerator('h800').accelerator;
    const policy = precisionPolicies['fp8-kv16'];
    const compiled = compile(model, { counting: step3Counting, precision: policy });
    const usd = (bf16: number, fp8: number): number => (3e6 * 2 * (bf16 / 9.89e14 + fp8 / 1.98e15)) / 3600;
    const { coreFlop, linearFlop, ffnFlop } = compiled;
    expect(trainingCost(compiled, unitCosts(h800, policy.math), 8192)).toBeCloseTo(usd(coreFlop.evaluate(8192), linearFlop.evaluate(8192) + ffnFlop.evaluate(8192)), 9);
  });

  it('refuses a prefill and a context that is none', () => {
    const { precision } = modelOf('step-3');
    const costs = unitCosts(chip, precision.math);
    expect(() => trainingCost(compile(modelOf('step-3'), { phase: 'prefill' }), costs, 8192)).toThrow(/^training: phase prefill is not decode$/);
    expect(() => trainingCost(compile(modelOf('step-3')), costs, 0)).toThrow(/^training: contextLength 0 is not a positive integer$/);
  });
});
