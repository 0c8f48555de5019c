import { describe, expect, it } from 'vitest';
import { cheapestBands } from '../../src/chart/cheapest-bands.ts';
import { renderSvg } from '../../src/chart/render.ts';
import { CAPTION } from './fixtures.ts';
import { chartLaws, count, texts } from './laws.ts';

const rows = [
  { lane: 'H800', name: 'Kimi K2', model: 'kimi-k2', from: 1024, to: 5744 },
  { lane: 'H800', name: 'Step-3', model: 'step-3', from: 5745, to: 2 ** 20 },
  { lane: 'Step-3', name: 'H20', from: 1024, to: 1040 },
  { lane: 'Step-3', name: 'H800', from: 1041, to: 2 ** 20 },
];

chartLaws('cheapestBands', (given) => cheapestBands(given, CAPTION), rows);

describe('cheapestBands', () => {
  it('has a band for every row, in the colour of the model or grey', async () => {
    const svg = await renderSvg(cheapestBands(rows, CAPTION), 'css');
    expect(count(svg, /<path[^>]*fill="var\(--(?:model-[\w-]+|context)\)"[^>]*fill-opacity/g)).toBe(rows.length);
    expect(count(svg, /<path[^>]*fill="var\(--context\)"[^>]*fill-opacity/g)).toBe(2);
  });

  it('names a band and its exact start where they fit', async () => {
    const shown = texts(await renderSvg(cheapestBands(rows, CAPTION), 'light'));
    expect(shown).toEqual(expect.arrayContaining(['Kimi K2', 'from 5,745', 'from 1,041']));
    expect(shown).not.toContain('H20');
  });

  it('refuses a range that ends before it starts', () => {
    expect(() => cheapestBands([{ lane: 'H800', name: 'Step-3', from: 10, to: 9 }], CAPTION)).toThrow(new RangeError('cheapestBands: to 9 is before from 10'));
  });
});
