import { describe, expect, it } from 'vitest';
import { renderSvg } from '../../src/chart/render.ts';
import { type TimeBandRow, timeBands } from '../../src/chart/time-bands.ts';
import { CAPTION } from './fixtures.ts';
import { chartLaws, count, texts } from './laws.ts';

const ONE = 'One H100';
const EIGHT = 'Eight H100';
const BATCHES = [1, 4, 16, 64, 256];
const curve = (panel: string, model: string, name: string, scale: number): readonly TimeBandRow[] =>
  BATCHES.map((batch) => {
    const seconds = scale * (0.006 + 0.0001 * batch);
    return { panel, model, name, batch, seconds, low: 0.9 * seconds, high: 1.2 * seconds, idealSeconds: 0.7 * seconds, number: `timing/${model}/${batch}` };
  });
const dense = curve(ONE, 'llama-3.1-8b', 'Llama 3.1 8B', 1);
const rows: readonly TimeBandRow[] = [...dense, ...curve(EIGHT, 'deepseek-v3', 'DeepSeek-V3', 3)];
const chart = (given: readonly TimeBandRow[] = rows) => timeBands(given, CAPTION);
const drawn = (given: readonly TimeBandRow[] = rows) => renderSvg(chart(given), 'css');
const isTime = (text: string): boolean => / ms$/.test(text);
const isBatch = (text: string): boolean => /^\d+$/.test(text);
/** Corners of the lines of the plot, each a pair; that of the bound is dashed and thinner. */
const linesOf = (svg: string, width: '1.5' | '2'): readonly (readonly (readonly number[])[])[] =>
  [...svg.matchAll(/<path d="M([^"Z]*L[^"Z]*)" stroke="var\(--model-[^>]*>/g)]
    .filter(([path]) => path.includes(`stroke-width="${width}"`) && path.includes('stroke-dasharray="4,3"') === (width === '1.5'))
    .map(([, corners = '']) => corners.split('L').map((corner) => corner.split(',').map(Number)));
const bands = (svg: string): number => count(svg, /<path[^>]* d="M[^"]*L[^"]*Z"[^>]* opacity="0\.22"/g);

chartLaws('timeBands', chart, rows, 'panel');
chartLaws('timeBands', chart, rows);

describe('timeBands', () => {
  it('has, for each model of each panel, a line of what is expected, a dashed one of the bound below it, and a band', async () => {
    for (const [given, models] of [
      [rows, 2],
      [dense, 1],
      [[...dense, ...curve(ONE, 'qwen3-8b', 'Qwen3-8B', 2)], 2],
    ] as const) {
      const svg = await drawn(given);
      const [bounds, expected] = [linesOf(svg, '1.5'), linesOf(svg, '2')];
      expect([bounds.length, expected.length, bands(svg)]).toEqual([models, models, models]);
      // downwards is more; the same batches
      for (const [at, line] of expected.entries())
        for (const [corner, [x, y]] of line.entries()) {
          expect(bounds[at]?.[corner]?.[0]).toBe(x);
          expect(bounds[at]?.[corner]?.[1]).toBeGreaterThan(y as number);
        }
    }
  });

  it('draws both lines through every batch, equally far apart where those are doubled alike, whatever the order of the rows', async () => {
    const svg = await drawn();
    for (const line of [...linesOf(svg, '1.5'), ...linesOf(svg, '2')]) {
      expect(line.length).toBe(BATCHES.length);
      const steps = line.slice(1).map(([x = 0], at) => x - (line[at]?.[0] as number));
      for (const step of steps) expect(step).toBeCloseTo(steps[0] as number, 1);
    }
    const again = await drawn(rows.toReversed());
    for (const width of ['1.5', '2'] as const) expect([...linesOf(again, width)].sort()).toEqual([...linesOf(svg, width)].sort());
  });

  it('names panels, models and what the marks are', async () => {
    expect(texts(await drawn())).toEqual(
      expect.arrayContaining([ONE, EIGHT, 'Llama 3.1 8B', 'DeepSeek-V3', 'Expected', '80 % interval', 'Bound', 'Batch (log scale)', 'Time per output token (log scale)']),
    );
    expect(texts(await drawn(dense))).not.toContain(EIGHT);
  });

  it('has times in milliseconds and whole batches on its axes', async () => {
    const shown = texts(await drawn());
    expect(shown.filter(isTime)).toContain('10 ms');
    expect(new Set(shown.filter(isBatch))).toEqual(new Set(['1', '16', '256']));
  });

  it('has one time axis for all panels, from the lowest to the highest of what is drawn', () => {
    const domains = new Set(JSON.stringify(chart().spec).match(/"scale":\{"type":"log","domain":\[[^\]]*\]/g));
    expect(domains.size).toBe(1);
    const [from, to] = JSON.parse(`[${[...domains].join().match(/\[([^\]]*)\]/)?.[1]}]`) as [number, number];
    expect(from).toBeLessThanOrEqual(Math.min(...rows.map(({ idealSeconds }) => idealSeconds)));
    expect(to).toBeGreaterThanOrEqual(Math.max(...rows.map(({ high }) => high)));
  });

  it('holds all amounts in seconds, for tooltip and table', () => {
    const { data, columns } = chart();
    expect(data[0]).toMatchObject({
      panel: ONE,
      name: 'Llama 3.1 8B',
      batch: 1,
      seconds: 0.0061,
      low: expect.closeTo(0.00549, 12),
      high: expect.closeTo(0.00732, 12),
      number: 'timing/llama-3.1-8b/1',
    });
    expect(columns).toMatchObject({ batch: 'Batch', seconds: 'Expected, s', low: 'Low, s', high: 'High, s', idealSeconds: 'Bound, s', number: 'Number' });
    expect(
      timeBands(
        dense.map(({ number: _, ...row }) => row),
        CAPTION,
      ).columns,
    ).not.toHaveProperty('number');
  });

  it.each(['batch', 'seconds', 'low', 'high', 'idealSeconds'] as const)('refuses a %s that has no place on a log scale, in one line', (field) => {
    for (const [value, rule] of [
      [0, 'is not positive'],
      [-0.1, 'is not positive'],
      [Number.NaN, 'is not a finite number'],
      [Number.POSITIVE_INFINITY, 'is not a finite number'],
    ] as const) {
      const check = () => chart([...dense, { ...(dense[0] as TimeBandRow), [field]: value }]);
      expect(check).toThrow(RangeError);
      expect(check).toThrow(new RangeError(`timeBands: ${field} ${value} ${rule}`));
    }
  });
});
