import { describe, expect, it } from 'vitest';
import { csvOf, files } from '../disaggregate/support.ts';
import { cli } from '../support.ts';

const file = files();
const APART = ['--prefill', 'tp=1', '--decode', 'tp=1'];
const ENGINE = ['--estimator', 'engine'];
const CAL = 'is used with --estimator calibrated only';
const RATE = 'is not a number above 0 and up to 1000000';
const LENGTH = 'is not a whole number from 1 to 8388608, such as 8192, 8K or 1M';

type Case = readonly [readonly string[], string];
const refused = async (argv: readonly string[], message: string): Promise<void> => expect(await cli('disaggregate', ...argv)).toEqual({ code: 2, out: '', err: `tokenroof: ${message}\n` });
/** Values that one option refuses, by one rule. */
const each = (option: string, values: readonly string[], rule: string, ...more: readonly string[]): readonly Case[] =>
  values.map((text) => [[`--${option}=${text}`, ...more], `disaggregate: ${option} ${text || '""'} ${rule}`]);

describe('disaggregate refuses', () => {
  it.each<Case>([
    [[], 'disaggregate: command is missing: one of simulate, goodput, place'],
    [['plac'], 'disaggregate: command plac is unknown; nearest: place, simulate, goodput'],
    [['help'], 'disaggregate: command help is unknown; nearest: place, goodput, simulate'],
    [['--model', 'opt-13b'], 'disaggregate: option --model is unknown; nearest: --help'],
    [['simulate', 'place'], 'disaggregate: argument place is one too many'],
    [['simulate', '--rates', '1'], 'disaggregate: option --rates is unknown; nearest: --rate, --trace, --seed'],
    [['goodput', '--rate', '1'], 'disaggregate: option --rate is unknown; nearest: --rates, --trace, --seed'],
    [['place', '--prefill', 'tp=1'], 'disaggregate: option --prefill is unknown; nearest: --prompt, --spread, --config'],
    [['place', '--top'], 'disaggregate: option --top is given without its value'],
  ])('%j in one line, exit code 2', refused);
});

