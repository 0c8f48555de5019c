import { significant } from '../units/format.ts';
import { decadeTicks, topTitle } from './axis.ts';
import { checkRows } from './caption.ts';
import { logDomain } from './context-lines.ts';
import { inPanel } from './panels.ts';
import { levelRule, MARK_ROOM, type SeriesPoint, seriesLines } from './series-lines.ts';
import { checkSeries, type SeriesOptions, type SeriesRow } from './series-rows.ts';
import type { Chart, JsonObject } from './spec.ts';

/** A time at one rate: a mean or a percentile, as the panel says ("TTFT, 90th percentile"). `low` and `high` are an interval, `reference` is what was measured or printed; all in seconds. */
export interface LatencyRow extends SeriesRow {
  readonly rate: number;
  readonly seconds?: number | undefined;
  readonly low?: number | undefined;
  readonly high?: number | undefined;
  readonly reference?: number | undefined;
}

export interface LatencyOverRateOptions extends SeriesOptions {
  /** title of the axis of the rate with its unit */
  readonly xTitle?: string | undefined;
  /** times that shall be kept, a rule in its panel */
  readonly objectives?: readonly { readonly panel: string; readonly seconds: number }[] | undefined;
  /** one scale for all panels, where they show the same kind of time; each its own unless given */
  readonly sameScale?: boolean | undefined;
}

const LEFT = 52;
const TITLE = 'Milliseconds (log scale)';
const FEW = 4;
const WHOLE = [1, 2, 3, 4, 5, 6, 7, 8, 9];

/**
 * Latency over rate: a line per system in its interval, named at its end, what was measured or printed hollow, the objective a rule; a panel per kind of time.
 * @throws RangeError `latencyOverRate: ...` for no rows, a time that is not positive, a row without time and reference, an empty interval, or an objective without rows
 */
export function latencyOverRate(rows: readonly LatencyRow[], options: LatencyOverRateOptions): Chart {
  const { id, title, description, xTitle = 'Requests per second and chip', objectives = [], sameScale = false } = options;
  checkSeries('latencyOverRate', rows, { x: 'rate', value: 'seconds', positive: ['value'] });
  if (objectives.length > 0) checkRows('latencyOverRate', objectives, { positive: ['seconds'] });
  for (const { panel } of objectives) if (!rows.some((row) => row.panel === panel)) throw new RangeError(`latencyOverRate: objectives ${JSON.stringify(panel)} has no row`);
  const points: readonly SeriesPoint[] = rows.map(({ rate, seconds, low, high, reference, ...row }) => ({
    ...row,
    x: rate,
    value: milliseconds(seconds),
    low: milliseconds(low),
    high: milliseconds(high),
    reference: milliseconds(reference),
  }));
  const levels = objectives.map(({ panel, seconds }) => ({ panel, level: milliseconds(seconds) as number }));
  const drawn = seriesLines({
    points,
    options,
    titles: { x: xTitle, value: 'Milliseconds' },
    left: LEFT,
    axes: (own, panel) => {
      const held = (name: string): boolean => sameScale || name === panel;
      const domain = logDomain([...points.filter((point) => held(point.panel)).flatMap(timesOf), ...levels.filter((level) => held(level.panel)).map(({ level }) => level)]);
      const y: JsonObject = {
        scale: { type: 'log', domain, nice: false },
        axis: { title: TITLE, values: timeTicks(domain), labelExpr: "format(datum.value, ',~r')", labelOverlap: false, ...topTitle },
      };
      const x: JsonObject = inPanel(
        {
          field: 'x',
          type: 'quantitative',
          scale: { domain: [Math.min(0, ...own.map((point) => point.x)), Math.max(...own.map((point) => point.x))], nice: false },
          axis: { title: xTitle, tickCount: 5, labelExpr: "format(datum.value, '~r')", labelFlush: false, labelOverlap: 'greedy', labelSeparation: 8 },
        },
        MARK_ROOM,
      );
      return {
        x,
        y,
        domain,
        log: true,
        under: levels.filter((level) => level.panel === panel).flatMap(({ level }) => levelRule(level, y, `Objective ${significant(level, 3).replace(/\.0+$/, '')} ms`)),
      };
    },
  });
  return { id, title, description, ...drawn };
}

/** Without the noise of a float. */
const milliseconds = (seconds: number | undefined): number | undefined => (seconds === undefined ? undefined : Number((1e3 * seconds).toFixed(6)));

const timesOf = ({ value, low, high, reference }: SeriesPoint): readonly number[] => [value, low, high, reference].filter((time) => time !== undefined);

/** 1 and 3 of each decade; on shorter scales 1, 2 and 5, more digits, and halves. */
function timeTicks([low, high]: readonly [number, number]): readonly number[] {
  const digits = (of: readonly number[]): readonly number[] => {
    const powers = Array.from({ length: Math.ceil(Math.log10(high)) - Math.floor(Math.log10(low)) + 1 }, (_, at) => Math.floor(Math.log10(low)) + at);
    return powers.flatMap((power) => of.map((digit) => Number(`${digit}e${power}`))).filter((tick) => tick >= low && tick <= high);
  };
  const sets = [decadeTicks(low, high), digits([1, 2, 5]), digits([1, 2, 3, 5, 7]), digits(WHOLE), digits(WHOLE.flatMap((digit) => [digit, digit + 0.5]))];
  return sets.find((ticks) => ticks.length >= FEW) ?? (sets.at(-1) as readonly number[]);
}
