import { type Command, Option } from 'commander';
import { InputError } from '../../io/input-error.ts';
import { POLICIES } from '../../serving/preemption/policy.ts';
import { PATTERNS } from '../../serving/preemption/priorities.ts';
import { type CommandOf, chosen, createCommand, createGroup, formatOption, listed, listedOf } from '../command.ts';
import { contexts, count, counts, positive, secondsOf, shareOf, tokens, whole } from '../input/numbers.ts';
import type { Io } from '../io.ts';
import { loadCatalogue } from '../load-catalogue.ts';
import { type Format, print } from '../output/print.ts';
import { progress } from '../output/progress.ts';
import { type BreakEvenCommandOptions, comparedWays } from '../preempt/break-even.ts';
import { MOST_TOKENS, PLACE, withCatalogue, withCopies } from '../preempt/options.ts';
import { type SimulateOptions, simulated } from '../preempt/simulate.ts';
import { type TransferOptions, transferred } from '../preempt/transfer.ts';
import { arrivalsOption } from '../serving/arrivals.ts';

interface Formatted {
  readonly format: Format;
}

const linksOption = (): Option => listed(PLACE, '--links <ids>', 'links between chip and host (default: pcie4-x16,pcie5-x16)');
const modelsOption = (otherwise: string): Option => listed(PLACE, '--models <ids>', `models, or all (default: ${otherwise})`);

const transfer = (io: Io): Command =>
  withCopies(
    withCatalogue(
      createCommand(io, 'preempt transfer', {
        description: 'What a context switch moves between chip and host: bytes, copy calls, time, and how much of the link it uses, for single blocks and for contiguous groups.',
        examples: [
          'preempt transfer --models llama-3.1-8b,qwen1.5-32b --links pcie4-x16 --groups 1,20',
          'preempt transfer --models all --contexts 32K --layout whole-block',
          'preempt transfer --models deepseek-v3 --links pcie5-x16,nvlink-c2c --method gather',
        ],
        json: [
          'an array of {model, link, context, groupBlocks, blocks, blockBytes, piecesPerBlock, pieceBytes, calls, bytes, outSeconds, inSeconds, bothSeconds, bytesPerSecond, utilisation,',
          'crossoverGroup, notes: string[]}; rate and utilisation (of the line, or of --bandwidth) are those of the swap-in',
        ].join('\n'),
      }),
    ),
  )
    .addOption(modelsOption('llama-3.1-8b,qwen3-32b,deepseek-v3,step-3'))
    .addOption(linksOption())
    .addOption(new Option('--contexts <tokens>', 'tokens of the cache (default: 2048)').argParser(contexts(PLACE, 'contexts', MOST_TOKENS)))
    .addOption(new Option('--groups <blocks>', 'blocks that lie together (default: 1,20, of those that the context has)').argParser(counts(PLACE, 'groups', 1_000_000)))
    .addOption(formatOption(PLACE))
    .action(async (options: TransferOptions & Formatted) => print(io, options.format, transferred(options, await loadCatalogue(options))));

