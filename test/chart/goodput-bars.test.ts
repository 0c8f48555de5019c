import { describe, expect, it } from 'vitest';
import { type GoodputBarsOptions, type GoodputRow, goodputBars } from '../../src/chart/goodput-bars.ts';
import { renderSvg } from '../../src/chart/render.ts';
import { CAPTION } from './fixtures.ts';
import { chartLaws, count, texts } from './laws.ts';

const FAST = 'Fast chips';
const PAIR = 'Fast + large chips';
const rows: readonly GoodputRow[] = [
  { group: FAST, series: 'together', name: 'Colocated', placement: '4 × TP 2', value: 0.9, low: 0.85, high: 0.95, number: 'goodput/fast/together' },
  { group: FAST, series: 'apart', name: 'Disaggregated', placement: '2 × TP 2 + 1 × TP 4', value: 1.4, reference: 1.5 },
  { group: PAIR, series: 'apart', name: 'Disaggregated', placement: '1 × TP 2 + 3 × TP 1', value: 2.25, low: 2, high: 2.5 },
];
const chart = (given: readonly GoodputRow[] = rows, more: Partial<GoodputBarsOptions> = {}) => goodputBars(given, { ...CAPTION, quantity: 'rate', ...more });
const drawn = (...given: Parameters<typeof chart>) => renderSvg(chart(...given), 'css');

chartLaws('goodputBars', chart, rows);
chartLaws('goodputBars', chart, [rows[0], rows[2]] as readonly GoodputRow[], 'group');
chartLaws('goodputBars', (given) => chart(given, { quantity: 'cost', ranked: true }), rows, 'placement');

describe('goodputBars', () => {
  it('has a bar for every row, an interval where there is one, a hollow mark for a reference', async () => {
    const svg = await drawn();
    expect(count(svg, /<path[^>]*d="M0,[^"]*Z"[^>]*fill="var\(--model-/g)).toBe(rows.length);
    expect(count(svg, /<line[^>]*stroke="var\(--text\)"[^>]*stroke-width="1\.5"/g)).toBe(2 + 1);
    expect(texts(svg)).toEqual(expect.arrayContaining(['95 % interval', "Paper's value"]));
  });

  it('names groups, who and how above each bar, and the value at its end', async () => {
    expect(texts(await drawn())).toEqual(
      expect.arrayContaining([FAST, PAIR, 'Colocated: 4 × TP 2', 'Disaggregated: 2 × TP 2 + 1 × TP 4', 'Disaggregated: 1 × TP 2 + 3 × TP 1', '0.90', '1.40', '2.25', 'Requests per second and chip']),
    );
    expect(texts(await drawn(rows, { quantity: 'cost' }))).toEqual(expect.arrayContaining(['$0.90', '$2.25', '$1', 'USD per million output tokens']));
    expect(texts(await drawn(rows, { xTitle: 'Requests per USD' }))).toContain('Requests per USD');
  });

  it('keeps the order of the rows, or has the best group first', async () => {
    const groups = async (more: Partial<GoodputBarsOptions>) => [...new Set(texts(await drawn(rows, more)).filter((text) => [FAST, PAIR].includes(text)))];
    expect(await groups({})).toEqual([FAST, PAIR]);
    expect(await groups({ ranked: true })).toEqual([PAIR, FAST]);
    expect(await groups({ ranked: true, quantity: 'cost' })).toEqual([FAST, PAIR]);
  });

  it('shows the same decimals on all bars, two digits of the smallest', async () => {
    const [first, second] = rows as readonly [GoodputRow, GoodputRow];
    const plain = { low: undefined, high: undefined, reference: undefined };
    expect(
      texts(
        await drawn([
          { ...first, ...plain, value: 0.012 },
          { ...second, ...plain, value: 120 },
        ]),
      ),
    ).toEqual(expect.arrayContaining(['0.012', '120.000']));
    expect(texts(await drawn([{ ...first, ...plain, value: 0 }]))).toContain('0');
  });

  it('holds placement, value, interval and reference, for tooltip and table', () => {
    const { data, columns } = chart();
    expect(data[0]).toMatchObject({ placement: '4 × TP 2', valueShown: 0.9, lowShown: 0.85, highShown: 0.95, referenceShown: '–', number: 'goodput/fast/together' });
    expect(data[1]?.colour).toBe(data[2]?.colour);
    expect(columns).toMatchObject({ group: 'Group', name: 'Deployment', placement: 'Placement', valueShown: 'Requests per second and chip' });
  });

  it('refuses what cannot be a bar, in one line', () => {
    const row = rows[0] as GoodputRow;
    expect(() => chart([{ ...row, value: -1, low: undefined, high: undefined }])).toThrow(new RangeError('goodputBars: value -1 is below 0'));
    expect(() => chart([{ ...row, value: Number.NaN }])).toThrow(new RangeError('goodputBars: value NaN is not a finite number'));
    expect(() => chart([{ ...row, low: 1 }])).toThrow(new RangeError('goodputBars: low 1 is above high 0.95'));
    expect(() => chart([row, row])).toThrow(new RangeError(`goodputBars: series together is given twice in ${FAST}`));
  });
});
