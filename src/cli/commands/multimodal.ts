import { type Command, Option } from 'commander';
import { OBJECTIVES } from '../../serving/disaggregation/placement.ts';
import { ALLOCATION_KINDS } from '../../serving/multimodal/allocation.ts';
import { type CommandOf, chosen, createCommand, createGroup, formatOption, listed, listedOf } from '../command.ts';
import { count, counts, positive, secondsOf, shareOf, whole } from '../input/numbers.ts';
import type { Io } from '../io.ts';
import { loadCatalogue } from '../load-catalogue.ts';
import { type CostOptions, costed } from '../multimodal/cost.ts';
import { ESTIMATORS } from '../multimodal/estimator.ts';
import { type MemoryOptions, memoryShown } from '../multimodal/memory.ts';
import { chipsOption, imageOption, modelOption, PLACE, resolutionOf, resolutionsOf, withCatalogue, withRequest } from '../multimodal/options.ts';
import { type PlaceOptions, placed } from '../multimodal/place.ts';
import { type SimulateOptions, simulated } from '../multimodal/simulate.ts';
import { withScheduling, workersOf } from '../multimodal/workers.ts';
import { type Format, print } from '../output/print.ts';
import { progress } from '../output/progress.ts';
import { arrivalsOption, rateOption, seedOption } from '../serving/arrivals.ts';
import { sloOption, withGoal } from '../serving/goal.ts';

const SLO = 'ttft=1,tpot=0.05';

interface Formatted {
  readonly format: Format;
}

const cost = (io: Io): Command =>
  withRequest(
    withCatalogue(
      createCommand(io, 'multimodal cost', {
        description: 'What an image, or a video, costs: tiles and tokens, the time to encode it and to read its tokens, and USD of an image, a video minute and a whole request.',
        examples: [
          'multimodal cost --models minicpm-v-2.6,internvl2-8b --accelerators a100-80g --image 313x234,787x444,4032x3024',
          'multimodal cost --accelerators h100 --image 1920x1080',
          'multimodal cost --models qwen3-vl-235b-a22b --video 1280x720 --seconds 60 --fps 1',
        ],
        json: [
          'an array of {model, accelerator, media: "image" | "video", size, seconds, frames, tiles, patches, mediaTokens, promptTokens, chips, encodeSeconds, encodeLow, encodeHigh,',
          'prefillSeconds, encodeUsd, prefillUsd, mediaUsd, idealMediaUsd, usdPerVideoMinute, requestUsd, decodeBatch, basis, infeasible: string | null, notes: string[]};',
          'of one image or video, promptTokens and requestUsd of a request; null where the model does not fit, or the chip has no price',
        ].join('\n'),
      }),
    ),
  )
    .addOption(listed(PLACE, '--models <ids>', 'models with a vision encoder, or all (default: all)'))
    .addOption(listed(PLACE, '--accelerators <ids>', 'chips, or all (default: h100,h20)'))
    .addOption(new Option('--image <sizes>', 'sizes of images in pixels: 313x234,1920x1080 (default: 1920x1080)').argParser(resolutionsOf))
    .addOption(new Option('--video <WxH>', 'a video of frames of this size, in place of --image').argParser((text: string) => resolutionOf(text, 'video')))
    .addOption(new Option('--seconds <s>', 'length of the video (default: 60)').argParser(secondsOf(PLACE, 'seconds')))
    .addOption(new Option('--fps <number>', 'frames of the video that are taken of a second (default: 1)').argParser(positive(PLACE, 'fps')))
    .addOption(new Option('--batch <requests>', 'requests that decode together, as far as memory has room').argParser(count(PLACE, 'batch', 65_536)).default(64))
    .addOption(formatOption(PLACE))
    .action(async (options: CostOptions & Formatted) => print(io, options.format, costed(options, await loadCatalogue(options))));

