/** A row of plain values; a list becomes one cell, its parts separated by `; `. */
export type FlatRow = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;

/** Rows as CSV (RFC 4180, lines end in LF); the columns are those of the first row. */
export function csv(rows: readonly FlatRow[]): string {
  const columns = Object.keys(rows[0] ?? {});
  return [columns, ...rows.map((row) => columns.map((column) => row[column] ?? null))].map((cells) => `${cells.map(cell).join(',')}\n`).join('');
}

function cell(value: FlatRow[string]): string {
  const text = value === null ? '' : Array.isArray(value) ? value.join('; ') : String(value);
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
