import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { STORAGE_BITS, type StorageFormat } from '../../../src/layers/precision.ts';
import { modelCache } from '../../../src/models/cache.ts';
import { modelOf } from '../../../src/models/index.ts';
import { cli, json } from '../support.ts';

const bytes = z.int().nonnegative();
const row = z.strictObject({
  model: z.string(),
  context: z.int().positive(),
  kvDtype: z.string(),
  stateDtype: z.enum(Object.keys(STORAGE_BITS) as [StorageFormat, ...StorageFormat[]]),
  bytesPerToken: bytes,
  bytesPerRequest: bytes,
  bytesPerRequestPaged: bytes,
  bytesReadPerToken: bytes,
  bytesWrittenPerToken: bytes,
  kvBytesPerRequest: bytes,
  indexBytesPerRequest: bytes,
  stateBytesPerRequest: bytes,
  bytesOfNextToken: bytes,
  curves: z.strictObject({ perRequest: z.string(), paged: z.string(), readPerToken: z.string() }),
  notes: z.array(z.string()),
});
type Row = z.infer<typeof row>;
const one = async (...argv: readonly string[]): Promise<Row> => row.parse(await json('kv', ...argv));
const many = async (...argv: readonly string[]): Promise<readonly Row[]> => z.array(row).parse(await json('kv', ...argv));

