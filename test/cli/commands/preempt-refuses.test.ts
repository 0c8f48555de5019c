import { describe, expect, it } from 'vitest';
import { files } from '../disaggregate/support.ts';
import { cli } from '../support.ts';

type Case = readonly [readonly string[], string];
const refused = async (argv: readonly string[], message: string): Promise<void> => expect(await cli('preempt', ...argv)).toEqual({ code: 2, out: '', err: `tokenroof: ${message}\n` });
/** Values that one option refuses, by one rule. */
const each = (option: string, values: readonly string[], rule: string, ...more: readonly string[]): readonly Case[] =>
  values.map((text) => [[...more, `--${option}=${text}`], `preempt: ${option} ${text || '""'} ${rule}`]);
/** The same of an option that takes a list, which has to have something. */
const eachOf = (option: string, values: readonly string[], rule: string, ...more: readonly string[]): readonly Case[] => [
  ...each(option, values, rule, ...more),
  [[...more, `--${option}=`], `preempt: ${option} [] is empty`],
];

const HUGE = '99999999999999999999';
const WORDS = ['0', '-1', '1.5', 'NaN', 'inf', 'two', '1e3', '0x10', HUGE];
const NUMBERS = [...WORDS, ''];
const upTo = (most: number): string => `is not a whole number from 1 to ${most}`;
const tokensTo = (most: number): string => `${upTo(most)}, such as 8192, 8K or 1M`;
const RATES = ['0', '-1', 'NaN', 'inf', 'two', '1e3', HUGE];
const SHARES = ['-0.1', '1.1', 'NaN', 'half', '80%', ''];
const HOST_LINKS = 'pcie3-x16, pcie4-x16, pcie5-x16, pcie6-x16, nvlink-c2c';
const file = files();

describe('preempt refuses', () => {
  it.each<Case>([
    [[], 'preempt: command is missing: one of transfer, break-even, simulate'],
    [['transfr'], 'preempt: command transfr is unknown; nearest: transfer, break-even, simulate'],
    [['--model', 'llama-3.1-8b'], 'preempt: option --model is unknown; nearest: --help'],
    [['transfer', 'simulate'], 'preempt: argument simulate is one too many'],
    [['transfer', '--groups'], 'preempt: option --groups is given without its value'],
    [['transfer', '--model', 'llama-3.1-8b'], 'preempt: option --model is unknown; nearest: --models, --help, --config'],
    [['break-even', '--policies', 'vllm'], 'preempt: option --policies is unknown; nearest: --links, --config, --precision'],
    [['simulate', '--links', 'pcie4-x16'], 'preempt: option --links is unknown; nearest: --link, --think, --turns'],
  ])('%j in one line, exit code 2', refused);
});

/** Of every action. */
const COPIES: readonly Case[] = [
  ...each('block-tokens', [...NUMBERS, '65537'], upTo(65_536)),
  ...each('threads', [...NUMBERS, '1025'], upTo(1024)),
  ...each('bandwidth', [...RATES, '1e-9', '100001', ''], 'is not a number of GB/s above 0 and up to 100000'),
  ...each('method', ['memcpy', ''], 'is unknown; nearest: loop, batch, gather'),
  ...each('layout', ['blocks'], 'is unknown; nearest: layer, apart, whole-block'),
  ...each('precision', ['fp9'], 'is unknown; nearest: fp8, bf16, paper'),
  ...each('format', ['xml'], 'is unknown; nearest: csv, table, json'),
  [['--ignore='], 'preempt: ignore [] is empty'],
  [['--config', '/none/config.json'], 'config: file /none/config.json does not exist'],
  [['--override', '/none/override.json'], 'override: file /none/override.json does not exist'],
];
/** Of those that compare links. */
const LISTS: readonly Case[] = [
  [['--models', 'llama-3.1-8'], 'models: id llama-3.1-8 is unknown; nearest: llama-3.1-8b, llama-3.1-70b, llama-2-13b'],
  [['--models='], 'preempt: models [] is empty'],
  [['--models', 'llama-3.1-8b,,gpt2'], 'preempt: models llama-3.1-8b,,gpt2 has an empty place between commas'],
  [['--models', 'gpt2', '--models', 'gpt2'], 'preempt: models gpt2 is given twice'],
  [['--links', 'pcie4'], 'preempt: link pcie4 is unknown; nearest: pcie4-x16, pcie3-x16, pcie5-x16'],
  [['--links', 'pcie4-x16,nvlink4'], `preempt: link nvlink4 is not one to a host: ${HOST_LINKS}`],
  [['--links', 'pcie4-x16', '--links', 'pcie4-x16'], 'preempt: links pcie4-x16 is given twice'],
  [['--links='], 'preempt: links [] is empty'],
  ...eachOf('groups', [...WORDS, '1000001'], upTo(1_000_000)),
  [['--groups', '20,1,20'], 'preempt: groups 20 is given twice'],
  ...eachOf('contexts', [...WORDS, '16777217', '32M'], tokensTo(2 ** 24)),
  [['--contexts', '8K..1K'], 'preempt: contexts 8K..1K is not a range such as 1K..1M'],
  [['--contexts', '1K,1024'], 'preempt: contexts 1024 is given twice'],
];

