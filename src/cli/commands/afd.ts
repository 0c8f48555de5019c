import { Option } from 'commander';
import { InputError } from '../../io/input-error.ts';
import { PRECISION_POLICY_IDS } from '../../models/index.ts';
import { afdDefaults } from '../../serving/afd/scenario.ts';
import { AFD_OBJECTIVES } from '../../serving/afd/search.ts';
import { LAYOUTS } from '../../serving/afd/stage-times.ts';
import { afdPrintout } from '../afd/printout.ts';
import { type AfdOptions, afdRows } from '../afd/rows.ts';
import { type CommandOf, chosen, configOption, createCommand, formatOption, ignoreOption, listed, overrideOption } from '../command.ts';
import { expertLoadOption } from '../input/deployment.ts';
import { names } from '../input/names.ts';
import { contexts, count, milliseconds, shareOf, tokens, whole } from '../input/numbers.ts';
import { loadCatalogue } from '../load-catalogue.ts';
import { type Format, print } from '../output/print.ts';
import { progress } from '../output/progress.ts';

/** `2A2F`, or `?A2F` where the attention instances are asked for. */
function deploymentOf(text: string): NonNullable<AfdOptions['deployment']> {
  const [, attention = '', ffn = ''] = /^(\?|[1-9]\d{0,3})A([1-9]\d{0,3})F$/i.exec(text) ?? [];
  if (ffn === '') throw new InputError(`afd: deployment ${text || '""'} is not xAyF, such as 3A2F, or ?AyF`);
  return { attentionInstances: attention === '?' ? null : Number(attention), ffnInstances: Number(ffn) };
}

/** `4K:3,32K:1`. */
const mixOf = (text: string): NonNullable<AfdOptions['mix']> =>
  names(
    'afd',
    'mix',
  )(text).map((item) => {
    const [context = '', weight = '', ...more] = item.split(':');
    if (!/^\d+(\.\d+)?$/.test(weight) || Number(weight) === 0 || more.length > 0) throw new InputError(`afd: mix ${item} is not <context>:<weight>, such as 8K:3`);
    return { context: tokens('afd', 'mix')(context), weight: Number(weight) };
  });

function spreadOf(text: string): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : -1;
  if (!(value >= 0 && value <= 2)) throw new InputError(`afd: spread ${text || '""'} is not a number from 0 to 2`);
  return value;
}

