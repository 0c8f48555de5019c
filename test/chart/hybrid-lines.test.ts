import { describe, expect, it } from 'vitest';
import { type HybridRow, hybridLines } from '../../src/chart/hybrid-lines.ts';
import { renderSvg } from '../../src/chart/render.ts';
import { CAPTION, models, named, point } from './fixtures.ts';
import { chartLaws, count, texts } from './laws.ts';

const rows = models('llama-4-maverick', 'minimax-m1', 'step-3').flatMap((model) =>
  [8192, 32768, 131072].flatMap((context): readonly HybridRow[] => {
    const { kvBytesRead, totalUsdPerMtok } = point(model, 'h800', context);
    return [
      { ...named(model), quantity: 'kv', context, value: kvBytesRead, printed: (kvBytesRead / 1e9).toFixed(2) },
      { ...named(model), quantity: 'cost', context, value: totalUsdPerMtok, printed: totalUsdPerMtok.toFixed(3) },
    ];
  }),
);
const options = { ...CAPTION, accelerator: 'H800' };

chartLaws('hybridLines', (given) => hybridLines(given, options), rows);

describe('hybridLines', () => {
  it('has a dot and a hollow mark for every row, from zero in both panels', async () => {
    const svg = await renderSvg(hybridLines(rows, options), 'css');
    expect(count(svg, /<path[^>]*fill="var\(--model-/g)).toBe(rows.length);
    expect(count(svg, /<path[^>]*fill="var\(--page\)"[^>]*stroke="var\(--model-/g)).toBe(rows.length);
    expect(texts(svg)).toEqual(expect.arrayContaining(['0', '$0', 'KV and state read', 'Cost on H800']));
  });

  it('gives KV in GB, the unit of the printed values', () => {
    const { data } = hybridLines(rows, options);
    for (const row of data) expect(Number(row.shown)).toBeCloseTo(Number(row.printedValue), 2);
  });

  it('has no panel for a quantity without rows', async () => {
    const svg = await renderSvg(
      hybridLines(
        rows.filter(({ quantity }) => quantity === 'kv'),
        options,
      ),
      'light',
    );
    expect(texts(svg)).not.toContain('Cost on H800');
  });
});
