import { fixed } from '../units/format.ts';
import { type Caption, distinct } from './caption.ts';
import { columns, type Fact, tooltip } from './facts.ts';
import { haloText, type KeyEntry, keyEntry, ownColour } from './marks.ts';
import { textSize } from './place-labels.ts';
import { checkSeries, type SeriesOptions, type SeriesRow, seriesColour, shown } from './series-rows.ts';
import type { Chart, JsonObject } from './spec.ts';
import { type ColourToken, colour } from './theme.ts';

/**
 * The best deployment of one kind.
 *   group      what stands above its bars: a pair of chips, a model, a workload
 *   placement  how it is split: `2 × TP 2 + 1 × TP 4`
 *   low, high  an interval; `reference`: what was measured or printed; both in the unit of `value`
 */
export interface GoodputRow extends Omit<SeriesRow, 'panel'> {
  readonly group: string;
  readonly placement: string;
  readonly value: number;
  readonly low?: number | undefined;
  readonly high?: number | undefined;
  readonly reference?: number | undefined;
}

export interface GoodputBarsOptions extends Caption, Pick<SeriesOptions, 'allSeries' | 'referenceName' | 'bandName'> {
  /** requests per second and chip, where more is better, or USD per million output tokens, where less is */
  readonly quantity: 'rate' | 'cost';
  /** title of the axis with its unit, where it is another one */
  readonly xTitle?: string | undefined;
  /** the best group first; in the order of the rows unless said */
  readonly ranked?: boolean | undefined;
}

const HEAD = 22;
const LABEL = 16;
const BAR = 12;
const BAR_GAP = 7;
const GROUP_GAP = 10;
/** of the axis, for the number at the end of the longest bar */
const AIR = 0.14;
const KEY_Y = -14;
const KEY_GAP = 32;
const TITLES = { rate: 'Requests per second and chip', cost: 'USD per million output tokens' };
const INTERVAL: JsonObject = { type: 'rule', strokeWidth: 1.5, stroke: colour('text') };
const REFERENCE: JsonObject = { type: 'point', shape: 'diamond', size: 60, filled: false, fill: colour('page'), stroke: colour('text'), strokeWidth: 1.5 };

/**
 * Best deployments as bars from zero, in groups: who and how above each bar, its value at the end, its interval as a line, what was measured or printed hollow.
 * @throws RangeError `goodputBars: ...` for no rows, a value that is not a number or below 0, half an interval, an empty one, or a series twice in a group
 */
export function goodputBars(rows: readonly GoodputRow[], options: GoodputBarsOptions): Chart {
  const { id, title, description, quantity, xTitle = TITLES[quantity], ranked = false, referenceName = "Paper's value", bandName = '95 % interval' } = options;
  checkBars(rows);
  const colourOf = seriesColour(rows, options);
  const data = rows.map(({ group, series, name, placement, value, low, high, reference, number }) => ({
    group,
    series,
    name,
    placement,
    value,
    low: low ?? null,
    high: high ?? null,
    reference: reference ?? null,
    valueShown: shown(value),
    lowShown: shown(low),
    highShown: shown(high),
    referenceShown: shown(reference),
    number: number ?? '–',
    colour: colourOf(series),
  }));
  const has = (field: keyof GoodputRow): boolean => rows.some((row) => row[field] !== undefined);
  const facts: readonly Fact[] = [
    { field: 'group', title: 'Group' },
    { field: 'name', title: 'Deployment' },
    { field: 'placement', title: 'Placement' },
    { field: 'valueShown', title: xTitle },
    ...(has('low')
      ? [
          { field: 'lowShown', title: `${bandName}, from` },
          { field: 'highShown', title: `${bandName}, to` },
        ]
      : []),
    ...(has('reference') ? [{ field: 'referenceShown', title: referenceName }] : []),
    ...(has('number') ? [{ field: 'number', title: 'Number' }] : []),
  ];
  const decimals = decimalsOf(rows.map(({ value }) => value));
  const groups = distinct(rows.map(({ group }) => group));
  const { bars, heads, labels, height } = stacked(
    (ranked ? byBest(groups, rows, quantity) : groups).map((group) => ({ group, own: data.filter((row) => row.group === group) })),
    (value) => `${quantity === 'cost' ? '$' : ''}${fixed(value, decimals)}`,
  );
  const most = Math.max(...rows.flatMap(({ value, high = 0, reference = 0 }) => [value, high, reference]));
  const x = (field: string): JsonObject => ({
    field,
    type: 'quantitative',
    scale: { domain: [0, most === 0 ? 1 : (1 + AIR) * most], nice: false, zero: true },
    axis: { title: xTitle, tickCount: 5, labelExpr: `${quantity === 'cost' ? "'$' + " : ''}format(datum.value, '~r')`, labelFlush: false, labelOverlap: 'greedy', grid: true, domain: false },
  });
  const y = (field: string): JsonObject => ({ field, type: 'quantitative', scale: null, axis: null });
  const text = (values: readonly JsonObject[], ink: ColourToken, mark: JsonObject = {}): readonly JsonObject[] =>
    haloText({ align: 'left', baseline: 'middle', ...mark }, { x: { value: 0 }, y: y('middle'), text: { field: 'label', type: 'nominal' }, color: { value: colour(ink) } }, { values });
  return {
    id,
    title,
    description,
    spec: {
      data: { values: bars },
      height,
      layer: [
        ...text(heads, 'text', { fontWeight: 600, fontSize: 13 }),
        ...text(labels, 'muted'),
        { mark: { type: 'rect' }, encoding: { x: x('value'), x2: { datum: 0 }, y: y('top'), y2: { field: 'bottom' }, fill: ownColour, tooltip: tooltip(facts) } },
        { transform: [{ filter: 'datum.low !== null' }], mark: { ...INTERVAL, tooltip: null }, encoding: { x: x('low'), x2: { field: 'high' }, y: y('middle') } },
        { transform: [{ filter: 'datum.reference !== null' }], mark: REFERENCE, encoding: { x: x('reference'), y: y('middle'), tooltip: tooltip(facts) } },
        { mark: { type: 'text', align: 'left', baseline: 'middle', dx: 6, fontWeight: 600, tooltip: null }, encoding: { x: x('end'), y: y('middle'), text: { field: 'valueText', type: 'nominal' } } },
        ...key([...(has('low') ? [{ text: bandName, symbol: INTERVAL }] : []), ...(has('reference') ? [{ text: referenceName, symbol: REFERENCE }] : [])]),
      ],
    },
    data,
    columns: columns(facts),
  };
}

