import { type Caption, checkRows, contextSpan, distinct } from './caption.ts';
import { contextChannel } from './context-lines.ts';
import { COUNT_FORMAT, citedFacts, columns, countText, type Fact, tooltip } from './facts.ts';
import { ownColour } from './marks.ts';
import { type Chart, type JsonObject, rowOf } from './spec.ts';
import { colour, modelColour } from './theme.ts';

/** A range of context lengths, both ends included, in which `name` is cheapest in its lane. `model` gives the colour; without it (a chip) the band is grey. */
export interface BandRow {
  readonly lane: string;
  readonly name: string;
  readonly model?: string | undefined;
  readonly from: number;
  readonly to: number;
  readonly number?: string | undefined;
}

const LANE = 50;
const LETTER = 6.4;
/** a narrower band has no edge of its own */
const NARROWEST = 8;

/**
 * A lane per chip (or model), in it who is cheapest from which context to which, log2 axis. Order of first appearance.
 * @throws RangeError `cheapestBands: ...` for no rows or a range that is not positive or ends before it starts
 */
export function cheapestBands(rows: readonly BandRow[], caption: Caption): Chart {
  checkRows('cheapestBands', rows, { positive: ['from', 'to'] });
  for (const { from, to } of rows) if (to < from) throw new RangeError(`cheapestBands: to ${to} is before from ${from}`);
  const [first, last] = contextSpan(
    'cheapestBands',
    rows.flatMap(({ from, to }) => [from, to]),
  );
  const data = rows.map((row) => {
    const end = Math.min(row.to + 1, last);
    const start = row.from === first ? '' : `from ${countText(row.from)}`;
    return rowOf({
      ...row,
      number: row.number ?? '–',
      end,
      start,
      share: Math.log(end / row.from) / Math.log(last / first),
      colour: row.model === undefined ? colour('context') : modelColour(row.model),
    });
  });
  const facts: readonly Fact[] = [
    { field: 'lane', title: 'On' },
    { field: 'name', title: 'Cheapest' },
    { field: 'from', title: 'From, tokens', format: COUNT_FORMAT },
    { field: 'to', title: 'To, tokens', format: COUNT_FORMAT },
    ...citedFacts(rows),
  ];
  const x: JsonObject = { ...contextChannel([first, last]), field: 'from' };
  const lanes = distinct(rows.map((row) => row.lane));
  const y: JsonObject = { field: 'lane', type: 'nominal', sort: lanes, scale: { paddingInner: 0.16, paddingOuter: 0.08 }, axis: { title: null, labelColor: colour('text'), labelLimit: 0 } };
  const fits = (field: string): JsonObject => ({ expr: `width * datum.share > 10 + ${LETTER} * length(datum.${field}) ? datum.${field} : ''` });
  const text = (field: string, dy: number, mark: JsonObject): JsonObject => ({
    mark: { type: 'text', align: 'left', baseline: 'middle', dx: 8, dy, text: fits(field), tooltip: null, ...mark },
    encoding: { x, y },
  });
  return {
    ...caption,
    spec: {
      data: { name: 'rows' },
      height: LANE * lanes.length,
      layer: [
        { mark: { type: 'bar', fillOpacity: 0.22, strokeWidth: 0 }, encoding: { x, x2: { field: 'end' }, y, fill: ownColour, tooltip: tooltip(facts) } },
        {
          mark: { type: 'tick', orient: 'vertical', thickness: 3, opacity: { expr: `width * datum.share > ${NARROWEST} ? 1 : 0` }, tooltip: null, bandSize: LANE * 0.84, xOffset: 1.5 },
          encoding: { x, y, color: ownColour },
        },
        text('name', -7, { fontWeight: 600 }),
        text('start', 9, { color: colour('muted') }),
      ],
    },
    data,
    columns: columns(facts),
  };
}