const breakEven = (io: Io): Command =>
  withCopies(
    withCatalogue(
      createCommand(io, 'preempt break-even', {
        description: 'Swap or recompute: at which contexts a preempted request is back sooner from host memory, and at which from its tokens.',
        examples: [
          'preempt break-even --models llama-3.1-8b,qwen3-30b-a3b --accelerators h800,h20',
          'preempt break-even --models deepseek-v3 --tp 8 --accelerators h800 --links pcie5-x16',
          'preempt break-even --groups 1,20,60 --weights shared --format json',
        ],
        json: [
          'an array of {model, accelerator, chips, link, groupBlocks, exact, trend, calibrated: each [{from, to, faster: "swap" | "recompute" | "neither"}],',
          'at: [{context, swapSeconds, recomputeSeconds, calibratedRecomputeSeconds}], notes: string[]};',
          'exact: every change at data-sheet rates; trend: of the means over a block; calibrated: with calibrated kernels',
        ].join('\n'),
      }),
    ),
  )
    .addOption(modelsOption('llama-3.1-8b,llama-2-7b,qwen3-30b-a3b,deepseek-v3,step-3'))
    .addOption(listed(PLACE, '--accelerators <ids>', 'chips, or all (default: h800,h20,a800)'))
    .addOption(linksOption())
    .addOption(new Option('--groups <blocks>', 'blocks that lie together (default: 1)').argParser(counts(PLACE, 'groups', 1_000_000)))
    .addOption(new Option('--tp <chips>', 'chips that share the layers, each with a link of its own (default: as few as hold the model)').argParser(count(PLACE, 'tp', 1024)))
    .addOption(chosen(PLACE, '--weights <how>', 'alone: recomputing reads the weights for itself; shared: it runs beside others that read them', ['alone', 'shared']).default('alone'))
    .addOption(new Option('--contexts <tokens>', 'contexts at which both times are shown (default: 1K,8K,32K)').argParser(contexts(PLACE, 'contexts', MOST_TOKENS)))
    .addOption(new Option('--to <tokens>', 'longest context').argParser(tokens(PLACE, 'to', 2 ** 22)).default(131_072, '128K'))
    .addOption(formatOption(PLACE))
    .action(async (options: BreakEvenCommandOptions & Formatted) => {
      const catalogue = await loadCatalogue(options);
      print(
        io,
        options.format,
        comparedWays(options, catalogue, (steps) => progress(io, PLACE, steps)),
      );
    });

