import { InputError } from '../../io/input-error.ts';
import { type ImportedModel, modelTypes } from '../../models/huggingface/index.ts';
import { layerCount, type ModelEntry, modelEntries, modelEntryOf, parameters } from '../../models/index.ts';
import { contextLabel, significant } from '../../units/format.ts';
import { type CommandOf, configOption, createCommand, formatOption, ignoreOption } from '../command.ts';
import { type Given, loadCatalogue } from '../load-catalogue.ts';
import { fieldsPrintout, sourceRows } from '../output/fields.ts';
import { type Format, type Printout, print } from '../output/print.ts';

export const models: CommandOf = (io) =>
  createCommand(io, 'models', {
    description: 'The models of the catalogue; with an id or a config file, every field of one model and where it comes from.',
    examples: ['models', 'models step-3', 'models --config Qwen3-32B/config.json', 'models deepseek-v3 --format json', 'models --types'],
    json: [
      'an array of {id, name, layers, attention: {<kind>: layers}, totalParameters, activeParameters, maxContext: number | null};',
      'with an id or one config {...the model, sources: [{field, value, basis, source, note: string | null}]}, for a config also',
      '{family, defaults: string[], ignored: string[], notes: string[]}: absent keys, keys that change no count, what is left out;',
      'with --types an array of {modelType}',
    ].join('\n'),
  })
    .argument('[id]', 'one model')
    .addOption(configOption())
    .addOption(ignoreOption('models'))
    .option('--types', 'every model_type that a config can have')
    .addOption(formatOption('models'))
    .action(async (id: string | undefined, options: Given & { readonly format: Format; readonly types?: boolean }) => {
      if (id === '') throw new InputError('models: id "" is empty');
      if (options.types) {
        if (id !== undefined || options.config !== undefined) throw new InputError(`models: --types ${id ?? options.config} stands alone`);
        print(io, options.format, typesPrintout());
        return;
      }
      const { imported } = await loadCatalogue(options);
      if (id !== undefined && imported.length > 0) throw new InputError(`models: id ${id} is given beside --config`);
      const [first, ...more] = imported;
      const entries = first === undefined ? modelEntries : imported.map(({ entry }) => entry);
      const one = id !== undefined ? modelEntryOf(id) : first !== undefined && more.length === 0 ? first.entry : null;
      print(io, options.format, one === null ? modelsPrintout(entries) : modelPrintout(one, first));
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

function typesPrintout(): Printout {
  const rows = modelTypes.map((modelType) => ({ modelType }));
  return { json: rows, rows, tables: [{ columns: [{ header: 'model_type' }], rows: modelTypes.map((type) => [type]) }] };
}

function modelPrintout({ model, sources }: ModelEntry, imported?: ImportedModel): Printout {
  const rows = sourceRows(model, sources);
  if (imported === undefined) return fieldsPrintout(`${model.name} (${model.id})`, { ...model, sources: rows }, rows);
  const { family, defaults, ignored, notes } = imported;
  const printout = fieldsPrintout(`${model.name}, read as ${family}`, { ...model, sources: rows, family, defaults, ignored, notes }, rows);
  const lists = [...notes, ...defaults.map((text) => `absent: ${text}`), `changes no count: ${ignored.join(', ') || 'no key'}`];
  return { ...printout, tables: printout.tables.map((table) => ({ ...table, notes: [...(table.notes ?? []), ...lists] })) };
}
