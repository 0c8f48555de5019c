import { describe, expect, it } from 'vitest';
import { cli } from '../support.ts';

type Case = readonly [readonly string[], string];
const refused = async (argv: readonly string[], message: string): Promise<void> => expect(await cli('multimodal', ...argv)).toEqual({ code: 2, out: '', err: `tokenroof: ${message}\n` });
/** Values that one option refuses, by one rule. */
const each = (option: string, values: readonly string[], rule: string, ...more: readonly string[]): readonly Case[] =>
  values.map((text) => [[...more, `--${option}=${text}`], `multimodal: ${option} ${text || '""'} ${rule}`]);

const NUMBERS = ['0', '-1', '1.5', 'NaN', 'inf', '1e3', '0x10', ''];
const upTo = (most: number): string => `is not a whole number from 1 to ${most}`;
const SHARES = ['-0.1', '1.1', 'NaN', '80%', ''];
const SECONDS = ['0', '-1', 'NaN', 'inf', '86401', '1e3', '.', ''];
const SECONDS_RULE = 'is not a number of seconds above 0 and up to 86400';
const PIXELS = 'is not <width>x<height> in pixels, such as 1920x1080';
const SIZES = ['0x0', '1x', 'x1', '10', '1x0', '-1x5', '1.5x2', '1920×1080', '1920x1080x3', '1234567x5', 'NaNxNaN'];
const CALIBRATED = 'is used with --estimator calibrated only';

describe('multimodal refuses', () => {
  it.each<Case>([
    [[], 'multimodal: command is missing: one of cost, memory, simulate, place'],
    [['plac'], 'multimodal: command plac is unknown; nearest: place, cost, memory'],
    [['--model', 'minicpm-v-2.6'], 'multimodal: option --model is unknown; nearest: --help'],
    [['cost', 'place'], 'multimodal: argument place is one too many'],
    [['cost', '--model', 'minicpm-v-2.6'], 'multimodal: option --model is unknown; nearest: --models, --video, --images'],
    [['memory', '--top'], 'multimodal: option --top is unknown; nearest: --help, --prompt, --model'],
    [['place', '--rate', '1'], 'multimodal: option --rate is unknown; nearest: --image, --tp, --images'],
    [['place', '--top'], 'multimodal: option --top is given without its value'],
  ])('%j in one line, exit code 2', refused);
});

/** Of every action. */
const REQUEST: readonly Case[] = [
  ...each('images', [...NUMBERS, '4097'], upTo(4096)),
  ...['prompt', 'output'].flatMap((field) => each(field, [...NUMBERS, '1000001'], upTo(1_000_000))),
  ...each('precision', ['fp9'], 'is unknown; nearest: fp8, bf16, paper'),
  ...each('format', ['xml'], 'is unknown; nearest: csv, table, json'),
  [['--config', '/none/config.json'], 'config: file /none/config.json does not exist'],
  [['--override', '/none/override.json'], 'override: file /none/override.json does not exist'],
];
/** Of every action that has one model. */
const MODEL: readonly Case[] = [
  ...each('image', [...SIZES, '', '1x1,2x2'], PIXELS),
  [['--model', 'minicpm'], 'models: id minicpm is unknown; nearest: minicpm-v-2.6, kimi-k2, minimax-m1'],
  [['--model='], 'models: id "" is unknown; nearest: gpt2, glm-5, step-3'],
  [['--model', 'llama-3.1-8b'], 'multimodal: model llama-3.1-8b has no vision encoder; multimodal cost lists those that have one'],
  [['--image', '100000x100000'], 'multimodal: image 100000x100000 of minicpm-v-2.6: width 100000 is not an integer from 1 to 65536'],
  [['--model', 'qwen3-vl-235b-a22b', '--image', '1x300'], 'multimodal: image 1x300 of qwen3-vl-235b-a22b: width 1 and height 300 are more than 200 times apart'],
];

