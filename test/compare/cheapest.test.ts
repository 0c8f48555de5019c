import { describe, expect, it } from 'vitest';
import { accelerator } from '../../src/accelerators/index.ts';
import { withOverrides } from '../../src/accelerators/overrides.ts';
import { type Candidate, costOf } from '../../src/compare/candidate.ts';
import { cheapestRanges } from '../../src/compare/cheapest.ts';
import { contextGrid } from '../../src/compare/context-grid.ts';
import { exactCounting as counting, step3Counting } from '../../src/layers/counting.ts';
import { modelEntries, modelOf } from '../../src/models/index.ts';
import type { Model } from '../../src/models/model.ts';
import { replaceAttention } from '../../src/models/override.ts';
import { evaluate } from '../../src/units/context-expression.ts';

const CHIPS = ['h800', 'h20', 'a800', 'ascend-910b'].map((id) => accelerator(id).accelerator);
const h800 = accelerator('h800').accelerator;
const everything: readonly Candidate[] = modelEntries.flatMap(({ model }) => CHIPS.map((chip) => ({ model, accelerator: chip })));
const on = (...models: readonly Model[]): readonly Candidate[] => models.map((model) => ({ model, accelerator: h800 }));

const head = { queryHeads: 64, kvHeads: 8, headDim: 128 } as const;
const full = replaceAttention(modelOf('qwen3-32b'), { kind: 'gqa', ...head }, 'full');
const window = (size: number): Model => replaceAttention(full, { kind: 'sliding-window', window: size, ...head }, `window-${size}`);

describe('cheapestRanges', () => {
  for (const [name, rules] of Object.entries({ step3: step3Counting, exact: counting }))
    it(`names a cheapest candidate at every context, without gaps, ${name} counting`, () => {
      const ranges = cheapestRanges(everything, { counting: rules, to: 2 ** 22 });
      expect(ranges[0]?.from).toBe(1);
      expect(ranges.at(-1)?.to).toBe(2 ** 22);
      const costs = everything.map((candidate) => ({ candidate, cost: costOf(candidate, { counting: rules }) }));
      const edges = ranges.flatMap(({ from, to }) => [from, to]);
      for (const context of [...edges, ...contextGrid(1, 2 ** 22, 20)]) {
        const range = ranges.find(({ from, to }) => from <= context && context <= to);
        const cheapest = Math.min(...costs.map(({ cost }) => evaluate(cost, context)));
        const named = costs.find(({ candidate }) => candidate.model.id === range?.model && candidate.accelerator.id === range.accelerator);
        expect(evaluate(named?.cost as ReturnType<typeof costOf>, context), `context ${context}`).toBeLessThanOrEqual(cheapest * (1 + 1e-14));
      }
      ranges.forEach(({ from, model, accelerator }, i) => {
        if (i === 0) return;
        const last = ranges[i - 1] as (typeof ranges)[0];
        expect(from).toBe(last.to + 1);
        expect([model, accelerator]).not.toEqual([last.model, last.accelerator]);
      });
    });

  it('follows a chunked model through its periods', () => {
    const ranges = cheapestRanges(on(modelOf('llama-4-maverick'), modelOf('minimax-m1')), { counting });
    const switches = ranges.filter(({ model }) => model === 'llama-4-maverick').map(({ from }) => from);
    expect(switches.length).toBeGreaterThan(2);
    for (const from of switches.slice(1)) expect((from - 1) % 8192).toBe(0);
  });

  it('gives a tie at the start to the one that is cheapest next', () => {
    expect(cheapestRanges(on(full, window(1000), window(500)), { counting })).toEqual([{ from: 1, to: 1_048_576, model: 'window-500', accelerator: 'h800' }]);
    expect(cheapestRanges(on(full, window(1000)), { counting, to: 1000 })).toEqual([{ from: 1, to: 1000, model: 'full', accelerator: 'h800' }]);
  });

  it('gives equal costs to the earliest listed', () => {
    const [a, b] = [withOverrides(h800, {}), { ...h800, id: 'h800:again' }];
    const model = modelOf('step-3');
    expect(
      cheapestRanges(
        [a, b].map((chip) => ({ model, accelerator: chip })),
        { counting },
      ),
    ).toEqual([{ from: 1, to: 1_048_576, model: 'step-3', accelerator: 'h800' }]);
    expect(
      cheapestRanges(
        [b, a].map((chip) => ({ model, accelerator: chip })),
        { counting },
      )[0]?.accelerator,
    ).toBe('h800:again');
  });

  it('refuses no candidate and a range that is none', () => {
    expect(() => cheapestRanges([], { counting })).toThrow('cheapest: candidates [] is empty');
    expect(() => cheapestRanges(on(full), { counting, from: 1.5 })).toThrow('cheapest: from 1.5 is not a positive integer');
  });
});
