import { describe, expect, it } from 'vitest';
import { type CumulativeRow, cumulativeShare } from '../../src/chart/cumulative-share.ts';
import { renderSvg } from '../../src/chart/render.ts';
import { CAPTION } from './fixtures.ts';
import { chartLaws, count, texts } from './laws.ts';

const line = (series: string, scale: number): readonly CumulativeRow[] =>
  [0, 30, 70, 95, 100].map((percent, at) => ({ panel: '', series, name: `System ${series}`, seconds: scale * 2 ** at, percent, ...(at === 2 ? { reference: 65 } : {}) }));
const rows: readonly CumulativeRow[] = [...line('a', 0.001), ...line('b', 0.1)];
const chart = (given: readonly CumulativeRow[] = rows) => cumulativeShare(given, { ...CAPTION, xTitle: 'Transfer' });

chartLaws('cumulativeShare', chart, rows);

describe('cumulativeShare', () => {
  it('has a line for every series, named in the key, and hollow marks for references', async () => {
    const svg = await renderSvg(chart(), 'css');
    expect(texts(svg)).toEqual(expect.arrayContaining(['System a', 'System b', 'Computed', "Paper's value", 'Transfer (log scale)', 'Take at most this time, %']));
    expect(texts(svg).filter((text) => text === 'System a')).toHaveLength(1);
    expect(count(svg, /<path d="M[^"Z]*L[^"Z]*" stroke="var\(--model-[^>]*stroke-width="2"/g)).toBe(2);
    expect(count(svg, /<path(?=[^>]*fill="var\(--page\)")(?=[^>]*stroke="var\(--model-)[^>]*>/g)).toBe(2);
  });

  it('has times with their units on its axis', async () => {
    expect(texts(await renderSvg(chart(), 'css'))).toEqual(expect.arrayContaining(['1 ms', '100 ms', '1 s']));
    expect(texts(await renderSvg(chart(line('a', 2e-5)), 'css'))).toEqual(expect.arrayContaining(['30 µs', '300 µs']));
  });

  it('holds seconds and shares, for tooltip and table', () => {
    expect(chart().data[2]).toMatchObject({ xShown: 0.004, valueShown: 70, referenceShown: 65 });
    expect(chart().columns).toEqual({ name: 'Series', xShown: 'Transfer, s', valueShown: 'Take at most this time, %', referenceShown: "Paper's value" });
  });

  it('refuses times and shares that have no place, in one line', () => {
    const row = rows[1] as CumulativeRow;
    expect(() => chart([{ ...row, seconds: 0 }])).toThrow(new RangeError('cumulativeShare: seconds 0 is not positive'));
    expect(() => chart([{ ...row, percent: -1 }])).toThrow(new RangeError('cumulativeShare: percent -1 is not from 0 to 100'));
  });
});