describe('multimodal cost refuses', () => {
  it.each<Case>([
    ...REQUEST,
    ...each('image', SIZES, PIXELS),
    [['--image='], 'multimodal: image [] is empty'],
    [['--image', '1x1,'], 'multimodal: image 1x1, has an empty place between commas'],
    [['--image', '1x1,2x2,1x1'], 'multimodal: image 1x1 is given twice'],
    ...each('video', [...SIZES, ''], PIXELS),
    [['--image', '100000x100000', '--models', 'internvl2-8b'], 'multimodal: image 100000x100000 of internvl2-8b: width 100000 is not an integer from 1 to 65536'],
    [['--image', '1x300'], 'multimodal: image 1x300 of qwen3-vl-235b-a22b: width 1 and height 300 are more than 200 times apart'],
    [['--video', '1x300', '--models', 'qwen3-vl-235b-a22b'], 'multimodal: video 1x300 of qwen3-vl-235b-a22b: width 1 and height 300 are more than 200 times apart'],
    [['--video', '640x360', '--image', '640x360'], 'multimodal: image and video are given together: one of them'],
    [['--seconds', '60'], 'multimodal: seconds 60 is used with --video only'],
    [['--fps', '1', '--image', '640x360'], 'multimodal: fps 1 is used with --video only'],
    ...each('seconds', SECONDS, SECONDS_RULE, '--video', '640x360'),
    ...each('fps', ['0', '-1', 'NaN', 'inf', '1000001'], 'is not a number above 0 and up to 1000000', '--video', '640x360'),
    [['--video', '640x360', '--seconds', '86400', '--fps', '10', '--models', 'internvl2-8b'], 'multimodal: video 640x360 of internvl2-8b: seconds 86400 x fps 10 are more than 65536 frames'],
    ...each('batch', [...NUMBERS, '65537'], upTo(65_536)),
    [['--models', 'minicp'], 'models: id minicp is unknown; nearest: minicpm-v-2.6, kimi-k2, minimax-m1'],
    [['--models', 'internvl2-8b,llama-3.1-8b'], 'multimodal: model llama-3.1-8b has no vision encoder; multimodal cost lists those that have one'],
    [['--models', 'internvl2-8b', '--models', 'internvl2-8b', '--accelerators', 'h100,h100'], 'multimodal: accelerators h100 is given twice'],
    [['--accelerators', 'h900'], 'accelerators: id h900 is unknown; nearest: h800, h100, h200'],
    [['--accelerators='], 'multimodal: accelerators [] is empty'],
  ])('%j in one line, exit code 2', (argv, message) => refused(['cost', ...argv], message));
});

describe('multimodal memory refuses', () => {
  it.each<Case>([
    ...REQUEST,
    ...MODEL,
    [['--accelerator', 'h900'], 'accelerators: id h900 is unknown; nearest: h800, h100, h200'],
    ...each('batch', [...NUMBERS, '65537'], upTo(65_536)),
    ...each('kv-share', SHARES, 'is not at least 0 and at most 1'),
    ...each('kv-share', ['1', '1.0'], 'leaves no room for activations: below 1').map(([argv, message]): Case => [argv, message.replace('1.0', '1')]),
    ...each('cache-tiles', [...NUMBERS, '1000001'], upTo(1_000_000)),
    ...each('attention', ['flash'], 'is unknown; nearest: fused, eager'),
  ])('%j in one line, exit code 2', (argv, message) => refused(['memory', ...argv], message));
});

