import { textSize } from './place-labels.ts';
import type { Json, JsonObject, Row } from './spec.ts';
import { BEYOND_TRAINED_DASH, CHART_TEXT, colour } from './theme.ts';

/** The colour of a mark, held by its row as a token. */
export const ownColour: JsonObject = { field: 'colour', type: 'nominal', scale: null, legend: null };

/** A hollow mark for what the paper prints; it lets nothing show through. */
export const printedMark: JsonObject = { type: 'point', shape: 'circle', filled: false, fill: colour('page'), size: 64, strokeWidth: 1.75 };

/** Text that stays readable where lines run behind it: the text over a rim in the colour of the page. */
export function haloText(mark: JsonObject, encoding: JsonObject, data?: Json): readonly JsonObject[] {
  const own: JsonObject = data === undefined ? {} : { data };
  const text: JsonObject = { ...mark, type: 'text', tooltip: null };
  const { color: _, ...plain } = encoding;
  return [
    { ...own, mark: { ...text, fill: colour('page'), stroke: colour('page'), strokeWidth: 4, strokeJoin: 'round' }, encoding: plain },
    { ...own, mark: text, encoding },
  ];
}

export const KEY_LINE = 17;
const KEY_WIDTH = 112;
const SYMBOL = 14;
const PHONE_WIDTH = 350;
const KEY_GAP = 12;
const BESIDE = SYMBOL + 6;

/** What a mark means: a point or rule as it is drawn, and the words. */
export interface KeyEntry {
  readonly text: string;
  readonly symbol: JsonObject;
}

/** One entry of a key; `x` is the expression of its left edge, `y` px from the top of the plot. */
export function keyEntry({ text, symbol }: KeyEntry, x: string, y: number): readonly JsonObject[] {
  const data: JsonObject = { values: [{}] };
  const at = (offset: number): JsonObject => ({ value: { expr: `${x} + ${offset}` } });
  const extent: JsonObject = symbol.type === 'rule' ? { x: at(0), x2: at(SYMBOL) } : { x: at(SYMBOL / 2) };
  return [
    { data, mark: { stroke: colour('muted'), ...symbol, tooltip: null }, encoding: { ...extent, y: { value: y } } },
    { data, mark: { type: 'text', text, align: 'left', baseline: 'middle', fontSize: CHART_TEXT.label, color: colour('muted'), tooltip: null }, encoding: { x: at(BESIDE), y: { value: y } } },
  ];
}

/** A filled square with an edge, for keys of bars. */
export const swatch = (fill: string, fillOpacity: number): JsonObject => ({ type: 'point', shape: 'square', size: 110, filled: false, fill, fillOpacity, stroke: fill, strokeWidth: 1 });

const PRINTED = "Paper's value";
const BEYOND: KeyEntry = { text: 'Beyond training', symbol: { type: 'rule', strokeWidth: 2, strokeDash: BEYOND_TRAINED_DASH } };

const markEntries = (rows: readonly Row[], symbol = printedMark): readonly KeyEntry[] => [
  ...(rows.some((row) => typeof row.printedValue === 'number') ? [{ text: PRINTED, symbol }] : []),
  ...(rows.some((row) => row.part === 'beyond') ? [BEYOND] : []),
];

/**
 * Says what hollow marks and dashes mean where rows have them: lines at the right edge of the plot, the last one `bottom` px
 * below its top.
 */
export function markKey(rows: readonly Row[], bottom: number, symbol = printedMark): readonly JsonObject[] {
  const entries = markEntries(rows, symbol);
  return entries.flatMap((entry, index) => keyEntry(entry, `width - ${KEY_WIDTH}`, bottom - KEY_LINE * (entries.length - 1 - index)));
}

/** Entries beside each other, for the head of small multiples. */
export const headKey = (entries: readonly KeyEntry[], from = 0): readonly JsonObject[] => entries.flatMap((entry, index) => keyEntry(entry, String(from + KEY_WIDTH * index), KEY_LINE / 2));

/** What hollow marks and dashes mean, for the head of small multiples. */
export const headMarkKey = (rows: readonly Row[]): readonly JsonObject[] => headKey(markEntries(rows));

/** Where the key stands over a plot whose corners may all be taken: level with the title of the y axis. */
export const KEY_ABOVE = -17;

/** A legend above the plot that leaves room for the title of the y axis. */
export const topLegend: JsonObject = { title: null, orient: 'top', offset: 30 };

/** Entries in lines that a phone has room for, the last one in the strip above the panels; `left` is where they begin. */
export function keyLines(entries: readonly KeyEntry[], left: number): readonly JsonObject[] {
  const widths = entries.map(({ text }) => BESIDE + KEY_GAP + textSize(text).width);
  let [line, from] = [0, 0];
  const places = widths.map((width) => {
    if (from > 0 && from + width - KEY_GAP > PHONE_WIDTH) [line, from] = [line + 1, 0];
    const place = { line, from };
    from += width;
    return place;
  });
  return entries.flatMap((entry, at) => {
    const place = places[at] ?? { line: 0, from: 0 };
    return keyEntry(entry, String(left + place.from), KEY_LINE / 2 - KEY_LINE * (line - place.line));
  });
}
