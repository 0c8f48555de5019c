import { type Command, Option } from 'commander';
import { SEARCHES } from '../../serving/disaggregation/compare.ts';
import { OBJECTIVES } from '../../serving/disaggregation/placement.ts';
import { AFFINITIES } from '../../serving/disaggregation/splits.ts';
import { type CommandOf, chosen, createCommand, createGroup, formatOption, listed } from '../command.ts';
import { withEstimator } from '../disaggregate/estimator.ts';
import { type GoodputOptions, goodputFound } from '../disaggregate/goodput.ts';
import { withLoad } from '../disaggregate/load.ts';
import { type PlaceOptions, placed } from '../disaggregate/place.ts';
import { withPlacement } from '../disaggregate/placement.ts';
import { type SimulateOptions, simulated } from '../disaggregate/simulate.ts';
import { count, positive, positives, whole } from '../input/numbers.ts';
import type { Io } from '../io.ts';
import { loadCatalogue } from '../load-catalogue.ts';
import { type Format, print } from '../output/print.ts';
import { progress } from '../output/progress.ts';
import { rateOption } from '../serving/arrivals.ts';
import { sloOption, withGoal } from '../serving/goal.ts';

const PLACE = 'disaggregate';
const SLO = 'ttft=0.25,tpot=0.1';

interface Formatted {
  readonly format: Format;
}

const simulate = (io: Io): Command =>
  withEstimator(
    withLoad(
      withPlacement(
        createCommand(io, 'disaggregate simulate', {
          description: 'One run of a load through a placement: who keeps the objectives, and where the time goes.',
          examples: [
            'disaggregate simulate --model opt-13b --estimator engine --prefill tp=2 --decode tp=1 --rate 6 --requests 300',
            'disaggregate simulate --trace requests.csv --estimator simdistserve --prefill tp=2,pp=1 --decode tp=1,pp=1 --slo ttft=0.25,tpot=0.1 --format csv',
            'disaggregate simulate --model qwen3-32b --colocated tp=2,on=h800 --lengths log-normal --prompt 2K --output 400 --rate 4 --slo ttft=1,tpot=0.05',
          ],
          json: [
            '{summary: {model, estimator, placement, chips, slo: {ttft, tpot}, requests, span, makespan, attainment: {both, ttft, tpot}, ttft: {mean, p50, p90, p99}, tpot,',
            'phases: {prefillQueue, prefill, transfer, decodeQueue, decode}, outputTokensPerSecond, putOut, events, notes: string[]},',
            'requests: [{request, arrival_s, prompt_len, output_len, ttft_s, tpot_s, prefill_start_s, first_token_s, decode_ready_s, decode_start_s, finish_s}]};',
            'seconds, null where a request has no such time; with --format csv the requests alone',
          ].join('\n'),
        }),
      ),
    ),
  )
    .addOption(rateOption(PLACE))
    .addOption(sloOption(PLACE, SLO))
    .addOption(formatOption(PLACE))
    .action(async (options: SimulateOptions & Formatted) => print(io, options.format, await simulated(options, await loadCatalogue(options))));

/** Options of runs that are repeated. */
const withRuns = (command: Command): Command =>
  command
    .addOption(new Option('--seeds <number>', 'runs at each rate, with seeds from --seed on; a trace has one').argParser(count(PLACE, 'seeds', 100)).default(1))
    .addOption(new Option('--least-seconds <s>', 'the load comes again until arrivals last so long').argParser(whole(PLACE, 'least-seconds', 3600)).default(100));

const goodput = (io: Io): Command =>
  withRuns(
    withGoal(
      PLACE,
      SLO,
      withEstimator(
        withLoad(
          withPlacement(
            createCommand(io, 'disaggregate goodput', {
              description: 'The highest rate at which a placement reaches a goal, what a request then costs, and attainment over the rate.',
              examples: [
                'disaggregate goodput --model opt-13b --estimator engine --prefill tp=2 --decode tp=1 --seeds 5',
                'disaggregate goodput --model qwen3-32b --prefill tp=1,on=h800 --decode tp=1,instances=2,on=h20 --slo ttft=1,tpot=0.05 --rates 2,5,10,20',
                'disaggregate goodput --model opt-66b --estimator engine --colocated tp=4 --slo ttft=2.5,tpot=0.15 --rates 2 --scales 0.5,1,2',
              ],
              json: [
                '{model, estimator, placement, chips, goal: {slo, share, criterion, warmup}, seeds, requests, leastSeconds, goodput, goodputPerChip, stops: "ttft" | "tpot" | null,',
                'usdPerRequest: number | null, usdPerMillionOutputTokens: number | null,',
                'points: [{rate, attainments: [{scale, both: {mean, low, high}, ttft, tpot}], ttft: {p50, p90, p99}, tpot: {p50, p90, p99}, events, putOut}], notes: string[]};',
                'requests per second, seconds, shares; low and high: 95 % interval over seeds, null of one',
              ].join('\n'),
            }),
          ),
        ),
      ),
    ),
  )
    .addOption(new Option('--rates <list>', 'requests per second of the curve (default: around the goodput)').argParser(positives(PLACE, 'rates')))
    .addOption(new Option('--scales <list>', 'factors of both objectives: attainment over the SLO scale (default: 1)').argParser(positives(PLACE, 'scales', 1000)))
    .addOption(formatOption(PLACE))
    .action(async (options: GoodputOptions & Formatted) => print(io, options.format, await goodputFound(options, await loadCatalogue(options), (steps) => progress(io, PLACE, steps))));