/** Of simulated loads. */
const LOAD: readonly Case[] = [
  ...REQUEST,
  ...MODEL,
  ...each('estimator', ['engine'], 'is unknown; nearest: epd, calibrated'),
  ...each('requests', [...NUMBERS, '100001'], upTo(100_000)),
  ...each('arrivals', ['bursts', 'gamma:0', 'gamma:NaN', ''], 'is not poisson, fixed or gamma:<cv> with a cv from 0.01 to 100'),
  ...each('seed', ['-1', '1000000', '1.5', 'NaN', ''], 'is not a whole number from 0 to 999999'),
  ...each('link-share', ['0', ...SHARES], 'is not above 0 and at most 1'),
  ...each('entry-seconds', SECONDS, SECONDS_RULE),
  ...each('tp', [...NUMBERS.filter((text) => text !== ''), '65'], upTo(64)),
  [['--slo='], 'multimodal: slo "" is not a list such as ttft=0.25,tpot=0.1'],
  [['--slo', '1,0.05'], 'multimodal: slo 1,0.05 is not a list such as ttft=0.25,tpot=0.1'],
  [['--slo', 'ttft=1'], 'multimodal: slo tpot is missing, such as ttft=0.25,tpot=0.1'],
  [['--slo', 'tpot=1'], 'multimodal: slo ttft is missing, such as ttft=0.25,tpot=0.1'],
  [['--slo', 'ttft=1,tpot=1,ttft=1'], 'multimodal: slo ttft is given twice'],
  [['--slo', 'ttft=1,tbt=1'], 'multimodal: slo tbt is unknown; nearest: ttft, tpot'],
  ...['0', '-1', 'NaN', 'inf', '86401'].map((text): Case => [['--slo', `ttft=1,tpot=${text}`], `multimodal: slo tpot ${text} is not a number of seconds above 0`]),
  [['--estimator', 'epd', '--model', 'internvl2-8b'], 'multimodal: model internvl2-8b was not timed by EPD: --estimator epd knows minicpm-v-2.6 only'],
  [['--estimator', 'epd', '--image', '1920x1080'], 'multimodal: image 1920x1080 was not timed by EPD: --estimator epd knows 4032x3024 only'],
  ...['precision=fp8', 'entry-seconds=1', 'link-share=0.8'].map((text): Case => [['--estimator', 'epd', `--${text}`], `multimodal: ${text.replace('=', ' ')} ${CALIBRATED}`]),
  [['--estimator', 'epd', '--tp', '2'], 'multimodal: prefill tp 2 pp 1 was not measured: one chip a worker was'],
  [['--model', 'qwen3-vl-235b-a22b', '--images', '4096', '--image', '8000x8000'], 'multimodal: images 4096 make a request of 67117248 tokens, more than 16777216'],
  [['--model', 'internvl2-8b', '--images', '4096', '--image', '4032x3024'], 'multimodal: model internvl2-8b with 13639872 tokens does not fit 8 of h100'],
];

describe('multimodal simulate refuses', () => {
  it.each<Case>([
    ...LOAD,
    ...each(
      'workers',
      ['300E1P1D', '1E300P1D', '1E1P300D', '257', '0', '0E1P1D', '1E0P1D', '6E1P', '6E', '1P', '1D', '6E1D', '-1', '1.5', 'NaN', '6E1P1D1', 'six', '6 E1P1D', ''],
      'is not xEyPzD, yPzD or a number of instances that do all, such as 6E1P1D, 7P1D or 8, from 1 to 256 each',
    ),
    [['--accelerator', 'h900'], 'accelerators: id h900 is unknown; nearest: h800, h100, h200'],
    [['--estimator', 'epd', '--accelerator', 'h100'], `multimodal: accelerator h100 ${CALIBRATED}: EPD was timed on A100`],
    ...each('rate', ['0', '-1', 'NaN', 'inf', '1e3', '1000001'], 'is not a number above 0 and up to 1000000'),
    [['--rate='], 'multimodal: rate [] is empty'],
    [['--rate', '1,2'], 'multimodal: rate 1,2 is more than one number'],
    ...['encode-batch', 'prefill-batch'].flatMap((field) => each(field, [...NUMBERS, '4097'], upTo(4096))),
    ...each('decode-batch', [...NUMBERS, '65537'], upTo(65_536)),
    ...each('share', ['tiles'], 'is unknown; nearest: media, request'),
    ...each('dispatch', ['random'], 'is unknown; nearest: round-robin, least-loaded, shortest-queue'),
    ...each('order', ['lifo'], 'is unknown; nearest: fcfs, sjf, least-slack'),
    ...each('switch-every', SECONDS, SECONDS_RULE),
    ...each('switch-seconds', SECONDS, SECONDS_RULE, '--switch-every', '5'),
    [['--switch-seconds', '1'], 'multimodal: switch-seconds 1 is used with --switch-every only'],
    ...['8', '7P1D'].flatMap((workers): readonly Case[] => [
      [['--workers', workers, '--switch-every', '5'], 'multimodal: switch-every 5 needs encode instances, such as --workers 5E1P2D'],
      [['--workers', workers, '--encode-batch', '1'], 'multimodal: encode-batch 1 needs encode instances, such as --workers 6E1P1D'],
      [['--workers', workers, '--share', 'media'], 'multimodal: share media needs encode instances, such as --workers 6E1P1D'],
    ]),
    [['--tp='], 'multimodal: tp "" is not a whole number from 1 to 64'],
    [['--tp', '3'], 'multimodal: prefill tp 3 does not divide the 28 heads of minicpm-v-2.6'],
    [['--tp', '64'], 'multimodal: prefill TP 64 of minicpm-v-2.6 on h100 is over more than the 8 chips that are linked'],
    [['--model', 'qwen3-vl-235b-a22b', '--accelerator', 'l4'], 'multimodal: model qwen3-vl-235b-a22b with 2234 tokens does not fit 8 of l4'],
    [['--gpus', '8'], 'multimodal: option --gpus is unknown; nearest: --tp, --output, --seed'],
  ])('%j in one line, exit code 2', (argv, message) => refused(['simulate', ...argv], message));
});

