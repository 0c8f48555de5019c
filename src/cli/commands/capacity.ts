import { Option } from 'commander';
import { PRECISION_POLICY_IDS, type PrecisionPolicyId, precisionPolicies } from '../../models/index.ts';
import { chipsOf } from '../../timing/deployment.ts';
import { type MemoryUse, memoryOf } from '../../timing/memory.ts';
import { contextLabel } from '../../units/format.ts';
import { type Catalogue, importNotes, pick, pickModels, scenarioNotes } from '../catalogue.ts';
import { type CommandOf, chosen, configOption, createCommand, formatOption, ignoreOption, listed, overrideOption } from '../command.ts';
import { type DeploymentOptions, deploymentOf, withDeployment } from '../input/deployment.ts';
import { contexts, count, shareOf, tokens } from '../input/numbers.ts';
import { type Given, loadCatalogue } from '../load-catalogue.ts';
import { footnotes } from '../output/footnotes.ts';
import { type Format, type Printout, print } from '../output/print.ts';
import { scaleFor } from '../output/scale.ts';

interface CapacityOptions extends Given, DeploymentOptions {
  readonly models?: readonly string[];
  readonly accelerators?: readonly string[];
  readonly contexts?: readonly number[];
  readonly batch?: number;
  readonly precision: PrecisionPolicyId;
  readonly blockTokens: number;
  readonly windows: 'ring' | 'paged';
  readonly passTokens: number;
  readonly memoryShare: number;
  readonly format: Format;
}

interface CapacityRow {
  readonly model: string;
  readonly accelerator: string;
  readonly chips: number;
  readonly context: number;
  /** what the row is about: the batch that was asked for, or the largest */
  readonly batch: number;
  readonly largestBatch: number;
  readonly longestContext: number;
  readonly fits: boolean;
  readonly weightBytes: number;
  readonly cacheBytes: number;
  readonly cacheBytesPerRequest: number;
  readonly activationBytes: number;
  readonly workspaceBytes: number;
  readonly totalBytes: number;
  readonly usableBytes: number;
  readonly notes: readonly string[];
}

const DEFAULT_MODELS = ['llama-3.1-8b'];
const DEFAULT_ACCELERATORS = ['h100'];
const DEFAULT_CONTEXTS = [8192];

export const capacity: CommandOf = (io) =>
  withDeployment(
    'capacity',
    createCommand(io, 'capacity', {
      description: 'What fits in memory: weights, KV cache, states, activations and workspace of one chip; the largest batch at a context, the longest context at a batch.',
      examples: [
        'capacity --models llama-3.1-8b --accelerators h100 --contexts 8K,32K --precision bf16',
        'capacity --models deepseek-v3 --accelerators h800 --dp 32 --ep 32 --contexts 4K --precision w8a8kv16',
        'capacity --models qwen3-32b --accelerators h100 --tp 2 --batch 64 --format json',
      ],
      json: [
        'an array of {model, accelerator, chips, context, batch, largestBatch, longestContext, fits: boolean, weightBytes, cacheBytes, cacheBytesPerRequest,',
        'activationBytes, workspaceBytes, totalBytes, usableBytes, notes: string[]}; bytes of one chip; batch: requests of one replica, the largest unless given, 1 where none fits;',
        'largestBatch at the context, longestContext at the batch; 0 where nothing fits',
      ].join('\n'),
    }),
  )
    .addOption(listed('capacity', '--models <ids>', `models, or all (default: ${DEFAULT_MODELS})`))
    .addOption(configOption())
    .addOption(ignoreOption('capacity'))
    .addOption(listed('capacity', '--accelerators <ids>', `chips, or all (default: ${DEFAULT_ACCELERATORS})`))
    .addOption(new Option('--contexts <tokens>', `context lengths: 8192, 8K, 1K..1M (default: ${DEFAULT_CONTEXTS})`).argParser(contexts('capacity')))
    .addOption(new Option('--batch <requests>', 'requests of one replica (default: the largest)').argParser(count('capacity', 'batch')))
    .addOption(chosen('capacity', '--precision <policy>', "formats of all models; paper is each model's own", PRECISION_POLICY_IDS).default('paper'))
    .addOption(new Option('--block-tokens <tokens>', 'tokens of a KV block').argParser(tokens('capacity', 'block-tokens')).default(16))
    .addOption(chosen('capacity', '--windows <kind>', 'layers with a window keep only it (ring), or every token (paged)', ['ring', 'paged']).default('ring'))
    .addOption(new Option('--pass-tokens <tokens>', 'most tokens that one pass works on: a chunk of a prompt').argParser(tokens('capacity', 'pass-tokens')).default(8192))
    .addOption(new Option('--memory-share <share>', 'share of the memory that the engine takes').argParser(shareOf('capacity', 'memory-share')).default(0.9))
    .addOption(overrideOption())
    .addOption(formatOption('capacity'))
    .action(async (options: CapacityOptions) => {
      const catalogue = await loadCatalogue(options);
      print(io, options.format, capacityPrintout(rowsOf(options, catalogue)));
    });

