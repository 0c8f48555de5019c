import { type Model, type ParameterCounts, parameters, precisionPolicies } from '../../models/index.ts';
import { significant } from '../../units/format.ts';
import { pick, scenarioNotes } from '../catalogue.ts';
import { type CommandOf, createCommand, formatOption, overrideOption } from '../command.ts';
import { names } from '../input/names.ts';
import { loadCatalogue } from '../load-catalogue.ts';
import { type Format, type Printout, print } from '../output/print.ts';
import { scaleFor } from '../output/scale.ts';

export const params: CommandOf = (io) =>
  createCommand(io, 'params', {
    description: 'Parameters of models in the three published conventions, their parts, and bytes of the weights by precision policy.',
    examples: ['params step-3', 'params step-3 deepseek-v3 --format json'],
    json: [
      'an array of {model, total: C, active: C, parts: {embedding, attention, ffn, head}, bytes: {<policy>: bytes}, notes: string[]}',
      'where C = {all, withoutInputEmbedding, withoutEmbeddings}; active is what one token touches',
    ].join('\n'),
  })
    .argument('<model...>', 'models, or all')
    .addOption(overrideOption())
    .addOption(formatOption('params'))
    .action(async (ids: readonly string[], { override, format }: { readonly override?: string; readonly format: Format }) => {
      const catalogue = await loadCatalogue(override);
      const split = ids.flatMap((id) => names('params', 'models')(id));
      print(io, format, paramsPrintout(pick('params', 'models', catalogue.models, split), scenarioNotes(catalogue)));
    });

function paramsPrintout(models: readonly Model[], scenario: readonly string[]): Printout {
  const notes = ['ignored: norms, biases, scales of block quantisation (below 0.1 % of 8-bit weights), MTP heads', ...scenario];
  const rows = models.map((model) => {
    const { total, active, parts } = parameters(model);
    const policies = { paper: model.precision, ...precisionPolicies };
    const bytes = Object.fromEntries(Object.entries(policies).map(([id, precision]) => [id, parameters({ ...model, precision }).bytes]));
    return { model: model.id, total, active, parts, bytes, notes };
  });
  const giga = (count: number): string => (count === 0 ? '0' : significant(count / 1e9, 4));
  const counts = ({ all, withoutInputEmbedding, withoutEmbeddings }: ParameterCounts): readonly string[] => [all, withoutInputEmbedding, withoutEmbeddings].map(giga);
  const conventions = (group: string) => ['all', '– input', '– both'].map((header) => ({ header, number: true, group }));
  const weights = scaleFor(
    rows.flatMap(({ bytes }) => Object.values(bytes)),
    'B',
  );
  return {
    json: rows,
    rows: rows.map(({ model, total, active, parts, bytes, notes }) => ({ model, ...flat('total', total), ...flat('active', active), ...flat('parts', parts), ...flat('bytes', bytes), notes })),
    tables: [
      {
        title: 'Parameters (1e9)',
        columns: [
          { header: 'model' },
          ...conventions('total'),
          ...conventions('active'),
          ...['embedding', 'attention', 'ffn', 'head'].map((header) => ({ header, number: true, group: 'parts of total' })),
        ],
        rows: rows.map(({ model, total, active, parts }) => [model, ...counts(total), ...counts(active), ...[parts.embedding, parts.attention, parts.ffn, parts.head].map(giga)]),
        notes: ['– input: without the input embedding; – both: without embedding and head', ...notes],
      },
      {
        title: `Weights (${weights.unit}) by precision policy`,
        columns: [{ header: 'model' }, ...Object.keys(rows[0]?.bytes ?? {}).map((header) => ({ header, number: true }))],
        rows: rows.map(({ model, bytes }) => [model, ...Object.values(bytes).map((value) => weights.text(value, 4))]),
      },
    ],
  };
}

const flat = (prefix: string, values: object): Readonly<Record<string, number>> => Object.fromEntries(Object.entries(values).map(([key, value]) => [`${prefix}.${key}`, value as number]));
