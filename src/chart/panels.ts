import { type DirectLabels, directLabels } from './direct-labels.ts';
import { textSize } from './place-labels.ts';
import { CHART_WIDTH } from './render.ts';
import type { JsonObject } from './spec.ts';

/** Room in px that a panel needs beside its plot: axis labels on the left, line or bar labels on the right. */
export interface PanelRoom {
  readonly left: number;
  readonly right: number;
}

const NARROW = 620;
const SPACING = 28;
const LEAST = 80;
const HEAD_HEIGHT = 18;
const HEAD_GAP = 12;
/** width of the group that holds a panel; its marks reach beyond it, as far as `panelWidth` says */
const STUB = 10;

export interface Panels extends PanelRoom {
  readonly children: readonly JsonObject[];
  /** beside each other on a wide page; 2 unless said */
  readonly columns?: number;
  /** marks of a key that stands above all panels, in a strip of `HEAD_HEIGHT` px */
  readonly head?: readonly JsonObject[];
}

/**
 * Small multiples that wrap: `columns` beside each other on a wide page, one below the other on a narrow one. The signal
 * `width` is that of the drawing without the y axis of its first panel, as in a chart of one plot, so that both are fitted
 * alike; the signal `panelWidth` is that of one plot, over which `inPanel` puts an x channel. Whoever draws it at another width
 * sets `pageWidth` too: fitting changes `width` after the columns are laid out, and would leave the old height.
 */
export function panels({ children, left, right, columns = 2, head = [] }: Panels): JsonObject {
  const grid: JsonObject = { spacing: SPACING, columns: { signal: 'panelColumns' }, concat: children.map((child) => ({ width: STUB, ...child })) };
  return {
    params: [
      { name: 'width', value: CHART_WIDTH },
      { name: 'pageWidth', value: CHART_WIDTH },
      { name: 'panelColumns', expr: `pageWidth < ${NARROW} ? 1 : ${columns}` },
      { name: 'panelWidth', expr: `max(${LEAST}, floor((width + ${left + SPACING}) / panelColumns) - ${left + right + SPACING})` },
    ],
    ...(head.length === 0 ? grid : { spacing: HEAD_GAP, vconcat: [{ width: STUB, height: HEAD_HEIGHT, layer: head }, grid] }),
  };
}

/** Puts the x channel of a panel over the width of its plot, less `inset` px on the left. */
export const inPanel = (channel: JsonObject, inset = 0): JsonObject => ({ ...channel, scale: { ...(channel.scale as JsonObject | undefined), range: [inset, { expr: 'panelWidth' }] } });

/** `directLabels` at the right edge of a panel. */
export const panelLabels = (options: DirectLabels): JsonObject =>
  JSON.parse(JSON.stringify(directLabels(options)), (channel, definition) =>
    channel === 'x' || channel === 'x2' ? { value: { expr: String(definition.value.expr ?? definition.value).replace('width', 'panelWidth') } } : definition,
  );

const LEADER_ROOM = 22;

/** Room for the names at line ends. */
export const labelRoom = (names: readonly string[]): number => LEADER_ROOM + Math.max(...names.map((name) => textSize(name).width));

/** The head of a panel, above the title of its y axis. */
export const panelTitle = (text: string): JsonObject => ({ text, offset: 10, fontSize: 13 });
