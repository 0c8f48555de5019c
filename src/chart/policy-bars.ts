import { topTitle } from './axis.ts';
import { distinct } from './caption.ts';
import { columns, type Fact, tooltip } from './facts.ts';
import { type KeyEntry, keyLines, ownColour, swatch } from './marks.ts';
import { inPanel, panels, panelTitle } from './panels.ts';
import { checkSeries, type SeriesOptions, type SeriesRow, seriesColour, shown } from './series-rows.ts';
import type { Chart, JsonObject } from './spec.ts';
import { colour } from './theme.ts';

/**
 * One amount of one policy, such as a latency over that of the first policy.
 *   panel   head of the plot: a model and a pattern; empty where there is one plot
 *   group   what stands under its bars, a line a word: `P99.9 TTFT`
 *   value   what we compute, a bar; `reference` is what the paper prints or draws; one of both may be missing
 *   low, high  an interval of the value
 */
export interface PolicyBarRow extends SeriesRow {
  readonly group: string;
  readonly value?: number | undefined;
  readonly low?: number | undefined;
  readonly high?: number | undefined;
  readonly reference?: number | undefined;
}

export interface PolicyBarsOptions extends SeriesOptions {
  /** title of the axis: `Latency over that of vLLM` */
  readonly yTitle: string;
}

const HEIGHT = 180;
const LEFT = 36;
const RIGHT = 8;
const AIR = 1.1;
/** of a group, left free on either side of its bars; of a bar, between it and the next */
const MARGIN = 0.09;
const GAP = 0.12;
const INTERVAL: JsonObject = { type: 'rule', strokeWidth: 1.5, stroke: colour('text') };
const INTERVAL_KEY: JsonObject = { type: 'point', shape: 'M0,-1V1', size: 160, filled: false, stroke: colour('text'), strokeWidth: 1.5 };
/** a hollow tick as wide as its bar: a rule in the colour of the page within one in that of text, shorter by a share of the bar at both ends */
const TICK = { outer: 5.5, inner: 2.5, inset: 0.08 } as const;
const TICK_KEY: JsonObject = { type: 'point', shape: 'M-1,-0.3H1V0.3H-1Z', size: 90, filled: false, fill: colour('page'), stroke: colour('text'), strokeWidth: 1.25 };
/** of a number above its bar, px */
const NUMBER_WIDTH = 28;

/**
 * Bars from zero, one a policy in each group of a panel, with what the paper prints as hollow ticks; panels share the scale. Numbers stand above bars that are wide enough. Order of first appearance.
 * @throws RangeError `policyBars: ...` for no rows, an amount that is not a number or below 0, half an interval, an empty one, a row without value and reference, or a policy twice in a group
 */
export function policyBars(rows: readonly PolicyBarRow[], options: PolicyBarsOptions): Chart {
  const { id, title, description, yTitle, valueName = 'Computed', referenceName = "Paper's value", bandName = '95 % interval' } = options;
  checkPolicies(rows);
  const colourOf = seriesColour(rows, options);
  const series = distinct(rows.map((row) => row.series));
  const names = distinct(rows.map(({ panel }) => panel));
  const groupsOf = (panel: string): readonly string[] => distinct(rows.filter((row) => row.panel === panel).map(({ group }) => group));
  const data = rows.map(({ panel, group, series: own, name, value, low, high, reference, number }) => ({
    panel,
    group,
    series: own,
    name,
    value: value ?? null,
    low: low ?? null,
    high: high ?? null,
    reference: reference ?? null,
    ...barPlace(groupsOf(panel).indexOf(group), series.indexOf(own), series.length),
    top: Math.max(value ?? 0, high ?? 0, reference ?? 0),
    valueShown: shown(value),
    lowShown: shown(low),
    highShown: shown(high),
    referenceShown: shown(reference),
    number: number ?? '–',
    colour: colourOf(own),
  }));
  const has = (field: keyof PolicyBarRow): boolean => rows.some((row) => row[field] !== undefined);
  const facts: readonly Fact[] = [
    ...(names.length > 1 ? [{ field: 'panel', title: 'Of' }] : []),
    { field: 'group', title: 'Amount' },
    { field: 'name', title: 'Policy' },
    { field: 'valueShown', title: `${yTitle}, ${valueName.toLowerCase()}` },
    ...(has('low')
      ? [
          { field: 'lowShown', title: `${bandName}, from` },
          { field: 'highShown', title: `${bandName}, to` },
        ]
      : []),
    ...(has('reference') ? [{ field: 'referenceShown', title: referenceName }] : []),
    ...(has('number') ? [{ field: 'number', title: 'Number' }] : []),
  ];
  const domain = [0, AIR * (Math.max(...data.map(({ top }) => top)) || 1)];
  const children = names.map((panel) => panelOf(panel, groupsOf(panel), series.length, domain, yTitle, facts));
  const entries: readonly KeyEntry[] = [
    ...series.map((own) => ({ text: rows.find((row) => row.series === own)?.name ?? '', symbol: swatch(colourOf(own), 1) })),
    ...(has('low') ? [{ text: bandName, symbol: INTERVAL_KEY }] : []),
    ...(has('reference') ? [{ text: referenceName, symbol: TICK_KEY }] : []),
  ];
  return { id, title, description, spec: panels({ children, left: LEFT, right: RIGHT, columns: Math.min(2, names.length), head: keyLines(entries, 8 - LEFT) }), data, columns: columns(facts) };
}

