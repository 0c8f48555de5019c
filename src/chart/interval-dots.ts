import { type Caption, checkRows, distinct } from './caption.ts';
import { citedFacts, columns, type Fact, tooltip } from './facts.ts';
import { type KeyEntry, keyLines, ownColour } from './marks.ts';
import { inPanel, panels, panelTitle } from './panels.ts';
import { ratioDomain, ratioTicks } from './parity-panels.ts';
import { textSize } from './place-labels.ts';
import type { Chart, JsonObject } from './spec.ts';
import { CHART_TEXT, colour, modelColour } from './theme.ts';

/** A case that was predicted and measured; all amounts over the measured one. `low` and `high` are the 80 % interval, `others` what other tools predict. */
export interface IntervalRow {
  readonly name: string;
  readonly panel: string;
  readonly model?: string | undefined;
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
  readonly others?: readonly { readonly tool: string; readonly ratio: number }[] | undefined;
  readonly number?: string | undefined;
}

export interface IntervalDotsOptions extends Caption {
  /** the title of the axis: "Predicted over measured (log scale)" */
  readonly quantity: string;
}

const ROW = 20;
/** names of a panel that stands beside another are no wider */
const SIDE_BY_SIDE = 130;
const RIGHT_ROOM = 12;
const LEAST_REACH = 1.25;
/** between ticks, of the scale */
const APART = 0.1;
const BAR: JsonObject = { type: 'rule', strokeWidth: 7, opacity: 0.38 };
const HOLLOW: JsonObject = { type: 'point', filled: false, fill: 'transparent', size: 80, strokeWidth: 1.5 };
const SHAPES = ['diamond', 'square', 'triangle-up', 'triangle-down', 'cross'];

/**
 * Predicted over measured: a row per case, with its interval as a bar and what other tools predict as hollow marks; panels share the
 * scale, on which 1 stands in the middle. Models that have a colour keep it, the others are grey. Order of first appearance.
 * @throws RangeError `intervalDots: ...` for no rows, a ratio that is not positive, an empty interval or a name twice in a panel
 */
export function intervalDots(rows: readonly IntervalRow[], { quantity, ...caption }: IntervalDotsOptions): Chart {
  checkIntervals(rows);
  const tools = distinct(rows.flatMap(({ others = [] }) => others.map(({ tool }) => tool)));
  const data = rows.map(({ name, panel, model, ratio, low, high, others = [], number }) => ({
    name,
    panel,
    ratio,
    low,
    high,
    ratioPercent: percent(ratio),
    lowPercent: percent(low),
    highPercent: percent(high),
    others: others.length === 0 ? '–' : others.map((other) => `${other.tool} ${percentText(other.ratio)}`).join('; '),
    number: number ?? '–',
    colour: model === undefined ? colour('context') : modelColour(model),
  }));
  const facts: readonly Fact[] = [
    { field: 'name', title: 'Case' },
    { field: 'panel', title: 'Of' },
    { field: 'ratioPercent', title: 'Predicted, % off', format: '+.1f' },
    { field: 'lowPercent', title: '80 % interval from, % off', format: '+.1f' },
    { field: 'highPercent', title: '80 % interval to, % off', format: '+.1f' },
    ...(tools.length > 0 ? [{ field: 'others', title: 'Other tools, % off' }] : []),
    ...citedFacts(rows),
  ];
  const domain = ratioDomain(
    rows.flatMap(({ ratio, low, high, others = [] }) => [ratio, low, high, ...others.map((other) => other.ratio)]),
    LEAST_REACH,
  );
  const x = (field: string): JsonObject =>
    inPanel({
      field,
      type: 'quantitative',
      scale: { type: 'log', domain, nice: false },
      axis: {
        title: quantity,
        titleAnchor: 'end',
        titleAlign: 'right',
        values: ratioTicks(domain, APART),
        labelExpr: "format(datum.value, '~r')",
        labelFlush: false,
        labelOverlap: 'greedy',
        labelSeparation: 6,
        grid: true,
        domain: false,
      },
    });
  const left = 10 + Math.max(...rows.map(({ name }) => textSize(name).width));
  const children = distinct(rows.map(({ panel }) => panel)).map((panel): JsonObject => {
    const own = rows.filter((row) => row.panel === panel);
    const y: JsonObject = { field: 'name', type: 'nominal', sort: own.map(({ name }) => name), axis: { title: null, labelColor: colour('text'), labelLimit: 0, grid: false } };
    return {
      data: { name: 'rows' },
      transform: [{ filter: { field: 'panel', equal: panel } }],
      title: { ...panelTitle(panel), offset: 6, dx: 8 - left },
      height: ROW * own.length,
      layer: [
        { data: { values: [{ one: 1 }] }, mark: { type: 'rule', color: colour('muted'), strokeWidth: 1.5, tooltip: null }, encoding: { x: x('one') } },
        {
          data: { values: [{ one: 1 }] },
          mark: { type: 'text', text: 'measured', baseline: 'bottom', color: colour('muted'), fontSize: CHART_TEXT.label, tooltip: null },
          encoding: { x: x('one'), y: { value: -4 } },
        },
        { mark: BAR, encoding: { x: x('low'), x2: { field: 'high' }, y, color: ownColour, tooltip: tooltip(facts) } },
        { mark: { type: 'point', size: 64 }, encoding: { x: x('ratio'), y, color: ownColour, tooltip: tooltip(facts) } },
        ...tools.flatMap((tool, at) => {
          const values = data.flatMap((row, index) => (row.panel === panel ? (rows[index]?.others ?? []).filter((other) => other.tool === tool).map((other) => ({ ...row, ratio: other.ratio })) : []));
          return values.length === 0 ? [] : [{ data: { values }, mark: { ...HOLLOW, shape: shapeOf(at) }, encoding: { x: x('ratio'), y, stroke: ownColour, tooltip: tooltip(facts) } }];
        }),
      ],
    };
  });
  const key: readonly KeyEntry[] = [
    { text: 'Predicted', symbol: { type: 'point', shape: 'circle', size: 64, fill: colour('muted') } },
    { text: '80 % interval', symbol: BAR },
    ...tools.map((tool, at) => ({ text: tool, symbol: { ...HOLLOW, shape: shapeOf(at) } })),
  ];
  return { ...caption, spec: panels({ children, left, right: RIGHT_ROOM, columns: left > SIDE_BY_SIDE ? 1 : 2, head: keyLines(key, 8 - left) }), data, columns: columns(facts) };
}

function checkIntervals(rows: readonly IntervalRow[]): void {
  checkRows('intervalDots', rows, { positive: ['ratio', 'low', 'high'] });
  const others = rows.flatMap((row) => row.others ?? []);
  if (others.length > 0) checkRows('intervalDots', others, { positive: ['ratio'] });
  rows.forEach(({ name, panel, low, high }, at) => {
    if (low > high) throw new RangeError(`intervalDots: low ${low} is above high ${high}`);
    if (rows.findIndex((row) => row.name === name && row.panel === panel) !== at) throw new RangeError(`intervalDots: name ${name} is given twice in ${panel}`);
  });
}

const shapeOf = (at: number): string => SHAPES[at % SHAPES.length] ?? 'diamond';

const percent = (ratio: number): number => Number((100 * (ratio - 1)).toFixed(2));

/** `+9.1`, `−0.3`, `0.0` */
function percentText(ratio: number): string {
  const text = (100 * Math.abs(ratio - 1)).toFixed(1);
  return text === '0.0' ? text : `${ratio > 1 ? '+' : '−'}${text}`;
}