function checkBars(rows: readonly GoodputRow[]): void {
  checkSeries('goodputBars', rows, { x: 'value', value: 'value' });
  rows.forEach(({ group, series, value }, at) => {
    if (value < 0) throw new RangeError(`goodputBars: value ${value} is below 0`);
    if (rows.findIndex((row) => row.group === group && row.series === series) !== at) throw new RangeError(`goodputBars: series ${series} is given twice in ${group}`);
  });
}

/** Decimals for all values alike: three digits of the largest, two of the smallest. */
function decimalsOf(values: readonly number[]): number {
  const positive = values.filter((value) => value > 0);
  if (positive.length === 0) return 0;
  const exponent = (value: number): number => Math.floor(Math.log10(value));
  return Math.max(0, 2 - exponent(Math.max(...positive)), 1 - exponent(Math.min(...positive)));
}

function byBest(groups: readonly string[], rows: readonly GoodputRow[], quantity: GoodputBarsOptions['quantity']): readonly string[] {
  const sign = quantity === 'rate' ? -1 : 1;
  const best = (group: string): number => Math.min(...rows.filter((row) => row.group === group).map(({ value }) => sign * value));
  return [...groups].sort((a, b) => best(a) - best(b));
}

type Bar = JsonObject & { readonly name: string; readonly placement: string; readonly value: number; readonly high: number | null; readonly reference: number | null };

/** Heads, labels and bars from top to bottom, in px. */
function stacked(groups: readonly { readonly group: string; readonly own: readonly Bar[] }[], valueText: (value: number) => string) {
  let height = 0;
  const bars: JsonObject[] = [];
  const heads: JsonObject[] = [];
  const labels: JsonObject[] = [];
  for (const { group, own } of groups) {
    heads.push({ label: group, middle: height + HEAD / 2 });
    height += HEAD;
    for (const row of own) {
      const top = height + LABEL;
      labels.push({ label: `${row.name}: ${row.placement}`, middle: height + LABEL / 2 });
      const end = Math.max(row.value, row.high ?? 0, row.reference ?? 0);
      bars.push({ ...row, end, valueText: valueText(row.value), top, middle: top + BAR / 2, bottom: top + BAR });
      height = top + BAR + BAR_GAP;
    }
    height += GROUP_GAP;
  }
  return { bars, heads, labels, height: height - GROUP_GAP };
}

function key(entries: readonly KeyEntry[]): readonly JsonObject[] {
  let from = 0;
  return entries.flatMap((entry) => {
    const marks = keyEntry(entry, String(from), KEY_Y);
    from += KEY_GAP + textSize(entry.text).width;
    return marks;
  });
}