describe('preempt transfer refuses', () => {
  it.each<Case>([
    ...COPIES,
    ...LISTS,
    [['--groups', '200', '--contexts', '160'], 'preempt: groups 200 is more than the 10 blocks of 160 tokens'],
    [['--groups', '20', '--block-tokens', '2048'], 'preempt: groups 20 is more than the 1 block of 2048 tokens'],
  ])('%j in one line, exit code 2', (argv, message) => refused(['transfer', ...argv], message));
});

describe('preempt break-even refuses', () => {
  it.each<Case>([
    ...COPIES,
    ...LISTS,
    [['--accelerators', 'h900'], 'accelerators: id h900 is unknown; nearest: h800, h100, h200'],
    [['--accelerators', 'h20,h20'], 'preempt: accelerators h20 is given twice'],
    [['--accelerators='], 'preempt: accelerators [] is empty'],
    ...each('tp', [...NUMBERS, '1025'], upTo(1024)),
    [['--tp', '3'], 'preempt: tp 3 does not divide the 32 heads of llama-3.1-8b'],
    [['--tp', '16'], 'preempt: tp 16 is over more than the 8 of h800 that are linked'],
    ...each('weights', ['both'], 'is unknown; nearest: alone, shared'),
    ...each('to', [...NUMBERS, '8M'], tokensTo(2 ** 22)),
  ])('%j in one line, exit code 2', (argv, message) => refused(['break-even', ...argv], message));
});

