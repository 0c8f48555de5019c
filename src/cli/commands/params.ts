import { COMPONENTS, type Component, weightFormat } from '../../layers/precision.ts';
import { type Model, type ParameterCounts, type Parameters, parameters, precisionPolicies } from '../../models/index.ts';
import { significant } from '../../units/format.ts';
import { importNotes, pickModels, scenarioNotes } from '../catalogue.ts';
import { type CommandOf, configOption, createCommand, formatOption, ignoreOption, overrideOption } from '../command.ts';
import { names } from '../input/names.ts';
import { type Given, loadCatalogue } from '../load-catalogue.ts';
import { footnotes } from '../output/footnotes.ts';
import { oneOrMany } from '../output/one-or-many.ts';
import { type Format, type Printout, print } from '../output/print.ts';
import { scaleFor } from '../output/scale.ts';

export const params: CommandOf = (io) =>
  createCommand(io, 'params', {
    description: 'Parameters of models in the three published conventions, what they belong to, and bytes of the weights by precision policy.',
    examples: ['params step-3', 'params --config Qwen3-32B/config.json --format json', 'params step-3 deepseek-v3'],
    json: [
      'for one model an object, for more an array of {model, totalParameters, activeParameters: C, total: C, parts: P, activeParts: P, mtpParameters,',
      'weightBytes, weightFormats: {<part>: format}, bytes: {<policy>: bytes}, notes: string[]}',
      'where C = {all, withoutInputEmbedding, withoutEmbeddings}; active is what one decoded token touches;',
      `P = {${COMPONENTS.join(', ')}}; weightBytes in the model's own formats`,
    ].join('\n'),
  })
    .argument('[model...]', 'models, or all')
    .addOption(configOption())
    .addOption(ignoreOption('params'))
    .addOption(overrideOption())
    .addOption(formatOption('params'))
    .action(async (ids: readonly string[], options: Given & { readonly format: Format }) => {
      const catalogue = await loadCatalogue(options);
      const split = ids.flatMap((id) => names('params', 'models')(id));
      const models = pickModels('params', catalogue, split.length > 0 ? split : undefined, []);
      const rows = models.map((model) => rowOf(model, [...importNotes(catalogue, model.id), ...scenarioNotes(catalogue)]));
      print(io, options.format, paramsPrintout(rows));
    });

interface Row {
  readonly model: string;
  readonly totalParameters: number;
  readonly activeParameters: ParameterCounts;
  readonly total: ParameterCounts;
  readonly parts: Parameters['parts'];
  readonly activeParts: Parameters['parts'];
  readonly mtpParameters: number;
  readonly weightBytes: number;
  readonly weightFormats: Readonly<Partial<Record<Component, string>>>;
  readonly bytes: Readonly<Record<string, number>>;
  readonly notes: readonly string[];
}

function rowOf(model: Model, notes: readonly string[]): Row {
  const { total, active, parts, activeParts, mtp, bytes } = parameters(model);
  const policies = { own: model.precision, ...precisionPolicies };
  return {
    model: model.id,
    totalParameters: total.all,
    activeParameters: active,
    total,
    parts,
    activeParts,
    mtpParameters: mtp,
    weightBytes: bytes,
    weightFormats: Object.fromEntries(COMPONENTS.filter((component) => parts[component] > 0).map((component) => [component, weightFormat(model.precision, component)])),
    bytes: Object.fromEntries(Object.entries(policies).map(([id, precision]) => [id, parameters({ ...model, precision }).bytes])),
    notes: ['ignored: norms and biases (below 0.1 %)', ...(mtp > 0 ? ['prediction heads are beside the totals: mtpParameters'] : []), ...notes],
  };
}

function paramsPrintout(rows: readonly Row[]): Printout {
  const giga = (count: number): string => (count === 0 ? '0' : significant(count / 1e9, 4));
  const counts = ({ all, withoutInputEmbedding, withoutEmbeddings }: ParameterCounts): readonly string[] => [all, withoutInputEmbedding, withoutEmbeddings].map(giga);
  const conventions = (group: string) => ['all', '– input', '– both'].map((header) => ({ header, number: true, group }));
  const shown = COMPONENTS.filter((component) => rows.some(({ parts }) => parts[component] > 0));
  const predicts = rows.some(({ mtpParameters }) => mtpParameters > 0);
  const weights = scaleFor(
    rows.flatMap(({ bytes }) => Object.values(bytes)),
    'B',
  );
  const { marks, lines } = footnotes(rows.map(({ notes }) => notes));
  const marked = marks.some((mark) => mark !== '');
  return {
    json: oneOrMany(rows),
    rows: rows.map(({ activeParameters, total, parts, activeParts, weightFormats, bytes, ...row }) => ({
      ...row,
      ...flat('total', total),
      ...flat('active', activeParameters),
      ...flat('parts', parts),
      ...flat('activeParts', activeParts),
      ...flat('weightFormats', weightFormats),
      ...flat('bytes', bytes),
    })),
    tables: [
      {
        title: 'Parameters (1e9)',
        columns: [{ header: 'model' }, ...conventions('total'), ...conventions('active'), { header: marked ? 'see' : '' }],
        rows: rows.map(({ model, total, activeParameters }, at) => [model, ...counts(total), ...counts(activeParameters), marks[at] ?? '']),
        notes: ['– input: without the input embedding; – both: without embedding and head', ...lines],
      },
      {
        title: 'What they belong to (1e9)',
        columns: [{ header: 'model' }, ...shown.map((component) => ({ header: TITLES[component], number: true })), ...(predicts ? [{ header: 'beside: MTP', number: true }] : [])],
        rows: rows.map(({ model, parts, mtpParameters }) => [model, ...shown.map((component) => giga(parts[component])), ...(predicts ? [giga(mtpParameters)] : [])]),
      },
      {
        title: `Weights (${weights.unit}) by precision policy`,
        columns: [{ header: 'model' }, ...Object.keys(rows[0]?.bytes ?? {}).map((header) => ({ header, number: true }))],
        rows: rows.map(({ model, bytes }) => [model, ...Object.values(bytes).map((value) => weights.text(value, 4))]),
      },
    ],
  };
}

const TITLES: Readonly<Record<Component, string>> = {
  embedding: 'embedding',
  attention: 'attention',
  indexer: 'indexer',
  dense: 'dense FFN',
  router: 'router',
  experts: 'experts',
  sharedExperts: 'shared experts',
  head: 'head',
  vision: 'vision',
};

const flat = (prefix: string, values: object): Readonly<Record<string, number | string>> =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [`${prefix}.${key}`, value as number | string]));
