import { contextAxis, decadeTicks } from './axis.ts';
import { type DirectLabels, directLabels } from './direct-labels.ts';
import { type Fact, tooltip } from './facts.ts';
import { hoverPoints } from './hover.ts';
import { haloText, markKey, ownColour, printedMark } from './marks.ts';
import { inPanel, panelLabels } from './panels.ts';
import type { JsonObject, Row } from './spec.ts';
import { BEYOND_TRAINED_DASH, colour, modelColours } from './theme.ts';

/** A point of a line over context lengths, before it becomes a row. */
export interface LinePoint {
  readonly model: string;
  readonly context: number;
  readonly beyondTrained?: boolean | undefined;
}

/** Fields that `contextLines` needs: the colour, and on which part of its line (`trained`, `beyond`, `edge` of both) a point lies. */
export function linePart<P extends LinePoint>(point: P, rows: readonly P[]): { readonly colour: string; readonly part: string } {
  const longer = rows.some(({ model, context, beyondTrained }) => model === point.model && beyondTrained && context > point.context);
  const between = rows.some(({ model, context, beyondTrained }) => model === point.model && !beyondTrained && context > point.context);
  const part = point.beyondTrained ? 'beyond' : longer && !between ? 'edge' : 'trained';
  return { colour: modelColours(rows.map(({ model }) => model))(point.model), part };
}

export interface ContextLines {
  /** rows with `name`, `model`, `context`, the field of `y`, `printedValue` and what `linePart` gives */
  readonly rows: readonly Row[];
  readonly data: JsonObject;
  /** of the axis */
  readonly span: readonly [number, number];
  readonly y: JsonObject;
  readonly domain: readonly [number, number];
  readonly log: boolean;
  readonly height: number;
  readonly facts: readonly Fact[];
  /** one of several panels, which have a key in common */
  readonly panel?: boolean;
  /** marks a dot at every row, for lines of few points */
  readonly dots?: boolean;
}

const DOT_ROOM = 10;
const KEY_INSET = 12;
const TICKS = [1, 8, 32, 128, 1024].map((kibi) => 1024 * kibi);

/** The x channel over a span of contexts, ticks at 1K 8K 32K 128K 1M. */
export function contextChannel([from, to]: readonly [number, number], panel = false, inset = 0): JsonObject {
  const ticks = TICKS.filter((tick) => tick >= from && tick <= to);
  const channel = ticks.length < 2 ? contextAxis('context', from, to) : contextAxis('context', from, to, ticks);
  const unflushed: JsonObject = { ...channel, axis: { ...(channel.axis as JsonObject), labelFlush: false } };
  return panel ? inPanel(unflushed, inset) : unflushed;
}

/** Lines over context lengths as one layered plot: dashed beyond the trained context, printed points hollow, named at their ends. */
export function contextLines({ rows, data, span, y, domain, log, height, facts, panel = false, dots = false }: ContextLines): JsonObject {
  const x = contextChannel(span, panel, dots ? DOT_ROOM : 0);
  const field = String(y.field);
  const line = (parts: readonly string[], mark: JsonObject): JsonObject => ({
    transform: [{ filter: { field: 'part', oneOf: parts } }],
    mark: { type: 'line', ...mark },
    encoding: { x, y, detail: { field: 'model', type: 'nominal' }, color: ownColour, order: { field: 'context', type: 'quantitative' } },
  });
  const found: JsonObject = { x, y, color: ownColour, tooltip: tooltip(facts) };
  const dot: JsonObject = dots ? { type: 'point', size: 40 } : { type: 'point', shape: 'square', size: 120, opacity: 0 };
  const points = panel || dots ? { mark: dot, encoding: found } : hoverPoints(found);
  const labels: DirectLabels = { rows, x: 'context', y: field, series: 'model', label: 'name', colour: modelColours(rows.map(({ model }) => String(model))), height, domain, log };
  return {
    ...data,
    height,
    layer: [
      line(['trained', 'edge'], {}),
      ...(rows.some((row) => row.part === 'beyond') ? [line(['beyond', 'edge'], { strokeDash: BEYOND_TRAINED_DASH, strokeCap: 'butt' })] : []),
      points,
      ...(rows.some((row) => row.printedValue !== null)
        ? [{ transform: [{ filter: 'datum.printedValue !== null' }], mark: printedMark, encoding: { x, y: { ...y, field: 'printedValue' }, stroke: ownColour, tooltip: tooltip(facts) } }]
        : []),
      panel ? panelLabels(labels) : directLabels(labels),
      ...(panel ? [] : markKey(rows, height - KEY_INSET)),
    ],
  };
}

/** Marked points over context lengths, with the text of those that have a place for it. */
export const markedContexts = (values: readonly Row[], x: JsonObject, y: JsonObject, facts: readonly Fact[]): readonly JsonObject[] => [
  ...haloText(
    { align: { expr: 'datum.align' }, baseline: 'middle', dx: { expr: 'datum.dx' }, dy: { expr: 'datum.dy' } },
    { x, y, text: { field: 'text', type: 'nominal' } },
    { values: values.filter((row) => row.placed) },
  ),
  { data: { values }, mark: { type: 'point', size: 54, filled: false, fill: colour('page'), stroke: colour('text'), strokeWidth: 1.5 }, encoding: { x, y, tooltip: tooltip(facts) } },
];

const AIR = 1.15;
const NEAR = 1.5;

/** A log scale over all values with a little air at both ends, or up to the next tick where one is near. */
export function logDomain(values: readonly number[]): readonly [number, number] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const ticks = decadeTicks(low / NEAR, high * NEAR);
  return [Math.min(low / AIR, ticks[0] ?? low), Math.max(high * AIR, ticks.at(-1) ?? high)];
}
