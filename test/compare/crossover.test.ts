import { describe, expect, it } from 'vitest';
import { accelerator } from '../../src/accelerators/index.ts';
import { withOverrides } from '../../src/accelerators/overrides.ts';
import { costOf } from '../../src/compare/candidate.ts';
import { costCrossovers } from '../../src/compare/crossover.ts';
import { exactCounting, step3Counting } from '../../src/layers/counting.ts';
import { modelEntries, modelOf } from '../../src/models/index.ts';
import type { Model } from '../../src/models/model.ts';
import { evaluate } from '../../src/units/context-expression.ts';

const h800 = accelerator('h800').accelerator;
const h20 = accelerator('h20').accelerator;
const [deepseek, llama, minimax, qwen, step3] = ['deepseek-v3', 'llama-4-maverick', 'minimax-m1', 'qwen3-32b', 'step-3'].map(modelOf) as [Model, Model, Model, Model, Model];

/** Contexts at which the cheaper one changes, found by looking at every one. */
function scan(a: Model, b: Model, counting: typeof exactCounting, to: number): readonly number[] {
  const cost = [a, b].map((model) => costOf({ model, accelerator: h800 }, { counting })) as [ReturnType<typeof costOf>, ReturnType<typeof costOf>];
  const found: number[] = [];
  for (let context = 2, before = Math.sign(evaluate(cost[0], 1) - evaluate(cost[1], 1)); context <= to; context++) {
    const sign = Math.sign(evaluate(cost[0], context) - evaluate(cost[1], context));
    if (sign !== before) found.push(context);
    before = sign;
  }
  return found;
}

describe('costCrossovers', () => {
  it('solves those of two models that both grow with the context', () => {
    const { exact, periodic } = costCrossovers(step3, qwen, h800, { counting: step3Counting });
    expect(periodic).toBeNull();
    expect(exact).toHaveLength(1);
    const { context, before, after, usdPerMtok } = exact[0] as (typeof exact)[0];
    expect({ context, before, after }).toEqual({ context: 196, before: 'qwen3-32b', after: 'step-3' });
    expect(usdPerMtok[0]).toBeLessThan(usdPerMtok[1]);
  });

  it('is confirmed at both neighbours, whichever model comes first', () => {
    for (const { model: a } of modelEntries)
      for (const { model: b } of modelEntries) {
        if (a.id === b.id) continue;
        const { exact } = costCrossovers(a, b, h20, { counting: exactCounting });
        expect(costCrossovers(b, a, h20, { counting: exactCounting }).exact.map(({ context, after }) => [context, after])).toEqual(exact.map(({ context, after }) => [context, after]));
        const costs = { [a.id]: costOf({ model: a, accelerator: h20 }, { counting: exactCounting }), [b.id]: costOf({ model: b, accelerator: h20 }, { counting: exactCounting }) };
        const at = (id: string, context: number): number => evaluate(costs[id] as ReturnType<typeof costOf>, context);
        for (const { context, before, after } of exact) {
          expect(at(after, context)).toBeLessThan(at(before, context));
          expect(at(before, context - 1)).toBeLessThanOrEqual(at(after, context - 1));
        }
      }
  });

  for (const [name, counting] of Object.entries({ step3: step3Counting, exact: exactCounting }))
    it(`finds what a scan of every context finds, ${name} counting`, () => {
      for (const [a, b] of [
        [step3, llama],
        [deepseek, llama],
        [llama, qwen],
        [step3, qwen],
      ] as const)
        expect(costCrossovers(a, b, h800, { counting, to: 40_000 }).exact.map(({ context }) => context)).toEqual(scan(a, b, counting, 40_000));
    });

  it('gives the trend behind the many crossings of a chunked model', () => {
    const { exact, periodic } = costCrossovers(llama, minimax, h20, { counting: exactCounting });
    expect(exact.length).toBeGreaterThan(1);
    expect(periodic?.mean).toHaveLength(1);
    const [first, last] = [exact[0]?.context as number, exact.at(-1)?.context as number];
    const mean = periodic?.mean[0]?.context as number;
    expect(mean).toBeGreaterThan(first);
    expect(mean).toBeLessThan(last);
    // Llama at its dearest (end of a chunk) loses first, at its cheapest (start of a chunk) last
    expect(periodic?.upper[0]?.context as number).toBeLessThanOrEqual(first);
    expect(periodic?.lower[0]?.context as number).toBeGreaterThanOrEqual(last);
  });

  it('does not move when both prices double, and keeps to its part and range', () => {
    const dear = withOverrides(h800, { usdPerHour: 2 * (h800.usdPerHour as number) });
    const contexts = (chip: typeof h800) => costCrossovers(step3, qwen, chip, { counting: exactCounting }).exact.map(({ context }) => context);
    expect(contexts(dear)).toEqual(contexts(h800));
    expect(costCrossovers(step3, qwen, h800, { counting: exactCounting, part: 'ffn' }).exact).toEqual([]);
    expect(costCrossovers(step3, qwen, h800, { counting: exactCounting, from: 1000 }).exact).toEqual([]);
  });

  it('refuses one model twice and a range that is none', () => {
    expect(() => costCrossovers(step3, step3, h800, { counting: exactCounting })).toThrow('crossover: models step-3 is given twice');
    expect(() => costCrossovers(step3, qwen, h800, { counting: exactCounting, from: 0 })).toThrow('crossover: from 0 is not a positive integer');
    expect(() => costCrossovers(step3, qwen, h800, { counting: exactCounting, from: 10, to: 5 })).toThrow('crossover: to 5 is not an integer of at least from 10');
  });
});
