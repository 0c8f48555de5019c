import { decadeTicks, SECONDS_LABEL, topTitle } from './axis.ts';
import { logDomain } from './context-lines.ts';
import { inPanel } from './panels.ts';
import { type SeriesPoint, seriesLines } from './series-lines.ts';
import { checkSeries, type SeriesOptions, type SeriesRow } from './series-rows.ts';
import type { Chart, JsonObject } from './spec.ts';

/** Share of requests, in percent, that take at most a time. `reference` is the share that was measured or printed; give a dozen of these. */
export interface CumulativeRow extends SeriesRow {
  readonly seconds: number;
  readonly percent?: number | undefined;
  readonly reference?: number | undefined;
}

export interface CumulativeShareOptions extends SeriesOptions {
  /** what takes the time: `Transfer of the KV cache` */
  readonly xTitle: string;
}

const LEFT = 44;
const MOST_TICKS = 7;

/**
 * Share of requests against the time that they take at most, time on a log scale: a line per series, named in the key, as all lines end at 100 %; what was
 * measured or printed is hollow.
 * @throws RangeError `cumulativeShare: ...` for no rows, a time that is not positive, a share that is not from 0 to 100, or a row without share and reference
 */
export function cumulativeShare(rows: readonly CumulativeRow[], options: CumulativeShareOptions): Chart {
  const { id, title, description, xTitle } = options;
  checkSeries('cumulativeShare', rows, { x: 'seconds', value: 'percent', positive: ['x'], bounds: [0, 100] });
  const points: readonly SeriesPoint[] = rows.map(({ seconds, percent, ...row }) => ({ ...row, x: seconds, value: percent }));
  const domain = logDomain(points.map(({ x }) => x));
  const ticks = decadeTicks(...domain);
  const x: JsonObject = inPanel({
    field: 'x',
    type: 'quantitative',
    scale: { type: 'log', domain, nice: false },
    axis: {
      title: `${xTitle} (log scale)`,
      values: ticks.length <= MOST_TICKS ? ticks : ticks.filter((tick) => tick.toExponential().startsWith('1e')),
      labelExpr: SECONDS_LABEL,
      labelFlush: false,
      labelOverlap: 'greedy',
      labelSeparation: 6,
    },
  });
  const y: JsonObject = { scale: { domain: [0, 100], nice: false, zero: true }, axis: { title: 'Take at most this time, %', values: [0, 25, 50, 75, 100], ...topTitle } };
  const drawn = seriesLines({ points, options, titles: { x: `${xTitle}, s`, value: 'Take at most this time, %' }, named: 'in-key', left: LEFT, axes: () => ({ x, y, domain: [0, 100], log: false }) });
  return { id, title, description, ...drawn };
}
