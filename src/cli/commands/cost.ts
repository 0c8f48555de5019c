import { Option } from 'commander';
import { type CostQuery, type CostRow, costRows } from '../../cost/row.ts';
import { InputError } from '../../io/input-error.ts';
import { type Counting, exactCounting } from '../../layers/counting.ts';
import { PRECISION_POLICY_IDS, type PrecisionPolicyId, precisionPolicies } from '../../models/index.ts';
import { contextLabel, significant } from '../../units/format.ts';
import { hasPrice, importNotes, pick, pickModels, scenarioNotes } from '../catalogue.ts';
import { type CommandOf, chosen, configOption, createCommand, formatOption, ignoreOption, listed, overrideOption } from '../command.ts';
import { COUNTING_HELP, countingOf } from '../input/counting.ts';
import { contexts, count, tokens } from '../input/numbers.ts';
import { type Given, loadCatalogue } from '../load-catalogue.ts';
import { footnotes } from '../output/footnotes.ts';
import { type Format, type Printout, print } from '../output/print.ts';
import { scaleFor } from '../output/scale.ts';

const PHASES = ['decode', 'prefill', 'request'] as const;
type Phase = (typeof PHASES)[number];

interface CostOptions extends Given {
  readonly models?: readonly string[];
  readonly accelerators?: readonly string[];
  readonly contexts?: readonly number[];
  readonly phase: Phase;
  readonly prompt?: number;
  readonly output?: number;
  readonly batch?: number;
  readonly afd?: boolean;
  readonly counting?: Counting;
  readonly precision: PrecisionPolicyId;
  readonly format: Format;
}

const DEFAULT_MODELS = ['step-3', 'deepseek-v3', 'qwen3-235b-a22b'];
const DEFAULT_ACCELERATORS = ['h800', 'h20', 'a800', 'ascend-910b'];
const DEFAULT_CONTEXTS = [8192, 32768];

export const cost: CommandOf = (io) =>
  createCommand(io, 'cost', {
    description: 'What a token costs: work, KV traffic and USD per million tokens of models on chips at context lengths.',
    examples: [
      'cost --models step-3,deepseek-v3 --accelerators h800,h20 --contexts 8K,32K,1M',
      'cost --models step-3 --accelerators h800,h20 --contexts 8192 --afd --counting step3',
      'cost --config Qwen3-32B/config.json --accelerators h20',
      'cost --phase request --prompt 4K --output 1K --format json',
    ],
    json: [
      'an array of {model, accelerator, context, kvBytesRead, attentionFlop, linearFlop, ffnFlop, headFlop, attentionUsdPerMtok,',
      'ffnUsdPerMtok, headUsdPerMtok, totalUsdPerMtok, bound: "compute" | "memory", maxContext: number | null, notes: string[]};',
      'FLOP, bytes, USD per million tokens; work and bytes are of one decoded token, one prompt or one request, as --phase says',
    ].join('\n'),
    more: {
      heading: 'Override file (an id of the catalogue is changed, any other is added from its base)',
      text: [
        '{"accelerators": {"h20": {"set": {"usdPerHour": 0.5}}, "my-chip": {"base": "h20", "set": {"memoryBandwidth": 4.8e12}}},',
        ' "models": {"my-step": {"base": "step-3", "set": {"layers.*.attention.queryHeads": 128}}}}',
      ].join('\n'),
    },
  })
    .addOption(listed('cost', '--models <ids>', `models, or all (default: ${DEFAULT_MODELS})`))
    .addOption(configOption())
    .addOption(ignoreOption('cost'))
    .addOption(listed('cost', '--accelerators <ids>', `chips, or all that have a price (default: ${DEFAULT_ACCELERATORS})`))
    .addOption(new Option('--contexts <tokens>', `context lengths: 8192, 8K, 1M or doubling 1K..1M (default: ${DEFAULT_CONTEXTS})`).argParser(contexts('cost')))
    .addOption(chosen('cost', '--phase <phase>', 'a decoded token, a prompt of the context length, or a whole request', PHASES).default('decode'))
    .addOption(new Option('--prompt <tokens>', 'prompt of the request').argParser(tokens('cost', 'prompt')))
    .addOption(new Option('--output <tokens>', 'output of the request').argParser(tokens('cost', 'output')))
    .addOption(new Option('--batch <sequences>', 'charge weight traffic at this batch (default: ideal batch, not charged)').argParser(count('cost', 'batch')))
    .option('--afd', 'add rows afd:x+y, attention on the chip where it is cheapest and FFN where that is')
    .addOption(new Option('--counting <rules>', `how to count (default: exact): ${COUNTING_HELP}`).argParser(countingOf('cost')))
    .addOption(chosen('cost', '--precision <policy>', "formats of all models; paper is each model's own", PRECISION_POLICY_IDS).default('paper'))
    .addOption(overrideOption())
    .addOption(formatOption('cost'))
    .action(async (options: CostOptions) => {
      const catalogue = await loadCatalogue(options);
      const models = pickModels('cost', catalogue, options.models, DEFAULT_MODELS);
      const accelerators = pick('cost', 'accelerators', catalogue.accelerators, options.accelerators ?? DEFAULT_ACCELERATORS, hasPrice);
      const rows = costRows(models, accelerators, queryOf(options)).map((row) => ({ ...row, notes: [...row.notes, ...importNotes(catalogue, row.model), ...scenarioNotes(catalogue)] }));
      print(io, options.format, costPrintout(rows, options.phase));
    });

