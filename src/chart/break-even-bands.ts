import { contextAxis } from './axis.ts';
import { checkRows, contextSpan, distinct } from './caption.ts';
import { COUNT_FORMAT, citedFacts, columns, countText, type Fact, tooltip } from './facts.ts';
import { KEY_LINE, keyEntry, ownColour, swatch } from './marks.ts';
import { type SeriesOptions, type SeriesRow, seriesColour } from './series-rows.ts';
import { type Chart, type JsonObject, rowOf } from './spec.ts';
import { colour } from './theme.ts';

/**
 * A range of contexts, both ends included, in which one way back is the faster one.
 *   panel   head of its lanes: a model; empty where there are no others
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
const LETTER = 6.6;
const INSIDE = 5;
const OPACITY = 0.32;

/**
 * Which way back is faster, over the context: a lane per chip and link below the name of its model, each way in its colour, the context at which it begins beside its edge where there is room, log2 axis.
 * Order of first appearance.
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
  const startOf = ({ from }: BreakEvenBandRow): string => (from === first ? '' : countText(from));
  const shareOf = (from: number, to: number): number => Math.log(to / from) / Math.log(last / first);
  const lines = linesOf(rows);
  const data = rows.map((row) => {
    const end = Math.min(row.to + 1, last);
    const before = rows.find((other) => other.panel === row.panel && other.lane === row.lane && other.to + 1 === row.from);
    return rowOf({
      ...row,
      number: row.number ?? '–',
      line: lines.findIndex(({ panel, lane }) => panel === row.panel && lane === row.lane),
      end,
      start: startOf(row),
      share: shareOf(row.from, end),
      ...(before === undefined ? {} : { shareBefore: shareOf(before.from, row.from), startBefore: startOf(before) }),
      colour: colourOf(row.series),
    });
  });
  const facts: readonly Fact[] = [
    ...(distinct(rows.map(({ panel }) => panel)).length > 1 ? [{ field: 'panel', title: 'Of' }] : []),
    { field: 'lane', title: 'On' },
    { field: 'name', title: 'Faster' },
    { field: 'from', title: 'From, tokens', format: COUNT_FORMAT },
    { field: 'to', title: 'To, tokens', format: COUNT_FORMAT },
    ...citedFacts(rows),
  ];
  const contexts = contextAxis('from', first, last);
  const x: JsonObject = { ...contexts, axis: { ...(contexts.axis as JsonObject), labelFlush: false } };
  const heads = lines.flatMap(({ lane }, at) => (lane === null ? [at] : []));
  const y: JsonObject = {
    field: 'line',
    type: 'nominal',
    scale: { domain: lines.map((_, at) => at), paddingInner: 0.14, paddingOuter: 0.07 },
    axis: {
      title: null,
      labelExpr: `${JSON.stringify(lines.map(({ panel, lane }) => lane ?? panel))}[datum.value]`,
      labelFontWeight: { condition: { test: `indexof(${JSON.stringify(heads)}, datum.value) >= 0`, value: 600 }, value: 400 },
      labelColor: colour('text'),
      labelLimit: 0,
      labelOverlap: false,
      grid: false,
    },
  };
  const fits = `width * datum.share > ${2 * INSIDE} + ${LETTER} * length(datum.start)`;
  const fitsBefore = `width * datum.shareBefore > ${4 * INSIDE} + ${LETTER} * (length(datum.start) + length(datum.startBefore))`;
  const start = (align: 'left' | 'right', where: string): JsonObject => ({
    mark: { type: 'text', align, baseline: 'middle', dx: align === 'left' ? INSIDE : -INSIDE + 1, tooltip: null, text: { expr: `${where} ? datum.start : ''` } },
    encoding: { x, y },
  });
  const entries = distinct(rows.map(({ series }) => series)).map((series) => ({ text: rows.find((row) => row.series === series)?.name ?? '', symbol: swatch(colourOf(series), OPACITY) }));
  return {
    id,
    title,
    description,
    spec: {
      data: { name: 'rows' },
      height: LANE * lines.length,
      layer: [
        { mark: { type: 'bar', fillOpacity: OPACITY, strokeWidth: 0 }, encoding: { x, x2: { field: 'end' }, y, fill: ownColour, tooltip: tooltip(facts) } },
        {
          transform: [{ filter: "datum.start !== ''" }],
          mark: { type: 'tick', orient: 'vertical', thickness: 2, opacity: 1, tooltip: null, bandSize: LANE * 0.86, xOffset: 1 },
          encoding: { x, y, color: ownColour },
        },
        start('left', fits),
        start('right', `!(${fits}) && isValid(datum.shareBefore) && ${fitsBefore}`),
        ...entries.flatMap((entry, at) => keyEntry(entry, '0', LANE / 2 - KEY_LINE * (entries.length - 1 - at))),
      ],
    },
    data,
    columns: columns(facts),
  };
}

/** Names of models, with `lane` null, and below each its lanes; the key stands beside the first, which may be empty. */
function linesOf(rows: readonly BreakEvenBandRow[]): readonly { readonly panel: string; readonly lane: string | null }[] {
  return distinct(rows.map(({ panel }) => panel)).flatMap((panel) => [
    { panel, lane: null },
    ...distinct(rows.filter((row) => row.panel === panel).map(({ lane }) => lane)).map((lane) => ({ panel, lane })),
  ]);
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
