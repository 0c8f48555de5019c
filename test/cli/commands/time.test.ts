import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { csvParse } from 'd3-dsv';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { modelOf, precisionPolicies } from '../../../src/models/index.ts';
import { singleChip } from '../../../src/timing/deployment.ts';
import { kernelEstimate } from '../../../src/timing/estimate.ts';
import { KERNEL_COLUMNS, kernelOf } from '../../../src/timing/kernel-row.ts';
import { passTime } from '../../../src/timing/pass-time.ts';
import { timeRow } from '../../../src/timing/row.ts';
import { engineOf } from '../../../src/timing/serving.ts';
import { chipOf } from '../../timing/support.ts';
import { cli, json } from '../support.ts';

const seconds = z.number().nonnegative();
const bound = z.enum(['compute', 'memory', 'network']);
const basis = z.enum(['measured', 'assumed']);
/** What `time --help` says of its JSON. */
const row = z.strictObject({
  model: z.string(),
  accelerator: z.string(),
  chips: z.int().positive(),
  batch: z.int().positive(),
  context: z.int().positive(),
  prompt: z.int().positive().nullable(),
  output: z.int().positive().nullable(),
  engine: z.string().nullable(),
  tpot: seconds,
  low: seconds,
  high: seconds,
  idealSeconds: seconds,
  prefillSeconds: seconds,
  prefillLow: seconds,
  prefillHigh: seconds,
  tokensPerGpuSecond: z.number().positive(),
  mfu: z.number().min(0).max(1),
  mbu: z.number().min(0).max(1),
  usdPerMillionTokens: z.number().positive().nullable(),
  bound,
  basis,
  operators: z.array(z.strictObject({ id: z.string(), part: z.string(), runs: z.int().positive(), seconds, share: seconds.max(1), idealSeconds: seconds, bound, basis })).min(5),
  notes: z.array(z.string()),
});
const many = async (...argv: readonly string[]) => z.array(row).parse(await json('time', ...argv));
const ADDED = ['seconds', 'low', 'high', 'idealSeconds', 'bound', 'basis'];
const timed = z.looseObject({ seconds, low: seconds, high: seconds, idealSeconds: seconds, bound, basis });

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tokenroof-time-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));
const file = async (lines: readonly string[] | string): Promise<string> => {
  const path = join(folder, 'table.csv');
  await writeFile(path, typeof lines === 'string' ? lines : `${lines.join('\n')}\n`);
  return path;
};

async function expectRefused(argv: readonly string[], message: string | RegExp): Promise<void> {
  const { code, out, err } = await cli('time', ...argv);
  expect([code, out]).toEqual([2, '']);
  expect(err.endsWith('\n')).toBe(true);
  expect(err.trimEnd()).not.toContain('\n');
  if (typeof message === 'string') expect(err).toBe(`tokenroof: ${message}\n`);
  else expect(err).toMatch(message);
}

