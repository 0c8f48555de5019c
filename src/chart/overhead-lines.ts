import { decadeTicks, topTitle } from './axis.ts';
import { logDomain } from './context-lines.ts';
import { inPanel } from './panels.ts';
import { MARK_ROOM, type SeriesPoint, seriesLines } from './series-lines.ts';
import { checkSeries, type SeriesOptions, type SeriesRow } from './series-rows.ts';
import type { Chart, JsonObject } from './spec.ts';

/**
 * Share of the time that is lost to copies, in percent, at one frequency of priority updates or one size of the host memory. `low` and `high` are an interval, `reference` is
 * what was measured or printed; one of `percent` and `reference` may be missing.
 */
export interface OverheadRow extends SeriesRow {
  readonly x: number;
  readonly percent?: number | undefined;
  readonly low?: number | undefined;
  readonly high?: number | undefined;
  readonly reference?: number | undefined;
}

export interface OverheadLinesOptions extends SeriesOptions {
  /** updates per iteration, on a log scale; or GB of host memory, from zero */
  readonly x: 'frequency' | 'host-memory';
  /** shares on a log scale, none of them 0; from zero unless given */
  readonly log?: boolean | undefined;
  /** titles of the axes with their units, where they are others */
  readonly xTitle?: string | undefined;
  readonly yTitle?: string | undefined;
}

const LEFT = 40;
const AIR = 1.08;
const X_TITLES = { frequency: 'Priority updates per iteration', 'host-memory': 'Host memory for caches, GB' } as const;
const Y_TITLE = 'Time lost to copies, %';
const NUMBER = "format(datum.value, '~r')";

/**
 * Share of time lost to copies over the frequency of priority updates, or over the host memory: a line per policy in its interval, named at its end, what was measured or printed hollow.
 * @throws RangeError `overheadLines: ...` for no rows, a share that is not from 0 to 100, or 0 on a log scale, a frequency that is not positive, half an interval, an empty one, or a row without share and reference
 */
export function overheadLines(rows: readonly OverheadRow[], options: OverheadLinesOptions): Chart {
  const { id, title, description, x: over, log = false, xTitle = X_TITLES[over], yTitle = Y_TITLE } = options;
  checkSeries('overheadLines', rows, { x: 'x', value: 'percent', positive: [...(over === 'frequency' ? (['x'] as const) : []), ...(log ? (['value'] as const) : [])], bounds: [0, 100] });
  const points: readonly SeriesPoint[] = rows.map(({ percent, ...row }) => ({ ...row, value: percent }));
  const shares = points.flatMap(({ value, low, high, reference }) => [value, low, high, reference]).filter((share) => share !== undefined);
  const domain: readonly [number, number] = log ? logDomain(shares) : [0, AIR * (Math.max(...shares) || 1)];
  const y: JsonObject = {
    scale: log ? { type: 'log', domain, nice: false } : { domain, nice: false, zero: true },
    axis: { title: log ? `${yTitle} (log scale)` : yTitle, ...(log ? { values: decadeTicks(...domain) } : { tickCount: 5 }), labelExpr: NUMBER, ...topTitle },
  };
  const all = points.map((point) => point.x);
  const span = [over === 'frequency' ? Math.min(...all) : 0, Math.max(...all)] as const;
  const x: JsonObject = inPanel(
    {
      field: 'x',
      type: 'quantitative',
      scale: over === 'frequency' ? { type: 'log', domain: span, nice: false } : { domain: span, nice: false, zero: true },
      axis: {
        title: over === 'frequency' ? `${xTitle} (log scale)` : xTitle,
        ...(over === 'frequency' ? { values: decadeTicks(...span) } : { tickCount: 6 }),
        labelExpr: NUMBER,
        labelFlush: false,
        labelOverlap: 'greedy',
        labelSeparation: 8,
      },
    },
    MARK_ROOM,
  );
  const drawn = seriesLines({ points, options, titles: { x: xTitle, value: yTitle }, left: LEFT, axes: () => ({ x, y, domain, log }) });
  return { id, title, description, ...drawn };
}
