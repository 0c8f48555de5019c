import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { cli, json } from '../support.ts';

const usd = z.tuple([z.number(), z.number()]);
const crossovers = z.array(z.strictObject({ context: z.int(), before: z.string(), after: z.string(), tieFrom: z.int().nullable(), usdPerMtok: usd }));
const shape = z.array(
  z.strictObject({
    accelerator: z.string(),
    models: z.tuple([z.string(), z.string()]),
    part: z.enum(['attention', 'ffn', 'head', 'total']),
    from: z.int(),
    to: z.int(),
    ranges: z.array(z.strictObject({ from: z.int(), to: z.int(), cheaper: z.string().nullable(), usdPerMtok: usd })),
    crossovers,
    periodic: z.strictObject({ mean: crossovers, upper: crossovers, lower: crossovers }).nullable(),
    notes: z.array(z.string()),
  }),
);
const crossover = async (...argv: readonly string[]) => shape.parse(await json('crossover', ...argv));

describe('crossover', () => {
  it('is where the rows of cost change their order', async () => {
    const [found] = await crossover();
    const at = found?.crossovers[0]?.context ?? 0;
    const rows = z
      .array(z.object({ model: z.string(), context: z.int(), totalUsdPerMtok: z.number() }))
      .parse(await json('cost', '--models', 'step-3,qwen3-235b-a22b', '--accelerators', 'h20', '--contexts', `${at - 1},${at}`));
    const total = (model: string, context: number): number => rows.find((row) => row.model === model && row.context === context)?.totalUsdPerMtok ?? Number.NaN;
    expect(total('step-3', at - 1)).toBeGreaterThanOrEqual(total('qwen3-235b-a22b', at - 1));
    expect(total('step-3', at)).toBeLessThan(total('qwen3-235b-a22b', at));
  });

  it('names nobody cheaper where both always cost the same', async () => {
    const [found] = await crossover('--models', 'step-3,qwen3-32b', '--accelerators', 'h20', '--part', 'head', '--counting', 'step3');
    expect(found?.ranges).toEqual([{ from: 1, to: 1_048_576, cheaper: null, usdPerMtok: [0, 0] }]);
  });

  it('covers from..to in ranges without gaps, that begin at the crossovers', async () => {
    for (const { from, to, ranges, crossovers } of await crossover('--models', 'kimi-k2,llama-4-maverick', '--accelerators', 'a800,h800', '--part', 'attention')) {
      expect([ranges[0]?.from, ranges.at(-1)?.to]).toEqual([from, to]);
      for (const [at, range] of ranges.slice(1).entries()) expect(range.from).toBe((ranges[at]?.to ?? 0) + 1);
      expect(ranges.slice(1).map((range) => range.from)).toEqual(crossovers.map(({ context }) => context));
    }
  });

  it('compares each pair on each chip, within bounds', async () => {
    const found = await crossover('--models', 'step-3,deepseek-v3,kimi-k2', '--accelerators', 'h800,h20', '--from', '1K', '--to', '64K', '--counting', 'step3');
    expect(found.map(({ accelerator, models }) => [accelerator, ...models].join(' '))).toEqual([
      'h800 step-3 deepseek-v3',
      'h800 step-3 kimi-k2',
      'h800 deepseek-v3 kimi-k2',
      'h20 step-3 deepseek-v3',
      'h20 step-3 kimi-k2',
      'h20 deepseek-v3 kimi-k2',
    ]);
    expect(found[0]).toMatchObject({ from: 1024, to: 65536, notes: ['counting: step3', 'precision: paper'] });
  });

  it('cuts a long list in the table and says how much, never in CSV', async () => {
    const argv = ['crossover', '--models', 'kimi-k2,llama-4-maverick', '--accelerators', 'a800', '--part', 'attention'];
    const [all, table] = [await cli(...argv, '--format', 'csv'), await cli(...argv)];
    const total = all.out.trim().split('\n').length - 1;
    expect(table.out.match(/^a800 /gm)).toHaveLength(12);
    expect(table.out).toContain(`${total - 12} more ranges`);
  });
});