describe('time', () => {
  it('is an array of the documented shape, a row for each model, chip and context, in this order', async () => {
    const rows = await many('--models', 'llama-3.1-8b,deepseek-v3', '--accelerators', 'h100,l20', '--contexts', '1K,8K', '--batch', '4');
    expect(rows.map(({ model, accelerator, context }) => [model, accelerator, context])).toEqual(
      ['llama-3.1-8b', 'deepseek-v3'].flatMap((model) => ['h100', 'l20'].flatMap((chip) => [1024, 8192].map((context) => [model, chip, context]))),
    );
  });

  it('says in its help which fields a row has', async () => {
    const { out } = await cli('time', '--help');
    const [, named = ''] = out.match(/an array of \{([\s\S]*?)\};/) ?? [];
    const fields = named.replace(/\[\{[^}]*\}\]/, '').replace(/: (?:"[^,]*"|\w+(?:\[\])?)(?: \| (?:"[^,]*"|\w+))*/g, '');
    expect(
      fields
        .split(/[\s,:]+/)
        .filter((word) => /^[a-z]\w*$/i.test(word))
        .sort(),
    ).toEqual(Object.keys(row.shape).sort());
    const [, operator = ''] = named.match(/operators: \[\{([^}]*)\}\]/) ?? [];
    expect(operator.split(', ').sort()).toEqual(Object.keys(row.shape.operators.element.shape).sort());
    expect(out).toContain(KERNEL_COLUMNS.slice(0, 9).join(','));
    for (const column of KERNEL_COLUMNS) expect(out).toContain(column);
  });

  it('is the row of the library, with the policy among its notes', async () => {
    const [at] = await many('--models', 'llama-3.1-8b', '--accelerators', 'h100', '--batch', '32', '--contexts', '8K', '--precision', 'w8a8kv16');
    const expected = timeRow(modelOf('llama-3.1-8b'), chipOf('h100'), { batch: 32, context: 8192, deployment: singleChip, precision: precisionPolicies.w8a8kv16 });
    expect(at).toEqual({ ...expected, notes: ['precision: w8a8kv16', ...expected.notes] });
  });

  it('is one request of Llama-3.1-8B on one H100 at 8K unless said otherwise', async () =>
    expect(await many()).toEqual(await many('--models', 'llama-3.1-8b', '--accelerators', 'h100', '--batch', '1', '--contexts', '8192', '--precision', 'paper')));

  it('takes prompts and outputs with the host of an engine', async () => {
    const [at] = await many('--models', 'qwen3-32b', '--tp', '2', '--batch', '64', '--prompt', '2K', '--output', '256', '--engine', 'sglang', '--precision', 'w8a8kv16');
    const expected = timeRow(modelOf('qwen3-32b'), chipOf('h100'), {
      batch: 64,
      context: 2048,
      load: { prompt: 2048, output: 256 },
      engine: engineOf('sglang'),
      deployment: { ...singleChip, tensorParallel: 2 },
      precision: precisionPolicies.w8a8kv16,
    });
    expect(at).toMatchObject({ chips: 2, context: 2176, prompt: 2048, output: 256, engine: 'sglang', tpot: expected.tpot, low: expected.low, high: expected.high });
  });

  it('takes the ceiling that is asked for: burst in decode and sustained in prefill unless given', async () => {
    const of = async (...power: readonly string[]) => (await many('--batch', '512', '--contexts', '1K', '--precision', 'bf16', ...power))[0] as z.infer<typeof row>;
    const [as, burst, sustained] = [await of(), await of('--power', 'burst'), await of('--power', 'sustained')];
    expect([as.tpot, as.prefillSeconds]).toEqual([burst.tpot, sustained.prefillSeconds]);
    expect(sustained.tpot).toBeGreaterThan(burst.tpot);
    expect(sustained.prefillSeconds).toBeGreaterThan(burst.prefillSeconds);
  });

  it('times every model on every chip', async () => {
    const rows = await many('--models', 'all', '--accelerators', 'all', '--contexts', '4K');
    const [models, accelerators] = [new Set(rows.map(({ model }) => model)), new Set(rows.map(({ accelerator }) => accelerator))];
    expect(rows.length).toBe(models.size * accelerators.size);
    for (const { model, accelerator, low, tpot, high, idealSeconds } of rows) expect(idealSeconds <= low && low <= tpot && tpot <= high, `${model} on ${accelerator}`).toBe(true);
  });

  it('prints what is expected, the notes below it, and what takes the time', async () => {
    const [at] = await many('--batch', '32', '--precision', 'bf16');
    const { code, out } = await cli('time', '--batch', '32', '--precision', 'bf16');
    expect(code).toBe(0);
    const line = out.split('\n').find((each) => each.startsWith('llama-3.1-8b')) ?? '';
    expect(line.split(/ {2,}/).slice(0, 5)).toEqual(['llama-3.1-8b', 'h100', '1', '32', '8K']);
    for (const value of [at?.tpot, at?.low, at?.high, at?.idealSeconds]) expect(line).toContain((1000 * (value as number)).toPrecision(4));
    expect(line.trimEnd()).toMatch(/memory +assumed$/);
    expect(out).toContain('low, high: 80 % interval; bound: the roofline, at data-sheet rates; MFU and MBU of the decode step');
    expect(out).toContain('precision: bf16');
    expect(out).toContain('What takes the time: llama-3.1-8b on h100, batch 32, context 8K');
    const shown = out.split('\n').filter((each) => /^\S+ +\d+ +[\d.]+ (?:us|ms) +[\d.]+ %/.test(each));
    expect(shown.map((each) => each.split(' ')[0])).toEqual(at?.operators.slice(0, 12).map(({ id }) => id));
  });

  it('says how many smaller kernels it does not show', async () => {
    const [at] = await many('--models', 'deepseek-v3');
    expect((await cli('time', '--models', 'deepseek-v3')).out).toContain(`and ${(at?.operators.length ?? 0) - 12} smaller ones, in the JSON`);
  });

  it('is CSV of the same rows without their operators, and Markdown', async () => {
    const rows = await many('--contexts', '1K,2K');
    const parsed = csvParse((await cli('time', '--contexts', '1K,2K', '--format', 'csv')).out);
    expect(parsed.columns).toEqual(Object.keys(row.shape).filter((field) => field !== 'operators'));
    expect(parsed.map(({ tpot, mfu, context, engine }) => [Number(tpot), Number(mfu), Number(context), engine])).toEqual(rows.map(({ tpot, mfu, context }) => [tpot, mfu, context, '']));
    expect((await cli('time', '--format', 'markdown')).out).toMatch(/^\| ?model/m);
  });

  it.each([
    [['--batch', '0'], 'time: batch 0 is not a whole number from 1 to 9007199254740991'],
    [['--batch', '-1'], 'time: batch -1 is not a whole number from 1 to 9007199254740991'],
    [['--batch', '1.5'], 'time: batch 1.5 is not a whole number from 1 to 9007199254740991'],
    [['--contexts', '0'], /^tokenroof: time: contexts 0 is not a whole number/],
    [['--contexts', '8K,8192'], 'time: contexts 8192 is given twice'],
    [['--prompt', '1K'], 'time: prompt and output are given together, for aggregated serving'],
    [['--output', '1K'], 'time: prompt and output are given together, for aggregated serving'],
    [['--prompt', '1K', '--output', '1', '--contexts', '1K'], 'time: contexts 1024 are not used with --prompt and --output'],
    [['--prompt', '0', '--output', '1'], /^tokenroof: time: prompt 0 is not a whole number/],
    [['--tp', '3'], 'deployment: tensorParallel 3 does not divide the 32 heads of llama-3.1-8b'],
    [['--models', 'qwen3-14b', '--tp', '5'], 'deployment: tensorParallel 5 neither divides the 8 key-value heads of qwen3-14b nor is a multiple of them'],
    [['--ep', '2', '--dp', '2'], 'deployment: expertParallel 2 has no experts to deal out: llama-3.1-8b is dense'],
    [['--models', 'deepseek-v3', '--ep', '3'], 'deployment: expertParallel 3 does not divide tensorParallel 1 x dataParallel 1'],
    [['--pp', '33'], 'deployment: pipelineParallel 33 is more than the 32 layers of llama-3.1-8b'],
    [['--redundant-experts', '1'], 'deployment: redundantExperts 1 has no experts to copy: llama-3.1-8b is dense'],
    [['--expert-load', 'power-law:0'], 'deployment: expertLoad.exponent 0 is not between 0 and 10'],
    [['--overlap', 'both'], 'time: overlap both is unknown; nearest: none, two-batch'],
    [['--models', 'llama-3.1-9b'], /^tokenroof: models: id llama-3\.1-9b is unknown; nearest: llama-3\.1-8b/],
    [['--models', 'llama-3.1-8b,llama-3.1-8b'], 'time: models llama-3.1-8b is given twice'],
    [['--accelerators', 'h900'], 'accelerators: id h900 is unknown; nearest: h800, h100, h200'],
    [['--engine', 'vlm'], 'engines: id vlm is unknown; nearest: vllm, trtllm, sglang'],
    [['--precision', 'fp9'], /^tokenroof: time: precision fp9 is unknown; nearest: fp8/],
    [['--power', 'full'], 'time: power full is unknown; nearest: burst, sustained'],
    [['--format', 'xml'], /^tokenroof: time: format xml is unknown; nearest: /],
    [['--context', '8K'], /^tokenroof: time: option --context is unknown; nearest: --contexts/],
    [['--kernels', 'a.csv', '--steps', 'b.csv'], /^tokenroof: time: option '--steps <file>' cannot be used with option '--kernels <file>'\n$/],
    [['--kernels'], 'time: option --kernels is given without its value'],
  ] as const)('refuses %j in one line, exit code 2', (argv, message) => expectRefused(argv, message));
});

