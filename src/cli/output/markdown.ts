import { oneLine } from '../../io/one-line.ts';
import type { TextTable } from './text-table.ts';

/** A GitHub-flavoured Markdown table; a column's group follows its header in brackets, notes become a list. */
export function markdownTable({ title, columns, rows, notes = [] }: TextTable): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;
  return [
    ...(title === undefined ? [] : [`**${escaped(title)}**\n\n`]),
    line(columns.map(({ header, group }) => escaped(group === undefined ? header : `${header} (${group})`))),
    line(columns.map(({ number }) => (number ? '---:' : '---'))),
    ...rows.map((row) => line(columns.map((_, at) => escaped(row[at] ?? '')))),
    ...(notes.length > 0 ? ['\n', ...notes.map((note) => `- ${escaped(note)}\n`)] : []),
  ].join('');
}

/** Text that Markdown shows as it is. */
const escaped = (text: string): string => oneLine(text).replace(/[\\|`*_[\]<>~#&]/g, '\\$&');
