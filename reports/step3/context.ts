import { modelOf } from '../../src/models/index.ts';
import { asPrinted, step3Paper } from '../../src/papers/index.ts';
import { CHIP_IDS, CHIPS, MODEL_IDS, type PaperChip, type PaperModel } from '../../src/papers/step3/tables.ts';
import { type ComparedCells, compareForReport } from '../../src/report/compared.ts';
import type { ReportContext } from '../../src/report/definition.ts';
import type { PaperView } from '../../src/report/view.ts';
import { scientific } from '../../src/units/format.ts';
import { type ReportNumbers, reportNumbers } from '../numbers.ts';

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
export interface Step3Context extends Omit<ReportNumbers, 'open'> {
  readonly cells: ComparedCells;
  /** a slot in the digits that the paper prints */
  readonly printed: (cell: string) => string;
}

export function step3Context(report: ReportContext): Step3Context {
  const { open, ...rest } = reportNumbers(report);
  const cells = compareForReport(step3Paper, open('paper'), rest.numbers, anchorOf);
  return {
    ...rest,
    cells,
    printed: (id) => {
      const { printed, scale } = cells.compared(id).cell;
      return rest.slot(id, (value) => asPrinted(value, printed, scale));
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
