import { checkRows, contextSpan, distinct } from './caption.ts';
import { contextChannel } from './context-lines.ts';
import { COUNT_FORMAT, citedFacts, columns, countText, type Fact, tooltip } from './facts.ts';
import { keyLines, ownColour, swatch } from './marks.ts';
import { panels, panelTitle } from './panels.ts';
import { textSize } from './place-labels.ts';
import { type SeriesOptions, type SeriesRow, seriesColour } from './series-rows.ts';
import { type Chart, type JsonObject, rowOf } from './spec.ts';
import { colour } from './theme.ts';

/**
 * A range of contexts, both ends included, in which one way back is the faster one.
 *   panel   head of its lanes: a model
 *   lane    a chip and a link
 *   series  the way: `swap`, `recompute`
 */
export interface BreakEvenBandRow extends SeriesRow {
  readonly lane: string;
  readonly from: number;
  readonly to: number;
}

export type BreakEvenBandsOptions = Pick<SeriesOptions, 'id' | 'title' | 'description' | 'allSeries'>;

const LANE = 24;
const RIGHT = 14;
const LETTER = 6.6;
const INSIDE = 5;
const OPACITY = 0.32;

/**
 * Which way back is faster, over the context: a lane per chip and link in a panel per model, each way in its colour, the context at which it begins where there is room, log2 axis. Order of first appearance.
 * @throws RangeError `breakEvenBands: ...` for no rows, a range that is not positive, ends before it starts, or overlaps another of its lane
 */
export function breakEvenBands(rows: readonly BreakEvenBandRow[], options: BreakEvenBandsOptions): Chart {
  const { id, title, description } = options;
  checkBands(rows);
  const [first, last] = contextSpan(
    'breakEvenBands',
    rows.flatMap(({ from, to }) => [from, to]),
  );
  const colourOf = seriesColour(rows, options);
  const data = rows.map((row) => {
    const end = Math.min(row.to + 1, last);
    return rowOf({
      ...row,
      number: row.number ?? '–',
      end,
      start: row.from === first ? '' : countText(row.from),
      share: Math.log(end / row.from) / Math.log(last / first),
      colour: colourOf(row.series),
    });
  });
  const names = distinct(rows.map(({ panel }) => panel));
  const facts: readonly Fact[] = [
    ...(names.length > 1 ? [{ field: 'panel', title: 'Of' }] : []),
    { field: 'lane', title: 'On' },
    { field: 'name', title: 'Faster' },
    { field: 'from', title: 'From, tokens', format: COUNT_FORMAT },
    { field: 'to', title: 'To, tokens', format: COUNT_FORMAT },
    ...citedFacts(rows),
  ];
  const x: JsonObject = { ...contextChannel([first, last], true), field: 'from' };
  const left = 12 + Math.max(...rows.map(({ lane }) => textSize(lane).width));
  const fits = (text: string): string => `panelWidth * datum.share > ${2 * INSIDE} + ${LETTER} * length(${text})`;
  const children = names.map((panel): JsonObject => {
    const lanes = distinct(rows.filter((row) => row.panel === panel).map(({ lane }) => lane));
    const y: JsonObject = {
      field: 'lane',
      type: 'nominal',
      sort: lanes,
      scale: { paddingInner: 0.14, paddingOuter: 0.07 },
      axis: { title: null, labelColor: colour('text'), labelLimit: 0, grid: false },
    };
    return {
      data: { name: 'rows' },
      transform: [{ filter: { field: 'panel', equal: panel } }],
      ...(panel === '' ? {} : { title: { ...panelTitle(panel), dx: 8 - left } }),
      height: LANE * lanes.length,
      layer: [
        { mark: { type: 'bar', fillOpacity: OPACITY, strokeWidth: 0 }, encoding: { x, x2: { field: 'end' }, y, fill: ownColour, tooltip: tooltip(facts) } },
        {
          transform: [{ filter: `datum.start !== ''` }],
          mark: { type: 'tick', orient: 'vertical', thickness: 2, opacity: 1, tooltip: null, bandSize: LANE * 0.86, xOffset: 1 },
          encoding: { x, y, color: ownColour },
        },
        {
          mark: { type: 'text', align: 'left', baseline: 'middle', dx: INSIDE, tooltip: null, text: { expr: `${fits('datum.start')} ? datum.start : ''` } },
          encoding: { x, y },
        },
      ],
    };
  });
  const entries = distinct(rows.map(({ series }) => series)).map((series) => ({ text: rows.find((row) => row.series === series)?.name ?? '', symbol: swatch(colourOf(series), OPACITY) }));
  return { id, title, description, spec: panels({ children, left, right: RIGHT, columns: Math.min(2, names.length), head: keyLines(entries, 8 - left) }), data, columns: columns(facts) };
}

function checkBands(rows: readonly BreakEvenBandRow[]): void {
  checkRows('breakEvenBands', rows, { positive: ['from', 'to'] });
  rows.forEach((row, at) => {
    if (row.to < row.from) throw new RangeError(`breakEvenBands: to ${row.to} is before from ${row.from}`);
    for (const other of rows.slice(0, at))
      if (other.panel === row.panel && other.lane === row.lane && other.from <= row.to && row.from <= other.to)
        throw new RangeError(`breakEvenBands: from ${row.from} is within ${other.from} to ${other.to} in ${row.lane}`);
  });
}