describe('multimodal place refuses', () => {
  it.each<Case>([
    [['--tp='], 'multimodal: tp [] is empty'],
    [['--tp', '1,1'], 'multimodal: tp 1 is given twice'],
    [['--tp', '1,0'], 'multimodal: tp 0 is not a whole number from 1 to 64'],
    [['--entry-seconds', '1', '--slo', 'ttft=1,tpot=0.05'], 'multimodal: ttft 1 s is not above the 1 s before a request waits for anything'],
    ...LOAD,
    ...each('gpus', [...NUMBERS, '65'], upTo(64)),
    [['--gpus', '2', '--kinds', 'epd'], 'multimodal: gpus 2 of h100 are too few for epd: encode takes 1, prefill takes 1, decode 1'],
    [['--gpus', '1', '--kinds', 'pd'], 'multimodal: gpus 1 of h100 are too few for pd: prefill takes 1, decode 1'],
    [['--gpus', '4', '--tp', '8'], 'multimodal: gpus 4 of h100 are too few for epd: encode takes 1, prefill takes 8, decode 8'],
    [['--gpus', '5', '--tp', '2', '--kinds', 'aggregated'], 'multimodal: gpus 5 of h100 are not all used by any aggregated: an instance takes 2; --fewer leaves some free'],
    [['--model', 'internvl2-26b', '--accelerators', 'l4', '--gpus', '4', '--fewer', '--kinds', 'aggregated'], 'multimodal: gpus 4 of l4 are too few for aggregated: an instance takes 8'],
    [['--model', 'qwen3-vl-235b-a22b', '--accelerators', 'l4'], 'multimodal: model qwen3-vl-235b-a22b with 2234 tokens does not fit 8 of l4'],
    [['--tp', '3', '--gpus', '7'], 'multimodal: prefill tp 3 does not divide the 28 heads of minicpm-v-2.6'],
    ...each('kinds', ['pdd'], 'is unknown; nearest: pd, epd, aggregated'),
    [['--kinds', 'epd,epd'], 'multimodal: kinds epd is given twice'],
    [['--kinds', 'epd', '--kinds', 'epd'], 'multimodal: kinds epd is given twice'],
    [['--kinds='], 'multimodal: kinds [] is empty'],
    [['--accelerators', 'h900'], 'accelerators: id h900 is unknown; nearest: h800, h100, h200'],
    [['--accelerators', 'h20,h20'], 'multimodal: accelerators h20 is given twice'],
    [['--estimator', 'epd', '--accelerators', 'h100'], 'multimodal: accelerators are used with --estimator calibrated only: EPD was timed on A100'],
    [['--estimator', 'epd', '--objective', 'cost'], 'multimodal: objective cost is used with --estimator calibrated only: rate'],
    ...each('objective', ['price'], 'is unknown; nearest: rate, cost'),
    ...each('seeds', [...NUMBERS, '101'], upTo(100)),
    ...each('least-seconds', ['-1', '3601', '0.5', 'NaN', ''], 'is not a whole number from 0 to 3600'),
    ...each('top', [...NUMBERS, '1001'], upTo(1000)),
    ...each('attainment', ['0', ...SHARES], 'is not above 0 and at most 1'),
    ...each('criterion', ['both'], 'is unknown; nearest: joint, separate'),
    ...each('warmup', ['-1', '1.5', 'NaN', '1000000', ''], 'is not a whole number from 0 to 999999'),
    ...each('warmup', ['20'], 'is not a whole number from 0 to 19', '--requests', '20'),
    [['--requests', '1'], 'multimodal: requests 1 has no rate: at least 2'],
    [['--workers', '6E1P1D'], 'multimodal: option --workers is unknown; nearest: --images, --model, --warmup'],
  ])('%j in one line, exit code 2', (argv, message) => refused(['place', ...argv], message));
});
