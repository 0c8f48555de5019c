import { explainText, explainTree, type ReportedNumber } from '../../evidence/index.ts';
import { evidenceFor } from '../../papers/index.ts';
import { describeSource } from '../../provenance/source.ts';
import { type CommandOf, createCommand, formatOption } from '../command.ts';
import { type Format, type Printout, print } from '../output/print.ts';

export const explain: CommandOf = (io) =>
  createCommand(io, 'explain', {
    description: 'Where a number comes from: its formula, the inputs of that, and so on down to the source of each leaf.',
    examples: ['explain step3/table-6/step-3/h20/attention-8k', 'explain accelerator/h20/usdPerHour --format json'],
    json: [
      '{id, label, value, unit, formula: string | null, expression: string | null, basis, weakest, scenario, source: object | null,',
      'note: string | null, inputs: {<symbol>: the same again, or {seeAbove: id} for a number that came before}}; csv and markdown are the flat list',
    ].join('\n'),
  })
    .argument('<number-id>', 'id, or id@scenario')
    .addOption(formatOption('explain'))
    .action((id: string, { format }: { readonly format: Format }) => {
      const evidence = evidenceFor(id);
      if (format === 'table') io.out(`${explainText(evidence, id)}\n`);
      else print(io, format, flatPrintout(explainTree(evidence, id), evidence.tree(id)));
    });

function flatPrintout(json: unknown, numbers: readonly ReportedNumber[]): Printout {
  const rows = numbers.map(({ inputs, source, ...number }) => ({ ...number, inputs: Object.entries(inputs).map(([symbol, id]) => `${symbol} = ${id}`), source: source && describeSource(source) }));
  return {
    json,
    rows,
    tables: [
      {
        columns: [{ header: 'id' }, { header: 'value', number: true }, { header: 'unit' }, { header: 'basis' }, { header: 'from' }],
        rows: rows.map(({ id, value, unit, basis, formula, inputs, source }) => [id, String(value), unit, basis, source ?? `${formula}: ${inputs.join('; ')}`]),
      },
    ],
  };
}
