import { csvParseRows } from 'd3-dsv';
import { InputError } from '../../io/input-error.ts';
import { readText } from '../../io/read.ts';

const MOST_BYTES = 64 * 1024 * 1024;

export interface TableRow {
  /** line of the file at which the row starts, for messages; rows that span lines make it a lower bound */
  readonly line: number;
  readonly cells: Readonly<Record<string, string>>;
}

/**
 * The rows of a CSV file with a header. Columns may stand in any order; those that are not known are kept.
 * @throws InputError for a file that cannot be read, a header that lacks or repeats a column, or a row with more or fewer cells than the header
 */
export async function readTable(place: string, path: string, required: readonly string[]): Promise<readonly TableRow[]> {
  const text = await readText(path, place, MOST_BYTES);
  const [header = [], ...rows] = csvParseRows(text);
  const columns = header.map((column) => column.trim());
  if (columns.every((column) => column === '')) throw new InputError(`${place}: file ${path} is empty, a CSV with a header is expected`);
  const twice = columns.find((column, at) => columns.indexOf(column) !== at);
  if (twice !== undefined) throw new InputError(`${place}: file ${path} has the column ${twice || '""'} twice`);
  for (const column of required) if (!columns.includes(column)) throw new InputError(`${place}: file ${path} lacks the column ${column}`);
  const number = columns.find((column) => /^\d+$/.test(column));
  if (number !== undefined) throw new InputError(`${place}: file ${path} has the column ${number}, which is a number and no name`);
  if (rows.every((cells) => isBlank(cells))) throw new InputError(`${place}: file ${path} has a header and no rows`);
  return rows.flatMap((cells, at) => {
    const line = at + 2;
    if (isBlank(cells)) return [];
    if (cells.length !== columns.length) throw new InputError(`${place}: ${path} line ${line} has ${cells.length} cells, the header ${columns.length}`);
    return [{ line, cells: Object.fromEntries(columns.map((column, i) => [column, (cells[i] as string).trim()])) }];
  });
}

const isBlank = (cells: readonly string[]): boolean => cells.length === 1 && cells[0] === '';