/** Of every action. */
const LOAD: readonly Case[] = [
  ...each('lengths', ['normal'], 'is unknown; nearest: log-normal, fixed, sharegpt'),
  ...['prompt', 'output'].flatMap((field) => each(field, ['0', '-1', '1.5', 'long', '9M', '8388609', '4294967297', ''], LENGTH, '--lengths', 'fixed')),
  ...each('spread', ['0', '1.1', '-1', 'wide', ''], 'is not above 0 and at most 1', '--lengths', 'log-normal'),
  ...each('requests', ['0', '1000001', '1.5', '1K', ''], 'is not a whole number from 1 to 1000000'),
  ...each('arrivals', ['bursts', 'gamma', 'gamma:', 'gamma:0', 'gamma:0.001', 'gamma:101', 'gamma:-1', 'gamma:1e1', 'Poisson', ''], 'is not poisson, fixed or gamma:<cv> with a cv from 0.01 to 100'),
  ...each('seed', ['-1', '1000000', '1.5', ''], 'is not a whole number from 0 to 999999'),
  [['--prompt', '100'], 'disaggregate: prompt is not used with --lengths sharegpt'],
  [['--output', '100', '--lengths', 'sharegpt'], 'disaggregate: output is not used with --lengths sharegpt'],
  [['--spread', '0.5'], 'disaggregate: spread is used with --lengths log-normal only'],
  [['--spread', '0.5', '--lengths', 'fixed'], 'disaggregate: spread is used with --lengths log-normal only'],
  ...['lengths=fixed', 'prompt=8', 'output=8', 'spread=0.5', 'requests=8', 'arrivals=fixed', 'seed=0'].map(
    (text): Case => [[`--${text}`, '--trace', 'x.csv'], `disaggregate: ${text.split('=')[0]} is not used with --trace`],
  ),
  [['--trace', '/none/requests.csv'], 'disaggregate: file /none/requests.csv does not exist'],
  [['--trace='], 'disaggregate: trace "" is empty'],
  [['--model', 'opt-14b'], 'models: id opt-14b is unknown; nearest: opt-13b, opt-66b, opt-175b'],
  [['--config', '/none/config.json'], 'config: file /none/config.json does not exist'],
  [['--override', '/none/override.json'], 'override: file /none/override.json does not exist'],
  ...each('estimator', ['engines'], 'is unknown; nearest: engine, calibrated, simdistserve'),
  ...each('kv-limit', ['yes'], 'is unknown; nearest: on, off'),
  ...each('precision', ['fp9'], 'is unknown; nearest: fp8, bf16, paper'),
  [['--engine', 'vlm'], 'engines: id vlm is unknown; nearest: vllm, trtllm, sglang'],
  ...each('batch-tokens', ['0', '1.5', ''], 'is not a whole number from 1 to 9007199254740991, such as 8192, 8K or 1M'),
  ...each('link-share', ['0', '1.1', '80%', ''], 'is not above 0 and at most 1'),
  ...['precision=fp8', 'engine=vllm', 'batch-tokens=8192', 'link-share=0.8'].flatMap((text) =>
    ['engine', 'simdistserve'].map((name): Case => [[`--${text}`, '--estimator', name], `disaggregate: ${text.replace('=', ' ')} ${CAL}`]),
  ),
  [
    [...ENGINE, '--model', 'qwen3-32b'],
    'disaggregate: model qwen3-32b is not one that the released profiler counts: multi-head attention, plain feed-forward layers of 4 x 5120, a table of positions',
  ],
  ...each('format', ['xml'], 'is unknown; nearest: csv, table, json'),
  [['--slo='], 'disaggregate: slo "" is not a list such as ttft=0.25,tpot=0.1'],
  [['--slo', '0.25,0.1'], 'disaggregate: slo 0.25,0.1 is not a list such as ttft=0.25,tpot=0.1'],
  [['--slo', 'ttft=1'], 'disaggregate: slo tpot is missing, such as ttft=0.25,tpot=0.1'],
  [['--slo', 'tpot=1'], 'disaggregate: slo ttft is missing, such as ttft=0.25,tpot=0.1'],
  [['--slo', 'ttft=1,tpot=1,ttft=1'], 'disaggregate: slo ttft is given twice'],
  [['--slo', 'ttft=1,tbt=1'], 'disaggregate: slo tbt is unknown; nearest: ttft, tpot'],
  ...['0', '-1', '1e3', '86401', '250ms', '.'].map((text): Case => [['--slo', `ttft=${text},tpot=1`], `disaggregate: slo ttft ${text} is not a number of seconds above 0`]),
];

