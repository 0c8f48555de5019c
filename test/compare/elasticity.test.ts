import { describe, expect, it } from 'vitest';
import { type Accelerator, accelerator, withOverrides } from '../../src/accelerators/index.ts';
import { costAtContext } from '../../src/compare/candidate.ts';
import { type Elasticity, elasticities } from '../../src/compare/elasticity.ts';
import { exactCounting as counting, step3Counting } from '../../src/layers/counting.ts';
import { modelEntries, modelOf } from '../../src/models/index.ts';
import { overrideModel } from '../../src/models/override.ts';

const CHIPS = ['h800', 'h20', 'a800', 'ascend-910b'].map((id) => accelerator(id).accelerator);
const h800 = accelerator('h800').accelerator;
const query = { counting, context: 8192 };
const pick = (rows: readonly Elasticity[], input: string, side: 'down' | 'up'): Elasticity => {
  const row = rows.find((row) => row.input === input && row.side === side);
  if (row === undefined) throw new Error(`no ${input} ${side}`);
  return row;
};

describe('elasticities to the chip', () => {
  for (const { model } of modelEntries)
    for (const chip of CHIPS)
      it(`of ${model.id} on ${chip.id}: price 1, peak and bandwidth together -1, equal to finite differences`, () => {
        const rows = elasticities({ model, accelerator: chip }, query);
        const cost = (accelerator: Accelerator): number => costAtContext({ model, accelerator }, query);
        for (const side of ['down', 'up'] as const) {
          expect(pick(rows, 'price', side).elasticity).toBe(1);
          const peak = pick(rows, 'peak', side).elasticity;
          const bandwidth = pick(rows, 'memoryBandwidth', side).elasticity;
          expect(peak + bandwidth).toBeCloseTo(-1, 12);
          const factor = side === 'up' ? 1 + 1e-6 : 1 - 1e-6;
          const scaled = (peak: number | null): number | null => (peak === null ? null : peak * factor);
          const { bf16, fp8, int8, fp4 } = chip.peak;
          const faster = withOverrides(chip, { peak: { bf16: bf16 * factor, fp8: scaled(fp8), int8: scaled(int8), fp4: scaled(fp4) } });
          const wider = withOverrides(chip, { memoryBandwidth: chip.memoryBandwidth * factor });
          expect((cost(faster) / cost(chip) - 1) / (factor - 1)).toBeCloseTo(peak, 4);
          expect((cost(wider) / cost(chip) - 1) / (factor - 1)).toBeCloseTo(bandwidth, 4);
        }
      });

  it('differ between the sides where work and traffic cost the same', () => {
    const model = modelOf('step-3');
    const balanced = withOverrides(h800, { peak: { fp8: 2 ** 50 }, memoryBandwidth: 2 ** 43 }); // 128 FLOP for each byte, as MFA needs
    const rows = elasticities({ model, accelerator: balanced }, { ...query, counting: step3Counting, part: 'attention' });
    const [down, up] = (['down', 'up'] as const).map((side) => pick(rows, 'memoryBandwidth', side).elasticity);
    expect(up).toBe(0);
    expect(down).toBeLessThan(-0.1);
    expect(pick(rows, 'peak', 'down').elasticity).toBe(-1);
    expect(pick(rows, 'peak', 'up').elasticity).toBeCloseTo(-1 - (down as number), 12);
  });
});

describe('elasticities to the model', () => {
  it('step to the nearest model there is, and follow the cost of that model', () => {
    for (const { model } of modelEntries) {
      const rows = elasticities({ model, accelerator: h800 }, query);
      const cost = costAtContext({ model, accelerator: h800 }, query);
      for (const { input, side, value, steppedTo, paths, elasticity } of rows.filter((row) => row.steppedTo !== null)) {
        const to = steppedTo as number;
        expect(side === 'up' ? to > value : to < value, input).toBe(true);
        const changed = overrideModel(model, Object.fromEntries(paths.map((path) => [path, to])));
        expect(costAtContext({ model: changed, accelerator: h800 }, query) / cost).toBeCloseTo(1 + elasticity * (to / value - 1), 10);
      }
    }
  });

  it('keep heads divisible', () => {
    const rows = elasticities({ model: modelOf('qwen3-235b-a22b'), accelerator: h800 }, query);
    expect(pick(rows, 'gqa.queryHeads', 'up').steppedTo).toBe(68);
    expect(pick(rows, 'gqa.queryHeads', 'down').steppedTo).toBe(60);
    expect(pick(rows, 'gqa.kvHeads', 'up').steppedTo).toBe(8);
    expect(pick(rows, 'gqa.kvHeads', 'down').steppedTo).toBe(2);
  });

  it('name layers by kind, and move equal ones together', () => {
    const rows = elasticities({ model: modelOf('deepseek-v3'), accelerator: h800 }, query);
    expect(pick(rows, 'mla.kvRank', 'up').paths).toEqual(['layers.0.attention.kvRank', 'layers.1.attention.kvRank']);
    expect(pick(rows, 'mla+moe.layers', 'up').paths).toEqual(['layers.1.count']);
    expect(rows.some(({ input }) => input.startsWith('gqa.'))).toBe(false);
    expect(pick(rows, 'mla+dense.layers', 'up').elasticity + pick(rows, 'mla+moe.layers', 'up').elasticity).toBeLessThan(1);
  });

  it('leave out a step that no model can make', () => {
    const rows = elasticities({ model: modelOf('llama-4-maverick'), accelerator: h800 }, query);
    expect(rows.filter(({ input }) => input === 'moe.activeExperts').map(({ side }) => side)).toEqual(['up']);
  });

  it('are sorted by size and hold no negative zero', () => {
    const rows = elasticities({ model: modelOf('deepseek-v3'), accelerator: accelerator('h20').accelerator }, query);
    rows.forEach(({ elasticity }, i) => {
      expect(Object.is(elasticity, -0)).toBe(false);
      if (i > 0) expect(Math.abs(elasticity)).toBeLessThanOrEqual(Math.abs(rows[i - 1]?.elasticity as number));
    });
  });

  it('refuse a part that costs nothing', () => {
    expect(() => elasticities({ model: modelOf('step-3'), accelerator: h800 }, { counting: step3Counting, context: 8192, part: 'head' })).toThrow('elasticity: part head of step-3 costs 0');
    expect(() => elasticities({ model: modelOf('step-3'), accelerator: h800 }, { ...query, context: 1.5 })).toThrow('compare: context 1.5 is not a positive integer');
  });
});