function queryOf({ phase, prompt, output, contexts = DEFAULT_CONTEXTS, batch, afd = false, counting = exactCounting, precision }: CostOptions): CostQuery {
  const common = { counting, afd, ...(precision === 'paper' ? {} : { precision: precisionPolicies[precision] }) };
  if (phase === 'request') {
    if (prompt === undefined || output === undefined) throw new InputError(`cost: phase request needs --prompt and --output`);
    if (batch !== undefined) throw new InputError(`cost: batch ${batch} is not available for phase request`);
    if (contexts !== DEFAULT_CONTEXTS) throw new InputError(`cost: contexts ${contexts} are not used in --phase request, which takes --prompt and --output`);
    return { ...common, phase, prompt, output };
  }
  for (const [name, value] of Object.entries({ prompt, output })) if (value !== undefined) throw new InputError(`cost: ${name} ${value} is used only in --phase request`);
  return { ...common, phase, contexts, ...(batch === undefined ? {} : { batch }) };
}

const PER: Readonly<Record<Phase, { readonly work: string; readonly usd: string }>> = {
  decode: { work: 'per token', usd: 'USD per million tokens' },
  prefill: { work: 'per prompt', usd: 'USD per million prompt tokens' },
  request: { work: 'per request', usd: 'USD per million output tokens' },
};

/** Cost rows for every format. */
export function costPrintout(rows: readonly CostRow[], phase: Phase): Printout {
  const per = PER[phase];
  const bytes = scaleFor(
    rows.map((row) => row.kvBytesRead),
    'B',
  );
  const work = scaleFor(
    rows.flatMap((row) => [row.attentionFlop, row.linearFlop, row.ffnFlop, row.headFlop]),
    'FLOP',
  );
  const { marks, lines } = footnotes(rows.map(({ notes }) => notes));
  const workGroup = { number: true, group: `${work.unit} ${per.work}` };
  const usdGroup = { number: true, group: per.usd };
  const usd = (value: number): string => (value === 0 ? '0' : significant(value, 3));
  return {
    json: rows,
    rows: rows.map((row) => ({ ...row })),
    tables: [
      {
        columns: [
          { header: 'model' },
          { header: 'chip' },
          { header: 'context', number: true },
          { header: `KV ${bytes.unit}`, number: true },
          { header: 'core', ...workGroup },
          { header: 'linear', ...workGroup },
          { header: 'FFN', ...workGroup },
          { header: 'head', ...workGroup },
          { header: 'attn', ...usdGroup },
          { header: 'FFN', ...usdGroup },
          { header: 'head', ...usdGroup },
          { header: 'total', ...usdGroup },
          { header: 'bound' },
          { header: marks.some((mark) => mark !== '') ? 'see' : '' },
        ],
        rows: rows.map((row, at) => [
          row.model,
          row.accelerator,
          contextLabel(row.context),
          bytes.text(row.kvBytesRead),
          ...[row.attentionFlop, row.linearFlop, row.ffnFlop, row.headFlop].map((flop) => work.text(flop)),
          ...[row.attentionUsdPerMtok, row.ffnUsdPerMtok, row.headUsdPerMtok, row.totalUsdPerMtok].map(usd),
          row.bound,
          marks[at] ?? '',
        ]),
        notes: lines,
      },
    ],
  };
}
