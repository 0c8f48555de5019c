import type { Evidence } from '../evidence/evidence.ts';
import { findOrNearest } from '../units/nearest.ts';
import type { Paper } from './paper.ts';
import { asPrinted, isMeasured, isPrediction, meets, type PrintedCell } from './printed.ts';

export type CellStatus = 'reproduced' | 'deviation' | 'open';

/** A printed cell beside our number. */
export interface ComparedCell {
  readonly cell: PrintedCell;
  readonly status: CellStatus;
  /** our number in the digits of the printed one; null while the cell is open */
  readonly computed: string | null;
  readonly because: string | null;
}

export interface ScoreboardRow {
  readonly paper: string;
  readonly table: string;
  readonly cells: number;
  readonly reproduced: number;
  readonly deviations: readonly { readonly cell: string; readonly printed: string; readonly computed: string; readonly because: string }[];
  readonly open: readonly { readonly cell: string; readonly printed: string; readonly because: string }[];
  /** cells that are predicted, not reproduced, each with what is asked of it; they count as reproduced where it is met */
  readonly predictions: readonly { readonly cell: string; readonly measured: string; readonly predicted: string; readonly error: number | null; readonly aim: string }[];
}

/** What a cell asks, in words. */
function aimText({ printed, aim }: PrintedCell): string {
  switch (aim?.kind) {
    case undefined:
      return 'the printed digits';
    case 'within':
      return `within ${Number((100 * aim.share).toPrecision(3))} %`;
    case 'factor':
      return `within a factor of ${aim.by}`;
    case 'at-most':
      return `at most ${printed}`;
    case 'up-to':
      return `${printed} to ${Number((100 * aim.value).toPrecision(3))}`;
    case 'near':
      return `within ${aim.by} of ${printed}`;
  }
}

/**
 * Compares every printed cell of a paper at its printed digits; a prediction with its aim, a point of a drawn curve within what it can be read to.
 * @throws RangeError when a cell differs without a named deviation, a named deviation matches after all, or a cell is both
 *   open and computed: the comparison never widens a tolerance and never keeps a stale excuse
 */
export function compareCells(paper: Paper, evidence: Evidence): readonly ComparedCell[] {
  const deviations = new Map(paper.deviations.map((deviation) => [deviation.cell, deviation.because]));
  const open = new Map(paper.open.map(({ cell, because }) => [cell, because]));
  return paper.cells.map((cell) => {
    const missing = open.get(cell.id);
    if (missing !== undefined) return { cell, status: 'open', computed: null, because: missing };
    const { value } = evidence.number(cell.id);
    const computed = asPrinted(value, cell.printed, cell.scale);
    const because = deviations.get(cell.id);
    if (meets(value, cell) === (because !== undefined)) {
      throw new RangeError(
        `scoreboard: ${cell.id} ${computed} ${because === undefined ? `${cell.aim === undefined ? 'is not' : 'misses'} the printed ${cell.printed} and is no named deviation` : 'is a named deviation but matches'}`,
      );
    }
    return because === undefined ? { cell, status: 'reproduced', computed, because: null } : { cell, status: 'deviation', computed, because };
  });
}

/** One row per table, figure or text of the papers, in the order of their cells. */
export function scoreboardOf(papers: readonly Paper[], evidence: Evidence): readonly ScoreboardRow[] {
  return papers.flatMap((paper) => {
    const all = compareCells(paper, evidence);
    return [...new Set(all.map(({ cell }) => cell.table))].map((table) => {
      const compared = all.filter(({ cell }) => cell.table === table);
      const having = (wanted: CellStatus): readonly ComparedCell[] => compared.filter(({ status }) => status === wanted);
      return {
        paper: paper.id,
        table,
        cells: compared.length,
        reproduced: having('reproduced').length,
        deviations: having('deviation').map(({ cell, computed, because }) => ({ cell: cell.id, printed: cell.printed, computed: String(computed), because: String(because) })),
        open: having('open').map(({ cell, because }) => ({ cell: cell.id, printed: cell.printed, because: String(because) })),
        predictions: compared.flatMap(({ cell, computed }) =>
          !isPrediction(cell) || computed === null
            ? []
            : [
                {
                  cell: cell.id,
                  measured: cell.printed,
                  predicted: computed,
                  error: isMeasured(cell) ? evidence.number(cell.id).value / (Number(cell.printed) * cell.scale) - 1 : null,
                  aim: aimText(cell),
                },
              ],
        ),
      };
    });
  });
}

/** The papers with these ids, all for none. @throws RangeError for an unknown id */
export function selectPapers(papers: readonly Paper[], ids: readonly string[] | undefined): readonly Paper[] {
  if (ids === undefined) return papers;
  return ids.map((id) => findOrNearest('papers', papers, id, (paper) => paper.id));
}