const SPLIT: readonly Case[] = [
  [[], 'disaggregate: prefill is missing: say --prefill and --decode, or --colocated'],
  [['--prefill', 'tp=1'], 'disaggregate: decode is missing: say --prefill and --decode, or --colocated'],
  [['--decode', 'tp=1'], 'disaggregate: prefill is missing: say --prefill and --decode, or --colocated'],
  [['--colocated', 'tp=1', '--decode', 'tp=1'], "disaggregate: option '--colocated <split>' cannot be used with option '--decode <split>'"],
  ...['prefill', 'decode', 'colocated'].flatMap((role): readonly Case[] => {
    const other = role === 'colocated' ? [] : [`--${role === 'prefill' ? 'decode' : 'prefill'}`, 'tp=1'];
    const of = (text: string, ...more: readonly string[]): readonly string[] => [`--${role}=${text}`, ...other, ...more];
    return [
      ...['', 'tp', '2', 'tp=2,', 'tp=', 'tp= '].map((text): Case => [of(text), `disaggregate: ${role} ${text.trim() || '""'} is not a list such as tp=2,pp=1`]),
      [of('tp=1,ep=8'), `disaggregate: ${role} ep is unknown; nearest: tp, pp, dp`],
      [of('tp=1,tp=1'), `disaggregate: ${role} tp is given twice`],
      ...['tp', 'pp', 'dp', 'instances'].flatMap((field) =>
        ['0', '1025', '-1', '1.5', 'two'].map((text): Case => [of(`${field}=${text}`), `disaggregate: ${role} ${field} ${text} is not a whole number from 1 to 1024`]),
      ),
      [of('on=h900'), 'accelerators: id h900 is unknown; nearest: h800, h100, h200'],
      [of('on=h20', ...ENGINE), `disaggregate: ${role} h20 cannot be chosen with --estimator engine: its times are of A100 with 80 GB`],
      [of('tp=1,dp=2', ...ENGINE), `disaggregate: ${role} dp 2 ${CAL}`],
      [of('tp=3', ...ENGINE), `disaggregate: ${role} tp 3 does not divide the 40 heads`],
      [of('tp=3'), `disaggregate: ${role} tp 3 does not divide the 40 heads of opt-13b`],
      [of('pp=3', ...ENGINE), `disaggregate: ${role} pp 3 does not divide the 40 layers`],
      [of('tp=8', ...ENGINE), `disaggregate: ${role} tp 8 of opt-13b was not profiled; known: 1, 2, 4`],
    ];
  }),
  [[...APART, ...ENGINE, '--model', 'opt-66b'], 'disaggregate: prefill tp 1 x pp 1 leaves no room for a KV cache of opt-66b'],
  [['--colocated', 'tp=1', '--model', 'llama-3.1-70b'], 'disaggregate: colocated TP 1 of llama-3.1-70b on h800 leaves no room for a request of 849 tokens'],
  [[...APART, ...ENGINE, '--lengths', 'fixed', '--prompt', '10K'], 'disaggregate: request 1 prompt 10240 is more than the 8192 tokens of a prefill batch'],
  [[...APART, '--batch-tokens', '500'], 'disaggregate: request 2 prompt 829 is more than the 500 tokens of a prefill batch'],
  ...each('dispatch', ['random'], 'is unknown; nearest: round-robin, least-loaded, shortest-queue', ...APART),
];

const GOAL: readonly Case[] = [
  ...each('attainment', ['0', '1.1', '90', ''], 'is not above 0 and at most 1'),
  ...each('criterion', ['both'], 'is unknown; nearest: joint, separate'),
  ...each('warmup', ['-1', '1000000', '1.5', ''], 'is not a whole number from 0 to 999999'),
  ...each('warmup', ['1000'], 'is not a whole number from 0 to 999', ...APART),
  ...each('warmup', ['7'], 'is not a whole number from 0 to 6', '--requests', '7'),
  ...each('seeds', ['0', '101', ''], 'is not a whole number from 1 to 100'),
  ...each('least-seconds', ['-1', '3601', '0.5', ''], 'is not a whole number from 0 to 3600'),
  [['--requests', '1'], 'disaggregate: requests 1 has no rate: at least 2'],
];

describe('disaggregate simulate refuses', () => {
  it.each<Case>([
    ...LOAD.map(([argv, message]): Case => [[...APART, ...argv], message]),
    ...SPLIT,
    ...each('rate', ['0', '-1', '1e3', '1000001', 'fast'], RATE, ...APART),
    [[...APART, '--rate='], 'disaggregate: rate [] is empty'],
    [[...APART, '--rate', '1,2'], 'disaggregate: rate 1,2 is more than one number'],
    [[...APART, '--rate', '1', '--trace', 'x.csv'], 'disaggregate: rate is not used with --trace'],
  ])('%j in one line, exit code 2', (argv, message) => refused(['simulate', ...argv], message));
});