const memory = (io: Io): Command =>
  withRequest(
    withCatalogue(
      createCommand(io, 'multimodal memory', {
        description: 'Memory of one chip that encodes, reads prompts, decodes, or does several of these: what it holds, how many images a request and how many requests a batch can have.',
        examples: ['multimodal memory --model internvl2-8b --accelerator a100-80g --image 4032x3024 --images 10', 'multimodal memory --model minicpm-v-2.6 --attention eager --kv-share 0.5'],
        json: [
          '{model, accelerator, image, images, prompt, batch, stages: [{stage, weightBytes, multimediaCacheBytes, activationBytes, kvBytes, totalBytes, capacityBytes, fits,',
          'imagesPerRequest, limitedBy: "memory" | "context" | null, largestBatch, largestKvShare}], notes: string[]};',
          'numbers, or "OOM" (out of memory) and "OOCL" (out of context length); null where a stage has no such limit',
        ].join('\n'),
      }),
    ),
  )
    .addOption(modelOption())
    .addOption(new Option('--accelerator <id>', 'the chip').default('h100'))
    .addOption(imageOption())
    .addOption(new Option('--batch <requests>', 'requests of one pass').argParser(count(PLACE, 'batch', 65_536)).default(1))
    .addOption(new Option('--kv-share <share>', 'share of what weights and multimedia cache leave that KV gets').argParser(shareOf(PLACE, 'kv-share', 'at least 0')).default(0.8))
    .addOption(new Option('--cache-tiles <number>', 'tiles that the multimedia cache holds').argParser(count(PLACE, 'cache-tiles', 1_000_000)).default(3000))
    .addOption(chosen(PLACE, '--attention <kind>', 'whether the encoder keeps its attention scores (eager) or not (fused)', ['fused', 'eager']).default('fused'))
    .addOption(formatOption(PLACE))
    .action(async (options: MemoryOptions & Formatted) => print(io, options.format, memoryShown(options, await loadCatalogue(options))));

/** Adds the options of simulated loads. */
const withLoad = (command: Command): Command =>
  withRequest(withCatalogue(command))
    .addOption(modelOption())
    .addOption(imageOption())
    .addOption(chosen(PLACE, '--estimator <name>', 'calibrated: any model and chip; epd: MiniCPM-V 2.6 with images of 4032x3024 on A100, as EPD ran it', ESTIMATORS).default('calibrated'))
    .addOption(new Option('--requests <number>', 'requests of a run').argParser(count(PLACE, 'requests', 100_000)).default(100))
    .addOption(arrivalsOption(PLACE))
    .addOption(seedOption(PLACE))
    .addOption(new Option('--link-share <share>', 'share of the rate of links that is reached, with calibrated (default: 0.8)').argParser(shareOf(PLACE, 'link-share')))
    .addOption(new Option('--entry-seconds <s>', 'time of each request on the host before it waits for anything, with calibrated (default: 0)').argParser(secondsOf(PLACE, 'entry-seconds')));

const simulate = (io: Io): Command =>
  withScheduling(
    withLoad(
      createCommand(io, 'multimodal simulate', {
        description: 'One run of requests with images through encode, prefill and decode instances: who keeps the objectives, and where the time goes.',
        examples: [
          'multimodal simulate --estimator epd --workers 6E1P1D --prefill-batch 1 --images 6 --prompt 22 --output 10 --rate 1.25 --seed 6 --slo ttft=3.9,tpot=0.06',
          'multimodal simulate --model internvl2-26b --accelerator h100 --workers 4E2P2D --images 4 --rate 2',
          'multimodal simulate --estimator epd --workers 5E1P2D --output 500 --rate 3 --switch-every 5 --format json',
        ],
        json: [
          '{summary: {model, estimator, placement, chips, slo: {ttft, tpot}, requests, span, makespan, attainment: {both, ttft, tpot}, ttft: {mean, p50, p90, p99}, tpot,',
          'phases: {encodeQueue, encode, prefillQueue, prefill, transfer, decodeQueue, decode}, outputTokensPerSecond, putOut, events, roles: [{time, encode, prefill, decode}], notes: string[]},',
          'requests: [{request, arrival_s, images, prompt_len, output_len, ttft_s, tpot_s, encode_start_s, encoded_s, prefill_start_s, first_token_s, decode_start_s, finish_s}]};',
          'seconds, null where a request has no such time; with --format csv the requests alone',
        ].join('\n'),
      }),
    ),
  )
    .addOption(new Option('--workers <counts>', 'instances: 6E1P1D; 7P1D, where those of prefill encode; 8, where all do all').argParser(workersOf).default(workersOf('6E1P1D'), '6E1P1D'))
    .addOption(new Option('--accelerator <id>', 'chip of all instances, with calibrated (default: h100)'))
    .addOption(rateOption(PLACE))
    .addOption(sloOption(PLACE, SLO))
    .addOption(new Option('--switch-every <s>', 'instances change their role by the load of the stages, decided so often').argParser(secondsOf(PLACE, 'switch-every')))
    .addOption(new Option('--switch-seconds <s>', 'time in which an instance that changes takes no work (default: 0.7)').argParser(secondsOf(PLACE, 'switch-seconds')))
    .addOption(formatOption(PLACE))
    .action(async (options: SimulateOptions & Formatted) => print(io, options.format, simulated(options, await loadCatalogue(options))));

