import { papers as known, type ScoreboardRow, scoreboard as scoreboardOf } from '../../papers/index.ts';
import { type CommandOf, createCommand, formatOption, listed } from '../command.ts';
import { failing } from '../errors.ts';
import { choice, distinct } from '../input/names.ts';
import { type Format, type Printout, print } from '../output/print.ts';
import type { TextTable } from '../output/text-table.ts';

export const scoreboard: CommandOf = (io) =>
  createCommand(io, 'scoreboard', {
    description: 'Every printed cell of the papers: how many are reproduced at their printed digits, and each that deviates, with the reason.',
    examples: ['scoreboard', 'scoreboard --papers step3 --format json', 'scoreboard --papers timing'],
    json: [
      'an array of {paper, table, cells, reproduced, deviations: [{cell, printed, computed, because}],',
      'open: [{cell, printed, because}], predictions: [{cell, measured, predicted, error: number | null, aim}]};',
      'open cells are not computed yet; predictions count as reproduced where they meet their aim, points of drawn curves where they are as near as those can be read',
    ].join('\n'),
  })
    .addOption(listed('scoreboard', '--papers <ids>', 'papers (default: all)'))
    .addOption(formatOption('scoreboard'))
    .action(async ({ papers: asked, format }: { readonly papers?: readonly string[]; readonly format: Format }) => {
      const ids = known.map(({ id }) => id);
      const papers = asked === undefined ? ids : distinct('scoreboard', 'papers', asked).map(choice('scoreboard', 'papers', ids));
      print(io, format, scoreboardPrintout(await failing(() => scoreboardOf({ papers }))));
    });

export function scoreboardPrintout(rows: readonly ScoreboardRow[]): Printout {
  const sum = (count: (row: ScoreboardRow) => number): string => String(rows.reduce((total, row) => total + count(row), 0));
  const numbers = ['cells', 'reproduced', 'deviations', 'open'].map((header) => ({ header, number: true }));
  return {
    json: rows,
    rows: rows.map(({ deviations, open, predictions: _, ...row }) => ({ ...row, deviations: deviations.length, open: open.length })),
    tables: [
      {
        columns: [{ header: 'paper' }, { header: 'table' }, ...numbers],
        rows: [
          ...rows.map((row) => [row.paper, row.table, String(row.cells), String(row.reproduced), String(row.deviations.length), String(row.open.length)]),
          ['all', '', sum((row) => row.cells), sum((row) => row.reproduced), sum((row) => row.deviations.length), sum((row) => row.open.length)],
        ],
      },
      ...exceptions(
        'Deviations',
        rows.flatMap((row) => row.deviations),
      ),
      ...exceptions(
        'Open',
        rows.flatMap((row) => row.open),
      ),
      ...predictionTable(rows.flatMap((row) => row.predictions)),
    ],
  };
}

function predictionTable(predictions: ScoreboardRow['predictions']): readonly TextTable[] {
  if (predictions.length === 0) return [];
  return [
    {
      title: 'Predictions',
      columns: [{ header: 'cell' }, { header: 'measured or asked', number: true }, { header: 'predicted', number: true }, { header: 'error', number: true }, { header: 'aim' }],
      rows: predictions.map(({ cell, measured, predicted, error, aim }) => [cell, measured, predicted, error === null ? '' : `${error > 0 ? '+' : ''}${(100 * error).toFixed(1)} %`, aim]),
    },
  ];
}

function exceptions(title: string, cells: readonly { readonly cell: string; readonly printed: string; readonly computed?: string; readonly because: string }[]): readonly TextTable[] {
  if (cells.length === 0) return [];
  const columns = [{ header: 'cell' }, { header: 'printed' }, { header: 'computed' }, { header: 'because' }];
  return [{ title, columns, rows: cells.map(({ cell, printed, computed = '–', because }) => [cell, printed, computed, because]) }];
}
