import type { Io } from '../io.ts';
import { csv, type FlatRow } from './csv.ts';
import { markdownTable } from './markdown.ts';
import { type TextTable, textTable } from './text-table.ts';

export const FORMATS = ['table', 'json', 'csv', 'markdown'] as const;
export type Format = (typeof FORMATS)[number];

/** What a command has to say, for every format. */
export interface Printout {
  /** the documented JSON shape: plain SI numbers and USD */
  readonly json: unknown;
  /** the same as flat rows, for CSV */
  readonly rows: readonly FlatRow[];
  /** for people: prefixes, units in the header, notes below */
  readonly tables: readonly TextTable[];
}

export const print = (io: Io, format: Format, printout: Printout): void => io.out(printed(format, printout));

export function printed(format: Format, { json, rows, tables }: Printout): string {
  switch (format) {
    case 'json':
      return `${JSON.stringify(json, null, 2)}\n`;
    case 'csv':
      return csv(rows);
    case 'markdown':
      return tables.map(markdownTable).join('\n');
    case 'table':
      return tables.map(textTable).join('\n');
  }
}