const KERNELS = [
  'note,accelerator,kernel,dtype,kvDtype,heads,kvHeads,headDim,batch,context,m,n,k,experts,topK,tokens,gpus,bytes',
  'last,h100,all-reduce,,,,,,,,,,,,,,8,1048576',
  'first,h100,gemm,bf16,,,,,,,16,4096,4096,,,,,',
  '"a, b",h20,gemm,fp8,,,,,,,16,4096,4096,,,,,',
  ',h100,decode-attention,bf16,fp8,32,8,128,64,8192,,,,,,,,',
  'x,h800,mla-decode,bf16,,128,,,64,4096,,,,,,,,',
  'x,h800,prefill-attention,bf16,,32,8,128,,4096,,,,,,,,',
  'x,h800,grouped-gemm,fp8,,,,,,,,4096,7168,256,8,128,8,',
  'x,l20,gemm,bf16,,,,,,,128.0,4096,4096,,,,,',
] as const;

describe('time --kernels', () => {
  const rowsOf = async () => {
    const path = await file(KERNELS);
    return z.array(timed).parse(await json('time', '--kernels', path));
  };

  it('is each row as it was given, in the order of the file, with what the library says of its kernel', async () => {
    const input = csvParse(KERNELS.join('\n'));
    const rows = await rowsOf();
    expect(rows.length).toBe(KERNELS.length - 1);
    for (const [at, given] of input.entries()) {
      const { seconds, low, high, idealSeconds, bound, basis } = kernelEstimate(kernelOf(given), chipOf(given.accelerator ?? ''));
      expect(rows[at]).toEqual({ ...given, seconds, low, high, idealSeconds, bound, basis });
    }
  });

  it('launches as the chip was measured: from the host on H20', async () => {
    const [, , h20] = await rowsOf();
    const kernel = kernelOf(csvParse(KERNELS.join('\n'))[2] as Readonly<Record<string, string>>);
    expect(h20?.seconds).toBe(kernelEstimate(kernel, chipOf('h20'), { launch: 'host' }).seconds);
    expect(h20?.seconds).toBeGreaterThan(kernelEstimate(kernel, chipOf('h20'), { launch: 'graph' }).seconds);
  });

  it('has in CSV the columns of the file and then its own, the same rows in the same order', async () => {
    const path = await file(KERNELS);
    const { code, out } = await cli('time', '--kernels', path, '--format', 'csv');
    expect(code).toBe(0);
    const [input, output] = [csvParse(KERNELS.join('\n')), csvParse(out)];
    expect(output.columns).toEqual([...input.columns, ...ADDED]);
    expect(output.map((each) => Object.fromEntries(input.columns.map((column) => [column, each[column]])))).toEqual(input.map((each) => ({ ...each })));
    for (const [at, each] of (await rowsOf()).entries()) for (const column of ADDED) expect(output[at]?.[column]).toBe(String(each[column]));
  });

  it('has in a table only columns that some row fills, times with their unit', async () => {
    const path = await file(['accelerator,kernel,dtype,m,n,k,experts', 'h100,gemm,bf16,16,4096,4096,', 'h100,gemm,fp8,8192,8192,8192,']);
    const [head = '', first = '', second = ''] = (await cli('time', '--kernels', path)).out.split('\n');
    expect(head.trim().split(/ {2,}/)).toEqual(['accelerator', 'kernel', 'dtype', 'm', 'n', 'k', ...ADDED]);
    expect(first).toMatch(/^h100 +gemm +bf16 +16 +4096 +4096 +[\d.]+ us +[\d.]+ us +[\d.]+ us +[\d.]+ us +memory +measured$/);
    expect(second).toMatch(/^h100 +gemm +fp8 +8192 +8192 +8192 +[\d.]+ (us|ms) +.* compute +measured$/);
  });

  it('takes columns in any order and counts as other software writes them', async () => {
    const [a] = z.array(timed).parse(await json('time', '--kernels', await file(['accelerator,kernel,m,n,k', 'h100,gemm,16,4096,1024'])));
    const [b] = z.array(timed).parse(await json('time', '--kernels', await file('k,n,m,kernel,accelerator\r\n1024.0,4096.0,16.0,gemm,h100')));
    expect(b).toMatchObject(Object.fromEntries(ADDED.map((column) => [column, a?.[column]])));
  });

  it('asks for a kernel by its name in a column variant', async () => {
    const path = await file([
      'accelerator,kernel,variant,heads,kvHeads,headDim,batch,context',
      ...['', 'decode-attention/tile64', 'decode-attention/unpadded'].map((name) => `h20,decode-attention,${name},64,4,128,64,8192`),
    ]);
    const rows = z.array(timed).parse(await json('time', '--kernels', path));
    const kernel = kernelOf({ kernel: 'decode-attention', heads: '64', kvHeads: '4', headDim: '128', batch: '64', context: '8192' });
    expect(rows.map((each) => each.seconds)).toEqual([
      kernelEstimate(kernel, chipOf('h20')).seconds,
      kernelEstimate(kernel, chipOf('h20'), { family: 'decode-attention/tile64' }).seconds,
      kernelEstimate(kernel, chipOf('h20'), { family: 'decode-attention/unpadded' }).seconds,
    ]);
    expect(rows[2]?.seconds).toBeLessThan(rows[1]?.seconds as number);
  });

  it('refuses a column whose name is a number, which would lose its place', async () =>
    expectRefused(['--kernels', await file(['accelerator,kernel,m,n,k,0', 'h100,gemm,16,4096,4096,x'])], /^tokenroof: time: file .* has the column 0, which is a number and no name/));

  it.each(ADDED)('refuses a file that has a column %s of its own, rather than write over it', async (column) =>
    expectRefused(['--kernels', await file([`accelerator,kernel,m,n,k,${column}`, 'h100,gemm,16,4096,4096,99'])], new RegExp(`^tokenroof: time: .*\\b${column}\\b`)),
  );

  const HEAD = 'accelerator,kernel,dtype,m,n,k';
  const GOOD = 'h100,gemm,bf16,16,4096,4096';
  it.each([
    ['an empty file', '', 'file PATH is empty, a CSV with a header is expected'],
    ['a header alone', [HEAD], 'file PATH has a header and no rows'],
    ['a truncated row', [HEAD, GOOD, GOOD, 'h100,gemm,bf16,16'], 'PATH line 4 has 4 cells, the header 6'],
    ['a column twice', ['accelerator,kernel,m,m,n,k', 'h100,gemm,1,1,1,1'], 'file PATH has the column m twice'],
    ['no column kernel', ['accelerator,m,n,k', 'h100,1,1,1'], 'file PATH lacks the column kernel'],
    ['no column accelerator', ['kernel,m,n,k', 'gemm,1,1,1'], 'file PATH lacks the column accelerator'],
    ['a column that a kernel needs', ['accelerator,kernel,m,n', 'h100,gemm,1,1'], 'PATH line 2: k "" is not a positive whole number'],
    ['an unknown kernel', [HEAD, GOOD, 'h100,gem,bf16,1,1,1'], 'PATH line 3: kernel gem is unknown; nearest: gemm, grouped-gemm, all-gather'],
    ['an unknown chip', [HEAD, GOOD, 'h900,gemm,bf16,1,1,1'], 'PATH line 3: accelerators: id h900 is unknown; nearest: h800, h100, h200'],
    ['an unknown format', [HEAD, GOOD, 'h100,gemm,bf17,1,1,1'], 'PATH line 3: dtype bf17 is unknown; nearest: bf16, fp16, fp8'],
    ['an empty cell', [HEAD, GOOD, 'h100,gemm,bf16,,1,1'], 'PATH line 3: m "" is not a positive whole number'],
    ['a negative batch', ['accelerator,kernel,heads,kvHeads,headDim,batch,context', 'h100,decode-attention,32,8,128,-1,1'], 'PATH line 2: batch -1 is not a positive whole number'],
    ['heads that do not divide', ['accelerator,kernel,heads,kvHeads,headDim,batch,context', 'h100,decode-attention,32,5,128,1,1'], 'PATH line 2: heads 32 is not a multiple of kvHeads 5'],
    ['experts that do not divide', ['accelerator,kernel,experts,m,n,k,gpus', 'h100,grouped-gemm,8,1,1,1,3'], 'PATH line 2: experts 8 is not a multiple of gpus 3'],
    ['an unknown variant', ['accelerator,kernel,m,n,k,variant', 'h100,gemm,1,1,1,gemm/fast'], /^tokenroof: time: \S+ line 2: variant: id gemm\/fast is unknown; nearest: gemm/],
    ['a variant of another kernel', ['accelerator,kernel,m,n,k,variant', 'h100,gemm,1,1,1,sparse-mla'], 'PATH line 2: timing: family sparse-mla does not time a gemm kernel'],
  ] as const)('refuses %s in one line, exit code 2', async (_, lines, message) => {
    const path = await file(lines);
    await expectRefused(['--kernels', path], typeof message === 'string' ? `time: ${message.replace('PATH', path)}` : message);
  });
  it('refuses a file that is not there, and a folder', async () => {
    await expectRefused(['--kernels', '/none/kernels.csv'], 'time: file /none/kernels.csv does not exist');
    await expectRefused(['--kernels', folder], `time: file ${folder} is a folder`);
  });
  it('prints nothing of the rows before a bad one, in any format', async () => {
    const path = await file([HEAD, GOOD, GOOD, 'h100,gemm,bf16,0,1,1']);
    for (const format of ['table', 'json', 'csv', 'markdown']) await expectRefused(['--kernels', path, '--format', format], `time: ${path} line 4: m 0 is not a positive whole number`);
  });
});

