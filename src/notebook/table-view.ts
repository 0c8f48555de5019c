/** What a table is to `show`: rows as objects, or an Arquero table of any copy of Arquero, known by its methods. */
export type Rows = readonly Readonly<Record<string, unknown>>[];
export interface ArqueroTable {
  readonly columnNames: () => string[];
  readonly numRows: () => number;
  readonly objects: (options?: { limit?: number }) => object[];
}

/** A table made ready for reading: texts of the first rows, and which columns are numbers. */
export interface TableView {
  readonly columns: readonly { readonly name: string; readonly numeric: boolean }[];
  readonly rows: readonly (readonly string[])[];
  /** rows that the table has beyond these */
  readonly more: number;
}

export const isArqueroTable = (value: unknown): value is ArqueroTable =>
  typeof value === 'object' && value !== null && ['columnNames', 'numRows', 'objects'].every((method) => typeof (value as Record<string, unknown>)[method] === 'function');

export const isRows = (value: unknown): value is Rows => Array.isArray(value) && value.every((row) => typeof row === 'object' && row !== null && !Array.isArray(row));

/** The first `limit` rows of a table. Columns of rows are all keys in the order in which they first come. */
export function tableView(table: ArqueroTable | Rows, limit: number): TableView {
  const arquero = isArqueroTable(table);
  const total = arquero ? table.numRows() : table.length;
  const rows = (arquero ? table.objects({ limit }) : table.slice(0, limit)) as Rows;
  const names = arquero ? table.columnNames() : [...new Set(table.flatMap((row) => Object.keys(row)))];
  const isNumeric = (name: string) => {
    const values = rows.map((row) => row[name]).filter((value) => value !== null && value !== undefined);
    return values.length > 0 && values.every((value) => typeof value === 'number' || typeof value === 'bigint');
  };
  return {
    columns: names.map((name) => ({ name, numeric: isNumeric(name) })),
    rows: rows.map((row) => names.map((name) => cellText(row[name]))),
    more: total - rows.length,
  };
}

/** Columns of text, numbers to the right. */
export function tableText({ columns, rows, more }: TableView): string {
  const lines = [columns.map(({ name }) => name), ...rows];
  const widths = columns.map((_, at) => Math.max(...lines.map((line) => line[at]?.length ?? 0)));
  const set = (line: readonly string[]) =>
    line
      .map((text, at) => (columns[at]?.numeric ? text.padStart(widths[at] ?? 0) : text.padEnd(widths[at] ?? 0)))
      .join('  ')
      .trimEnd();
  return [...lines.map(set), ...moreRows(more)].join('\n');
}

/** The same as an HTML table that takes the notebook's own colours; every text is escaped. */
export function tableHtml({ columns, rows, more }: TableView): string {
  const align = (at: number) => `style="text-align:${columns[at]?.numeric ? 'right' : 'left'}"`;
  const head = columns.map(({ name }, at) => `<th scope="col" ${align(at)}>${escapeHtml(name)}</th>`).join('');
  const body = rows.map((row) => `<tr>${row.map((text, at) => `<td ${align(at)}>${escapeHtml(text)}</td>`).join('')}</tr>`).join('\n');
  const foot = moreRows(more)
    .map((text) => `<p>${text}</p>`)
    .join('');
  return `<table style="border-collapse:collapse;font-variant-numeric:tabular-nums">\n<thead><tr>${head}</tr></thead>\n<tbody>\n${body}\n</tbody>\n</table>${foot}`;
}

export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

const moreRows = (more: number): string[] => (more > 0 ? [`and ${more} more ${more === 1 ? 'row' : 'rows'}`] : []);

function cellText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)));
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'invalid date' : value.toISOString();
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
