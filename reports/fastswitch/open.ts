import { fastswitchPaper } from '../../src/papers/index.ts';
import { claim } from '../../src/report/definition.ts';
import type { RowView, SectionView } from '../../src/report/view.ts';
import { type FastswitchContext, whole } from './context.ts';

const LABELS: Readonly<Record<string, string>> = { text: 'Text', abstract: 'Abstract' };
const labelOf = (table: string): string => LABELS[table] ?? `${table.charAt(0).toUpperCase()}${table.slice(1).replace('-', ' ')}`;

/** What is open, and why; all cells by how they came out. */
export function openSection({ cells }: FastswitchContext): SectionView {
  const tables = [...new Set(fastswitchPaper.cells.map(({ table }) => table))];
  const order = (table: string): number => (table in LABELS ? 100 : 0) + Number(table.replace(/\D/g, '')) + (table.startsWith('table') ? -50 : 0);
  const count = (status: 'reproduced' | 'deviation' | 'open', table?: string): number => cells.count(status, table);
  const row = (header: string, table?: string): RowView => ({
    header,
    cells: {
      cells: { text: whole(count('reproduced', table) + count('deviation', table) + count('open', table)) },
      reproduced: { text: whole(count('reproduced', table)) },
      deviation: { text: whole(count('deviation', table)) },
      open: { text: whole(count('open', table)) },
    },
  });
  const named = fastswitchPaper.deviations.length === count('deviation');
  return {
    anchor: 'open',
    heading: 'What is open, and why',
    takeaway: claim('The paper prints ratios and shares, never the times that they are of; every number of ours that differs from print is named with its reason.', named),
    blocks: [
      {
        kind: 'table',
        anchor: 'cells',
        label: 'Table R',
        caption: claim('Cells of the paper by how they come out', named),
        rowHeader: 'Of the paper',
        columns: [
          { id: 'cells', header: 'Cells' },
          { id: 'reproduced', header: 'As printed, or as asked' },
          { id: 'deviation', header: 'Differ' },
          { id: 'open', header: 'Open' },
        ],
        rows: [...[...tables].sort((a, b) => order(a) - order(b)).map((table) => row(labelOf(table), table)), row('All')],
      },
      {
        kind: 'list',
        items: [
          'How priorities change is named, Random and Markov, but no probabilities are given. Ours: drawn anew at each update, or in favour of who was served lately.',
          'The swap manager of the paper synchronises after a number of dispatches that is not given, and chooses between copies beside computation and copies before it by thresholds that are not given either.',
          'Neither the host nor its memory is described, nor how many requests run together at most, nor the share of GPU memory that the engine takes.',
          'No code of FastSwitch is public. Figures were read from the vector paths of the authors’ preprint; what can be read has three digits at best.',
          'Our times of calls are those of an H100 and its host; nobody was found to have published scattered copies of the GPUs of the paper.',
        ],
      },
    ],
  };
}
