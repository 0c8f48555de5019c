import { describe, expect, it } from 'vitest';
import { rankedBars } from '../../src/chart/ranked-bars.ts';
import { renderSvg } from '../../src/chart/render.ts';
import { CAPTION } from './fixtures.ts';
import { chartLaws, texts } from './laws.ts';

const rows = [
  { model: 'step-3', name: 'Step-3', usdPerMtok: 0.154 },
  { model: 'my-model', name: 'My model', usdPerMtok: 0.031, number: 'cost/my-model/h20/32768/total' },
  { model: 'qwen3-32b', name: 'Qwen3-32B', usdPerMtok: 0.4 },
];

chartLaws('rankedBars', (given) => rankedBars(given, CAPTION), rows);

describe('rankedBars', () => {
  it('puts the cheapest first and writes its value', async () => {
    const chart = rankedBars(rows, CAPTION);
    expect(chart.data.map(({ model }) => model)).toEqual(['my-model', 'step-3', 'qwen3-32b']);
    expect(texts(await renderSvg(chart, 'light'))).toEqual(expect.arrayContaining(['My model', '$0.0310', '$0.154', '$0.400']));
  });

  it('gives a model of the set its colour and any other grey', () => {
    expect(rankedBars(rows, CAPTION).data.map(({ colour }) => colour)).toEqual(['var(--context)', 'var(--model-step-3)', 'var(--model-qwen3-32b)']);
  });

  it('refuses a model twice and a cost that is not positive', () => {
    expect(() => rankedBars([...rows, ...rows.slice(0, 1)], CAPTION)).toThrow(/^rankedBars: model step-3 is given twice$/);
    expect(() => rankedBars([{ model: 'a', name: 'A', usdPerMtok: 0 }], CAPTION)).toThrow(/^rankedBars: usdPerMtok 0 is not positive$/);
  });
});
