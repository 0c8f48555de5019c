import { usdLogAxis } from './axis.ts';
import { type Caption, checkRows, contextSpan, type ModelRow, printedValue } from './caption.ts';
import { contextChannel, contextLines, linePart, logDomain, markedContexts } from './context-lines.ts';
import { cited, citedFacts, columns, contextFact, countText, modelFact, usdFact } from './facts.ts';
import { placeLabels, textSize } from './place-labels.ts';
import { type Chart, type JsonObject, type Row, rowOf } from './spec.ts';
import { colour } from './theme.ts';

/**
 * Cost of one model at one context length.
 *   beyondTrained  the context is longer than the model was trained for; give a row at the trained context itself, the line is dashed from there
 */
export interface CostCurveRow extends ModelRow {
  readonly context: number;
  readonly usdPerMtok: number;
  readonly beyondTrained?: boolean | undefined;
}

/** A context where the cheaper of two models changes. `label` says who ("Step-3 below Kimi K2"); the exact context stands at the point, or under the plot where there is no room. */
export interface CurveCrossing {
  readonly context: number;
  readonly usdPerMtok: number;
  readonly label: string;
  readonly number?: string | undefined;
}

export interface CostCurvesOptions extends Caption {
  readonly crossings?: readonly CurveCrossing[] | undefined;
}

const HEIGHT = 360;
const LIST_Y = HEIGHT + 66;
const LIST_LINE = 17;
/** a context that would cover more of lines and marks stands in the list only */
const TOLERATED = 26;

/**
 * USD per million tokens against context length, log-log: a line per model, named at its end. One chip (or one AFD pair).
 * @throws RangeError `costCurves: ...` for no rows or a value that has no place on a log scale
 */
export function costCurves(rows: readonly CostCurveRow[], { crossings = [], ...caption }: CostCurvesOptions): Chart {
  checkRows('costCurves', rows, { positive: ['context', 'usdPerMtok'] });
  const span = contextSpan(
    'costCurves',
    rows.map((row) => row.context),
  );
  if (crossings.length > 0) checkRows('costCurves', crossings, { positive: ['context', 'usdPerMtok'] });
  const data = costCurveData('costCurves', rows);
  const facts = costCurveFacts(rows);
  const domain = logDomain(rows.map((row) => row.usdPerMtok));
  const y = usdLogAxis('usdPerMtok', 'USD per million tokens', ...domain);
  const x = contextChannel(span);
  const lines = contextLines({ rows: data, data: { data: { name: 'rows' } }, span, y, domain, log: true, height: HEIGHT, facts });
  const crossed = crossingRows(crossings, data, span, domain);
  const marked = markedContexts(crossed, x, y, [{ field: 'label', title: 'Crossover' }, contextFact, usdFact, ...citedFacts(crossings)]);
  return {
    ...caption,
    spec: crossings.length === 0 ? lines : { ...lines, layer: [...(lines.layer as readonly JsonObject[]), ...marked, crossingList(crossed)] },
    data,
    columns: columns(facts),
  };
}

/** Rows of cost curves as chart data. */
export const costCurveData = <R extends CostCurveRow>(chart: string, rows: readonly R[]): readonly Row[] =>
  rows.map((row) => rowOf({ ...row, beyondTrained: row.beyondTrained ?? false, ...cited(row), ...linePart(row, rows), printedValue: printedValue(chart, row.printed) }));

export const costCurveFacts = (rows: readonly CostCurveRow[]) => [modelFact, contextFact, usdFact, ...citedFacts(rows)];

/** The crossings in order, each with its exact context as a text that stands free of the lines where it can. */
function crossingRows(crossings: readonly CurveCrossing[], data: readonly Row[], [from, to]: readonly [number, number], [low, high]: readonly [number, number]): readonly Row[] {
  const spot = (context: number, usd: number) => ({ x: Math.log(context / from) / Math.log(to / from), y: (HEIGHT * Math.log(high / usd)) / Math.log(high / low) });
  const marked = [...crossings].sort((a, b) => a.context - b.context).map((crossing) => ({ ...crossing, ...cited(crossing), text: countText(crossing.context) }));
  const places = placeLabels(
    marked.map(({ context, usdPerMtok, text }) => ({ ...spot(context, usdPerMtok), ...textSize(text), tolerated: TOLERATED })),
    data.map((row) => spot(Number(row.context), Number(row.usdPerMtok))),
    HEIGHT,
  );
  return marked.map((crossing, index) => ({ ...crossing, ...(places[index] ?? { align: 'left', dx: 0, dy: 0 }), placed: places[index] !== null }));
}

/** Says under the plot what happens at each crossing. */
const crossingList = (crossings: readonly Row[]): JsonObject => ({
  data: { values: crossings.map(({ text, label }, index) => ({ line: `From ${text} tokens: ${label}`, pixel: LIST_Y + LIST_LINE * index })) },
  mark: { type: 'text', align: 'left', baseline: 'middle', color: colour('muted'), tooltip: null },
  encoding: { x: { value: 0 }, y: { field: 'pixel', type: 'quantitative', scale: null, axis: null }, text: { field: 'line', type: 'nominal' } },
});
