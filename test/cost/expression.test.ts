import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accelerator } from '../../src/accelerators/index.ts';
import { compile } from '../../src/cost/compile.ts';
import { costAt } from '../../src/cost/evaluate.ts';
import { costExpression } from '../../src/cost/expression.ts';
import { unitCosts } from '../../src/cost/unit-cost.ts';
import { exactCounting, step3Counting } from '../../src/layers/counting.ts';
import { precisionPolicies } from '../../src/models/index.ts';
import { evaluate, sumOver } from '../../src/units/context-expression.ts';
import { HAND_CHIPS } from '../support/step3-by-hand.ts';
import { PAPER_MODELS } from '../support/step3-tables.ts';

const models = fc.constantFrom(...PAPER_MODELS.map(({ model }) => model));
const chips = fc.constantFrom(...Object.keys(HAND_CHIPS));
const countings = fc.constantFrom(step3Counting, exactCounting);
const mixed = { ...precisionPolicies.fp8, id: 'mixed', math: { attention: 'bf16', linear: 'fp8', ffn: 'bf16', head: 'fp8' } } as const;
const policies = fc.constantFrom(undefined, mixed, ...Object.values(precisionPolicies));
const COLUMNS = { attention: 'attentionUsdPerMtok', ffn: 'ffnUsdPerMtok', head: 'headUsdPerMtok', total: 'totalUsdPerMtok' } as const;
const PARTS = Object.keys(COLUMNS) as (keyof typeof COLUMNS)[];

const near = (actual: number, expected: number): void => expect(Math.abs(actual - expected), `${actual} and ${expected}`).toBeLessThanOrEqual(1e-12 * Math.abs(expected));

describe('costExpression', () => {
  it('is costAt as a function of the context: per token in decode, per prompt in prefill', () =>
    fc.assert(
      fc.property(models, chips, countings, policies, fc.constantFrom('decode', 'prefill'), fc.integer({ min: 1, max: 1_000_000 }), (model, chip, counting, precision, phase, S) => {
        const compiled = compile(model, { counting, phase, ...(precision === undefined ? {} : { precision }) });
        const costs = unitCosts(accelerator(chip).accelerator, compiled.precision.math);
        const point = costAt(compiled, costs, S);
        for (const part of PARTS) near(evaluate(costExpression(compiled, costs, part), S) / (phase === 'decode' ? 1 : S), point[COLUMNS[part]]);
      }),
      { numRuns: 200 },
    ));

  it('is the total unless a part is asked for, and the total is its parts', () => {
    for (const { model } of PAPER_MODELS) {
      const compiled = compile(model);
      const costs = unitCosts(accelerator('h20').accelerator, model.precision.math);
      const [attention, ffn, head, total] = PARTS.map((part) => evaluate(costExpression(compiled, costs, part), 12_345)) as [number, number, number, number];
      expect(evaluate(costExpression(compiled, costs), 12_345)).toBe(total);
      near(attention + ffn + head, total);
    }
  });

  it('sums over a generation as its tokens do, also where a chunk ends or the bound changes on the way', () =>
    fc.assert(
      fc.property(models, chips, countings, fc.oneof(fc.integer({ min: 1, max: 10 }), fc.integer({ min: 8150, max: 8250 })), fc.integer({ min: 0, max: 100 }), (model, chip, counting, from, more) => {
        const compiled = compile(model, { counting });
        const costs = unitCosts(accelerator(chip).accelerator, model.precision.math);
        let tokens = 0;
        for (let S = from; S <= from + more; S++) tokens += costAt(compiled, costs, S).totalUsdPerMtok;
        near(sumOver(costExpression(compiled, costs), from, from + more), tokens);
      }),
      { numRuns: 60 },
    ));
});
