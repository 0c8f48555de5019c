import { type Caption, checkRows } from './caption.ts';
import { seriesColours } from './theme.ts';

/**
 * What tells lines apart in charts of several systems.
 *   panel   head of the plot that the line stands in; empty where there is one plot
 *   series  gives the colour, the same in all panels
 *   name    written at the end of the line, a few words
 *   number  id of the number, shown in the tooltip
 */
export interface SeriesRow {
  readonly panel: string;
  readonly series: string;
  readonly name: string;
  readonly number?: string | undefined;
}

export interface SeriesOptions extends Caption {
  /** what lines and hollow marks are, for key and table: `Simulated`, `Read from Figure 8` */
  readonly valueName?: string | undefined;
  readonly referenceName?: string | undefined;
  /** what bands are: `95 % interval` */
  readonly bandName?: string | undefined;
  /** all series of a page, so that each has one colour in all its charts; those of the rows, in order, unless given */
  readonly allSeries?: readonly string[] | undefined;
}

const DIGITS = 4;

/** More digits are noise to a reader. */
export const shown = (value: number | undefined): number | string => (value === undefined ? '–' : Number(value.toPrecision(DIGITS)));

export const seriesColour = (rows: readonly Pick<SeriesRow, 'series'>[], { allSeries = [] }: Pick<SeriesOptions, 'allSeries'>): ((series: string) => string) =>
  seriesColours([...allSeries, ...rows.map(({ series }) => series)]);

/**
 * Refuses rows that cannot be drawn.
 * @throws RangeError for no rows, an x, value, reference or bound that is not a number (or not positive, where `positive` says so), one out of bounds, half an interval, an empty one, or a row without value and reference
 */
export function checkSeries<R extends Pick<SeriesRow, 'series'> & Partial<Record<'low' | 'high' | 'reference', number | undefined>>>(
  chart: string,
  rows: readonly R[],
  {
    x,
    value,
    positive = [],
    bounds = [-Infinity, Infinity],
  }: { readonly x: keyof R; readonly value: keyof R; readonly positive?: readonly ('x' | 'value')[]; readonly bounds?: readonly [number, number] },
): void {
  const check = (given: readonly R[], field: keyof R, kind: 'x' | 'value'): void => {
    if (given.length > 0) checkRows(chart, given, positive.includes(kind) ? { positive: [field] } : { finite: [field] });
  };
  checkRows(chart, rows, {});
  check(rows, x, 'x');
  for (const field of [value, 'low', 'high', 'reference'] as const)
    check(
      rows.filter((row) => row[field] !== undefined),
      field,
      'value',
    );
  for (const row of rows) {
    for (const field of [value, 'low', 'high', 'reference'] as const)
      if (Number(row[field]) < bounds[0] || Number(row[field]) > bounds[1]) throw new RangeError(`${chart}: ${String(field)} ${row[field]} is not from ${bounds[0]} to ${bounds[1]}`);
    if (row[value] === undefined && row.reference === undefined) throw new RangeError(`${chart}: ${String(value)} of ${row.series} is missing, and reference too`);
    if ((row.low === undefined) !== (row.high === undefined)) throw new RangeError(`${chart}: low or high of ${row.series} is missing`);
    if (row.low !== undefined && row.high !== undefined && row.low > row.high) throw new RangeError(`${chart}: low ${row.low} is above high ${row.high}`);
  }
}