describe('disaggregate goodput refuses', () => {
  it.each<Case>([
    ...[...LOAD, ...GOAL].filter(([argv]) => !argv.includes('--decode')).map(([argv, message]): Case => [[...APART, ...argv], message]),
    ...SPLIT,
    ...each('rates', ['0', '-1', '1e3', '1000001'], RATE, ...APART),
    ...each('scales', ['0', '1001'], 'is not a number above 0 and up to 1000', ...APART),
    [[...APART, '--rates='], 'disaggregate: rates [] is empty'],
    [[...APART, '--rates', '1,2,1.0'], 'disaggregate: rates 1 is given twice'],
    [[...APART, '--scales', '1', '--scales', '1'], 'disaggregate: scales 1 is given twice'],
  ])('%j in one line, exit code 2', (argv, message) => refused(['goodput', ...argv], message));
});

describe('disaggregate place refuses', () => {
  it.each<Case>([
    ...[...LOAD, ...GOAL].filter(([argv]) => !argv.includes('--decode')),
    [['--accelerators', 'h900'], 'accelerators: id h900 is unknown; nearest: h800, h100, h200'],
    [['--accelerators', 'h20,h20'], 'disaggregate: accelerators h20 is given twice'],
    [['--accelerators='], 'disaggregate: accelerators [] is empty'],
    [['--accelerators', 'h800', ...ENGINE], 'disaggregate: accelerators are used with --estimator calibrated only: the times of engine are of A100'],
    ...each('nodes', ['0', '65'], 'is not a whole number from 1 to 64'),
    ...each('gpus-per-node', ['0', '257'], 'is not a whole number from 1 to 256'),
    ...each('affinity', ['middle'], 'is unknown; nearest: high, low'),
    ...each('search', ['both'], 'is unknown; nearest: apart, together'),
    ...each('objective', ['price'], 'is unknown; nearest: rate, cost'),
    ...['target-rate', 'max-rate-per-gpu', 'within'].flatMap((field) => each(field, ['0', '-1', '1e3', '1000001'], RATE)),
    ...each('target-rate', ['5'], 'is used with --search apart only', '--affinity', 'low'),
    ...each('target-rate', ['5'], 'is used with --search apart only', '--search', 'together'),
    [['--within', '0.1'], 'disaggregate: max-rate-per-gpu and within go together'],
    [['--max-rate-per-gpu', '5'], 'disaggregate: max-rate-per-gpu and within go together'],
    [['--max-rate-per-gpu', '5', '--within', '5'], 'disaggregate: within 5 is not below max-rate-per-gpu 5'],
    ...each('top', ['0', '1001'], 'is not a whole number from 1 to 1000'),
    [['--prune'], 'disaggregate: option --prune is unknown; nearest: --trace, --no-prune, --prompt'],
  ])('%j in one line, exit code 2', (argv, message) => refused(['place', ...argv], message));
});