const place = (io: Io): Command =>
  withRuns(
    withGoal(
      PLACE,
      SLO,
      withEstimator(
        withLoad(
          createCommand(io, 'disaggregate place', {
            description: 'Which placement serves most requests per chip, or costs least per request, within a goal: prefill and decode apart against both together, with the reasons for the others.',
            examples: [
              'disaggregate place --model qwen3-32b --accelerators h800,h20 --slo ttft=1,tpot=0.05',
              'disaggregate place --model opt-13b --estimator simdistserve --affinity low --gpus-per-node 4 --requests 300 --least-seconds 0 --slo ttft=0.2,tpot=0.1 --criterion separate --objective rate --max-rate-per-gpu 5 --within 0.25 --no-prune',
              'disaggregate place --model llama-3.1-70b --accelerators h100 --precision w8a8kv16 --slo ttft=0.5,tpot=0.03 --target-rate 50',
            ],
            json: [
              '{placements: [{model, kind: "disaggregated" | "colocated" | "prefill" | "decode", accelerators, placement, chips, rate, ratePerChip, usdPerRequest: number | null,',
              'usdPerMillionOutputTokens: number | null, because}], notes: string[]}; best first, rate 0 where the goal is missed or nothing fits; prefill and decode: one phase alone',
            ].join('\n'),
          }),
        ),
      ),
    ),
  )
    .addOption(listed(PLACE, '--accelerators <ids>', 'chips, and every pair of them, with calibrated (default: h800,h20)'))
    .addOption(new Option('--nodes <number>', 'servers (default: 4, or 1 with engine and simdistserve)').argParser(count(PLACE, 'nodes', 64)))
    .addOption(new Option('--gpus-per-node <number>', 'chips of a server').argParser(count(PLACE, 'gpus-per-node', 256)).default(8))
    .addOption(chosen(PLACE, '--affinity <kind>', 'whether servers exchange KV caches fast (high), or prefill and decode stand in pairs in one server (low)', AFFINITIES).default('high'))
    .addOption(chosen(PLACE, '--search <how>', 'each phase by itself, then as many instances as they need of each other, or pair by pair (default: apart for high affinity)', SEARCHES))
    .addOption(chosen(PLACE, '--objective <what>', 'what is best: requests per second and chip, or USD per request', OBJECTIVES).default('cost'))
    .addOption(new Option('--target-rate <number>', 'requests per second that the instances of a search apart are sized for').argParser(positive(PLACE, 'target-rate')))
    .addOption(new Option('--max-rate-per-gpu <number>', 'highest rate of a chip that is looked at, with --within').argParser(positive(PLACE, 'max-rate-per-gpu')))
    .addOption(new Option('--within <number>', 'how near the rate of a chip is found').argParser(positive(PLACE, 'within')))
    .option('--no-prune', 'search every placement to its end, also those that miss the goal at half of the best')
    .addOption(new Option('--top <number>', 'rows of each table').argParser(count(PLACE, 'top', 1000)).default(5))
    .addOption(formatOption(PLACE))
    .action(async (options: PlaceOptions & Formatted) => print(io, options.format, await placed(options, await loadCatalogue(options), (steps) => progress(io, PLACE, steps))));

export const disaggregate: CommandOf = (io) =>
  createGroup(
    io,
    PLACE,
    {
      description: 'Prefill and decode on instances of their own, simulated request by request: who keeps the objectives, how many requests per second, on which placement, at which cost.',
      examples: [
        'disaggregate simulate --help',
        'disaggregate goodput --model opt-13b --estimator engine --prefill tp=2 --decode tp=1',
        'disaggregate place --model qwen3-32b --accelerators h800,h20 --slo ttft=1,tpot=0.05',
      ],
    },
    [simulate(io), goodput(io), place(io)],
  );
