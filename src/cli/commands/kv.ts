import { Option } from 'commander';
import { kvPrecision, STORAGE_BITS, type StorageFormat } from '../../layers/precision.ts';
import { modelCache } from '../../models/cache.ts';
import type { Model } from '../../models/index.ts';
import type { ContextCurve } from '../../units/context-curve.ts';
import { contextLabel } from '../../units/format.ts';
import { importNotes, pickModels, scenarioNotes } from '../catalogue.ts';
import { type CommandOf, chosen, configOption, createCommand, formatOption, ignoreOption, overrideOption } from '../command.ts';
import { names } from '../input/names.ts';
import { contexts } from '../input/numbers.ts';
import { type Given, loadCatalogue } from '../load-catalogue.ts';
import { footnotes } from '../output/footnotes.ts';
import { oneOrMany } from '../output/one-or-many.ts';
import { type Format, type Printout, print } from '../output/print.ts';
import { scaleFor } from '../output/scale.ts';

interface KvOptions extends Given {
  readonly context?: readonly number[];
  readonly kvDtype?: StorageFormat;
  readonly stateDtype?: StorageFormat;
  readonly format: Format;
}

const DEFAULT_CONTEXTS = [32768];
const FORMATS = Object.keys(STORAGE_BITS) as readonly StorageFormat[];

export const kv: CommandOf = (io) =>
  createCommand(io, 'kv', {
    description: 'KV cache and states: what a request keeps at a context length, and what a decoded token reads and writes.',
    examples: ['kv deepseek-v3 --context 32K', 'kv --config Qwen3-32B/config.json --context 32768 --kv-dtype bf16 --format json', 'kv step-3 gpt-oss-120b --context 8K,128K --kv-dtype fp8'],
    json: [
      'for one model at one context an object, for more an array of {model, context, kvDtype, stateDtype, bytesPerToken, bytesPerRequest, bytesPerRequestPaged,',
      'bytesReadPerToken, bytesWrittenPerToken, kvBytesPerRequest, indexBytesPerRequest, stateBytesPerRequest, bytesOfNextToken,',
      'curves: {perRequest, paged, readPerToken}, notes: string[]}; bytes, curves over the context S',
      'bytesPerRequest: windows and chunks as rings of their size, states included; bytesPerRequestPaged: every token of every layer, states included;',
      'bytesPerToken: what one token stores in all layers (paged); bytesOfNextToken: what the next one adds to bytesPerRequest',
    ].join('\n'),
  })
    .argument('[model...]', 'models, or all')
    .addOption(configOption())
    .addOption(ignoreOption('kv'))
    .addOption(new Option('--context <tokens>', `context lengths: 32768, 32K, 1K..1M (default: ${DEFAULT_CONTEXTS})`).argParser(contexts('kv', 'context')))
    .addOption(chosen('kv', '--kv-dtype <format>', "format of the KV cache (default: each model's own)", FORMATS))
    .addOption(chosen('kv', '--state-dtype <format>', "format of recurrent states (default: each model's own, mostly fp32)", FORMATS))
    .addOption(overrideOption())
    .addOption(formatOption('kv'))
    .action(async (ids: readonly string[], options: KvOptions) => {
      const catalogue = await loadCatalogue(options);
      const split = ids.flatMap((id) => names('kv', 'models')(id));
      const models = pickModels('kv', catalogue, split.length > 0 ? split : undefined, []);
      print(io, options.format, kvPrintout(models.flatMap((model) => rowsOf(model, options, [...importNotes(catalogue, model.id), ...scenarioNotes(catalogue)]))));
    });

interface Row {
  readonly model: string;
  readonly context: number;
  readonly kvDtype: string;
  readonly stateDtype: string;
  readonly bytesPerToken: number;
  readonly bytesPerRequest: number;
  readonly bytesPerRequestPaged: number;
  readonly bytesReadPerToken: number;
  readonly bytesWrittenPerToken: number;
  readonly kvBytesPerRequest: number;
  readonly indexBytesPerRequest: number;
  readonly stateBytesPerRequest: number;
  readonly bytesOfNextToken: number;
  readonly curves: Readonly<Record<'perRequest' | 'paged' | 'readPerToken', string>>;
  readonly notes: readonly string[];
}

function rowsOf(model: Model, { context = DEFAULT_CONTEXTS, kvDtype, stateDtype }: KvOptions, notes: readonly string[]): readonly Row[] {
  const cache = modelCache(model, { ...(kvDtype === undefined ? {} : { kv: kvDtype }), ...(stateDtype === undefined ? {} : { state: stateDtype }) });
  const kvFormats = [...new Set(model.layers.flatMap(({ attention }) => ('queryHeads' in attention ? [kvDtype ?? kvPrecision(model.precision, attention.kind)] : [])))];
  return context.map((S) => {
    const at = (curve: ContextCurve): number => curve.evaluate(S);
    return {
      model: model.id,
      context: S,
      kvDtype: kvFormats.join(' and ') || 'none',
      stateDtype: stateDtype ?? model.precision.state,
      bytesPerToken: cache.perToken,
      bytesPerRequest: at(cache.perRequest),
      bytesPerRequestPaged: at(cache.paged) + cache.state,
      bytesReadPerToken: at(cache.readPerToken),
      bytesWrittenPerToken: at(cache.writtenPerToken),
      kvBytesPerRequest: at(cache.ring) - at(cache.index),
      indexBytesPerRequest: at(cache.index),
      stateBytesPerRequest: cache.state,
      bytesOfNextToken: cache.perRequest.evaluate(S + 1) - at(cache.perRequest),
      curves: { perRequest: cache.perRequest.toString(), paged: cache.paged.toString(), readPerToken: cache.readPerToken.toString() },
      notes: [...(cache.index.isZero ? [] : ['index keys: FP8 with one FP32 scale for 128, whatever the format of the cache']), ...beyond(model, S), ...notes],
    };
  });
}

const beyond = ({ maxContext }: Model, context: number): readonly string[] => (maxContext !== null && context > maxContext ? [`context: ${context} is beyond the trained ${maxContext}`] : []);

function kvPrintout(rows: readonly Row[]): Printout {
  const request = scaleFor(
    rows.map((row) => row.bytesPerRequestPaged),
    'B',
  );
  const token = scaleFor(
    rows.map((row) => row.bytesPerToken),
    'B',
  );
  const { marks, lines } = footnotes(rows.map(({ notes }) => notes));
  const group = `${request.unit} per request`;
  const moved = `${request.unit} per decoded token`;
  return {
    json: oneOrMany(rows),
    rows: rows.map(({ curves, ...row }) => ({ ...row, curve: curves.perRequest })),
    tables: [
      {
        columns: [
          { header: 'model' },
          { header: 'context', number: true },
          { header: 'KV' },
          { header: `${token.unit} per token`, number: true },
          { header: 'needed', number: true, group },
          { header: 'of it states', number: true, group },
          { header: 'paged', number: true, group },
          { header: 'read', number: true, group: moved },
          { header: marks.some((mark) => mark !== '') ? 'see' : '' },
        ],
        rows: rows.map((row, at) => [
          row.model,
          contextLabel(row.context),
          row.kvDtype,
          token.text(row.bytesPerToken),
          request.text(row.bytesPerRequest),
          request.text(row.stateBytesPerRequest),
          request.text(row.bytesPerRequestPaged),
          request.text(row.bytesReadPerToken),
          marks[at] ?? '',
        ]),
        notes: ['needed: windows and chunks as rings of their size, states included; paged: every token of every layer; per token: all layers, paged', ...lines],
      },
    ],
  };
}
