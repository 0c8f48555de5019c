import { modelColour } from '../chart/theme.ts';
import type { Basis } from '../provenance/source.ts';
import { basisContext } from './basis.ts';
import { type AlignedDigits, alignDigits, splitDigits } from './digits.ts';
import { type PageIndex, proseContext } from './page-index.ts';
import type { CellView, ColumnView, TableBlock } from './view.ts';

/** More columns than this are printed on a page of their own, across. */
const PORTRAIT_COLUMNS = 9;
const EMPTY: CellView = { text: '' };

interface Column extends ColumnView {
  readonly numeric: boolean;
  readonly cells: readonly CellView[];
  readonly printed: boolean;
  readonly ours: readonly AlignedDigits[];
  readonly papers: readonly AlignedDigits[];
  /** the value that is set bold, as it is printed */
  readonly bold: number | null;
}

/**
 * A table as the partial `data-table` shows it. A column with printed values becomes two, ours and the paper's.
 * @throws RangeError for a cell of a column that the table does not have, and for a match without a printed value
 */
export function tableContext(block: TableBlock, page: PageIndex): object {
  for (const row of block.rows) for (const [id, cell] of Object.entries(row.cells)) checkCell(block, id, cell);
  const columns = block.columns.map((column) => layColumn(column, block));
  const footnotes = collectFootnotes(block);
  const bases = columns.flatMap(({ cells }) => cells.flatMap(({ number }) => (number === undefined ? [] : [page.number(number).basis])));
  const usual = commonest(bases);
  const footnoteOf = (cell: CellView): object | null =>
    cell.footnote === undefined ? null : { anchor: footnoteAnchor(block, footnotes.indexOf(cell.footnote)), letter: letter(footnotes.indexOf(cell.footnote)) };
  return {
    partial: 'data-table',
    wide: total(columns) > PORTRAIT_COLUMNS,
    anchor: block.anchor,
    label: block.label,
    caption: proseContext(block.caption, page),
    heads: headRows(block.rowHeader, columns),
    rows: block.rows.map((row, index) => ({
      header: row.header,
      colour: row.model === undefined ? '' : modelColour(row.model),
      cells: columns.flatMap((column): readonly object[] => {
        const cell = column.cells[index] ?? EMPTY;
        const style = column.numeric ? 'numeric' : 'words';
        const basis = cell.number === undefined ? usual : page.number(cell.number).basis;
        const ours = {
          partial: 'our-cell',
          style: column.bold !== null && column.bold === Number(cell.text) ? `${style} best` : style,
          number: cell.number ?? '',
          ...column.ours[index],
          basis: basis === usual ? null : basisContext(basis as Basis),
        };
        if (!column.printed) return [{ ...ours, footnote: footnoteOf(cell) }];
        const verdict = { match: cell.match === 'match', deviation: cell.match === 'deviation' };
        return [
          { ...ours, footnote: null },
          { ...column.papers[index], ...verdict, partial: 'printed-cell', style, footnote: footnoteOf(cell) },
        ];
      }),
    })),
    footnotes: footnotes.map((text, index) => ({ anchor: footnoteAnchor(block, index), letter: letter(index), text: proseContext(text, page) })),
    basisNote: usual === undefined ? '' : `Values are ${usual}${new Set(bases).size > 1 ? ' unless marked' : ''}.`,
    note: proseContext(block.note ?? '', page),
  };
}

function checkCell(block: TableBlock, id: string, cell: CellView): void {
  if (!block.columns.some((column) => column.id === id)) throw new RangeError(`report: ${block.anchor} cell ${id} has no column`);
  if (cell.match !== undefined && cell.printed === undefined) throw new RangeError(`report: ${block.anchor} cell ${id} has a match without a printed value`);
}

function layColumn(column: ColumnView, { rows }: TableBlock): Column {
  const cells = rows.map((row) => row.cells[column.id] ?? EMPTY);
  const numeric = column.numeric ?? true;
  const align = (texts: readonly string[]): readonly AlignedDigits[] => (numeric ? alignDigits(texts) : texts.map((text) => ({ digits: splitDigits(text), pad: '' })));
  const values = cells.filter(({ text }) => text !== '').map(({ text }) => Number(text));
  const bold = column.emphasise === undefined || values.length === 0 ? null : column.emphasise === 'smallest' ? Math.min(...values) : Math.max(...values);
  if (Number.isNaN(bold)) throw new RangeError(`report: column ${column.id} has cells that are not numbers, its ${column.emphasise} cannot be set bold`);
  return {
    ...column,
    numeric,
    cells,
    printed: cells.some(({ printed }) => printed !== undefined),
    ours: align(cells.map(({ text }) => text)),
    papers: align(cells.map(({ printed }) => printed ?? '')),
    bold,
  };
}

const width = ({ printed }: Column): number => (printed ? 2 : 1);
const total = (columns: readonly Column[]): number => columns.reduce((sum, column) => sum + width(column), 0);

const head = (text: string, scope: string, style: string, colspan: number, rowspan: number, unit = ''): object => ({ text, scope, style, colspan, rowspan, unit });

/** One to three rows of heads: groups, columns with their units, ours and paper. A head that nothing divides further reaches down. */
function headRows(rowHeader: string, columns: readonly Column[]): readonly object[] {
  const grouped = columns.some(({ group }) => group !== undefined);
  const paired = columns.some(({ printed }) => printed);
  const own = (column: Column, levels: number): object =>
    head(column.header, column.printed ? 'colgroup' : 'col', column.numeric ? 'numeric' : 'words', width(column), levels + (paired && !column.printed ? 1 : 0), column.unit ?? '');
  const first = head(rowHeader, 'col', 'corner', 1, 1 + Number(grouped) + Number(paired));
  const middle = columns.filter(({ group }) => !grouped || group !== undefined).map((column) => own(column, 1));
  const top = columns.flatMap((column, index) => {
    if (column.group === undefined) return [own(column, 2)];
    if (columns[index - 1]?.group === column.group) return [];
    const run = columns.slice(index);
    const end = run.findIndex(({ group }) => group !== column.group);
    return [head(column.group, 'colgroup', 'group', total(run.slice(0, end < 0 ? run.length : end)), 1)];
  });
  const pairs = columns.filter(({ printed }) => printed).flatMap(() => [head('ours', 'col', 'numeric ours', 1, 1), head('printed', 'col', 'numeric paper', 1, 1)]);
  const rows = [...(grouped ? [top] : []), middle, ...(paired ? [pairs] : [])];
  return rows.map((cells, index) => ({ cells: index === 0 ? [first, ...cells] : cells }));
}

const collectFootnotes = ({ rows, columns }: TableBlock): readonly string[] => [...new Set(rows.flatMap((row) => columns.flatMap(({ id }) => row.cells[id]?.footnote ?? [])))];
const letter = (index: number): string => (index < 26 ? '' : letter(Math.floor(index / 26) - 1)) + String.fromCharCode(97 + (index % 26));
const footnoteAnchor = (block: TableBlock, index: number): string => `${block.anchor}:${letter(index)}`;

function commonest<T>(items: readonly T[]): T | undefined {
  const counts = new Map<T, number>();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  return [...counts].reduce<readonly [T | undefined, number]>((best, each) => (each[1] > best[1] ? each : best), [undefined, 0])[0];
}
