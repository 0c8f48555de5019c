import { describe, expect, it } from 'vitest';
import { type OverheadLinesOptions, type OverheadRow, overheadLines } from '../../src/chart/overhead-lines.ts';
import { renderSvg } from '../../src/chart/render.ts';
import { CAPTION } from './fixtures.ts';
import { chartLaws, count, texts, vertices } from './laws.ts';

const FREQUENCIES = [0.001, 0.01, 0.04, 0.067];
const line = (series: string, name: string, stall: number): readonly OverheadRow[] =>
  FREQUENCIES.map((x) => {
    const percent = (100 * x * stall) / (1 + x * stall);
    return { panel: '', series, name, x, percent, low: 0.9 * percent, high: 1.1 * percent, reference: 1.2 * percent };
  });
const rows = [...line('vllm', 'vLLM', 8), ...line('groups', 'Groups', 3)];
const chart = (given: readonly OverheadRow[] = rows, more: Partial<OverheadLinesOptions> = {}) => overheadLines(given, { ...CAPTION, x: 'frequency', ...more });
const drawn = async (...given: Parameters<typeof chart>) => texts(await renderSvg(chart(...given), 'css'));
const host = FREQUENCIES.map((x, at) => ({ panel: '', series: 'a', name: 'FastSwitch', x: 1000 * x, percent: at }));

chartLaws('overheadLines', chart, rows);
chartLaws('overheadLines', (given) => chart(given, { x: 'host-memory' }), host);

describe('overheadLines', () => {
  it('draws each policy through all its frequencies, its band, and the printed values hollow', async () => {
    const svg = await renderSvg(chart(), 'css');
    for (const series of ['vllm', 'groups']) expect(vertices(svg, String(chart().data.find((row) => row.series === series)?.colour))).toBe(FREQUENCIES.length);
    const key = 1;
    expect(count(svg, /<path[^>]* fill="var\(--page\)" stroke=/g)).toBe(rows.length + key);
  });

  it('has a log axis of frequencies, shares from zero or on a log scale', async () => {
    expect(await drawn()).toEqual(
      expect.arrayContaining(['0.001', '0.01', '0.03', '0', '10', '40', 'Priority updates per iteration (log scale)', 'Time lost to copies, %', 'vLLM', 'Groups', "Paper's value", '95 % interval']),
    );
    const log = await drawn(rows, { log: true });
    expect(log).toEqual(expect.arrayContaining(['0.3', '1', '30', 'Time lost to copies, % (log scale)']));
    expect(log).not.toContain('0');
  });

  it('has host memory from zero on a plain axis', async () => {
    expect(await drawn(host, { x: 'host-memory' })).toEqual(expect.arrayContaining(['0', '20', '40', '60', 'Host memory for caches, GB']));
    expect(JSON.stringify(chart(host, { x: 'host-memory' }).spec)).not.toContain('"log"');
  });

  it('takes other titles', async () => {
    expect(await drawn(rows, { xTitle: 'Updates', yTitle: 'Calls, %' })).toEqual(expect.arrayContaining(['Updates (log scale)', 'Calls, %']));
    expect(chart(rows, { xTitle: 'Updates' }).columns).toMatchObject({ xShown: 'Updates', valueShown: 'Time lost to copies, %' });
  });

  it('draws lines that are zero', async () => {
    expect(
      await renderSvg(
        chart(
          host.map((row) => ({ ...row, percent: 0 })),
          { x: 'host-memory' },
        ),
        'css',
      ),
    ).not.toMatch(/NaN/);
  });

  it('refuses what has no place on the axes, in one line', () => {
    const row = rows[0] as OverheadRow;
    expect(() => chart([{ ...row, x: 0 }])).toThrow(new RangeError('overheadLines: x 0 is not positive'));
    expect(() => chart([{ ...row, percent: 0, low: 0 }], { log: true })).toThrow(new RangeError('overheadLines: percent 0 is not positive'));
    expect(() => chart([{ ...row, reference: 101 }])).toThrow(new RangeError('overheadLines: reference 101 is not from 0 to 100'));
    expect(() => chart([{ ...row, percent: undefined, reference: undefined }])).toThrow(new RangeError('overheadLines: percent of vllm is missing, and reference too'));
    expect(() => chart([{ ...row, percent: Number.NaN }])).toThrow(new RangeError('overheadLines: percent NaN is not a finite number'));
  });
});
