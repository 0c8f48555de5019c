import type { Row } from '../chart/spec.ts';
import { plainDigits } from './digits.ts';
import type { Drawing } from './drawing.ts';
import { numberContext, type PageIndex, proseContext } from './page-index.ts';
import { substitute } from './substitute.ts';
import { tableContext } from './table.ts';
import type { Block, FigureBlock, FormulaBlock, FormulaView } from './view.ts';

/** The drawings of a page by chart id. */
export type Drawings = ReadonlyMap<string, Drawing>;

/** A block as the partial that its `partial` names shows it. Where it has the anchor of its section, the section is the target. */
export function blockContext(block: Block, section: string, page: PageIndex, drawings: Drawings): object {
  const id = 'anchor' in block && block.anchor !== section ? block.anchor : '';
  switch (block.kind) {
    case 'paragraph':
      return { partial: 'paragraph', text: proseContext(block.text, page) };
    case 'list':
      return { partial: block.ordered ? 'steps' : 'bullets', items: block.items.map((item) => proseContext(item, page)) };
    case 'details':
      return { partial: 'fold', summary: proseContext(block.summary, page), blocks: block.blocks.map((each) => blockContext(each, section, page, drawings)) };
    case 'formula':
      return formulaContext(block, page);
    case 'table':
      return { ...tableContext(block, page), id };
    case 'figure':
      return { ...figureContext(block, page, drawings), id };
  }
}

/** The symbols of a formula as the partial `symbols` shows them. */
export const symbolContexts = ({ symbols }: FormulaView): readonly object[] => symbols.map(({ name, mathml, unit, meaning }) => ({ name, unsafeMathml: mathml ?? '', unit, meaning }));

function formulaContext(block: FormulaBlock, page: PageIndex): object {
  const formula = page.formula(block.formula);
  return {
    partial: 'formula',
    name: formula.name,
    source: page.sources.refer(formula.source),
    unsafeMathml: formula.mathml,
    symbols: symbolContexts(formula),
    number: block.number === undefined ? null : numberContext(block.number, page),
    substituted: block.number === undefined ? '' : substitutedLine(formula, block.number, page),
  };
}

function substitutedLine(formula: FormulaView, id: string, page: PageIndex): string {
  const { origin } = page.number(id);
  if (origin.kind !== 'formula' || origin.formula !== formula.id) throw new RangeError(`report: number ${id} does not follow from formula ${formula.id}`);
  return substitute(formula.expression, Object.fromEntries(Object.entries(origin.inputs).map(([symbol, input]) => [symbol, plainDigits(page.number(input).text)])));
}

export function figureContext(block: FigureBlock, page: PageIndex, drawings: Drawings): object {
  const { chart } = block;
  const drawing = drawings.get(chart.id);
  if (drawing === undefined) throw new RangeError(`report: chart ${chart.id} is not drawn`);
  const columns = chart.columns ?? Object.fromEntries(Object.keys(chart.data[0] ?? {}).map((field) => [field, field]));
  return {
    partial: 'figure',
    id: block.anchor,
    anchor: block.anchor,
    label: block.label,
    claim: chart.title,
    note: block.note === undefined ? null : proseContext(block.note, page),
    source: proseContext(block.source, page),
    chart: chart.id,
    responsive: String(drawing.responsive),
    unsafeSvg: drawing.svg,
    count: `${chart.data.length} ${chart.data.length === 1 ? 'row' : 'rows'}`,
    heads: Object.values(columns),
    rows: chart.data.map((row) => Object.keys(columns).map((field) => dataCell(row[field]))),
  };
}

const dataCell = (value: Row[string] | undefined): string => (typeof value === 'number' ? String(Number.isInteger(value) ? value : Number(value.toPrecision(6))) : String(value ?? ''));
