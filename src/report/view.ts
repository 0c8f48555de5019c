import type { Chart } from '../chart/spec.ts';
import type { Basis, Source } from '../provenance/source.ts';

/**
 * A sentence. Slots are all its markup, everything else is shown as it is written:
 *   {{step3/table-6/step-3/h20/total-8k}}   the number of that id, with its unit, which the reader can open
 *   {{#table-6}}                            a link to the section or block with that anchor, shown as its label ("Table 6")
 * A digit outside of a slot fails `lintProse` unless it is part of a label, a name or a year.
 */
export type Prose = string;

/**
 * One node of a derivation; the numbers that a report shows and everything they follow from.
 *   id       `step3/table-6/step-3/h20/total-8k`, with `@scenario` where a report holds numbers of several scenarios
 *   label    what it is, as a noun phrase: "Attention cost of Step-3 on H20 at 8K"
 *   value    as it is computed; for a curve its terms as text
 *   text     the value as it is printed, without unit; `2.88e8` is set as 2.88 × 10⁸
 *   unit     as it stands behind the text; empty where there is none, not shown behind a text that names its own (256 MB, $0.05)
 *   weakest  the weakest basis among all it follows from
 *   origin   the formula or procedure with the ids of its inputs by symbol, the ids of the terms of a sum, or the source of a leaf
 */
export interface NumberView {
  readonly id: string;
  readonly label: string;
  readonly value: number | string;
  readonly text: string;
  readonly unit: string;
  readonly basis: Basis;
  readonly weakest: Basis;
  readonly origin: Origin;
  readonly note?: string;
}

export type Origin =
  | { readonly kind: 'formula'; readonly formula: string; readonly inputs: Readonly<Record<string, string>> }
  | { readonly kind: 'procedure'; readonly procedure: string; readonly inputs: Readonly<Record<string, string>> }
  | { readonly kind: 'sum'; readonly terms: readonly string[] }
  | { readonly kind: 'source'; readonly source: Source };

/** One symbol of a formula; `mathml` is what stands inside its `<math>` element, generated from the card; the plain name is shown without it. */
export interface SymbolView {
  readonly name: string;
  readonly mathml?: string;
  readonly unit: string;
  readonly meaning: string;
}

/** A formula card as a page shows it. `mathml` is one `<math display="block">` element, generated from the expression. */
export interface FormulaView {
  readonly id: string;
  readonly name: string;
  readonly expression: string;
  readonly mathml: string;
  readonly symbols: readonly SymbolView[];
  readonly unit: string;
  readonly source: Source;
}

export interface ProcedureView {
  readonly id: string;
  readonly name: string;
  readonly steps: readonly string[];
  readonly source: Source;
}

/** A large number at the top of the page and what it means, in a few words. */
export interface KeyNumber {
  readonly number: string;
  readonly meaning: Prose;
}

/**
 * A column of cells. Columns that stand side by side and share a `group` get a head above them.
 *   numeric    cells are aligned on the decimal point; true unless said
 *   emphasise  which value of the column is set bold, none unless said
 */
export interface ColumnView {
  readonly id: string;
  readonly header: string;
  readonly unit?: string;
  readonly group?: string;
  readonly numeric?: boolean;
  readonly emphasise?: 'smallest' | 'largest';
}

/**
 * One cell: our value and, beside it, what the paper prints.
 *   text      as it is printed, in the digits of the paper; empty for a cell that does not apply
 *   number    the number it shows; without it the cell cannot be opened
 *   match     whether the two agree at the printed digits; needs `printed`
 *   footnote  why they do not, or what else must be known
 */
export interface CellView {
  readonly text: string;
  readonly number?: string;
  readonly printed?: string;
  readonly match?: 'match' | 'deviation';
  readonly footnote?: Prose;
}

/** `cells` by column id; `model` gives the row that model's colour as a small mark. */
export interface RowView {
  readonly header: string;
  readonly model?: string;
  readonly cells: Readonly<Record<string, CellView>>;
}

export type Block =
  | { readonly kind: 'paragraph'; readonly text: Prose }
  | { readonly kind: 'list'; readonly ordered?: boolean; readonly items: readonly Prose[] }
  | { readonly kind: 'details'; readonly summary: Prose; readonly blocks: readonly Block[] }
  | FormulaBlock
  | TableBlock
  | FigureBlock;

/** A formula with its symbols and, where a number is named, that case substituted. The number must follow from the formula. */
export interface FormulaBlock {
  readonly kind: 'formula';
  readonly formula: string;
  readonly number?: string;
}

/** `label` is the paper's ("Table 6") or our own ("Table A"); `caption` states a claim; `rowHeader` heads the first column. */
export interface TableBlock {
  readonly kind: 'table';
  readonly anchor: string;
  readonly label: string;
  readonly caption: Prose;
  readonly rowHeader: string;
  readonly columns: readonly ColumnView[];
  readonly rows: readonly RowView[];
  readonly note?: Prose;
}

/** The claim is the title of the chart; `note` is what else the caption says; `source` says where the drawn values come from. */
export interface FigureBlock {
  readonly kind: 'figure';
  readonly anchor: string;
  readonly label: string;
  readonly chart: Chart;
  readonly note?: Prose;
  readonly source: Prose;
}

/** `anchor` is the paper's label (`table-6`, `section-4-1`); `label` how the paper writes it, where it has one. */
export interface SectionView {
  readonly anchor: string;
  readonly label?: string;
  readonly heading: string;
  readonly takeaway: Prose;
  readonly blocks: readonly Block[];
}

/** A printed value that does not come out; `anchor` is where on the page it stands. */
export interface DeviationView {
  readonly cell: string;
  readonly anchor: string;
  readonly number?: string;
  readonly printed: string;
  readonly computed: string;
  readonly because: Prose;
}

export interface AssumptionView {
  readonly statement: Prose;
  readonly because: Prose;
}

export interface PaperView {
  readonly id: string;
  readonly title: string;
  readonly authors: string;
  readonly date: string;
  readonly url: string;
}

/**
 * A report before it becomes a page.
 *   title      a question, in plain text; `lead` is the one picture that carries the answer
 *   numbers    every number that is shown and all their inputs; each id once
 *   cited      the ids of those that are shown: what `numbers.json` holds for a reviewer
 *   scenario   part of every citation (`id@scenario`), for the numbers whose id does not name one
 *   generator  the program and its version, as a citation names them
 * The list of sources is made from the sources of numbers and formulas; `furtherSources` are those that no number names.
 */
export interface ReportView {
  readonly id: string;
  readonly title: string;
  readonly subtitle: Prose;
  readonly papers: readonly PaperView[];
  readonly scenario: string;
  readonly generator: string;
  readonly keyNumbers: readonly KeyNumber[];
  readonly lead: FigureBlock;
  readonly sections: readonly SectionView[];
  readonly deviations: readonly DeviationView[];
  readonly assumptions: readonly AssumptionView[];
  readonly furtherSources?: readonly Source[];
  readonly numbers: readonly NumberView[];
  readonly cited: readonly string[];
  readonly formulas: readonly FormulaView[];
  readonly procedures: readonly ProcedureView[];
}