const STEPS = [
  'model,accelerator,dtype,batch,context,tp,note',
  'qwen3-32b,h100,fp8,64,4096,2,x',
  'llama-3.1-8b,h100,bf16,32,8192,,y',
  'llama-3.1-8b,h100,fp16,32.0,8192.0,1.0,',
  'deepseek-v3,h800,w8a8kv16,16,4096,8,z',
  'llama-3.1-8b,l20,fp8-kv16,1,128,1,z',
] as const;

describe('time --steps', () => {
  const POLICIES = {
    fp8: precisionPolicies.w8a8kv16,
    bf16: precisionPolicies.bf16,
    fp16: precisionPolicies.bf16,
    w8a8kv16: precisionPolicies.w8a8kv16,
    'fp8-kv16': precisionPolicies['fp8-kv16'],
  } as const;

  it('is each row as it was given, in the order of the file, with the decode step of the library', async () => {
    const rows = z.array(timed).parse(await json('time', '--steps', await file(STEPS)));
    const input = csvParse(STEPS.join('\n'));
    expect(rows.length).toBe(STEPS.length - 1);
    for (const [at, given] of input.entries()) {
      const pass = { phase: 'decode', batch: Number(given.batch), context: Number(given.context) } as const;
      const deployment = { ...singleChip, tensorParallel: Number(given.tp || 1) };
      const { seconds, low, high, idealSeconds, basis } = passTime(modelOf(given.model ?? ''), chipOf(given.accelerator ?? ''), pass, {
        deployment,
        precision: POLICIES[given.dtype as keyof typeof POLICIES],
        launch: 'graph',
      });
      expect(rows[at]).toEqual({ ...given, seconds, low, high, idealSeconds, basis, bound: rows[at]?.bound });
    }
    expect(rows.map((each) => each.bound)).toContain('memory');
  });

  it('is what a row of the command is, but for a step of one format', async () => {
    const [, step] = z.array(timed).parse(await json('time', '--steps', await file(STEPS)));
    const [at] = await many('--batch', '32', '--contexts', '8192', '--precision', 'bf16');
    expect([step?.seconds, step?.low, step?.high, step?.idealSeconds, step?.bound, step?.basis]).toEqual([at?.tpot, at?.low, at?.high, at?.idealSeconds, at?.bound, at?.basis]);
  });

  it('has in CSV the columns of the file and then its own; tp may lack', async () => {
    const [input, output] = [csvParse(STEPS.join('\n')), csvParse((await cli('time', '--steps', await file(STEPS), '--format', 'csv')).out)];
    expect(output.columns).toEqual([...input.columns, ...ADDED]);
    expect(output.map(({ model, note }) => [model, note])).toEqual(input.map(({ model, note }) => [model, note]));
    const without = await file(['batch,context,dtype,model,accelerator', '32,8192,bf16,llama-3.1-8b,h100']);
    expect(csvParse((await cli('time', '--steps', without, '--format', 'csv')).out)[0]?.seconds).toBe(output[1]?.seconds);
  });

  const HEAD = 'model,accelerator,dtype,batch,context,tp';
  const GOOD = 'llama-3.1-8b,h100,bf16,1,1024,1';
  it.each([
    ['an empty file', '', 'file PATH is empty, a CSV with a header is expected'],
    ['a header alone', [HEAD], 'file PATH has a header and no rows'],
    ['a truncated row', [HEAD, GOOD, 'llama-3.1-8b,h100'], 'PATH line 3 has 2 cells, the header 6'],
    ['a column twice', ['model,model', 'a,b'], 'file PATH has the column model twice'],
    ...['model', 'accelerator', 'dtype', 'batch', 'context'].map(
      (column) =>
        [
          `no column ${column}`,
          [
            HEAD.split(',')
              .filter((name) => name !== column)
              .join(','),
            '1,1,1,1,1',
          ],
          `file PATH lacks the column ${column}`,
        ] as const,
    ),
    ['an unknown model', [HEAD, GOOD, 'llama-3.1-9b,h100,bf16,1,1024,1'], /^tokenroof: time: \S+ line 3: models: id llama-3\.1-9b is unknown; nearest: llama-3\.1-8b/],
    ['an unknown chip', [HEAD, GOOD, 'llama-3.1-8b,h900,bf16,1,1024,1'], 'PATH line 3: accelerators: id h900 is unknown; nearest: h800, h100, h200'],
    ['an unknown format', [HEAD, 'llama-3.1-8b,h100,bf17,1,1024,1'], /^tokenroof: time: \S+ line 2: dtype: id bf17 is unknown; nearest: bf16/],
    ['a negative batch', [HEAD, 'llama-3.1-8b,h100,bf16,-1,1024,1'], 'PATH line 2: step: batch -1 is not a whole number from 1 to 9007199254740991'],
    ['half a request', [HEAD, 'llama-3.1-8b,h100,bf16,0.5,1024,1'], 'PATH line 2: step: batch 0.5 is not a whole number from 1 to 9007199254740991'],
    ['an empty context', [HEAD, 'llama-3.1-8b,h100,bf16,1,,1'], 'PATH line 2: step: context "" is not a whole number from 1 to 9007199254740991'],
    ['no chip', [HEAD, 'llama-3.1-8b,h100,bf16,1,1024,0'], 'PATH line 2: step: tp 0 is not a whole number from 1 to 9007199254740991'],
    ['heads that tp does not divide', [HEAD, GOOD, GOOD, 'llama-3.1-8b,h100,bf16,1,1024,3'], 'PATH line 4: deployment: tensorParallel 3 does not divide the 32 heads of llama-3.1-8b'],
  ] as const)('refuses %s in one line, exit code 2', async (_, lines, message) => {
    const path = await file(lines);
    await expectRefused(['--steps', path], typeof message === 'string' ? `time: ${message.replace('PATH', path)}` : message);
  });
  it('refuses a file that is not there', () => expectRefused(['--steps', '/none/steps.csv'], 'time: file /none/steps.csv does not exist'));
});