const place = (io: Io): Command =>
  withGoal(
    PLACE,
    SLO,
    withLoad(
      createCommand(io, 'multimodal place', {
        description: 'How many of some chips should encode, read prompts and decode, with which batches and dispatchers: goodput and cost, against encoding with prefill, and all together.',
        examples: [
          'multimodal place --estimator epd --objective rate --images 6 --prompt 22 --output 10 --seed 6 --least-seconds 0 --slo ttft=3.9,tpot=0.06',
          'multimodal place --model internvl2-26b --accelerators h100,h20 --gpus 8 --images 4 --slo ttft=2,tpot=0.05',
        ],
        json: [
          '{allocations: [{model, kind: "epd" | "pd" | "aggregated", accelerator, workers, encode, prefill, decode, chips, batches: {encode, prefill, decode}, share: "media" | "request",',
          'dispatch, order, rate, ratePerChip, usdPerRequest: number | null, because}], notes: string[]}; best first, rate 0 where the goal is missed or nothing fits',
        ].join('\n'),
      }),
    ),
  )
    .addOption(chipsOption())
    .addOption(new Option('--gpus <number>', 'chips in all').argParser(count(PLACE, 'gpus', 64)).default(8))
    .option('--fewer', 'also allocations that leave chips free', false)
    .addOption(listedOf(PLACE, '--kinds <names>', ALLOCATION_KINDS, 'epd: encode, prefill and decode apart; pd: encode with prefill; aggregated: all together (default: all three)'))
    .addOption(new Option('--tp <list>', 'chips of a prefill or decode instance, every pair of them: 1,2 (default: as few as hold the model)').argParser(counts(PLACE, 'tp', 64)))
    .addOption(chosen(PLACE, '--objective <what>', 'what is best: requests per second and chip, or USD per request', OBJECTIVES).default('rate'))
    .addOption(new Option('--seeds <number>', 'runs at each rate, with seeds from --seed on').argParser(count(PLACE, 'seeds', 100)).default(1))
    .addOption(new Option('--least-seconds <s>', 'the load comes again until arrivals last so long').argParser(whole(PLACE, 'least-seconds', 3600)).default(30))
    .addOption(new Option('--top <number>', 'rows of each table').argParser(count(PLACE, 'top', 1000)).default(5))
    .addOption(formatOption(PLACE))
    .action(async (options: PlaceOptions & Formatted) =>
      print(
        io,
        options.format,
        placed(options, await loadCatalogue(options), (steps) => progress(io, PLACE, steps)),
      ),
    );

export const multimodal: CommandOf = (io) =>
  createGroup(
    io,
    PLACE,
    {
      description: 'Models that see: what an image costs, what fits in memory by stage, and whether encoding on instances of its own pays.',
      examples: [
        'multimodal cost --models internvl2-8b --accelerators h100 --image 1920x1080',
        'multimodal memory --model internvl2-8b',
        'multimodal place --estimator epd --images 6 --slo ttft=3.9,tpot=0.06',
      ],
    },
    [cost(io), memory(io), simulate(io), place(io)],
  );