/** Along the axis, on which a group is as wide as 1. */
function barPlace(group: number, at: number, count: number): { readonly from: number; readonly middle: number; readonly to: number; readonly tickFrom: number; readonly tickTo: number } {
  const width = (1 - 2 * MARGIN) / count;
  const from = group + MARGIN + width * at;
  const along = (share: number): number => from + share * width;
  return { from: along(GAP / 2), middle: along(0.5), to: along(1 - GAP / 2), tickFrom: along(GAP / 2 + TICK.inset), tickTo: along(1 - GAP / 2 - TICK.inset) };
}

function panelOf(panel: string, groups: readonly string[], count: number, domain: readonly number[], yTitle: string, facts: readonly Fact[]): JsonObject {
  const x = (field: string): JsonObject =>
    inPanel({
      field,
      type: 'quantitative',
      scale: { domain: [0, groups.length], nice: false },
      axis: {
        title: null,
        values: groups.map((_, at) => at + 0.5),
        labelExpr: `split(${JSON.stringify(groups)}[floor(datum.value)], ' ')`,
        labelColor: colour('text'),
        labelFlush: false,
        labelOverlap: false,
        ticks: false,
      },
    });
  const y = (field: string): JsonObject => ({
    field,
    type: 'quantitative',
    scale: { domain, nice: false, zero: true },
    axis: { title: yTitle, tickCount: 5, labelExpr: "format(datum.value, '~r')", ...topTitle },
  });
  const held = (field: string): JsonObject => ({ transform: [{ filter: `datum.${field} !== null` }] });
  const tick = (from: string, to: string, mark: JsonObject): JsonObject => ({
    ...held('reference'),
    mark: { type: 'rule', strokeCap: 'butt', ...mark },
    encoding: { x: x(from), x2: { field: to }, y: y('reference'), tooltip: tooltip(facts) },
  });
  const wide = `panelWidth * ${(1 - 2 * MARGIN) / count / groups.length} >= ${NUMBER_WIDTH}`;
  return {
    data: { name: 'rows' },
    transform: [{ filter: { field: 'panel', equal: panel } }],
    ...(panel === '' ? {} : { title: { ...panelTitle(panel), dx: 8 - LEFT } }),
    height: HEIGHT,
    layer: [
      { ...held('value'), mark: { type: 'rect' }, encoding: { x: x('from'), x2: { field: 'to' }, y: y('value'), y2: { datum: 0 }, fill: ownColour, tooltip: tooltip(facts) } },
      { ...held('low'), mark: { ...INTERVAL, tooltip: null }, encoding: { x: x('middle'), y: y('low'), y2: { field: 'high' } } },
      tick('from', 'to', { strokeWidth: TICK.outer, stroke: colour('text') }),
      tick('tickFrom', 'tickTo', { strokeWidth: TICK.inner, stroke: colour('page') }),
      {
        ...held('value'),
        mark: { type: 'text', baseline: 'bottom', dy: -5, tooltip: null, text: { expr: `${wide} ? format(datum.value, '.2f') : ''` } },
        encoding: { x: x('middle'), y: y('top') },
      },
    ],
  };
}

function checkPolicies(rows: readonly PolicyBarRow[]): void {
  checkSeries(
    'policyBars',
    rows.map((row) => ({ ...row, x: 0 })),
    { x: 'x', value: 'value', bounds: [0, Number.POSITIVE_INFINITY] },
  );
  rows.forEach(({ panel, group, series }, at) => {
    if (rows.findIndex((row) => row.panel === panel && row.group === group && row.series === series) !== at) throw new RangeError(`policyBars: series ${series} is given twice in ${group}`);
  });
}
