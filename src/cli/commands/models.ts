import { InputError } from '../../io/input-error.ts';
import { layerCount, type ModelEntry, modelEntries, modelEntryOf, parameters } from '../../models/index.ts';
import { contextLabel, significant } from '../../units/format.ts';
import { type CommandOf, createCommand, formatOption } from '../command.ts';
import { fieldsPrintout, sourceRows } from '../output/fields.ts';
import { type Format, type Printout, print } from '../output/print.ts';

export const models: CommandOf = (io) =>
  createCommand(io, 'models', {
    description: 'The models of the catalogue; with an id, every field of one model and where it comes from.',
    examples: ['models', 'models step-3', 'models deepseek-v3 --format json'],
    json: [
      'an array of {id, name, layers, attention: {<kind>: layers}, totalParameters, activeParameters, maxContext: number | null};',
      'with an id {...the model, sources: [{field, value, basis, source, note: string | null}]}',
    ].join('\n'),
  })
    .argument('[id]', 'one model')
    .addOption(formatOption('models'))
    .action((id: string | undefined, { format }: { readonly format: Format }) => {
      if (id === '') throw new InputError('models: id "" is empty');
      print(io, format, id === undefined ? modelsPrintout(modelEntries) : modelPrintout(modelEntryOf(id)));
    });

function modelsPrintout(entries: readonly ModelEntry[]): Printout {
  const rows = entries.map(({ model }) => {
    const { total, active } = parameters(model);
    const attention: Record<string, number> = {};
    for (const {
      count,
      attention: { kind },
    } of model.layers)
      attention[kind] = (attention[kind] ?? 0) + count;
    return { id: model.id, name: model.name, layers: layerCount(model), attention, totalParameters: total.all, activeParameters: active.all, maxContext: model.maxContext };
  });
  const kinds = (attention: Readonly<Record<string, number>>): string =>
    Object.entries(attention)
      .map(([kind, layers]) => `${kind} ${layers}`)
      .join(' + ');
  const group = 'parameters (1e9)';
  return {
    json: rows,
    rows: rows.map((row) => ({ ...row, attention: kinds(row.attention) })),
    tables: [
      {
        columns: [
          { header: 'id' },
          { header: 'name' },
          { header: 'layers', number: true },
          { header: 'attention' },
          { header: 'total', number: true, group },
          { header: 'active', number: true, group },
          { header: 'trained context', number: true },
        ],
        rows: rows.map((row) => [
          row.id,
          row.name,
          String(row.layers),
          kinds(row.attention),
          significant(row.totalParameters / 1e9),
          significant(row.activeParameters / 1e9),
          row.maxContext === null ? 'not stated' : contextLabel(row.maxContext),
        ]),
        notes: ['parameters: both embeddings counted; other conventions: tokenroof params <id>'],
      },
    ],
  };
}

function modelPrintout({ model, sources }: ModelEntry): Printout {
  const rows = sourceRows(model, sources);
  return fieldsPrintout(`${model.name} (${model.id})`, { ...model, sources: rows }, rows);
}
