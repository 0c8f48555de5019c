import type { Evidence } from '../evidence/index.ts';
import { type ComparedCell, compareCells, isPrediction, type Paper } from '../papers/index.ts';
import type { NumberCollector } from './collect.ts';
import type { CellView, DeviationView } from './view.ts';

/** The printed cells of a paper as a report shows them, each beside our number. */
export interface ComparedCells {
  readonly cell: (id: string) => CellView;
  readonly compared: (id: string) => ComparedCell;
  /** of all cells, or of those that are asked for */
  readonly deviations: (of?: (cell: string) => boolean) => readonly DeviationView[];
  readonly count: (status: ComparedCell['status'], table?: string) => number;
}

/** `anchorOf` says under which anchor of the page a table, figure or text of the paper stands. */
export function compareForReport(paper: Paper, evidence: Evidence, numbers: NumberCollector, anchorOf: (table: string) => string): ComparedCells {
  const all = compareCells(paper, evidence);
  const byId = new Map(all.map((compared) => [compared.cell.id, compared]));
  const compared = (id: string): ComparedCell => {
    const found = byId.get(id);
    if (!found) throw new RangeError(`report: cell ${id} is not printed in ${paper.id}`);
    return found;
  };
  return {
    compared,
    cell: (id) => {
      const { cell, status, computed, because } = compared(id);
      if (status === 'open') return { text: '', printed: cell.printed, footnote: `Open: ${because}.` };
      return {
        text: String(computed),
        number: numbers.reference(id),
        printed: cell.printed,
        // a prediction is not to agree at printed digits: how far off it is stands beside it
        ...(isPrediction(cell) ? {} : { match: status === 'reproduced' ? ('match' as const) : ('deviation' as const) }),
        ...(because === null ? {} : { footnote: `${sentence(because)}` }),
      };
    },
    deviations: (of = () => true) =>
      all
        .filter(({ status, cell }) => status === 'deviation' && of(cell.id))
        .map(({ cell, computed, because }) => ({
          cell: cell.where,
          anchor: anchorOf(cell.table),
          number: numbers.reference(cell.id),
          printed: cell.printed,
          computed: String(computed),
          because: sentence(String(because)),
        })),
    count: (status, table) => all.filter((item) => item.status === status && (table === undefined || item.cell.table === table)).length,
  };
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