let folder = '';
const CONFIG = { model_type: 'llama', hidden_size: 256, intermediate_size: 768, num_hidden_layers: 6, num_attention_heads: 8, num_key_value_heads: 2, vocab_size: 1000, torch_dtype: 'bfloat16' };
const SLIDING = { ...CONFIG, model_type: 'mistral', num_hidden_layers: 2, sliding_window: 1024 };
const SPARSE = {
  model_type: 'deepseek_v32',
  hidden_size: 256,
  intermediate_size: 768,
  moe_intermediate_size: 64,
  num_hidden_layers: 2,
  first_k_dense_replace: 1,
  num_attention_heads: 8,
  n_routed_experts: 16,
  n_shared_experts: 1,
  num_experts_per_tok: 4,
  vocab_size: 1000,
  kv_lora_rank: 64,
  q_lora_rank: 96,
  qk_nope_head_dim: 32,
  qk_rope_head_dim: 16,
  v_head_dim: 48,
  index_n_heads: 4,
  index_head_dim: 128,
  index_topk: 512,
  torch_dtype: 'bfloat16',
};
const path = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tokenroof-kv-'));
  for (const [name, config] of Object.entries({ tiny: CONFIG, sliding: SLIDING, sparse: SPARSE, 'qwen3-32b': CONFIG })) {
    await mkdir(path(name));
    await writeFile(join(path(name), 'config.json'), JSON.stringify(config));
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('kv', () => {
  it('is an object for one model at one context, an array for more of either', async () => {
    expect((await one('deepseek-v3')).context).toBe(32768);
    expect((await many('deepseek-v3', 'step-3')).map(({ model }) => model)).toEqual(['deepseek-v3', 'step-3']);
    expect((await many('deepseek-v3', '--context', '8K,32K')).map(({ context }) => context)).toEqual([8192, 32768]);
  });
  it('takes models apart or with commas', async () => expect(await json('kv', 'step-3', 'kimi-k2')).toEqual(await json('kv', 'step-3,kimi-k2')));
  it('takes ranges of contexts, models first', async () => {
    const rows = await many('step-3', 'kimi-k2', '--context', '1K..4K', '--context', '100');
    expect(rows.map(({ model, context }) => [model, context])).toEqual(['step-3', 'kimi-k2'].flatMap((model) => [1024, 2048, 4096, 100].map((context) => [model, context])));
  });
  it('holds for all models: parts add up, paged is at least what is needed, nothing shrinks with the context', async () => {
    const rows = await many('all', '--context', '1K,32K,128K');
    for (const at of rows) {
      expect(at.bytesPerRequest, at.model).toBe(at.kvBytesPerRequest + at.indexBytesPerRequest + at.stateBytesPerRequest);
      expect(at.bytesPerRequestPaged, at.model).toBeGreaterThanOrEqual(at.bytesPerRequest);
      expect(at.bytesReadPerToken, at.model).toBeGreaterThanOrEqual(at.bytesWrittenPerToken);
      const before = rows.find(({ model, context }) => model === at.model && context < at.context);
      if (before) for (const key of ['bytesPerRequest', 'bytesPerRequestPaged', 'indexBytesPerRequest'] as const) expect(at[key], `${at.model} ${key}`).toBeGreaterThanOrEqual(before[key]);
    }
    expect(rows.length % 3).toBe(0);
  });
  it('is the cache of the library', async () => {
    const cache = modelCache(modelOf('llama-4-maverick'));
    expect(await one('llama-4-maverick', '--context', '32K')).toMatchObject({
      bytesPerToken: cache.perToken,
      bytesPerRequest: cache.perRequest.evaluate(32768),
      bytesPerRequestPaged: cache.paged.evaluate(32768),
      bytesReadPerToken: cache.readPerToken.evaluate(32768),
      curves: { perRequest: cache.perRequest.toString() },
    });
  });

  // 6 layers, keys and values of 2 heads of 32, 2 B each.
  it('reads a model from a config', async () =>
    expect(await one('--config', path('tiny'), '--context', '1000')).toMatchObject({
      model: 'tiny',
      kvDtype: 'bf16',
      bytesPerToken: 1536,
      bytesPerRequest: 1_536_000,
      bytesPerRequestPaged: 1_536_000,
      bytesReadPerToken: 1_536_000,
      bytesWrittenPerToken: 1536,
      bytesOfNextToken: 1536,
      stateBytesPerRequest: 0,
      indexBytesPerRequest: 0,
      curves: { perRequest: '1536*S', paged: '1536*S', readPerToken: '1536*S' },
    }));
  it('gives a full window no next token, a paged cache all of them', async () =>
    expect(await one('--config', path('sliding'), '--context', '4096')).toMatchObject({
      bytesPerRequest: 1024 * 512,
      bytesPerRequestPaged: 4096 * 512,
      bytesReadPerToken: 1024 * 512,
      bytesOfNextToken: 0,
    }));
  it('tells index keys apart, which keep their format', async () => {
    const bf16 = await one('--config', path('sparse'), '--context', '4096');
    // 2 layers: a latent and a rotary key of 80 elements, an index key of 132 B; 512 tokens are attended.
    expect(bf16).toMatchObject({ kvBytesPerRequest: 4096 * 2 * 160, indexBytesPerRequest: 4096 * 2 * 132, bytesReadPerToken: 512 * 2 * 160 + 4096 * 2 * 132 });
    expect(bf16.notes).toContain('index keys: FP8 with one FP32 scale for 128, whatever the format of the cache');
    expect(await one('--config', path('sparse'), '--context', '4096', '--kv-dtype', 'fp8')).toMatchObject({ kvDtype: 'fp8', kvBytesPerRequest: 4096 * 2 * 80, indexBytesPerRequest: 4096 * 2 * 132 });
  });
  it('puts models from configs after those named, and beside the catalogue under an id of their own', async () => {
    expect((await many('step-3', '--config', path('tiny'), '--config', path('sliding'))).map(({ model }) => model)).toEqual(['step-3', 'tiny', 'sliding']);
    expect((await many('qwen3-32b', '--config', path('qwen3-32b'))).map(({ model }) => model)).toEqual(['qwen3-32b', 'qwen3-32b:config']);
  });
  it('tells what the class was taken for', async () => expect((await one('--config', path('tiny'))).notes).toContain('absent: tie_word_embeddings = false (class default)'));
  it('notes a context beyond the trained one', async () => {
    expect((await one('step-3', '--context', '1M')).notes).toContain(`context: 1048576 is beyond the trained ${modelOf('step-3').maxContext}`);
    expect((await one('step-3', '--context', '1K')).notes).toEqual([]);
  });

  it.each([
    ['bf16', 2],
    ['fp8', 1],
    ['nvfp4', 4.5 / 8],
    ['fp32', 4],
  ] as const)('--kv-dtype %s changes the cache in every layer', async (dtype, size) =>
    expect(await one('--config', path('tiny'), '--context', '1000', '--kv-dtype', dtype)).toMatchObject({ kvDtype: dtype, bytesPerRequest: 1000 * 6 * 2 * 2 * 32 * size }),
  );
  it.each([
    ['fp32', 4],
    ['bf16', 2],
    ['fp8', 1],
  ] as const)('--state-dtype %s changes the states, and nothing else', async (dtype, size) => {
    const at = await one('minimax-m1', '--state-dtype', dtype);
    expect(at).toMatchObject({ stateDtype: dtype, stateBytesPerRequest: 70 * 64 * 128 * 128 * size });
    expect(at.kvBytesPerRequest).toBe((await one('minimax-m1')).kvBytesPerRequest);
  });
  it('names each format where kinds of attention differ', async () => expect((await one('llama-4-maverick')).kvDtype).toBe('fp8 and bf16'));

  it('prints a table, CSV and Markdown', async () => {
    const table = await cli('kv', 'step-3');
    expect(table.code).toBe(0);
    expect(table.out).toContain('step-3');
    const [head = '', first = ''] = (await cli('kv', 'step-3', '--format', 'csv')).out.split('\n');
    expect(head.split(',')).toEqual(expect.arrayContaining(['model', 'context', 'bytesPerRequest', 'curve']));
    expect(first).toMatch(/^step-3,32768,/);
    expect((await cli('kv', 'step-3', '--format', 'markdown')).out).toMatch(/^\| ?model/m);
  });

  it.each([
    [[], /^tokenroof: kv: models \[\] is empty: name a model, or give a config file with --config$/],
    [['step-4'], /^tokenroof: models: id step-4 .*step-3/],
    [['step-3', 'step-3'], /^tokenroof: kv: models step-3 is given twice$/],
    [['step-3', '--context', '0'], /^tokenroof: kv: context 0 is not a whole number from 1 to \d+/],
    [['step-3', '--context', '8K,8192'], /^tokenroof: kv: context 8192 is given twice$/],
    [['step-3', '--context', '4K..1K'], /^tokenroof: kv: context 4K\.\.1K is not a range such as 1K\.\.1M$/],
    [['step-3', '--context', 'long'], /^tokenroof: kv: context long is not a whole number/],
    [['step-3', '--kv-dtype', 'fp7'], /^tokenroof: kv: kv-dtype fp7 is unknown; nearest: /],
    [['step-3', '--state-dtype', ''], /^tokenroof: kv: state-dtype "" is unknown; nearest: /],
    [['step-3', '--format', 'xml'], /^tokenroof: kv: format xml is unknown; nearest: /],
    [['--config', '/none/config.json'], /^tokenroof: config: file \/none\/config\.json does not exist$/],
    [['--config', ''], /^tokenroof: config: file "" is empty$/],
    [['--contexts', '8K'], /^tokenroof: kv: option --contexts is unknown; nearest: --context/],
  ])('refuses %j in one line, exit code 2', async (argv, message) => {
    const { code, out, err } = await cli('kv', ...argv);
    expect([code, out]).toEqual([2, '']);
    expect(err.trimEnd()).toMatch(message);
    expect(err.trimEnd()).not.toContain('\n');
  });
  it('refuses a config in the words of the importer', async () => {
    await mkdir(path('odd'));
    await writeFile(join(path('odd'), 'config.json'), JSON.stringify({ ...CONFIG, zz: 1, yy: 2 }));
    expect(await cli('kv', '--config', path('odd'))).toMatchObject({ code: 2, out: '', err: expect.stringMatching(/^tokenroof: config llama: zz 1 is not understood[^\n]*\n$/) });
    expect((await one('--config', path('odd'), '--ignore', 'zz,yy')).bytesPerToken).toBe(1536);
  });
});