export const afd: CommandOf = (io) =>
  createCommand(io, 'afd', {
    description:
      'Attention and feed-forward layers on chips of their own: how many of which, what a token takes and costs, what stops one request more, and how that compares with both on the same chips.',
    examples: [
      'afd --models step-3 --accelerators h800,h20 --contexts 8K --tpot 50',
      'afd --models deepseek-v3 --attention h20 --ffn h800 --contexts 4K,32K --tpot 20,30,50,100 --pareto',
      'afd --models step-3 --accelerators h800 --deployment 2A2F --requests 128 --contexts 4K --precision w8a8kv8',
      'afd --models step-3 --accelerators h800 --deployment ?A2F --micro-batch 2048 --contexts 4K..64K --spread 0.8',
    ],
    json: [
      'an array of {model, kind: "disaggregated" | "colocated", attentionChip, ffnChip, deployment, chips, tensorParallel, layout, requests, microBatch,',
      'batch, tpot, low, high, tokensPerGpuSecond, usdPerMillionTokens, binding, pace, stages: {attention, dispatch, gather, ffn, scatter, combine},',
      'attentionBytes, attentionUsableBytes, ffnBytes, ffnUsableBytes, basis, infeasible: string | null, tpotTarget, context, notes: string[]};',
      'null where nothing fits or is known; seconds; requests: of one replica in a micro-batch, batch: of all in all micro-batches; stages: of one layer',
      'and micro-batch, the mean over layers; low and high where all kernels are off alike, by 80 % of their residuals',
    ].join('\n'),
  })
    .addOption(listed('afd', '--models <ids>', 'models, or all (default: step-3)'))
    .addOption(configOption())
    .addOption(ignoreOption('afd'))
    .addOption(listed('afd', '--accelerators <ids>', 'chips of both sides, every pair of them (default: h800,h20)'))
    .addOption(listed('afd', '--attention <ids>', 'chips of the attention side'))
    .addOption(listed('afd', '--ffn <ids>', 'chips of the feed-forward side'))
    .addOption(new Option('--contexts <tokens>', 'context lengths: 8192, 8K, 1K..1M (default: 8192)').argParser(contexts('afd')))
    .addOption(new Option('--spread <deviation>', 'contexts are log-normal around each of --contexts, with this deviation of the logarithm').argParser(spreadOf).default(0))
    .addOption(new Option('--mix <contexts>', 'contexts with weights in place of --contexts: 4K:3,32K:1').argParser(mixOf))
    .addOption(new Option('--tpot <ms>', 'longest time per output token, several are planned apart (default: 50)').argParser(milliseconds('afd', 'tpot')))
    .addOption(chosen('afd', '--objective <what>', 'what is best (default: cost)', AFD_OBJECTIVES))
    .addOption(new Option('--max-instances <servers>', 'most instances of each side, or of the attention side with ?AyF (default: 8)').argParser(count('afd', 'max-instances', 256)))
    .option('--pareto', 'only plans that no other beats in time per token and cost', false)
    .addOption(new Option('--deployment <xAyF>', 'time one deployment: 2A2F with --requests, ?A2F with --micro-batch').argParser(deploymentOf).conflicts(['pareto', 'objective']))
    .addOption(new Option('--requests <number>', 'requests of one attention replica in a micro-batch').argParser(count('afd', 'requests', 1_000_000)))
    .addOption(new Option('--micro-batch <requests>', 'requests of all replicas in a micro-batch').argParser(count('afd', 'micro-batch', 1_000_000)))
    .addOption(new Option('--attention-tp <ways>', 'chips of an attention replica, with --deployment (default: 1)').argParser(count('afd', 'attention-tp', 64)))
    .addOption(chosen('afd', '--layout <kind>', 'experts on chips or split over those of an instance, with --deployment (default: expert)', LAYOUTS))
    .addOption(
      new Option('--micro-batches <number>', 'micro-batches in the pipeline: 3, or 4 with each way in a stage of its own')
        .argParser(count('afd', 'micro-batches', 64))
        .default(afdDefaults.microBatches),
    )
    .addOption(chosen('afd', '--times <kind>', 'calibrated kernels, or their roofline bounds', ['calibrated', 'ideal']).default('calibrated'))
    .addOption(new Option('--nic-share <share>', 'share of the rate of a network card that is reached').argParser(shareOf('afd', 'nic-share')).default(afdDefaults.nicShare))
    .addOption(chosen('afd', '--routing <kind>', 'tokens go to every feed-forward instance, or to those of their experts', ['broadcast', 'routed']).default('broadcast'))
    .addOption(expertLoadOption('afd'))
    .addOption(new Option('--draft-tokens <number>', 'multi-token prediction: drafted tokens of a step').argParser(whole('afd', 'draft-tokens', 16)).default(0))
    .addOption(new Option('--acceptance <share>', 'share of drafted tokens that are accepted (default: 0)').argParser(shareOf('afd', 'acceptance', 'at least 0')))
    .addOption(new Option('--memory-share <share>', 'share of the memory that the engine takes').argParser(shareOf('afd', 'memory-share')).default(afdDefaults.memoryShare))
    .addOption(chosen('afd', '--precision <policy>', "formats of all models; paper is each model's own", PRECISION_POLICY_IDS).default('paper'))
    .addOption(overrideOption())
    .addOption(formatOption('afd'))
    .action(async (options: AfdOptions & { readonly format: Format }) => {
      const rows = afdRows(options, await loadCatalogue(options), (steps) => progress(io, 'afd', steps));
      print(io, options.format, afdPrintout(rows));
    });