describe('preempt simulate refuses', () => {
  it.each<Case>([
    ...COPIES,
    [['--model', 'llama-3.1-8'], 'models: id llama-3.1-8 is unknown; nearest: llama-3.1-8b, llama-3.1-70b, llama-2-13b'],
    [['--model='], 'models: id "" is unknown; nearest: gpt2, glm-5, step-3'],
    [['--accelerator', 'h900'], 'accelerators: id h900 is unknown; nearest: h800, h100, h200'],
    ...each('tp', [...NUMBERS, '65'], upTo(64)),
    [['--tp', '3'], 'preempt: tp 3 does not divide the 32 heads of llama-3.1-8b'],
    [['--tp', '64', '--model', 'deepseek-v3', '--accelerator', 'l4'], 'preempt: tp 64 is over more than the 8 of l4 that are linked'],
    [['--link', 'pcie4'], 'preempt: link pcie4 is unknown; nearest: pcie4-x16, pcie3-x16, pcie5-x16'],
    [['--link='], 'preempt: link "" is unknown; nearest: pcie3-x16, pcie4-x16, pcie5-x16'],
    [['--link', 'nvlink4'], `preempt: link nvlink4 is not one to a host: ${HOST_LINKS}`],
    ...['host-gb', 'rate'].flatMap((field) => eachOf(field, [...RATES, '1000001'], 'is not a number above 0 and up to 1000000')),
    [['--host-gb', '1,2'], 'preempt: host-gb 1,2 is more than one number'],
    ...each('host-ms', [...RATES.filter((text) => text !== '0'), '10001', '1,2', ''], 'is not a number of milliseconds from 0 to 10000'),
    ...each('think', [...RATES.filter((text) => text !== '0'), '86401', '1,2', ''], 'is not a number of seconds from 0 to 86400'),
    ...['memory-share', 'output-share'].flatMap((field) => each(field, ['0', ...SHARES], 'is not above 0 and at most 1')),
    [['--output-share', '1.0'], 'preempt: output-share 1.0 leaves no tokens to prompts: below 1'],
    ...each('max-requests', [...NUMBERS, '65537'], upTo(65_536)),
    ...each('batch-tokens', [...NUMBERS, '2M'], tokensTo(2 ** 20)),
    ...['initial-group', 'update-every', 'conversations'].flatMap((field) => each(field, [...NUMBERS, '1000001'], upTo(1_000_000))),
    ...each('turns', [...NUMBERS, '10001'], upTo(10_000)),
    ...each('tokens', [...NUMBERS, '8M'], tokensTo(2 ** 22)),
    ...each('arrivals', ['bursts', 'gamma:0', 'gamma:NaN', ''], 'is not poisson, fixed or gamma:<cv> with a cv from 0.01 to 100'),
    ...each('seed', ['-1', '1000000', '1.5', 'NaN', ''], 'is not a whole number from 0 to 999999'),
    ...each('pattern', ['fix', ''], 'is unknown; nearest: fixed, random, markov'),
    ...each('persistence', SHARES, 'is not at least 0 and at most 1', '--pattern', 'markov'),
    [['--persistence', '0.5'], 'preempt: persistence 0.5 is used with --pattern markov only'],
    ...eachOf('policies', ['vlm'], 'is unknown; nearest: vllm, groups, cheaper'),
    [['--policies', 'vllm,vllm'], 'preempt: policies vllm is given twice'],
    [['--policies', 'vllm', '--policies', 'groups,vllm'], 'preempt: policies vllm is given twice'],
    [['--trace='], 'preempt: trace "" is empty'],
    [['--trace', '/none/trace.csv'], 'preempt: file /none/trace.csv does not exist'],
  ])('%j in one line, exit code 2', (argv, message) => refused(['simulate', ...argv], message));

  it.each<Case>([
    [['--turns', '20', '--tokens', '30'], 'tokens 30 is below 2 for each of 20 turns'],
    [['--turns', '10000', '--conversations', '1000000'], 'conversations 1000000 makes more than 10000000 turns'],
    [['--turns', '2', '--tokens', '1M'], 'model llama-3.1-8b on 1 x a10 leaves no room for a request of 1048576 tokens'],
    [['--memory-share', '0.01', '--turns', '2', '--tokens', '1K'], 'model llama-3.1-8b on 1 x a10 leaves no room for a request of 1024 tokens'],
    [['--model', 'llama-2-70b', '--accelerator', 'l4', '--turns', '2', '--tokens', '1K'], 'model llama-2-70b on 1 x l4 leaves no room for a request of 1024 tokens'],
    [['--turns', '2', '--tokens', '40K', '--block-tokens', '16384', '--policies', 'vllm'], 'model llama-3.1-8b on 1 x a10 leaves no room for a request of 40960 tokens'],
    [['--turns', '2', '--tokens', '1K', '--host-gb', '0.1'], 'initial-group 60 is more than the 47 blocks of the host'],
    [['--turns', '2', '--tokens', '1K', '--host-gb', '0.001', '--policies', 'vllm,groups'], 'initial-group 60 is more than the 0 blocks of the host'],
    [['--initial-group', '7', '--policies', 'vllm,recompute,cheaper'], 'initial-group 7 is used with --policies groups, groups-reuse and fastswitch only'],
  ])('what does not fit: %j', (argv, message) => refused(['simulate', ...argv], `preempt: ${message}`));

  it('more blocks in a first group than the chip has, before anything runs', async () => {
    const { code, out, err } = await cli('preempt', 'simulate', '--initial-group', '5000', '--policies', 'vllm,fastswitch');
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(/^tokenroof: preempt: initial-group 5000 is more than the 2\d\d\d blocks of the chip\n$/);
  });
});

