import { oneLine } from '../../io/one-line.ts';

export interface TextColumn {
  readonly header: string;
  /** stands above neighbouring columns that share it */
  readonly group?: string;
  /** numbers are set on their decimal points */
  readonly number?: boolean;
}

/** A table for people. */
export interface TextTable {
  readonly title?: string;
  readonly columns: readonly TextColumn[];
  readonly rows: readonly (readonly string[])[];
  readonly notes?: readonly string[];
}

const GAP = '  ';

/** Aligned columns under one or two header lines, notes below. */
export function textTable({ title, columns, rows, notes = [] }: TextTable): string {
  const body = columns.map((column, at) => {
    const cells = rows.map((row) => oneLine(row[at] ?? ''));
    return column.number ? onDecimalPoint(cells) : cells;
  });
  const spans = groups(columns);
  const widths = columns.map(({ header }, at) => (body[at] as readonly string[]).reduce((most, cell) => Math.max(most, cell.length), header.length));
  for (const { group, from, to } of spans) {
    const missing = group.length - spanned(widths, from, to);
    if (missing > 0) widths[from] = (widths[from] as number) + missing;
  }
  const set = (texts: readonly string[]): string =>
    texts
      .map((text, at) => (columns[at]?.number ? text.padStart(widths[at] as number) : text.padEnd(widths[at] as number)))
      .join(GAP)
      .trimEnd();
  const lines = [
    ...(title === undefined ? [] : [title, '']),
    ...(spans.some(({ group }) => group !== '')
      ? [
          spans
            .map(({ group, from, to }) => centred(group, spanned(widths, from, to)))
            .join(GAP)
            .trimEnd(),
        ]
      : []),
    ...(columns.some(({ header }) => header !== '') ? [set(columns.map(({ header }) => header))] : []),
    ...rows.map((_, row) => set(body.map((cells) => cells[row] as string))),
    ...(notes.length > 0 ? ['', ...notes.map(oneLine)] : []),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

const spanned = (widths: readonly number[], from: number, to: number): number => widths.slice(from, to).reduce((sum, width) => sum + width + GAP.length, -GAP.length);

function centred(text: string, width: number): string {
  if (text === '') return ' '.repeat(width);
  const lines = width - text.length - 2;
  return lines < 2 ? text.padEnd(width) : `${'─'.repeat(Math.floor(lines / 2))} ${text} ${'─'.repeat(Math.ceil(lines / 2))}`;
}

function groups(columns: readonly TextColumn[]): readonly { readonly group: string; readonly from: number; readonly to: number }[] {
  const starts = columns.flatMap(({ group }, at) => (at === 0 || group === undefined || group !== columns[at - 1]?.group ? [at] : []));
  return starts.map((from, at) => ({ group: columns[from]?.group ?? '', from, to: starts[at + 1] ?? columns.length }));
}

function onDecimalPoint(cells: readonly string[]): readonly string[] {
  const fraction = (cell: string): number => (/\.\d*$/.test(cell) ? cell.length - cell.lastIndexOf('.') : 0);
  const longest = cells.reduce((most, cell) => Math.max(most, fraction(cell)), 0);
  return cells.map((cell) => (/^-?\d/.test(cell) ? cell + ' '.repeat(longest - fraction(cell)) : cell));
}
