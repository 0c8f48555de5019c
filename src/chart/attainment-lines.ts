import { significant } from '../units/format.ts';
import { topTitle } from './axis.ts';
import { checkRows } from './caption.ts';
import { type Fact, tooltip } from './facts.ts';
import { haloText, ownColour } from './marks.ts';
import { inPanel } from './panels.ts';
import { GOAL, levelRule, MARK_ROOM, SERIES_HEIGHT, type SeriesPoint, seriesLines } from './series-lines.ts';
import { checkSeries, type SeriesOptions, type SeriesRow, seriesColour, shown } from './series-rows.ts';
import type { Chart, JsonObject } from './spec.ts';
import { colour } from './theme.ts';

/**
 * Share of requests that keep their objectives, in percent, at one rate or scale of the objectives. `low` and `high` are an interval, `reference` is what
 * was measured or printed, in percent; one of `percent` and `reference` may be missing.
 */
export interface AttainmentRow extends SeriesRow {
  readonly x: number;
  readonly percent?: number | undefined;
  readonly low?: number | undefined;
  readonly high?: number | undefined;
  readonly reference?: number | undefined;
}

/** Where a line crosses the goal. */
export interface AttainmentCrossing {
  readonly panel: string;
  readonly series: string;
  readonly x: number;
  readonly number?: string | undefined;
}

export interface AttainmentLinesOptions extends SeriesOptions {
  /** over the rate, or over the scale of the objectives, where the axis runs from easy to hard; the rate unless given */
  readonly x?: 'rate' | 'slo-scale' | undefined;
  /** title of that axis with its unit */
  readonly xTitle?: string | undefined;
  /** percent of the requests, a rule */
  readonly goal?: number | undefined;
  /** marked with their values; interpolated between the values of a line unless given, none where empty */
  readonly crossings?: readonly AttainmentCrossing[] | undefined;
}

const LEFT = 44;
const TITLE = 'Requests within objectives, %';
const X_TITLES = { rate: 'Requests per second and chip', 'slo-scale': 'SLO scale, harder →' };
const TICKS = [0, 25, 50, 75, 100];
/** ticks nearer to the goal give way to it, % */
const NEAR = 8;
const FOOT = 10;
const LINE = 15;
/** share of the axis from which values of crossings stand on the left of them */
const LATE = 0.78;

/**
 * Share of requests that keep their objectives over rate or over the scale of the objectives: a line per system in its interval, named at its end, what was
 * measured or printed hollow, and where each line crosses the goal.
 * @throws RangeError `attainmentLines: ...` for no rows, a share that is not from 0 to 100, a row without value and reference, an empty interval, or a crossing of a series that has no row
 */
export function attainmentLines(rows: readonly AttainmentRow[], options: AttainmentLinesOptions): Chart {
  const { id, title, description, x: over = 'rate', xTitle = X_TITLES[over], goal } = options;
  checkSeries('attainmentLines', rows, { x: 'x', value: 'percent', bounds: [0, 100] });
  if (goal !== undefined) checkRows('attainmentLines', [{ goal }], { positive: ['goal'] });
  const points: readonly SeriesPoint[] = rows.map(({ percent, ...row }) => ({ ...row, value: percent }));
  const reversed = over === 'slo-scale';
  const crossings = options.crossings ?? (goal === undefined ? [] : interpolated(points, goal, reversed));
  checkCrossings(crossings, rows);
  const order = [...new Set(rows.map(({ series }) => series))];
  const colourOf = seriesColour(rows, options);
  const y: JsonObject = {
    scale: { domain: [0, 100], nice: false, zero: true },
    axis: {
      title: TITLE,
      ...topTitle,
      values: goal === undefined ? TICKS : [...TICKS.filter((tick) => Math.abs(tick - goal) >= NEAR), goal].sort((a, b) => a - b),
      ...(goal === undefined ? {} : { labelFontWeight: { condition: { test: `datum.value === ${goal}`, value: 600 }, value: 400 } }),
    },
  };
  const drawn = seriesLines({
    points,
    options,
    titles: { x: xTitle, value: TITLE },
    left: LEFT,
    key: goal === undefined ? [] : [{ text: `Goal ${goal} %`, symbol: GOAL }],
    axes: (own, panel) => {
      const [least, most] = [Math.min(...own.map((point) => point.x)), Math.max(...own.map((point) => point.x))];
      const domain = reversed ? [most, least] : [Math.min(0, least), most];
      const x: JsonObject = inPanel(
        {
          field: 'x',
          type: 'quantitative',
          scale: { domain, nice: false, zero: false },
          axis: { title: xTitle, tickCount: 5, labelExpr: "format(datum.value, '~r')", labelFlush: false, labelOverlap: 'greedy', labelSeparation: 8 },
        },
        MARK_ROOM,
      );
      const marked = crossings
        .filter((crossing) => crossing.panel === panel)
        .map((crossing) => ({
          ...crossing,
          goal: goal ?? 0,
          name: rows.find(({ series }) => series === crossing.series)?.name ?? '',
          text: significant(crossing.x, 2),
          xShown: shown(crossing.x),
          number: crossing.number ?? '–',
          colour: colourOf(crossing.series),
          pixel: SERIES_HEIGHT - FOOT - LINE * order.indexOf(crossing.series),
          late: (crossing.x - (domain[0] as number)) / ((domain[1] as number) - (domain[0] as number)) > LATE,
        }));
      return { x, y, domain: [0, 100], log: false, reversed, under: goal === undefined ? [] : levelRule(goal, y), over: marked.length === 0 ? [] : crossingMarks(marked, x, y, xTitle) };
    },
  });
  return { id, title, description, ...drawn };
}