describe('preempt simulate --trace refuses', () => {
  const HEADER = 'conversation,arrival_s,prompt_len,output_len';
  it.each([
    ['no text', '', 'file PATH is empty, a CSV with a header is expected'],
    ['no rows', `${HEADER}\n`, 'file PATH has a header and no rows'],
    ['no header', 'a,1,2,3\nb,2,2,3\n', 'file PATH lacks the column conversation'],
    ['a column missing', 'conversation,arrival_s,prompt_len\na,1,2\n', 'file PATH lacks the column output_len'],
    ['a column twice', `${HEADER},prompt_len\na,1,2,3,4\n`, 'file PATH has the column prompt_len twice'],
    ['a cell missing', `${HEADER}\na,1,2\n`, 'PATH line 2 has 3 cells, the header 4'],
    ['a time that is none', `${HEADER}\na,soon,2,3\n`, 'PATH line 2 arrival_s soon is not a number'],
    ['a length that is none', `${HEADER}\na,1,NaN,3\n`, 'PATH line 2 prompt_len NaN is not a number'],
    ['an empty cell', `${HEADER}\na,1,2,\n`, 'PATH line 2 output_len "" is not a number'],
    ['no name', `${HEADER}\n,1,2,3\n`, 'PATH line 2 conversation "" is not a text of at least one character'],
    ['a prompt of nothing', `${HEADER}\na,1,0,3\n`, 'PATH line 2 prompt_len 0 is not a whole number of at least 1'],
    ['half a token', `${HEADER}\na,1,1.5,3\n`, 'PATH line 2 prompt_len 1.5 is not a whole number of at least 1'],
    ['no answer', `${HEADER}\na,1,2,0\n`, 'PATH line 2 output_len 0 is not a whole number of at least 1'],
    ['a time before the start', `${HEADER}\na,-1,2,3\n`, 'PATH line 2 arrival_s -1 is not a finite number of seconds from 0 on'],
    ['an endless time', `${HEADER}\na,1e999,2,3\n`, 'PATH line 2 arrival_s Infinity is not a finite number of seconds from 0 on'],
    // blank lines are lines of the file, and its lines may end as on Windows
    ['time that goes backwards', `${HEADER}\n\na,1,2,3\n\nb,0.5,2,3\n`, 'PATH line 5 arrival_s 0.5 goes backwards from 1'],
    ['the same with Windows line ends', `${HEADER}\r\na,1,2,3\r\nb,0.5,2,3\r\n`, 'PATH line 3 arrival_s 0.5 goes backwards from 1'],
    ['too many tokens', `${HEADER}\na,1,100000000,3\n`, 'PATH line 2 conversation a has more than 16777216 tokens'],
    ['a mean that does not fit', `${HEADER}\na,1,1000000,3\n`, 'model llama-3.1-8b on 1 x a10 leaves no room for a request of 1000003 tokens'],
  ])('%s', async (_, text, message) => {
    const path = await file('trace.csv', text);
    await refused(['simulate', '--trace', path], `preempt: ${message.replace('PATH', path)}`);
  });

  it('a conversation that the chip does not hold, by its name', async () => {
    const short = Array.from({ length: 60 }, (_, at) => `other${at},1,10,5`);
    const path = await file('long.csv', [HEADER, '7,0,20,3', '1,0,30,4', '7,0.5,60000,5', ...short, ''].join('\n'));
    const { code, out, err } = await cli('preempt', 'simulate', '--trace', path);
    expect([code, out]).toEqual([2, '']);
    // ceil(60028 / 16)
    expect(err).toMatch(/^tokenroof: preempt: conversation 7 needs 3752 blocks, more than the 2\d\d\d that the chip has\n$/);
  });

  it.each(['conversations 5', 'rate 2', 'arrivals fixed', 'turns 2', 'tokens 100', 'output-share 0.5', 'think 1'])('%s beside it', async (given) => {
    const [option = '', value = ''] = given.split(' ');
    const path = await file('fine.csv', `${HEADER}\na,0,20,3\n`);
    await refused(['simulate', '--trace', path, `--${option}`, value], `preempt: ${given} is not used with --trace`);
  });
});

describe('preempt refuses files', () => {
  it.each(['transfer', 'break-even', 'simulate'])('%s: broken JSON, unknown keys, two configs and no name', async (action) => {
    const broken = await file('broken.json', '{');
    await refused([action, '--config', broken], `config: file ${broken} is not JSON (Expected property name or '}' in JSON at position 1)`);
    await refused([action, '--override', broken], `override: file ${broken} line 1, column 2 end of file is not a key in double quotes`);
    const { code, out, err } = await cli('preempt', action, '--config', await file('unknown.json', '{"model_type": "none"}'));
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(/^tokenroof: config: [^\n]+\n$/);
  });
});
