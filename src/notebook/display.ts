import type { Chart } from '../chart/spec.ts';
import { chartBundle } from './chart-bundle.ts';
import { displayInKernel, type MimeBundle } from './kernel-display.ts';
import { type ArqueroTable, isArqueroTable, isRows, type Rows, tableHtml, tableText, tableView } from './table-view.ts';

/** What `show` takes: a chart, an Arquero table of any copy of Arquero, or rows. */
export type Showable = Chart | ArqueroTable | Rows;

export interface ShowOptions {
  /** most rows of a table to show (default 50) */
  readonly rows?: number;
}

/**
 * Shows a chart or table below the notebook cell that runs: `await show(chart)`. Outside a notebook its plain text goes
 * to standard output.
 * @throws RangeError `show: <field> <value> <rule>` when it is neither; Error when the chart cannot be drawn
 */
export async function show(value: Showable, options: ShowOptions = {}): Promise<void> {
  const bundle = await mimeBundle(value, options);
  if (!displayInKernel(bundle)) process.stdout.write(`${bundle['text/plain']}\n`);
}

/** The forms of a chart or table by MIME type, as `show` sends them. */
export async function mimeBundle(value: Showable, { rows = 50 }: ShowOptions = {}): Promise<MimeBundle> {
  if (isChart(value)) return chartBundle(value);
  if (!isArqueroTable(value) && !isRows(value)) throw new RangeError(`show: value ${described(value)} is not a chart, an Arquero table or a list of rows`);
  if (!Number.isInteger(rows) || rows < 1) throw new RangeError(`show: rows ${rows} is not an integer of at least 1`);
  const view = tableView(value, rows);
  return { 'text/html': tableHtml(view), 'text/plain': tableText(view) };
}

const isChart = (value: unknown): value is Chart => typeof value === 'object' && value !== null && ['id', 'title', 'description', 'spec', 'data'].every((field) => field in value);

const described = (value: unknown): string => (typeof value === 'object' && value !== null ? `with fields ${Object.keys(value).slice(0, 5).join(', ') || 'none'}` : String(value));