const simulate = (io: Io): Command =>
  withCopies(
    withCatalogue(
      createCommand(io, 'preempt simulate', {
        description: 'Conversations of several turns whose priorities change while they run: time to first token, stalls, throughput and fairness under each way of preempting.',
        examples: [
          'preempt simulate --model llama-3.1-8b --accelerator a10 --pattern markov --update-every 25',
          'preempt simulate --model qwen1.5-32b --accelerator a100-80g --update-every 50 --policies vllm,fastswitch,recompute',
          'preempt simulate --trace conversations.csv --link pcie5-x16 --accelerator h100 --format json',
        ],
        json: [
          'an array of {policy, conversations, turns, makespan, ttft: {mean, p50, p90, p95, p99, p999}, tbt, outputTokensPerSecond, shares: {busy, stall, idle}, fairness,',
          'iterations, updates, out: {operations, blocks, groups, calls, bytes, seconds, blocksPerGroup, bytesPerSecond}, in, drops, recomputedTokens, givenUp, notes: string[]}',
        ].join('\n'),
        more: {
          heading: 'Policies',
          text: [
            'vllm          single blocks, each copied alone, and everything waits',
            'groups        contiguous groups of blocks (the first of --initial-group)',
            'groups-reuse  and copies on the host are kept: only what is new goes out',
            'fastswitch    and copies run beside iterations',
            'recompute     caches are dropped and read again from their tokens',
            'cheaper       single blocks, swapped or recomputed, whichever is sooner',
          ].join('\n'),
        },
      }),
    ),
  )
    .addOption(new Option('--model <id>', 'the model (default: llama-3.1-8b, or that of --config)'))
    .addOption(new Option('--accelerator <id>', 'the chip').default('a10'))
    .addOption(new Option('--tp <chips>', 'chips that share the layers, each with a link of its own').argParser(count(PLACE, 'tp', 64)).default(1))
    .addOption(new Option('--link <id>', 'link between chip and host').default('pcie4-x16'))
    .addOption(new Option('--host-gb <GB>', 'memory of the host for caches, of each chip').argParser(positive(PLACE, 'host-gb')).default(60))
    .addOption(new Option('--memory-share <share>', "share of the chip's memory that the engine takes").argParser(shareOf(PLACE, 'memory-share')).default(0.9))
    .addOption(new Option('--max-requests <number>', 'conversations that run together at most').argParser(count(PLACE, 'max-requests', 65_536)).default(256))
    .addOption(new Option('--batch-tokens <tokens>', 'new tokens of one pass over prompts').argParser(tokens(PLACE, 'batch-tokens', 2 ** 20)).default(2048))
    .addOption(
      new Option('--host-ms <ms>', 'time of the engine on the host in every iteration')
        .argParser(orZero(positive(PLACE, 'host-ms', 10_000), 'host-ms', 'is not a number of milliseconds from 0 to 10000'))
        .default(0),
    )
    .addOption(listedOf(PLACE, '--policies <names>', Object.keys(POLICIES), `which ways of preempting, see below (default: vllm,groups,groups-reuse,fastswitch)`))
    .addOption(new Option('--initial-group <blocks>', 'blocks of the first group of a conversation (default: 60)').argParser(count(PLACE, 'initial-group', 1_000_000)))
    .addOption(chosen(PLACE, '--pattern <name>', 'how priorities change: anew, favouring who was served lately, or not at all', PATTERNS).default('random'))
    .addOption(new Option('--persistence <share>', 'probability that a priority stays, with markov (default: 0)').argParser(shareOf(PLACE, 'persistence', 'at least 0')))
    .addOption(new Option('--update-every <iterations>', 'iterations from one update of priorities to the next').argParser(count(PLACE, 'update-every', 1_000_000)).default(25))
    .addOption(new Option('--conversations <number>', 'conversations of a run (default: 1000)').argParser(count(PLACE, 'conversations', 1_000_000)))
    .addOption(new Option('--rate <number>', 'conversations per second (default: 1)').argParser(positive(PLACE, 'rate')))
    .addOption(arrivalsOption(PLACE))
    .addOption(new Option('--turns <number>', "turns of each conversation (default: FastSwitch's ShareGPT, those of more than one)").argParser(count(PLACE, 'turns', 10_000)))
    .addOption(new Option('--tokens <tokens>', "tokens of each conversation (default: FastSwitch's ShareGPT)").argParser(tokens(PLACE, 'tokens', 2 ** 22)))
    .addOption(new Option('--output-share <share>', "share of them that are answers, below 1 (default: FastSwitch's ShareGPT)").argParser(answersOf))
    .addOption(new Option('--think <s>', 'mean time from an answer to the next turn (default: 0)').argParser(orZero(secondsOf(PLACE, 'think'), 'think', 'is not a number of seconds from 0 to 86400')))
    .addOption(new Option('--seed <number>', 'seed of arrivals, lengths and priorities (default: 0)').argParser(whole(PLACE, 'seed')))
    .addOption(new Option('--trace <file>', 'turns from a CSV with conversation, arrival_s, prompt_len, output_len, in place of the options above'))
    .addOption(formatOption(PLACE))
    .action(async (options: SimulateOptions & Formatted) => {
      const catalogue = await loadCatalogue(options);
      print(io, options.format, await simulated(options, catalogue, progress(io, PLACE, options.policies?.length ?? 4)));
    });

/** A number that may be 0 as well. */
const orZero =
  (above: (text: string) => number, field: string, rule: string) =>
  (text: string): number => {
    if (/^0+(\.0+)?$/.test(text)) return 0;
    try {
      return above(text);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      throw new InputError(`${PLACE}: ${field} ${text || '""'} ${rule}`, { cause: error });
    }
  };

/** A share of answers: what is asked has to be left some. */
function answersOf(text: string): number {
  const share = shareOf(PLACE, 'output-share')(text);
  if (share === 1) throw new InputError(`${PLACE}: output-share ${text} leaves no tokens to prompts: below 1`);
  return share;
}

export const preempt: CommandOf = (io) =>
  createGroup(
    io,
    'preempt',
    {
      description: 'What preempting requests costs: copies of their KV cache to the host and back (FastSwitch), or computing it again.',
      examples: ['preempt transfer --models llama-3.1-8b', 'preempt break-even --accelerators h800', 'preempt simulate --pattern markov'],
    },
    [transfer(io), breakEven(io), simulate(io)],
  );
