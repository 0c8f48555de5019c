import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { csvParse } from 'd3-dsv';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { modelOf, precisionPolicies } from '../../../src/models/index.ts';
import { singleChip } from '../../../src/timing/deployment.ts';
import { memoryOf } from '../../../src/timing/memory.ts';
import { chipOf } from '../../timing/support.ts';
import { cli, json } from '../support.ts';

const bytes = z.number().positive();
const whole = z.int().nonnegative();
/** What `capacity --help` says of its JSON. */
const row = z.strictObject({
  model: z.string(),
  accelerator: z.string(),
  chips: z.int().positive(),
  context: z.int().positive(),
  batch: whole,
  largestBatch: whole,
  longestContext: whole,
  fits: z.boolean(),
  weightBytes: bytes,
  cacheBytes: bytes,
  cacheBytesPerRequest: bytes,
  activationBytes: bytes,
  workspaceBytes: bytes,
  totalBytes: bytes,
  usableBytes: bytes,
  notes: z.array(z.string()),
});
type Row = z.infer<typeof row>;
const many = async (...argv: readonly string[]): Promise<readonly Row[]> => z.array(row).parse(await json('capacity', ...argv));
const one = async (...argv: readonly string[]): Promise<Row> => {
  const rows = await many(...argv);
  expect(rows.length).toBe(1);
  return rows[0] as Row;
};
const GIB = 2 ** 30;

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tokenroof-capacity-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('capacity', () => {
  it('of Llama-3.1-8B on an H100 at 8K in 16 bit: by hand', async () => {
    const at = await one('--precision', 'bf16');
    // 90 % of 80 GiB less weights, 2 GiB and activations of 8192 tokens hold 53 caches of 1 GiB with logits
    expect(at).toEqual({
      model: 'llama-3.1-8b',
      accelerator: 'h100',
      chips: 1,
      context: 8192,
      batch: 53,
      largestBatch: 53,
      longestContext: 16 * Math.floor((0.9 * 80 * GIB - 16_059_990_016 - 2 * GIB - 2 * 8192 * 69_632 - 4 * 53 * 128_256) / (53 * 16 * 131_072)),
      fits: true,
      weightBytes: 16_059_990_016,
      cacheBytes: 53 * GIB,
      cacheBytesPerRequest: GIB,
      activationBytes: 2 * 8192 * (3 * 4096 + 2 * 28_672) + 4 * 53 * 128_256,
      workspaceBytes: 2 * GIB,
      totalBytes: 16_059_990_016 + 55 * GIB + 2 * 8192 * 69_632 + 4 * 53 * 128_256,
      usableBytes: 0.9 * 80 * GIB,
      notes: ['precision: bf16'],
    });
  });

  it('says in its help which fields a row has', async () => {
    const { out } = await cli('capacity', '--help');
    const [, named = ''] = out.match(/an array of \{([\s\S]*?)\};/) ?? [];
    expect(
      named
        .replace(/: (?:boolean|string\[\])/g, '')
        .split(/[\s,]+/)
        .sort(),
    ).toEqual(Object.keys(row.shape).sort());
  });

  it('has a row for each model, chip and context, in this order', async () =>
    expect((await many('--models', 'step-3,qwen3-8b', '--accelerators', 'h100,h20', '--contexts', '1K..4K')).map(({ model, accelerator, context }) => [model, accelerator, context])).toEqual(
      ['step-3', 'qwen3-8b'].flatMap((model) => ['h100', 'h20'].flatMap((chip) => [1024, 2048, 4096].map((context) => [model, chip, context]))),
    ));

  it('is the memory of the library, as its options say', async () => {
    const at = await one(
      '--models',
      'gpt-oss-120b',
      '--accelerators',
      'h200',
      '--tp',
      '2',
      '--dp',
      '4',
      '--ep',
      '8',
      '--contexts',
      '10000',
      '--precision',
      'fp8-kv16',
      '--block-tokens',
      '64',
      '--windows',
      'paged',
      '--pass-tokens',
      '2K',
      '--memory-share',
      '0.8',
    );
    const memory = memoryOf(modelOf('gpt-oss-120b'), chipOf('h200'), {
      deployment: { ...singleChip, tensorParallel: 2, dataParallel: 4, expertParallel: 8 },
      precision: precisionPolicies['fp8-kv16'],
      blockTokens: 64,
      windows: 'paged',
      passTokens: 2048,
      memoryShare: 0.8,
    });
    const batch = memory.largestBatch(10_000);
    const { weights, cache, activations, workspace, total, usable } = memory.use(batch, 10_000);
    expect(at).toMatchObject({
      chips: 8,
      batch,
      largestBatch: batch,
      longestContext: memory.longestContext(batch),
      weightBytes: weights,
      cacheBytes: cache,
      activationBytes: activations,
      workspaceBytes: workspace,
      totalBytes: total,
      usableBytes: usable,
      cacheBytesPerRequest: memory.cacheBytes(10_000),
      fits: true,
    });
  });

  it.each([
    ['--block-tokens', '4K'],
    ['--windows', 'paged'],
    ['--pass-tokens', '64K'],
    ['--memory-share', '0.5'],
    ['--tp', '2'],
    ['--precision', 'fp8'],
  ])('%s %s changes what fits', async (option, value) => {
    const of = async (...argv: readonly string[]) => (await one('--models', 'gemma-3-27b', '--contexts', '10000', '--precision', 'bf16', ...argv)).largestBatch;
    expect(await of(option, value)).not.toBe(await of());
  });

  it('asks what a batch takes, of which the longest context is told', async () => {
    const at = await one('--batch', '8', '--precision', 'bf16');
    expect(at).toMatchObject({ batch: 8, largestBatch: 53, cacheBytes: 8 * GIB, fits: true });
    const longest = await one('--batch', '8', '--precision', 'bf16', '--contexts', String(at.longestContext));
    const longer = await one('--batch', '8', '--precision', 'bf16', '--contexts', String(at.longestContext + 1));
    expect([longest.fits, longer.fits, longest.largestBatch >= 8, longer.largestBatch >= 8]).toEqual([true, false, true, false]);
  });

  it('says how much is too much where a batch does not fit', async () => {
    const at = await one('--batch', '54', '--precision', 'bf16');
    expect(at).toMatchObject({ batch: 54, largestBatch: 53, fits: false });
    expect(at.notes).toEqual(['precision: bf16', `does not fit: ${((at.totalBytes - at.usableBytes) / 1e9).toFixed(1)} GB too much with batch 54`]);
    expect(at.longestContext).toBeLessThan(8192);
  });

  it('has 0 where not even one request fits, and shows what one would take', async () => {
    const at = await one('--models', 'bloom-176b', '--precision', 'bf16');
    expect(at).toMatchObject({ batch: 1, largestBatch: 0, longestContext: 0, fits: false, cacheBytes: at.cacheBytesPerRequest });
    expect(at.notes).toContain(`does not fit: ${((at.totalBytes - at.usableBytes) / 1e9).toFixed(1)} GB too much with batch 1`);
    expect((await cli('capacity', '--models', 'bloom-176b')).code).toBe(0);
  });

  it('holds for all models and chips: parts add up, the largest batch is the largest, and fits exactly where it is not 0', async () => {
    const rows = await many('--models', 'all', '--accelerators', 'all', '--contexts', '4K,32K');
    for (const at of rows) {
      const where = `${at.model} on ${at.accelerator} at ${at.context}`;
      expect(Math.abs(at.totalBytes / (at.weightBytes + at.cacheBytes + at.activationBytes + at.workspaceBytes) - 1), where).toBeLessThan(1e-12);
      expect(Math.abs(at.cacheBytes / (Math.max(at.batch, 1) * at.cacheBytesPerRequest) - 1), where).toBeLessThan(1e-12);
      expect([at.batch, at.fits], where).toEqual([Math.max(1, at.largestBatch), at.largestBatch > 0]);
      expect(at.fits, where).toBe(at.totalBytes <= at.usableBytes);
      if (at.fits) expect(at.longestContext, where).toBeGreaterThanOrEqual(at.context);
      const shorter = rows.find(({ model, accelerator, context }) => model === at.model && accelerator === at.accelerator && context < at.context);
      if (shorter) expect(at.largestBatch, where).toBeLessThanOrEqual(shorter.largestBatch);
    }
    expect(new Set(rows.map(({ fits }) => fits))).toEqual(new Set([true, false]));
  });

  it('prints one scale of bytes for all, notes below, and CSV and Markdown', async () => {
    const { code, out } = await cli('capacity', '--precision', 'bf16');
    expect(code).toBe(0);
    expect(out).toMatch(/─ GB of one chip ─/);
    expect(out).toMatch(/^llama-3\.1-8b +h100 +1 +8K +53 +16\.1 +56\.9 +1\.17 +2\.15 +76\.3 +77\.3 +53 +8336( |$)/m);
    expect(out).toContain('largest batch at the context; longest context at the batch; both of one replica');
    expect(out).toContain('precision: bf16');
    const parsed = csvParse((await cli('capacity', '--contexts', '8K,16K', '--precision', 'bf16', '--format', 'csv')).out);
    expect(parsed.columns).toEqual(Object.keys(row.shape));
    expect(parsed.map(({ context, largestBatch, fits, notes }) => [context, largestBatch, fits, notes])).toEqual([
      ['8192', '53', 'true', 'precision: bf16'],
      ['16384', '26', 'true', 'precision: bf16'],
    ]);
    expect((await cli('capacity', '--format', 'markdown')).out).toMatch(/^\| ?model/m);
  });

  it('takes chips as an override changes them', async () => {
    const path = join(folder, 'override.json');
    await writeFile(path, JSON.stringify({ accelerators: { h100: { set: { memoryCapacity: 160 * GIB } } } }));
    const { code, out, err } = await cli('capacity', '--precision', 'bf16', '--override', path, '--format', 'json');
    expect([code, err]).toEqual([0, '']);
    const [at] = z.array(row).parse(JSON.parse(out));
    expect(at?.usableBytes).toBe(0.9 * 160 * GIB);
    expect(at?.largestBatch).toBeGreaterThan(53);
  });

  it.each([
    [['--memory-share', '0'], 'capacity: memory-share 0 is not above 0 and at most 1'],
    [['--memory-share', '1.1'], 'capacity: memory-share 1.1 is not above 0 and at most 1'],
    [['--memory-share', '-0.1'], 'capacity: memory-share -0.1 is not above 0 and at most 1'],
    [['--memory-share', 'most'], 'capacity: memory-share most is not above 0 and at most 1'],
    [['--memory-share', ''], 'capacity: memory-share "" is not above 0 and at most 1'],
    [['--batch', '0'], 'capacity: batch 0 is not a whole number from 1 to 9007199254740991'],
    [['--batch', '-1'], 'capacity: batch -1 is not a whole number from 1 to 9007199254740991'],
    [['--contexts', '0'], /^tokenroof: capacity: contexts 0 is not a whole number/],
    [['--contexts', '8K,8192'], 'capacity: contexts 8192 is given twice'],
    [['--block-tokens', '0'], /^tokenroof: capacity: block-tokens 0 is not a whole number/],
    [['--pass-tokens', 'x'], /^tokenroof: capacity: pass-tokens x is not a whole number/],
    [['--windows', 'none'], /^tokenroof: capacity: windows none is unknown; nearest: /],
    [['--tp', '3'], 'deployment: tensorParallel 3 does not divide the 32 heads of llama-3.1-8b'],
    [['--dp', '2', '--ep', '2'], 'deployment: expertParallel 2 has no experts to deal out: llama-3.1-8b is dense'],
    [['--pp', '33'], 'deployment: pipelineParallel 33 is more than the 32 layers of llama-3.1-8b'],
    [['--models', 'llama-3.1-9b'], /^tokenroof: models: id llama-3\.1-9b is unknown; nearest: llama-3\.1-8b/],
    [['--accelerators', 'h900'], 'accelerators: id h900 is unknown; nearest: h800, h100, h200'],
    [['--accelerators', 'h100,h100'], 'capacity: accelerators h100 is given twice'],
    [['--precision', 'fp9'], /^tokenroof: capacity: precision fp9 is unknown; nearest: fp8/],
    [['--config', '/none/config.json'], 'config: file /none/config.json does not exist'],
    [['--engine', 'vllm'], /^tokenroof: capacity: option --engine is unknown; nearest: /],
  ] as const)('refuses %j in one line, exit code 2', async (argv, message) => {
    const { code, out, err } = await cli('capacity', ...argv);
    expect([code, out]).toEqual([2, '']);
    expect(err.trimEnd()).not.toContain('\n');
    if (typeof message === 'string') expect(err).toBe(`tokenroof: ${message}\n`);
    else expect(err).toMatch(message);
  });
});
