import { Option } from 'commander';
import { InputError } from '../../io/input-error.ts';
import { PRECISION_POLICY_IDS, type PrecisionPolicyId, precisionPolicies } from '../../models/index.ts';
import type { Power } from '../../timing/choice.ts';
import { KERNEL_COLUMNS } from '../../timing/kernel-row.ts';
import { type TimeRow, timeRow } from '../../timing/row.ts';
import { engineOf } from '../../timing/serving.ts';
import { contextLabel, significant } from '../../units/format.ts';
import { type Catalogue, importNotes, pick, pickModels, scenarioNotes } from '../catalogue.ts';
import { type CommandOf, chosen, configOption, createCommand, formatOption, ignoreOption, listed, overrideOption } from '../command.ts';
import { type DeploymentOptions, deploymentOf, withDeployment } from '../input/deployment.ts';
import { contexts, count, tokens } from '../input/numbers.ts';
import { type Given, loadCatalogue } from '../load-catalogue.ts';
import { duration } from '../output/duration.ts';
import { footnotes } from '../output/footnotes.ts';
import { type Format, type Printout, print } from '../output/print.ts';
import { STEP_COLUMNS, tablePrintout, timedKernels, timedSteps } from '../time/tables.ts';

interface TimeOptions extends Given, DeploymentOptions {
  readonly models?: readonly string[];
  readonly accelerators?: readonly string[];
  readonly batch: number;
  readonly contexts?: readonly number[];
  readonly prompt?: number;
  readonly output?: number;
  readonly engine?: string;
  readonly power?: Power;
  readonly precision: PrecisionPolicyId;
  readonly kernels?: string;
  readonly steps?: string;
  readonly format: Format;
}

/** Options that say what a table says row by row. */
const ROW_OPTIONS = ['models', 'accelerators', 'batch', 'contexts', 'prompt', 'output', 'engine', 'power', 'precision', 'tp', 'dp', 'ep', 'pp', 'redundantExperts', 'expertLoad', 'overlap'];

const DEFAULT_MODELS = ['llama-3.1-8b'];
const DEFAULT_ACCELERATORS = ['h100'];
const DEFAULT_CONTEXTS = [8192];

export const time: CommandOf = (io) =>
  withDeployment(
    'time',
    createCommand(io, 'time', {
      description:
        'Expected time per output token and of a prompt, with an 80 % interval, from a time model whose few constants are fitted to measured kernels: what takes the time, and what a token costs at that speed.',
      examples: [
        'time --models llama-3.1-8b --accelerators h100 --batch 32 --contexts 8K --precision bf16',
        'time --models deepseek-v3 --accelerators h800 --dp 128 --ep 128 --overlap two-batch --batch 128 --contexts 4K --precision w8a8kv16',
        'time --models qwen3-32b --accelerators h100 --tp 2 --batch 64 --prompt 2K --output 256 --engine trtllm --precision w8a8kv16',
        'time --kernels kernels.csv --format csv',
        'time --steps steps.csv --format csv',
      ],
      json: [
        'an array of {model, accelerator, chips, batch, context, prompt: number | null, output: number | null, engine: string | null, tpot, low, high,',
        'idealSeconds, prefillSeconds, prefillLow, prefillHigh, tokensPerGpuSecond, mfu, mbu, usdPerMillionTokens: number | null,',
        'bound: "compute" | "memory" | "network", basis: "measured" | "assumed", operators: [{id, part, runs, seconds, share, idealSeconds, bound, basis}],',
        'notes: string[]}; seconds, low and high the 80 % interval, prefill of one prompt; batch: sequences of one replica',
        'with --kernels or --steps an array of {...the row, seconds, low, high, idealSeconds, bound, basis}',
      ].join('\n'),
      more: {
        heading: 'Tables',
        text: [
          `--kernels  columns ${KERNEL_COLUMNS.slice(0, 9).join(',')},`,
          `           ${KERNEL_COLUMNS.slice(9).join(',')}; what a kernel does not have stays empty`,
          '           gemm: m,n,k; grouped-gemm: n,k,experts and topK,tokens of one chip (or m rows an expert), gpus deals experts out;',
          '           decode-attention: heads,kvHeads,headDim,batch,context; mla-decode: heads,batch,context (latentDim 512, ropeDim 64);',
          '           prefill-attention: heads,kvHeads,headDim,context; all-reduce, all-gather, reduce-scatter, all-to-all: gpus and bytes,',
          '           the whole buffer of one chip as nccl-tests count it; launched as the measurements of that chip were;',
          '           a column variant asks for a kernel by name, such as decode-attention/tile64',
          `--steps    columns ${STEP_COLUMNS.join(',')}: one decode step, launched from a graph; dtype bf16, fp8 (w8a8kv16) or a policy`,
        ].join('\n'),
      },
    }),
  )
    .addOption(listed('time', '--models <ids>', `models, or all (default: ${DEFAULT_MODELS})`))
    .addOption(configOption())
    .addOption(ignoreOption('time'))
    .addOption(listed('time', '--accelerators <ids>', `chips, or all (default: ${DEFAULT_ACCELERATORS})`))
    .addOption(new Option('--batch <sequences>', 'sequences in flight on each replica').argParser(count('time', 'batch')).default(1))
    .addOption(new Option('--contexts <tokens>', `context lengths: 8192, 8K, 1K..1M (default: ${DEFAULT_CONTEXTS})`).argParser(contexts('time')))
    .addOption(new Option('--prompt <tokens>', 'aggregated serving: prompt of every request').argParser(tokens('time', 'prompt')))
    .addOption(new Option('--output <tokens>', 'aggregated serving: output of every request').argParser(tokens('time', 'output')))
    .option('--engine <name>', 'serving engine whose host time counts: trtllm, sglang, vllm, or one version as sglang@0.5.9')
    .addOption(chosen('time', '--power <ceiling>', 'clock of matrix work on chips at their power limit (default: burst in decode, sustained in prefill)', ['burst', 'sustained']))
    .addOption(chosen('time', '--precision <policy>', "formats of all models; paper is each model's own", PRECISION_POLICY_IDS).default('paper'))
    .addOption(new Option('--kernels <file>', 'CSV of kernels to time, one a row').conflicts([...ROW_OPTIONS, 'config', 'ignore']))
    .addOption(new Option('--steps <file>', 'CSV of decode steps to time, one a row').conflicts(['kernels', ...ROW_OPTIONS]))
    .addOption(overrideOption())
    .addOption(formatOption('time'))
    .action(async (options: TimeOptions) => {
      const catalogue = await loadCatalogue(options);
      if (options.kernels !== undefined) return print(io, options.format, tablePrintout(await timedKernels(options.kernels, catalogue)));
      if (options.steps !== undefined) return print(io, options.format, tablePrintout(await timedSteps(options.steps, catalogue)));
      print(io, options.format, timePrintout(rowsOf(options, catalogue)));
    });

