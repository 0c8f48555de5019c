import { explainText, explainTree, type ReportedNumber } from '../../evidence/index.ts';
import { evidenceFor } from '../../papers/index.ts';
import { describeSource } from '../../provenance/source.ts';
import { type CommandOf, configOption, createCommand, formatOption, ignoreOption } from '../command.ts';
import { type Given, loadCatalogue } from '../load-catalogue.ts';
import { type Format, type Printout, print } from '../output/print.ts';
import { scenarioOf } from '../override/overrides.ts';

export const explain: CommandOf = (io) =>
  createCommand(io, 'explain', {
    description: 'Where a number comes from: its formula, the inputs of that, and so on down to the source of each leaf.',
    examples: ['explain step3/table-6/step-3/h20/attention-8k', 'explain accelerator/h20/usdPerHour --format json', 'explain parameters/qwen3-32b:config/total/all --config Qwen3-32B/config.json'],
    json: [
      '{id, label, value, unit, formula: string | null, expression: string | null, basis, weakest, scenario, source: object | null,',
      'note: string | null, inputs: {<symbol>: the same again, or {seeAbove: id} for a number that came before}}; csv and markdown are the flat list',
    ].join('\n'),
  })
    .argument('<number-id>', 'id, or id@scenario')
    .addOption(configOption())
    .addOption(ignoreOption('explain'))
    .addOption(formatOption('explain'))
    .action(async (reference: string, { format, ...given }: Given & { readonly format: Format }) => {
      const { imported } = await loadCatalogue(given);
      const entries = imported.map(({ entry }) => entry);
      const evidence = evidenceFor(reference, entries.length === 0 ? undefined : { entries, name: scenarioOf(entries.map(({ model }) => model)) });
      const id = entries.length === 0 ? reference : (reference.split('@')[0] as string);
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
