import { decadeTicks, powersOfEight, topTitle } from './axis.ts';
import { checkRows } from './caption.ts';
import { logDomain } from './context-lines.ts';
import { inPanel } from './panels.ts';
import { levelRule, type SeriesPoint, seriesLines } from './series-lines.ts';
import { checkSeries, type SeriesOptions, type SeriesRow } from './series-rows.ts';
import type { Chart, JsonObject } from './spec.ts';
import { colour } from './theme.ts';
import { uprightRules } from './upright-rules.ts';

/**
 * What copies of pieces of one size reach, in bytes per second: as it is reckoned, and as it was measured (`reference`); one of both may be missing.
 *   panel   a direction: `To the host`
 *   series  a method of copying
 */
export interface CopyBandwidthRow extends SeriesRow {
  readonly pieceBytes: number;
  readonly bytesPerSecond?: number | undefined;
  readonly reference?: number | undefined;
}

export interface CopyBandwidthOptions extends SeriesOptions {
  /** sizes of pieces to find again, in all panels, in two or three words: `{ pieceBytes: 32768, name: 'one block' }` */
  readonly pieces?: readonly { readonly pieceBytes: number; readonly name: string }[] | undefined;
  /** of the link, a dashed rule: `{ bytesPerSecond: 63e9, name: 'PCIe 5.0 x16' }` */
  readonly lineRate?: { readonly bytesPerSecond: number; readonly name: string } | undefined;
}

const LEFT = 34;
const NARROWEST = 275;
/** above the line rate, for its name */
const AIR = 1.5;
const X_TITLE = 'Size of a piece (log scale)';
const Y_TITLE = 'GB/s (log scale)';
const KIBI = 1024;
const SIZE = `datum.value >= ${KIBI * KIBI} ? datum.value / ${KIBI * KIBI} + ' MiB' : datum.value >= ${KIBI} ? datum.value / ${KIBI} + ' KiB' : datum.value + ' B'`;

/**
 * Effective bandwidth over the size of the pieces, both axes logarithmic: a line per method, named in the key, what was measured hollow, sizes that matter as rules with their names, the line rate
 * dashed. Panels share their scales.
 * @throws RangeError `copyBandwidth: ...` for no rows, a size or rate that is not positive, a row without rate and reference, or a piece outside of the sizes of the rows
 */
export function copyBandwidth(rows: readonly CopyBandwidthRow[], options: CopyBandwidthOptions): Chart {
  const { id, title, description, pieces = [], lineRate, valueName = 'Fit', referenceName = 'Measured' } = options;
  checkSeries('copyBandwidth', rows, { x: 'pieceBytes', value: 'bytesPerSecond', positive: ['x', 'value'] });
  if (lineRate !== undefined) checkRows('copyBandwidth', [lineRate], { positive: ['bytesPerSecond'] });
  const sizes = rows.map(({ pieceBytes }) => pieceBytes);
  const span = [Math.min(...sizes), Math.max(...sizes)] as const;
  if (span[0] === span[1]) throw new RangeError(`copyBandwidth: pieceBytes ${span[0]} is the only one, an axis needs two`);
  for (const { pieceBytes } of pieces)
    if (!(pieceBytes >= span[0] && pieceBytes <= span[1])) throw new RangeError(`copyBandwidth: pieceBytes ${pieceBytes} is outside of the rows, ${span[0]} to ${span[1]}`);
  const points: readonly SeriesPoint[] = rows.map(({ pieceBytes, bytesPerSecond, reference, ...row }) => ({
    ...row,
    x: pieceBytes,
    value: gigabytes(bytesPerSecond),
    reference: gigabytes(reference),
  }));
  const level = gigabytes(lineRate?.bytesPerSecond);
  const domain = logDomain([...points.flatMap(({ value, reference }) => [value, reference]), level === undefined ? level : AIR * level].filter((rate) => rate !== undefined));
  const x: JsonObject = inPanel({
    field: 'x',
    type: 'quantitative',
    scale: { type: 'log', base: 2, domain: span, nice: false },
    axis: { title: X_TITLE, values: powersOfEight(...span), labelExpr: SIZE, labelFlush: false, labelOverlap: 'greedy', labelSeparation: 6 },
  });
  const y: JsonObject = { scale: { type: 'log', domain, nice: false }, axis: { title: Y_TITLE, values: decadeTicks(...domain), labelExpr: "format(datum.value, '~r')", ...topTitle } };
  const marks = pieces.map(({ pieceBytes, name }) => ({ x: pieceBytes, share: Math.log(pieceBytes / span[0]) / Math.log(span[1] / span[0]), text: name, colour: colour('muted') }));
  const drawn = seriesLines({
    points,
    options: { ...options, valueName, referenceName },
    titles: { x: 'Bytes of a piece', value: 'GB/s' },
    named: 'in-key',
    left: LEFT,
    axes: () => ({ x, y, domain, log: true, under: [...uprightRules(marks, { x, narrowest: NARROWEST }), ...(level === undefined ? [] : levelRule(level, y, lineRate?.name))] }),
  });
  return { id, title, description, ...drawn };
}

/** Without the noise of a float. */
const gigabytes = (rate: number | undefined): number | undefined => (rate === undefined ? undefined : Number((rate / 1e9).toPrecision(12)));
