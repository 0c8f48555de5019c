import { describe, expect, it } from 'vitest';
import { intensityPlane } from '../../src/chart/intensity-plane.ts';
import { renderSvg } from '../../src/chart/render.ts';
import { CAPTION, models, named, point } from './fixtures.ts';
import { chartLaws, count, texts } from './laws.ts';

const rows = models('deepseek-v3', 'qwen3-235b-a22b', 'step-3').flatMap((model) =>
  [8192, 32768].map((context) => {
    const { attentionFlop, kvBytesRead } = point(model, 'h20', context);
    return { ...named(model), context, coreFlop: attentionFlop, kvBytesRead };
  }),
);
const ridges = [
  { chip: 'h800', chipName: 'H800', flopPerByte: 591 },
  { chip: 'h20', chipName: 'H20', flopPerByte: 74 },
  { chip: 'ascend-910b', chipName: '910B', flopPerByte: 175 },
];

chartLaws('intensityPlane', (given) => intensityPlane(given, { ...CAPTION, ridges }), rows);

describe('intensityPlane', () => {
  it('has a point for every row and a ray for every chip', async () => {
    const svg = await renderSvg(intensityPlane(rows, { ...CAPTION, ridges }), 'css');
    expect(count(svg, /<path[^>]*fill="var\(--model-/g)).toBe(rows.length);
    expect(count(svg, /<path[^>]*stroke="var\(--context\)"/g)).toBe(ridges.length);
  });

  it('writes the intensities of models and chips', async () => {
    const shown = texts(await renderSvg(intensityPlane(rows, { ...CAPTION, ridges }), 'light')).join(' ');
    for (const text of ['512 FLOP/B', '32 FLOP/B', '128 FLOP/B', '591 FLOP/B', 'H20, 74', '910B, 175']) expect(shown).toContain(text);
  });

  it('is drawn without ridges, and refuses one that is not positive', async () => {
    expect(await renderSvg(intensityPlane(rows, { ...CAPTION, ridges: [] }), 'light')).toContain('Step-3');
    expect(() => intensityPlane(rows, { ...CAPTION, ridges: [{ chip: 'x', chipName: 'X', flopPerByte: -1 }] })).toThrow(new RangeError('intensityPlane: flopPerByte -1 is not positive'));
  });
});
