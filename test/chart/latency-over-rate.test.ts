import { describe, expect, it } from 'vitest';
import { type LatencyOverRateOptions, type LatencyRow, latencyOverRate } from '../../src/chart/latency-over-rate.ts';
import { renderSvg } from '../../src/chart/render.ts';
import { CAPTION } from './fixtures.ts';
import { chartLaws, texts } from './laws.ts';

const TTFT = 'TTFT, 90th percentile';
const TPOT = 'TPOT, 90th percentile';
const line = (panel: string, series: string, times: readonly number[]): readonly LatencyRow[] => times.map((seconds, at) => ({ panel, series, name: `System ${series}`, rate: 1 + at, seconds }));
const rows: readonly LatencyRow[] = [
  ...line(TTFT, 'a', [0.1, 0.12, 0.9]).map((row) => ({ ...row, low: 0.9 * (row.seconds ?? 0), high: 1.1 * (row.seconds ?? 0), reference: row.seconds, number: `ttft/${row.rate}` })),
  ...line(TTFT, 'b', [0.2, 3]),
  ...line(TPOT, 'a', [0.03, 0.031, 0.04]),
];
const options: LatencyOverRateOptions = { ...CAPTION, objectives: [{ panel: TTFT, seconds: 0.2 }] };
const chart = (given: readonly LatencyRow[] = rows, more: Partial<LatencyOverRateOptions> = {}) => latencyOverRate(given, { ...options, ...more });
const drawn = async (...given: Parameters<typeof chart>) => texts(await renderSvg(chart(...given), 'css'));

chartLaws('latencyOverRate', (given) => latencyOverRate(given, CAPTION), rows);
chartLaws('latencyOverRate', (given) => latencyOverRate(given, CAPTION), rows, 'panel');

describe('latencyOverRate', () => {
  it('names panels, systems, and the objective in its panel', async () => {
    const shown = await drawn();
    expect(shown).toEqual(expect.arrayContaining([TTFT, TPOT, 'System a', 'System b', 'Milliseconds (log scale)', "Paper's value", '95 % interval']));
    expect(shown.filter((text) => text === 'Objective 200 ms')).toHaveLength(2);
  });

  it('has milliseconds at human values on its axes, more of them on a short scale', async () => {
    const shown = await drawn();
    expect(shown).toEqual(expect.arrayContaining(['100', '300', '1,000', '30', '35', '40', '45']));
    for (const text of shown.filter((each) => /^[\d,]+$/.test(each) && Number(each.replace(',', '')) > 9)) expect(text).toMatch(/^[1-9][05]?[0,]*$/);
  });

  it('has a scale for each panel, or one for all', () => {
    const domains = (sameScale: boolean) => new Set(JSON.stringify(chart(rows, { sameScale }).spec).match(/"type":"log","domain":\[[^\]]*\]/g));
    expect(domains(false).size).toBe(2);
    expect(domains(true).size).toBe(1);
  });

  it('leads from lines that end early to their names', () => {
    expect(JSON.stringify(chart().spec)).toContain('"edge":3');
    expect(JSON.stringify(chart(rows.filter(({ series }) => series === 'a')).spec)).not.toContain('"edge"');
  });

  it('holds milliseconds, for tooltip and table', () => {
    expect(chart().data[1]).toMatchObject({ xShown: 2, valueShown: 120, lowShown: 108, highShown: 132, referenceShown: 120, number: 'ttft/2' });
    expect(chart().columns).toMatchObject({ valueShown: 'Milliseconds', xShown: 'Requests per second and chip' });
  });

  it('refuses what has no place on a log scale, in one line', () => {
    const row = rows[3] as LatencyRow;
    expect(() => chart([{ ...row, seconds: 0 }], { objectives: [] })).toThrow(new RangeError('latencyOverRate: seconds 0 is not positive'));
    expect(() => chart([{ ...row, seconds: undefined }], { objectives: [] })).toThrow(new RangeError('latencyOverRate: seconds of b is missing, and reference too'));
    expect(() => chart(rows, { objectives: [{ panel: 'None', seconds: 1 }] })).toThrow(new RangeError('latencyOverRate: objectives "None" has no row'));
    expect(() => chart(rows, { objectives: [{ panel: TTFT, seconds: -1 }] })).toThrow(new RangeError('latencyOverRate: seconds -1 is not positive'));
  });
});
