import type { JsonObject } from './spec.ts';

/**
 * A Vega-Lite layer of points that appear one at a time below the pointer, with their tooltip: what makes a line readable to
 * the value. `encoding` repeats x, y and colour of the line and says what the tooltip holds. One a chart; nothing of it is
 * in the drawing that `renderSvg` gives.
 */
export const hoverPoints = (encoding: JsonObject): JsonObject => ({
  params: [{ name: 'hover', select: { type: 'point', on: 'pointerover', clear: 'pointerout', nearest: true } }],
  mark: { type: 'point', filled: true, size: 60, tooltip: true },
  encoding: { ...encoding, opacity: { condition: { param: 'hover', empty: false, value: 1 }, value: 0 } },
});