describe('a trace of disaggregate', () => {
  const HEADER = 'arrival_s,prompt_len,output_len';
  const asked = [...ENGINE, ...APART];
  const PLAIN = `${HEADER}\n0,100,5\n1.5,200,6\n`;

  it.each([
    ['columns in another order, and more of them', 'output_len,note,prompt_len,arrival_s\n5,a,100,0\n6,"b, c",200,1.5\n'],
    ['blank lines', `${HEADER}\n\n0,100,5\n\n1.5,200,6\n\n\n`],
    ['lines that end with CR and LF', `${HEADER}\r\n0,100,5\r\n1.5,200,6\r\n`],
    ['quotes', '"arrival_s","prompt_len","output_len"\n"0","100","5"\n1.5,"200",6\n'],
    ['no end of its last line', `${HEADER}\n0,100,5\n1.5,200,6`],
    ['a byte order mark, and spaces', `\ufeff arrival_s , prompt_len,output_len\n 0 , 100,5\n1.5,200 ,6\n`],
    ['other ways to write numbers', `${HEADER}\n0.0,1e2,5.0\n15e-1,200,06\n`],
  ])('may have %s', async (_, text) => {
    const rows = await csvOf('simulate', ...asked, '--trace', await file('written.csv', text));
    expect(rows).toEqual(await csvOf('simulate', ...asked, '--trace', await file('plain.csv', PLAIN)));
    expect(rows.slice(1).map((row) => row.slice(0, 4))).toEqual([
      ['1', '0', '100', '5'],
      ['2', '1.5', '200', '6'],
    ]);
  });

  it.each([
    ['', 'file % is empty, a CSV with a header is expected'],
    ['\n', 'file % is empty, a CSV with a header is expected'],
    [`${HEADER}\n`, 'file % has a header and no rows'],
    [HEADER, 'file % has a header and no rows'],
    ['arrival_s,prompt_len\n0,100\n', 'file % lacks the column output_len'],
    ['arrival,prompt_len,output_len\n0,100,5\n', 'file % lacks the column arrival_s'],
    ['0,100,5\n1,100,5\n', 'file % lacks the column arrival_s'],
    [`${HEADER},prompt_len\n0,100,5,100\n`, 'file % has the column prompt_len twice'],
    [`${HEADER}\n0,100,5,7\n`, '% line 2 has 4 cells, the header 3'],
    [`${HEADER}\n0,100,5\n1,100\n`, '% line 3 has 2 cells, the header 3'],
    [`${HEADER}\n0,100,5\n\n1,many,5\n`, '% line 4 prompt_len many is not a number'],
    [`${HEADER}\n0,,5\n`, '% line 2 prompt_len "" is not a number'],
    [`${HEADER}\nNaN,100,5\n`, '% line 2 arrival_s NaN is not a number'],
    [`${HEADER}\n0x1,100,5\n`, '% line 2 arrival_s 0x1 is not a number'],
    [`${HEADER}\n-1,100,5\n`, '%: request 1 arrival -1 is not a number of seconds from 0 on'],
    [`${HEADER}\n1e999,100,5\n`, '%: request 1 arrival Infinity is not a number of seconds from 0 on'],
    [`${HEADER}\n2,100,5\n1,100,5\n`, '%: request 2 arrival 1 is before the one above, 2'],
    [`${HEADER}\n0,100,5\n1,0,5\n`, '%: request 2 prompt 0 is not a whole number of at least 1'],
    [`${HEADER}\n0,100,0\n`, '%: request 1 output 0 is not a whole number of at least 1'],
    [`${HEADER}\n0,-100,5\n`, '%: request 1 prompt -100 is not a whole number of at least 1'],
    [`${HEADER}\n0,1.5,5\n`, '%: request 1 prompt 1.5 is not a whole number of at least 1'],
    [`${HEADER}\n0,16000000,16000000\n`, '%: request 1 prompt + output 32000000 is more than 16777216 tokens'],
    [`${HEADER}\n0,99999999999999999999,1\n`, '%: request 1 prompt + output 100000000000000000000 is more than 16777216 tokens'],
  ])('%j is refused in one line, exit code 2', async (text, message) => {
    const path = await file('refused.csv', text);
    for (const action of ['simulate', 'goodput']) await refused([action, ...asked, '--trace', path], `disaggregate: ${message.replace('%', path)}`);
  });

  it('is no folder, and has a rate where one is asked for', async () => {
    const path = await file('once.csv', `${HEADER}\n2,100,5\n2,100,5\n`);
    await refused(['simulate', ...asked, '--trace', path.replace(/\/[^/]*$/, '')], `disaggregate: file ${path.replace(/\/[^/]*$/, '')} is a folder`);
    const one = await file('one.csv', `${HEADER}\n2,100,5\n`);
    for (const trace of [path, one]) {
      expect((await cli('disaggregate', 'simulate', ...asked, '--trace', trace)).code).toBe(0);
      await refused(['goodput', ...asked, '--trace', trace], `disaggregate: ${trace} has no rate: all requests come at once`);
      await refused(['place', ...ENGINE, '--trace', trace], `disaggregate: ${trace} has no rate: all requests come at once`);
    }
  });
});