function rowsOf(options: TimeOptions, catalogue: Catalogue): readonly TimeRow[] {
  const { batch, prompt, output, contexts: asked, engine, power, precision } = options;
  const load = loadOf(prompt, output);
  if (load !== undefined && asked !== undefined) throw new InputError(`time: contexts ${asked} are not used with --prompt and --output`);
  const models = pickModels('time', catalogue, options.models, DEFAULT_MODELS);
  const accelerators = pick('time', 'accelerators', catalogue.accelerators, options.accelerators ?? DEFAULT_ACCELERATORS);
  const query = {
    batch,
    deployment: deploymentOf(options),
    ...(precision === 'paper' ? {} : { precision: precisionPolicies[precision] }),
    ...(load === undefined ? {} : { load }),
    ...(power === undefined ? {} : { power }),
    ...(engine === undefined ? {} : { engine: engineOf(engine) }),
  };
  const at = load === undefined ? (asked ?? DEFAULT_CONTEXTS) : [load.prompt];
  return models.flatMap((model) =>
    accelerators.flatMap((chip) =>
      at.map((context) => {
        const row = timeRow(model, chip, { ...query, context });
        return { ...row, notes: [`precision: ${(query.precision ?? model.precision).id}`, ...row.notes, ...importNotes(catalogue, model.id), ...scenarioNotes(catalogue)] };
      }),
    ),
  );
}

function loadOf(prompt: number | undefined, output: number | undefined): { readonly prompt: number; readonly output: number } | undefined {
  if (prompt === undefined && output === undefined) return undefined;
  if (prompt === undefined || output === undefined) throw new InputError('time: prompt and output are given together, for aggregated serving');
  return { prompt, output };
}

const SHOWN_OPERATORS = 12;

function timePrintout(rows: readonly TimeRow[]): Printout {
  const { marks, lines } = footnotes(rows.map(({ notes }) => notes));
  const ms = (seconds: number): string => significant(1e3 * seconds, 4);
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  const step = { number: true, group: 'ms per output token' };
  const prefill = { number: true, group: 'ms of a prompt' };
  return {
    json: rows,
    rows: rows.map(({ operators: _, ...row }) => ({ ...row })),
    tables: [
      {
        columns: [
          { header: 'model' },
          { header: 'chip' },
          { header: 'chips', number: true },
          { header: 'batch', number: true },
          { header: 'context', number: true },
          { header: 'expected', ...step },
          { header: 'low', ...step },
          { header: 'high', ...step },
          { header: 'bound', ...step },
          { header: 'expected', ...prefill },
          { header: 'tokens/s/chip', number: true },
          { header: 'MFU', number: true },
          { header: 'MBU', number: true },
          { header: 'USD/Mtok', number: true },
          { header: 'bound' },
          { header: 'basis' },
          { header: marks.some((mark) => mark !== '') ? 'see' : '' },
        ],
        rows: rows.map((row, at) => [
          row.model,
          row.accelerator,
          String(row.chips),
          String(row.batch),
          contextLabel(row.context),
          ms(row.tpot),
          ms(row.low),
          ms(row.high),
          ms(row.idealSeconds),
          ms(row.prefillSeconds),
          significant(row.tokensPerGpuSecond, 4),
          percent(row.mfu),
          percent(row.mbu),
          row.usdPerMillionTokens === null ? '–' : significant(row.usdPerMillionTokens, 3),
          row.bound,
          row.basis,
          marks[at] ?? '',
        ]),
        notes: ['low, high: 80 % interval; bound: the roofline, at data-sheet rates; MFU and MBU of the decode step', ...lines],
      },
      ...rows.map((row) => ({
        title: `What takes the time: ${row.model} on ${row.accelerator}, batch ${row.batch}, context ${contextLabel(row.context)}`,
        columns: [
          { header: 'kernel' },
          { header: 'runs', number: true },
          { header: 'time', number: true },
          { header: 'share', number: true },
          { header: 'of the bound', number: true },
          { header: 'bound' },
          { header: 'basis' },
        ],
        rows: row.operators
          .slice(0, SHOWN_OPERATORS)
          .map(({ id, runs, seconds, share, idealSeconds, bound, basis }) => [
            id,
            String(runs),
            duration(seconds),
            percent(share),
            idealSeconds === 0 ? '–' : significant(seconds / idealSeconds, 3),
            bound,
            basis,
          ]),
        ...(row.operators.length > SHOWN_OPERATORS ? { notes: [`and ${row.operators.length - SHOWN_OPERATORS} smaller ones, in the JSON`] } : {}),
      })),
    ],
  };
}
