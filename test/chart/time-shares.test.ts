import { describe, expect, it } from 'vitest';
import { renderSvg } from '../../src/chart/render.ts';
import { type TimePart, type TimeShareRow, timeShares } from '../../src/chart/time-shares.ts';
import { CAPTION } from './fixtures.ts';
import { chartLaws, count, texts } from './laws.ts';

const parts: readonly TimePart[] = [{ name: 'Prefill queue', stage: 'prefill', waits: true }, { name: 'Prefill', stage: 'prefill' }, { name: 'Transfer' }, { name: 'Decode', stage: 'decode' }];
const bar = (panel: string, name: string, percents: readonly number[]): readonly TimeShareRow[] =>
  percents.map((percent, at) => ({ panel, bar: name, part: parts[at]?.name ?? '', percent, seconds: percent / 50, number: `share/${name}/${at}` }));
const rows: readonly TimeShareRow[] = [...bar('Ours', '1 req/s', [5, 15, 0.5, 79.5]), ...bar('Ours', '2 req/s', [20, 20, 0, 60]), ...bar('Theirs', '1 req/s', [6, 14, 0.2, 79.6])];
const chart = (given: readonly TimeShareRow[] = rows) => timeShares(given, { ...CAPTION, parts });

chartLaws('timeShares', chart, rows.slice(0, 2 * parts.length), 'panel');
chartLaws('timeShares', chart, bar('', 'x', [5, 15, 1, 79]), 'bar');

describe('timeShares', () => {
  it('has an area for every part of every bar, from 0 to 100, in the order of the parts', () => {
    const { data } = chart(rows.toReversed());
    expect(data.filter((row) => row.bar === '2 req/s').map(({ part, start, end }) => [part, start, end])).toEqual([
      ['Decode', 40, 100],
      ['Transfer', 40, 40],
      ['Prefill', 20, 40],
      ['Prefill queue', 0, 20],
    ]);
  });

  it('names panels, bars and parts, and large parts in their place', async () => {
    const svg = await renderSvg(chart(), 'css');
    const shown = texts(svg);
    expect(shown).toEqual(expect.arrayContaining(['Ours', 'Theirs', '1 req/s', '2 req/s', ...parts.map(({ name }) => name), 'Decode 80 %', 'Decode 60 %', 'Share of the time, %']));
    expect(shown).not.toContain('Transfer 1 %');
    expect(count(svg, /fill-opacity="0\.35"/g)).toBe(3 + 1);
  });

  it('gives parts of one stage one hue, and leaves parts that no bar has out of the key', async () => {
    const { data } = chart();
    expect(data[0]).toMatchObject({ colour: data[1]?.colour as string, opacity: 0.35 });
    expect(data[1]?.colour).not.toBe(data[3]?.colour);
    expect(texts(await renderSvg(chart(bar('', 'x', [0, 100]).slice(1)), 'css'))).not.toContain('Transfer');
  });

  it('holds share and time, for tooltip and table', () => {
    expect(chart().data[1]).toMatchObject({ percentShown: 15, secondsShown: 0.3, number: 'share/1 req/s/1' });
    expect(chart().columns).toEqual({ panel: 'Of', bar: 'Bar', part: 'Part', percentShown: 'Share, %', secondsShown: 'Time, s', number: 'Number' });
  });

  it('refuses parts that it does not know and shares that are not those of a whole, in one line', () => {
    const [first, second] = bar('', 'x', [40, 60]) as readonly [TimeShareRow, TimeShareRow];
    expect(() => chart([first])).toThrow(new RangeError('timeShares: shares of x add up to 40 %'));
    expect(() => chart([{ ...first, part: 'Lunch' }, second])).toThrow(new RangeError('timeShares: part Lunch is not among parts Prefill queue, Prefill, Transfer, Decode'));
    expect(() => chart([first, { ...second, part: first.part }])).toThrow(new RangeError('timeShares: part Prefill queue is given twice in x'));
    expect(() => chart([{ ...first, percent: -1 }, second])).toThrow(new RangeError('timeShares: percent -1 is below 0'));
    expect(() => chart([{ ...first, percent: 40.5 }, second])).not.toThrow();
  });
});
