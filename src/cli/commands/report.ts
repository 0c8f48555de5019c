import type { BuiltReport } from '../../report/index.ts';
import { type CommandOf, createCommand, formatOption } from '../command.ts';
import { failing } from '../errors.ts';
import { distinct } from '../input/names.ts';
import { type Format, type Printout, print } from '../output/print.ts';
import { readVersion } from '../version.ts';

export const report: CommandOf = (io) =>
  createCommand(io, 'report', {
    description: 'Builds reports: one self-contained HTML file each, that opens from disk and whose numbers can be opened and cited.',
    examples: ['report --out out', 'report step3 --out out --format json'],
    json: 'an array of {id, file, bytes}',
  })
    .argument('[ids...]', 'reports (default: all)')
    .option('--out <folder>', 'where to write them', 'out')
    .addOption(formatOption('report'))
    .action(async (ids: readonly string[], { out, format }: { readonly out: string; readonly format: Format }) => {
      const [{ selectReports }, { buildReports }] = await Promise.all([import('../../../reports/index.ts'), import('../../report/index.ts')]);
      const definitions = selectReports(distinct('report', 'ids', ids));
      const version = await readVersion();
      const built = await failing(() => buildReports(definitions, out, { version, onProgress: (id) => io.err(`${id}: built\n`) }));
      print(io, format, reportPrintout(built));
    });

export function reportPrintout(built: readonly BuiltReport[]): Printout {
  return {
    json: built,
    rows: built.map((row) => ({ ...row })),
    tables: [{ columns: [{ header: 'report' }, { header: 'file' }, { header: 'kB', number: true }], rows: built.map(({ id, file, bytes }) => [id, file, String(Math.ceil(bytes / 1000))]) }],
  };
}
