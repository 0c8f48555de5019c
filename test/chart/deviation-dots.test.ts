import { describe, expect, it } from 'vitest';
import { deviationDots } from '../../src/chart/deviation-dots.ts';
import { renderSvg } from '../../src/chart/render.ts';
import { CAPTION, MODELS, named } from './fixtures.ts';
import { chartLaws, count, texts } from './laws.ts';

const PERCENTS = [-4.96, -0.001, 0, 0.004, 0.28, 1.07, 2, 3.456, 5];
const rows = ['LM head counted', 'Router counted'].flatMap((difference) => MODELS.map((model, index) => ({ ...named(model), difference, percent: PERCENTS[index] ?? 0 })));
const options = { ...CAPTION, quantity: 'Change in cost' };

chartLaws('deviationDots', (given) => deviationDots(given, options), rows);

describe('deviationDots', () => {
  it('has a dot for every row and a panel for every difference', async () => {
    const svg = await renderSvg(deviationDots(rows, options), 'css');
    expect(count(svg, /<path[^>]*fill="var\(--model-/g)).toBe(rows.length);
    expect(texts(svg).filter((text) => text.endsWith('counted'))).toEqual(['LM head counted', 'Router counted']);
  });

  it('writes changes with their sign, zero as zero and the smallest as smaller', async () => {
    const shown = texts(await renderSvg(deviationDots(rows.slice(0, 9), options), 'light')).map((text) => text.replace('&lt;', '<'));
    expect(shown).toEqual(expect.arrayContaining(['−4.96 %', '< 0.01 %', '0', '+0.28 %', '+3.46 %', '+5.00 %']));
  });

  it('refuses a change that is no number', () => {
    expect(() => deviationDots([{ model: 'a', name: 'A', difference: 'd', percent: Number.POSITIVE_INFINITY }], options)).toThrow(
      new RangeError('deviationDots: percent Infinity is not a finite number'),
    );
  });
});
