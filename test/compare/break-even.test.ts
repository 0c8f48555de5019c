import { describe, expect, it } from 'vitest';
import { type Accelerator, accelerator, withOverrides } from '../../src/accelerators/index.ts';
import { breakEvenPrice, disaggregationPriceRatios, type PriceRatios } from '../../src/compare/break-even.ts';
import { type CostRow, costRows } from '../../src/cost/row.ts';
import { exactCounting as counting } from '../../src/layers/counting.ts';
import { modelEntries, modelOf } from '../../src/models/index.ts';
import type { Model } from '../../src/models/model.ts';

const [h800, h20, a800] = ['h800', 'h20', 'a800'].map((id) => accelerator(id).accelerator) as [Accelerator, Accelerator, Accelerator];
const step3 = modelOf('step-3');
const query = { counting, context: 8192 };

const priced = (chip: Accelerator, usdPerHour: number | null): Accelerator => withOverrides(chip, { usdPerHour });
const rows = (model: Model, ...chips: readonly Accelerator[]): readonly CostRow[] => costRows([model], chips, { counting, phase: 'decode', contexts: [query.context], afd: chips.length > 1 });
const total = (model: Model, chip: Accelerator): number => rows(model, chip)[0]?.totalUsdPerMtok as number;

describe('breakEvenPrice', () => {
  it('is the price at which the costs are equal', () => {
    for (const { model } of modelEntries)
      for (const chip of [h800, h20, a800]) {
        const price = breakEvenPrice({ model, accelerator: chip }, { model: step3, accelerator: h20 }, query);
        expect(total(model, priced(chip, price)) / total(step3, h20)).toBeCloseTo(1, 12);
      }
  });

  it('is the own price against itself, and needs none', () => {
    expect(breakEvenPrice({ model: step3, accelerator: h800 }, { model: step3, accelerator: h800 }, query)).toBeCloseTo(h800.usdPerHour as number, 12);
    const known = breakEvenPrice({ model: step3, accelerator: h800 }, { model: step3, accelerator: h20 }, query);
    expect(breakEvenPrice({ model: step3, accelerator: priced(h800, null) }, { model: step3, accelerator: h20 }, query)).toBe(known);
  });

  it('refuses a part that costs nothing, an unknown price of the other, and no context', () => {
    const candidate = { model: step3, accelerator: h800 };
    const headless = { ...query, counting: { ...counting, head: false }, part: 'head' } as const;
    expect(() => breakEvenPrice(candidate, candidate, headless)).toThrow('break-even: part head of step-3 costs nothing at any price');
    expect(() => breakEvenPrice(candidate, { model: step3, accelerator: priced(h20, null) }, query)).toThrow('accelerator h20: usdPerHour null has no price in USD');
    expect(() => breakEvenPrice(candidate, candidate, { ...query, context: 0 })).toThrow('compare: context 0 is not a positive integer');
  });
});

describe('disaggregationPriceRatios', () => {
  /** whether the pair is cheaper than both chips alone at a ratio of prices, by the rows of a cost table */
  function pays(model: Model, attention: Accelerator, ffn: Accelerator, ratio: number): boolean {
    const [a, f, pair] = rows(model, priced(attention, ratio), priced(ffn, 1)) as [CostRow, CostRow, CostRow];
    return pair.accelerator === `afd:${attention.id}+${ffn.id}` && pair.totalUsdPerMtok < Math.min(a.totalUsdPerMtok, f.totalUsdPerMtok) * (1 - 1e-12);
  }

  it('bounds the prices at which the pair is cheapest', () => {
    let found = 0;
    for (const { model } of modelEntries)
      for (const [attention, ffn] of [
        [h20, h800],
        [a800, h800],
        [h800, h20],
        [h20, a800],
      ] as const) {
        const ratios = disaggregationPriceRatios({ model, attention, ffn }, query);
        if (ratios === null) {
          for (let ratio = 0.05; ratio < 20; ratio *= 1.3) expect(pays(model, attention, ffn, ratio), model.id).toBe(false);
          continue;
        }
        found++;
        const { from, to } = ratios as PriceRatios;
        for (const inside of [from * 1.0001, Math.sqrt(from * to), to * 0.9999]) expect(pays(model, attention, ffn, inside), `${model.id} at ${inside}`).toBe(true);
        for (const outside of [from * 0.9999, to * 1.0001]) expect(pays(model, attention, ffn, outside), `${model.id} at ${outside}`).toBe(false);
      }
    expect(found).toBeGreaterThan(9);
  });

  it('is null for one chip twice', () => {
    expect(disaggregationPriceRatios({ model: step3, attention: h800, ffn: h800 }, query)).toBeNull();
  });
});
