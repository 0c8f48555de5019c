import { describe, expect, it } from 'vitest';
import { type IntervalRow, intervalDots } from '../../src/chart/interval-dots.ts';
import { renderSvg } from '../../src/chart/render.ts';
import { CAPTION } from './fixtures.ts';
import { chartLaws, count, texts } from './laws.ts';

const LAYERS = 'Attention layers';
const DEPLOYMENTS = 'Published deployments';
const options = { ...CAPTION, quantity: 'Predicted over measured (log scale)' };
const rows: readonly IntervalRow[] = [
  { name: 'Step-3 on H800, 8K', panel: LAYERS, model: 'step-3', ratio: 0.914, low: 0.83, high: 1.08, number: 'timing/table-9/step-3/h800/8k' },
  { name: 'Step-3 on A800, 8K', panel: LAYERS, model: 'step-3', ratio: 0.853, low: 0.722, high: 1.04 },
  { name: 'DeepSeek-V3, decode', panel: DEPLOYMENTS, model: 'deepseek-v3', ratio: 1.09, low: 0.99, high: 1.17, others: [{ tool: 'InferSim', ratio: 1.151 }] },
  {
    name: 'Llama 3.1 8B, decode',
    panel: DEPLOYMENTS,
    model: 'llama-3.1-8b',
    ratio: 1,
    low: 0.9,
    high: 1.1,
    others: [
      { tool: 'InferSim', ratio: 0.96 },
      { tool: 'Another', ratio: 1.2 },
    ],
  },
  { name: 'A kernel', panel: DEPLOYMENTS, ratio: 1.02, low: 0.95, high: 1.06 },
];
const DOT = /<path[^>]*d="M4,0A4[^>]*fill="var\(--(?:model-|context)/g;
const HOLLOW = /<path(?![^>]*fill=)[^>]*d="M-[^>]*Z"[^>]*stroke="var\(--(?:model-|context)/g;
const isRatio = (text: string): boolean => /^\d+(\.\d+)?$/.test(text);
const ratios = async (given: readonly IntervalRow[]) => new Set(texts(await renderSvg(intervalDots(given, options), 'css')).filter(isRatio));

chartLaws('intervalDots', (given) => intervalDots(given, options), rows, 'panel');

describe('intervalDots', () => {
  it('has a dot and a bar for every row, a hollow mark for every prediction of another tool', async () => {
    const svg = await renderSvg(intervalDots(rows, options), 'css');
    expect(count(svg, DOT)).toBe(rows.length);
    expect(count(svg, /<line[^>]*stroke-width="7"[^>]*/g)).toBe(rows.length + 1);
    expect(count(svg, HOLLOW)).toBe(3);
  });

  it('names panels, cases and what the marks are', async () => {
    const shown = texts(await renderSvg(intervalDots(rows, options), 'css'));
    expect(shown).toEqual(expect.arrayContaining([LAYERS, DEPLOYMENTS, ...rows.map(({ name }) => name), 'Predicted', '80 % interval', 'InferSim', 'Another']));
    expect(shown.filter((text) => text === 'measured')).toHaveLength(2);
    expect(texts(await renderSvg(intervalDots(rows.slice(0, 2), options), 'css'))).not.toContain('InferSim');
  });

  it('shows markup in the name of a case or a tool as text', async () => {
    const hostile = [{ ...(rows[2] as IntervalRow), name: '<b>case</b>', others: [{ tool: '<b>tool</b>', ratio: 1.1 }] }];
    const svg = await renderSvg(intervalDots(hostile, options), 'light');
    expect(svg).not.toContain('<b>');
    expect(texts(svg)).toEqual(expect.arrayContaining(['&lt;b&gt;case&lt;/b&gt;', '&lt;b&gt;tool&lt;/b&gt;']));
  });

  it('gives models their colour and everything else grey', async () => {
    const svg = await renderSvg(intervalDots(rows, options), 'css');
    const dots = (token: string): number => count(svg, new RegExp(`<path[^>]*d="M4,0A4[^>]*fill="var\\(--${token}\\)"`, 'g'));
    expect([dots('model-step-3'), dots('model-deepseek-v3'), dots('context')]).toEqual([2, 1, 2]);
  });

  it('keeps 1 in the middle, and shows ticks that have room', async () => {
    const row = rows[4] as IntervalRow;
    expect(await ratios([row])).toEqual(new Set(['0.8', '0.9', '1', '1.1', '1.25']));
    expect(await ratios([{ ...row, high: 1.6 }])).toEqual(new Set(['0.7', '0.8', '1', '1.25', '1.5']));
    expect(await ratios([{ ...row, high: 2 }])).toEqual(new Set(['0.5', '0.7', '1', '1.5', '2']));
    expect(await ratios([{ ...row, others: [{ tool: 'Far off', ratio: 9 }] }])).toEqual(new Set(['0.2', '0.5', '1', '2', '5']));
  });

  it('holds all amounts in percent off, for tooltip and table', () => {
    const { data, columns } = intervalDots(rows, options);
    expect(data[2]).toMatchObject({ ratioPercent: 9, lowPercent: -1, highPercent: 17, others: 'InferSim +15.1', number: '–' });
    expect(data[3]).toMatchObject({ others: 'InferSim −4.0; Another +20.0' });
    expect(data[0]).toMatchObject({ others: '–', number: 'timing/table-9/step-3/h800/8k' });
    expect(columns).toMatchObject({ ratioPercent: 'Predicted, % off', others: 'Other tools, % off', number: 'Number' });
    expect(intervalDots(rows.slice(1, 2), options).columns).not.toHaveProperty('others');
  });

  it('puts panels of short names beside each other, others one below the other', () => {
    const columnsOf = (given: readonly IntervalRow[]) => JSON.stringify(intervalDots(given, options).spec.params);
    expect(columnsOf(rows)).toContain('? 1 : 1');
    expect(columnsOf(rows.map((row, at) => ({ ...row, name: `case ${at}` })))).toContain('? 1 : 2');
  });

  it('refuses what has no place on the scale, in one line', () => {
    const row = rows[3] as IntervalRow;
    const given = (change: Partial<IntervalRow>) => () => intervalDots([{ ...row, ...change }], options);
    expect(given({ ratio: 0 })).toThrow(new RangeError('intervalDots: ratio 0 is not positive'));
    expect(given({ low: -0.1 })).toThrow(new RangeError('intervalDots: low -0.1 is not positive'));
    expect(given({ high: Number.POSITIVE_INFINITY })).toThrow(new RangeError('intervalDots: high Infinity is not a finite number'));
    expect(given({ low: 1.2 })).toThrow(new RangeError('intervalDots: low 1.2 is above high 1.1'));
    expect(given({ others: [{ tool: 'InferSim', ratio: Number.NaN }] })).toThrow(new RangeError('intervalDots: ratio NaN is not a finite number'));
    expect(() => intervalDots([row, row], options)).toThrow(new RangeError(`intervalDots: name ${row.name} is given twice in ${DEPLOYMENTS}`));
  });
});
