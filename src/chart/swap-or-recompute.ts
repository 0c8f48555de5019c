import { contextAxis, decadeTicks, powersOfEight, SECONDS_LABEL, topTitle } from './axis.ts';
import { checkRows, contextSpan, distinct } from './caption.ts';
import { logDomain } from './context-lines.ts';
import { COUNT_FORMAT, countText, type Fact } from './facts.ts';
import { inPanel } from './panels.ts';
import { type SeriesPoint, seriesLines } from './series-lines.ts';
import { type SeriesOptions, type SeriesRow, seriesColour, shown } from './series-rows.ts';
import type { Chart, JsonObject } from './spec.ts';
import { colour } from './theme.ts';
import { uprightRules } from './upright-rules.ts';

/** Seconds that one way back takes at one context: swap out and in, or compute again. `dashed` rows are a second line of their series: the bound of what to expect. */
export interface SwapOrRecomputeRow extends SeriesRow {
  readonly context: number;
  readonly seconds: number;
  readonly dashed?: boolean | undefined;
}

/** A context at which the faster way changes; `series` is a solid line that goes through it. */
export interface BreakEvenMark {
  readonly panel: string;
  readonly series: string;
  readonly context: number;
  readonly number?: string | undefined;
}

export interface SwapOrRecomputeOptions extends Pick<SeriesOptions, 'id' | 'title' | 'description' | 'allSeries'> {
  readonly breakEvens?: readonly BreakEvenMark[] | undefined;
}

/** for `100 ms`, as wide as text is reckoned where it is not measured */
const LEFT = 64;
const X_TITLE = 'Context, tokens';
const Y_TITLE = 'Time (log scales)';
/** panels from which three stand beside each other */
const MANY = 5;
/** widths of a plot where three and where two stand beside each other, px */
const NARROW = [140, 250] as const;

/**
 * Time to swap a cache out and in, and to compute it again, over the context, both axes logarithmic: a line per way, named in the key, dots on lines and rules down to
 * the axis where the faster way changes. Panels share their scales. Order of first appearance.
 * @throws RangeError `swapOrRecompute: ...` for no rows, a context or time that is not positive, one context only, or a break-even that is not on a line of its series
 */
export function swapOrRecompute(rows: readonly SwapOrRecomputeRow[], options: SwapOrRecomputeOptions): Chart {
  const { id, title, description, breakEvens = [] } = options;
  checkRows('swapOrRecompute', rows, { positive: ['context', 'seconds'] });
  if (breakEvens.length > 0) checkRows('swapOrRecompute', breakEvens, { positive: ['context'] });
  const span = contextSpan(
    'swapOrRecompute',
    rows.map(({ context }) => context),
  );
  const marks = breakEvens.map((mark) => ({ ...mark, seconds: secondsAt(rows, mark) }));
  const points: readonly SeriesPoint[] = rows.map(({ context, seconds, ...row }) => ({ ...row, x: context, value: seconds }));
  const many = distinct(rows.map(({ panel }) => panel)).length >= MANY;
  const colourOf = seriesColour(rows, options);
  const domain = logDomain(rows.map(({ seconds }) => seconds));
  const contexts = contextAxis('x', ...span, ...(many ? [powersOfEight(...span)] : []));
  const x = inPanel({ ...contexts, axis: { ...(contexts.axis as JsonObject), title: X_TITLE, labelFlush: false } });
  const y: JsonObject = {
    scale: { type: 'log', domain, nice: false },
    axis: { title: Y_TITLE, values: decadeTicks(...domain).filter((tick) => tick.toExponential().startsWith('1e')), labelExpr: SECONDS_LABEL, ...topTitle },
  };
  const facts: readonly Fact[] = [
    { field: 'name', title: 'Break-even of' },
    { field: 'x', title: 'Context, tokens', format: COUNT_FORMAT },
    { field: 'secondsShown', title: 'Seconds' },
    ...(breakEvens.some(({ number }) => number !== undefined) ? [{ field: 'number', title: 'Number' }] : []),
  ];
  const drawn = seriesLines({
    points,
    options,
    titles: { x: X_TITLE, value: 'Seconds' },
    named: 'in-key',
    left: LEFT,
    key: breakEvens.length > 0 ? [{ text: 'Break-even, tokens', symbol: { type: 'point', size: 48, fill: colour('muted') } }] : [],
    columns: many ? 3 : 2,
    axes: (_, panel) => ({
      x,
      y,
      domain,
      log: true,
      over: uprightRules(
        marks
          .filter((mark) => mark.panel === panel)
          .map(({ series, context, seconds, number }) => ({
            x: context,
            share: Math.log(context / span[0]) / Math.log(span[1] / span[0]),
            text: countText(context),
            colour: colourOf(series),
            row: { y: seconds, secondsShown: shown(seconds), name: rows.find((row) => row.series === series && !row.dashed)?.name ?? '', number: number ?? '–' },
          })),
        { x, narrowest: NARROW[many ? 0 : 1], dots: { y, facts } },
      ),
    }),
  });
  return { id, title, description, ...drawn };
}

/** Of the solid line of a series at a context, straight between its points on the log scales. */
function secondsAt(rows: readonly SwapOrRecomputeRow[], { panel, series, context }: BreakEvenMark): number {
  const line = rows.filter((row) => row.panel === panel && row.series === series && !row.dashed).sort((a, b) => a.context - b.context);
  const before = line.findLast((row) => row.context <= context);
  const after = line.find((row) => row.context >= context);
  if (before === undefined || after === undefined) throw new RangeError(`swapOrRecompute: breakEvens ${context} is not on a line of ${series} in ${JSON.stringify(panel)}`);
  if (before.context === after.context) return before.seconds;
  const share = Math.log(context / before.context) / Math.log(after.context / before.context);
  return before.seconds * (after.seconds / before.seconds) ** share;
}