/** Where the values of each line last fall below the goal; lines that never do so have none. */
function interpolated(points: readonly SeriesPoint[], goal: number, reversed: boolean): readonly AttainmentCrossing[] {
  const lines = points.filter((point, at) => points.findIndex(({ panel, series }) => panel === point.panel && series === point.series) === at);
  return lines.flatMap(({ panel, series }): readonly AttainmentCrossing[] => {
    const line = points
      .flatMap((point) => (point.panel === panel && point.series === series && point.value !== undefined ? [{ x: point.x, value: point.value }] : []))
      .sort((a, b) => (reversed ? b.x - a.x : a.x - b.x));
    const at = line.findLastIndex(({ value }, index) => value >= goal && (line[index + 1]?.value ?? goal) < goal);
    const [before, after] = [line[at], line[at + 1]];
    return before === undefined || after === undefined ? [] : [{ panel, series, x: before.x + ((before.value - goal) / (before.value - after.value)) * (after.x - before.x) }];
  });
}

function checkCrossings(crossings: readonly AttainmentCrossing[], rows: readonly AttainmentRow[]): void {
  if (crossings.length > 0) checkRows('attainmentLines', crossings, { finite: ['x'] });
  for (const { panel, series } of crossings)
    if (!rows.some((row) => row.panel === panel && row.series === series)) throw new RangeError(`attainmentLines: crossings ${series} has no row in ${JSON.stringify(panel)}`);
}

/** A dot on the goal, a line down from it, and the value beside that line, each series at a height of its own. */
function crossingMarks(marked: readonly JsonObject[], x: JsonObject, y: JsonObject, xTitle: string): readonly JsonObject[] {
  const data: JsonObject = { values: marked };
  const goal: JsonObject = { ...y, field: 'goal', type: 'quantitative' };
  const facts: readonly Fact[] = [
    { field: 'name', title: 'Reaches the goal up to' },
    { field: 'xShown', title: xTitle },
    { field: 'number', title: 'Number' },
  ];
  const text = (late: boolean): readonly JsonObject[] =>
    haloText(
      { align: late ? 'right' : 'left', baseline: 'middle', dx: late ? -5 : 5, fontWeight: 600 },
      { x, y: { field: 'pixel', type: 'quantitative', scale: null, axis: null }, text: { field: 'text', type: 'nominal' }, color: ownColour },
      { values: marked.filter((crossing) => crossing.late === late) },
    );
  return [
    { data, mark: { type: 'rule', strokeWidth: 1, strokeDash: [2, 2], tooltip: null }, encoding: { x, y: goal, y2: { value: SERIES_HEIGHT }, color: ownColour } },
    { data, mark: { type: 'point', size: 30, stroke: colour('page'), strokeWidth: 1 }, encoding: { x, y: goal, fill: ownColour, tooltip: tooltip(facts) } },
    ...text(false),
    ...text(true),
  ];
}
