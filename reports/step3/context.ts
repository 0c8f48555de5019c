import type { Evidence } from '../../src/evidence/index.ts';
import { modelOf } from '../../src/models/index.ts';
import { asPrinted, step3Paper } from '../../src/papers/index.ts';
import { CHIP_IDS, CHIPS, MODEL_IDS, type PaperChip, type PaperModel } from '../../src/papers/step3/tables.ts';
import { collectNumbers, type NumberCollector } from '../../src/report/collect.ts';
import { type ComparedCells, compareForReport } from '../../src/report/compared.ts';
import type { ReportContext } from '../../src/report/definition.ts';
import type { PaperView } from '../../src/report/view.ts';
import { scientific } from '../../src/units/format.ts';

export { CHIP_IDS, CHIPS, MODEL_IDS, type PaperChip, type PaperModel };

/** The paper as a page's head names it. */
export const step3PaperView: PaperView = {
  id: step3Paper.reference,
  title: step3Paper.title,
  authors: 'StepFun',
  date: '2025-07-25',
  url: step3Paper.url,
};

/** What every section of the report needs. */
export interface Step3Context {
  readonly numbers: NumberCollector;
  readonly cells: ComparedCells;
  /** the value of a number that is compared but not cited on the page */
  readonly peek: (id: string) => number;
  /** the value of a number, which is then cited */
  readonly value: (id: string) => number;
  /** a slot of prose: the number, set as `format` says */
  readonly slot: (id: string, format: (value: number) => string) => string;
  /** a slot in the digits that the paper prints */
  readonly printed: (cell: string) => string;
}

export function step3Context(report: ReportContext): Step3Context {
  const opened = new Map<string, Evidence>();
  const open = (scenario: string): Evidence => {
    const evidence = opened.get(scenario) ?? report.open(scenario);
    opened.set(scenario, evidence);
    return evidence;
  };
  const numbers = collectNumbers(open, report.mathml);
  const cells = compareForReport(step3Paper, open('paper'), numbers, anchorOf);
  const slot = (id: string, format: (value: number) => string): string => `{{${numbers.reference(id, format(numbers.use(id).value))}}}`;
  return {
    numbers,
    cells,
    peek: (reference) => {
      const [id = '', scenario = 'paper'] = reference.split('@');
      return open(scenario).number(id).value;
    },
    value: (id) => numbers.use(id).value,
    slot,
    printed: (id) => {
      const { printed, scale } = cells.compared(id).cell;
      return slot(id, (value) => asPrinted(value, printed, scale));
    },
  };
}

/** The section of the page in which a table, figure or text of the paper stands. */
export const anchorOf = (table: string): string => (table === 'text' || table === 'abstract' ? 'claims' : table);

export const nameOf = (model: PaperModel): string => modelOf(model).name;

export const billions = (value: number): string => `${(value / 1e9).toFixed(0)} billion`;
export const scientific3 = (value: number): string => scientific(value, 3);
export const cents = (value: number): string => value.toFixed(3);
export const times = (value: number): string => `${value.toFixed(1)} times`;
export const tokens = (value: number): string => value.toLocaleString('en-GB');
