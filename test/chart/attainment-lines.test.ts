import { describe, expect, it } from 'vitest';
import { type AttainmentLinesOptions, type AttainmentRow, attainmentLines } from '../../src/chart/attainment-lines.ts';
import { renderSvg } from '../../src/chart/render.ts';
import { CAPTION } from './fixtures.ts';
import { chartLaws, count, texts } from './laws.ts';

const SMALL = 'Small model';
const LARGE = 'Large model';
const RATES = [0.5, 1, 2, 3];
const line = (panel: string, series: string, percents: readonly number[], more: (percent: number) => Partial<AttainmentRow> = () => ({})): readonly AttainmentRow[] =>
  percents.map((percent, at) => ({ panel, series, name: `System ${series}`, x: RATES[at] as number, percent, ...more(percent) }));
const rows: readonly AttainmentRow[] = [
  ...line(SMALL, 'a', [100, 98, 82, 50], (percent) => ({ low: percent - 5, high: Math.min(100, percent + 5), reference: percent - 1, number: `rate/${percent}` })),
  ...line(SMALL, 'b', [95, 85, 40, 10]),
  ...line(LARGE, 'a', [100, 100, 100, 95]),
];
const measured: readonly AttainmentRow[] = RATES.map((x, at) => ({ panel: SMALL, series: 'c', name: 'System c', x, reference: 90 - 20 * at }));
const options: AttainmentLinesOptions = { ...CAPTION, goal: 90 };
const drawn = (given: readonly AttainmentRow[] = rows, more: Partial<AttainmentLinesOptions> = {}) => renderSvg(attainmentLines(given, { ...options, ...more }), 'css');
/** Lines of a plot: open paths in the colour of a series. */
const lines = (svg: string): number => count(svg, /<path d="M[^"Z]*L[^"Z]*" stroke="var\(--model-[^>]*stroke-width="2"/g);
const hollow = (svg: string): number => count(svg, /<path(?=[^>]*fill="var\(--page\)")(?=[^>]*stroke="var\(--model-)[^>]*>/g);

chartLaws('attainmentLines', (given) => attainmentLines(given, options), rows);
chartLaws('attainmentLines', (given) => attainmentLines(given, { ...options, x: 'slo-scale' }), [...rows, ...measured], 'panel');

describe('attainmentLines', () => {
  it('has a line for every system of every panel, a band where there is an interval, hollow marks for references', async () => {
    const svg = await drawn();
    expect(lines(svg)).toBe(3);
    expect(count(svg, /<path d="M[^"]*Z"[^>]* opacity="0\.2"/g)).toBe(1);
    expect(hollow(svg)).toBe(RATES.length);
  });

  it('joins the marks of a system that has references alone by a thin dashed line, and names it', async () => {
    const svg = await drawn([...rows, ...measured]);
    expect(hollow(svg)).toBe(2 * RATES.length);
    expect(count(svg, /<path d="M[^"Z]*L[^"Z]*"[^>]*stroke-width="1\.25"[^>]*stroke-dasharray="4,3"/g)).toBe(1);
    expect(texts(svg)).toContain('System c');
  });

  it('names panels, systems at their ends, and what the marks are', async () => {
    const shown = texts(await drawn(rows, { valueName: 'Simulated', referenceName: 'Measured' }));
    expect(shown).toEqual(expect.arrayContaining([SMALL, LARGE, 'System a', 'System b', 'Simulated', 'Measured', '95 % interval', 'Goal 90 %', 'Requests within objectives, %']));
    expect(texts(await drawn(line('', 'a', [100, 99, 98, 97]), { goal: undefined }))).not.toEqual(expect.arrayContaining(['Goal 90 %']));
  });

  it('marks where each line last falls below the goal, and no line that does not', async () => {
    const shown = texts(await drawn());
    expect(shown).toEqual(expect.arrayContaining(['1.5', '0.75']));
    const { spec } = attainmentLines(rows, options);
    expect(JSON.stringify(spec).match(/"goal":90/g)?.length).toBeGreaterThan(0);
    expect(texts(await drawn(rows.filter(({ panel }) => panel === LARGE)))).not.toContain('3.0');
  });

  it('marks the crossings that it is given instead, or none', async () => {
    expect(texts(await drawn(rows, { crossings: [{ panel: SMALL, series: 'b', x: 0.77 }] }))).toEqual(expect.arrayContaining(['0.77']));
    const none = texts(await drawn(rows, { crossings: [] }));
    for (const text of ['0.75', '0.77']) expect(none).not.toContain(text);
  });

  it('has the goal among the ticks instead of those near to it', async () => {
    const ticks = (svg: string) => new Set(texts(svg).filter((text) => /^\d+$/.test(text) && Number(text) > 3));
    expect(ticks(await drawn(rows))).toEqual(new Set(['25', '50', '75', '90', '100']));
    expect(ticks(await drawn(rows, { goal: 98 }))).toEqual(new Set(['25', '50', '75', '98']));
  });

  it('runs from the rate 0 upwards, and from the largest scale downwards', () => {
    const domainOf = (x: 'rate' | 'slo-scale') => JSON.stringify(attainmentLines(rows, { ...options, x }).spec);
    expect(domainOf('rate')).toContain('"domain":[0,3]');
    expect(domainOf('slo-scale')).toContain('"domain":[3,0.5]');
  });

  it('crosses the goal on the way to smaller scales', async () => {
    const falling = line('', 'a', [10, 80, 100, 100]);
    expect(texts(await drawn(falling, { x: 'slo-scale' }))).toContain('1.5');
  });

  it('gives a system one colour in all charts of a page', () => {
    const colourOf = (allSeries?: readonly string[]) => attainmentLines(line('', 'b', [99, 98, 97, 96]), { ...options, allSeries }).data[0]?.colour;
    expect(colourOf(['a', 'b'])).toBe(attainmentLines(rows, options).data[4]?.colour);
    expect(colourOf()).toBe(attainmentLines(rows, options).data[0]?.colour);
  });

  it('holds values, interval and reference of each row, for tooltip and table', () => {
    const { data, columns } = attainmentLines(rows, options);
    expect(data[1]).toMatchObject({ panel: SMALL, xShown: 1, valueShown: 98, lowShown: 93, highShown: 100, referenceShown: 97, number: 'rate/98' });
    expect(data[4]).toMatchObject({ lowShown: '–', referenceShown: '–', number: '–' });
    expect(columns).toMatchObject({ panel: 'Of', name: 'Series', xShown: 'Requests per second and chip', referenceShown: "Paper's value" });
  });

  it('refuses what has no place on the chart, in one line', () => {
    const row = rows[0] as AttainmentRow;
    const given = (change: Partial<AttainmentRow>) => () => attainmentLines([{ ...row, ...change }], options);
    expect(given({ percent: 101 })).toThrow(new RangeError('attainmentLines: percent 101 is not from 0 to 100'));
    expect(given({ x: Number.NaN })).toThrow(new RangeError('attainmentLines: x NaN is not a finite number'));
    expect(given({ percent: undefined, reference: undefined })).toThrow(new RangeError('attainmentLines: percent of a is missing, and reference too'));
    expect(given({ low: undefined })).toThrow(new RangeError('attainmentLines: low or high of a is missing'));
    expect(given({ low: 99, high: 98 })).toThrow(new RangeError('attainmentLines: low 99 is above high 98'));
    expect(() => attainmentLines(rows, { ...options, crossings: [{ panel: LARGE, series: 'b', x: 1 }] })).toThrow(new RangeError(`attainmentLines: crossings b has no row in "${LARGE}"`));
    expect(() => attainmentLines(rows, { ...options, goal: 0 })).toThrow(new RangeError('attainmentLines: goal 0 is not positive'));
  });
});