function rowsOf(options: CapacityOptions, catalogue: Catalogue): readonly CapacityRow[] {
  const { contexts: asked = DEFAULT_CONTEXTS, batch: given, precision, blockTokens, windows, passTokens, memoryShare } = options;
  const models = pickModels('capacity', catalogue, options.models, DEFAULT_MODELS);
  const accelerators = pick('capacity', 'accelerators', catalogue.accelerators, options.accelerators ?? DEFAULT_ACCELERATORS);
  const deployment = deploymentOf(options);
  return models.flatMap((model) =>
    accelerators.flatMap((chip) => {
      const policy = precision === 'paper' ? model.precision : precisionPolicies[precision];
      const memory = memoryOf(model, chip, { deployment, precision: policy, blockTokens, windows, passTokens, memoryShare });
      return asked.map((context): CapacityRow => {
        const largestBatch = memory.largestBatch(context);
        const batch = given ?? Math.max(1, largestBatch);
        const use: MemoryUse = memory.use(batch, context);
        return {
          model: model.id,
          accelerator: chip.id,
          chips: chipsOf(deployment),
          context,
          batch,
          largestBatch,
          longestContext: memory.longestContext(batch),
          fits: use.total <= use.usable,
          weightBytes: use.weights,
          cacheBytes: use.cache,
          cacheBytesPerRequest: memory.cacheBytes(context),
          activationBytes: use.activations,
          workspaceBytes: use.workspace,
          totalBytes: use.total,
          usableBytes: use.usable,
          notes: [
            `precision: ${policy.id}`,
            ...(use.total <= use.usable ? [] : [`does not fit: ${((use.total - use.usable) / 1e9).toFixed(1)} GB too much with batch ${batch}`]),
            ...importNotes(catalogue, model.id),
            ...scenarioNotes(catalogue),
          ],
        };
      });
    }),
  );
}

function capacityPrintout(rows: readonly CapacityRow[]): Printout {
  const scale = scaleFor(
    rows.flatMap((row) => [row.totalBytes, row.usableBytes]),
    'B',
  );
  const { marks, lines } = footnotes(rows.map(({ notes }) => notes));
  const group = { number: true, group: `${scale.unit} of one chip` };
  return {
    json: rows,
    rows: rows.map((row) => ({ ...row })),
    tables: [
      {
        columns: [
          { header: 'model' },
          { header: 'chip' },
          { header: 'chips', number: true },
          { header: 'context', number: true },
          { header: 'batch', number: true },
          { header: 'weights', ...group },
          { header: 'cache', ...group },
          { header: 'activations', ...group },
          { header: 'workspace', ...group },
          { header: 'total', ...group },
          { header: 'usable', ...group },
          { header: 'largest batch', number: true },
          { header: 'longest context', number: true },
          { header: marks.some((mark) => mark !== '') ? 'see' : '' },
        ],
        rows: rows.map((row, at) => [
          row.model,
          row.accelerator,
          String(row.chips),
          contextLabel(row.context),
          String(row.batch),
          ...[row.weightBytes, row.cacheBytes, row.activationBytes, row.workspaceBytes, row.totalBytes, row.usableBytes].map((bytes) => scale.text(bytes)),
          String(row.largestBatch),
          String(row.longestContext),
          marks[at] ?? '',
        ]),
        notes: ['largest batch at the context; longest context at the batch; both of one replica', ...lines],
      },
    ],
  };
}
