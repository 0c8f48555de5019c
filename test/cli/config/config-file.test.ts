import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfigModel } from '../../../src/cli/config/config-file.ts';
import { InputError } from '../../../src/io/input-error.ts';
import type { ImportedModel } from '../../../src/models/huggingface/index.ts';

const CONFIG = { model_type: 'llama', hidden_size: 256, intermediate_size: 768, num_hidden_layers: 6, num_attention_heads: 8, num_key_value_heads: 2, vocab_size: 1000, torch_dtype: 'bfloat16' };
const NVFP4 = { quantization: { quant_algo: 'NVFP4', kv_cache_quant_algo: 'FP8', exclude_modules: ['lm_head'] } };

let folder = '';
let files = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tokenroof-config-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Writes files below a folder of their own, and gives its path. */
async function folderOf(contents: Readonly<Record<string, unknown>>, name = 'Some_Model-7B'): Promise<string> {
  const path = join(folder, String(files++), name);
  await mkdir(path, { recursive: true });
  for (const [file, content] of Object.entries(contents)) await writeFile(join(path, file), typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}
const read = (path: string, ignore: readonly string[] = [], taken: readonly string[] = []): Promise<ImportedModel> => readConfigModel(path, ignore, taken);
const ONE_LINE = /^config: file [^\n\r]*$/;

async function refused(path: string, rule: RegExp): Promise<void> {
  const error: unknown = await read(path).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(InputError);
  expect((error as InputError).message).toMatch(ONE_LINE);
  expect((error as InputError).message).toMatch(rule);
}

describe('a path', () => {
  it('is a config.json, or the folder that holds it', async () => {
    const path = await folderOf({ 'config.json': CONFIG });
    const { entry, family } = await read(path);
    expect(family).toBe('llama');
    expect(entry.model).toMatchObject({ id: 'some-model-7b', name: 'Some_Model-7B', hidden: 256 });
    expect(await read(join(path, 'config.json'))).toEqual(await read(path));
    expect(await read(`${path}/`)).toEqual(await read(path));
    expect(entry.sources.get('hidden')?.source).toEqual({ kind: 'config', repo: 'Some_Model-7B', file: 'config.json', key: 'hidden_size' });
  });
  it('is a file of another name, which names the model', async () => {
    const path = await folderOf({ 'Qwen--Qwen3-8B_config.json': CONFIG, 'Step-3.5.JSON': CONFIG });
    expect((await read(join(path, 'Qwen--Qwen3-8B_config.json'))).entry.model).toMatchObject({ id: 'qwen-qwen3-8b', name: 'Qwen--Qwen3-8B' });
    expect((await read(join(path, 'Step-3.5.JSON'))).entry.model.id).toBe('step-3.5');
  });
  it('is a link to one', async () => {
    const path = await folderOf({ 'config.json': CONFIG });
    await symlink(join(path, 'config.json'), join(path, 'linked.json'));
    expect((await read(join(path, 'linked.json'))).entry.model.id).toBe('linked');
  });
  it('may hold a name of no letters', async () => expect((await read(join(await folderOf({ '日本.json': CONFIG }), '日本.json'))).entry.model.id).toBe('config'));
  it('keys can be ignored by name', async () => {
    const path = await folderOf({ 'config.json': { ...CONFIG, zz: 1 } });
    await expect(read(path)).rejects.toThrow('config llama: zz 1 is not understood');
    expect((await read(path, ['zz'])).ignored).toEqual(['zz']);
  });
});

describe('an id', () => {
  const idWith = async (...taken: readonly string[]): Promise<string> => (await read(await folderOf({ 'config.json': CONFIG }, 'Qwen3-32B'), [], taken)).entry.model.id;

  it('that is taken becomes another', async () => {
    expect(await idWith()).toBe('qwen3-32b');
    expect(await idWith('qwen3-32b')).toBe('qwen3-32b:config');
    expect(await idWith('qwen3-32b', 'qwen3-32b:config')).toBe('qwen3-32b:config-2');
    expect(await idWith('qwen3-32b', 'qwen3-32b:config', 'qwen3-32b:config-2')).toBe('qwen3-32b:config-3');
  });
  it('is not all, which names every model', async () => expect((await read(await folderOf({ 'config.json': CONFIG }, 'All'))).entry.model.id).toBe('all:config'));
});

describe('a hf_quant_config.json beside it', () => {
  it('says how the weights are stored', async () => {
    const path = await folderOf({ 'config.json': CONFIG, 'hf_quant_config.json': NVFP4 });
    expect((await read(path)).entry.model.precision).toMatchObject({ weights: 'nvfp4', kv: 'fp8' });
    expect((await read(join(path, 'config.json'))).entry.model.precision.weights).toBe('nvfp4');
  });
  it('is of the config.json only, not of other files in its folder', async () => {
    const path = await folderOf({ 'other.json': CONFIG, 'hf_quant_config.json': NVFP4 });
    expect((await read(join(path, 'other.json'))).entry.model.precision.weights).toBe('bf16');
  });
  it('is refused where it is broken', async () => {
    await refused(await folderOf({ 'config.json': CONFIG, 'hf_quant_config.json': '{' }), /hf_quant_config\.json is not JSON/);
    await refused(await folderOf({ 'config.json': CONFIG, 'hf_quant_config.json': '' }), /hf_quant_config\.json is empty/);
    await expect(read(await folderOf({ 'config.json': CONFIG, 'hf_quant_config.json': { quantization: { quant_algo: 'INT3' } } }))).rejects.toThrow(
      'config hf_quant_config: quantization.quant_algo "INT3" is not one of',
    );
  });
  it('is refused where it is a folder', async () => {
    const path = await folderOf({ 'config.json': CONFIG });
    await mkdir(join(path, 'hf_quant_config.json'));
    await refused(path, /hf_quant_config\.json is a folder$/);
  });
});

describe('a file is refused', () => {
  it('that does not exist', async () => {
    await refused(join(folder, 'none'), /none does not exist$/);
    await refused(join(folder, 'none', 'config.json'), /config\.json does not exist$/);
  });
  it('in a folder without a config.json', async () => refused(await folderOf({ 'other.json': CONFIG }), /config\.json does not exist$/));
  it('that is a folder', async () => {
    const path = await folderOf({});
    await mkdir(join(path, 'config.json'));
    await refused(path, /config\.json is a folder$/);
    await refused(join(path, 'config.json'), /config\.json does not exist$/);
  });
  it('below a file', async () => refused(join(await folderOf({ 'config.json': CONFIG }), 'config.json', 'config.json'), /lies below something that is not a folder$/));
  it('without a name', async () => refused('', /^config: file "" is empty$/));
  it('that is a link to itself', async () => {
    const path = await folderOf({});
    await symlink(join(path, 'config.json'), join(path, 'config.json'));
    await refused(path, /is a link that leads to itself$/);
  });
  it('that is a device', async () => refused('/dev/null', /\/dev\/null is not a file$/));
  it('that is empty', async () => {
    for (const text of ['', ' \n']) await refused(await folderOf({ 'config.json': text }), /config\.json is empty, JSON is expected$/);
  });
  it.each([['{'], ['{"model_type": "llama",}'], ["{'model_type': 'llama'}"], ['model_type: llama'], ['{} {}']])('that is not JSON: %s', async (text) =>
    refused(await folderOf({ 'config.json': text }), /config\.json is not JSON \(.+\)$/),
  );
  it('that is not UTF-8', async () => {
    const path = await folderOf({});
    await writeFile(join(path, 'config.json'), Buffer.from([0x7b, 0xff, 0x7d]));
    await refused(path, /config\.json is not UTF-8 text$/);
  });
  it.each([['[]'], ['null'], ['7'], ['"text"']])('that holds %s', async (text) => expect(read(await folderOf({ 'config.json': text }))).rejects.toThrow(`config: file ${text} is not an object`));
  it('that is too large, with its size, before it is parsed', async () => {
    const size = 5 * 1024 * 1024;
    await refused(await folderOf({ 'config.json': '{'.repeat(size) }), new RegExp(`of ${size} bytes is larger than ${4 * 1024 * 1024}$`));
    await refused(await folderOf({ 'config.json': CONFIG, 'hf_quant_config.json': ' '.repeat(size) }), new RegExp(`hf_quant_config\\.json of ${size} bytes is larger than ${4 * 1024 * 1024}$`));
  });
  it('only when it is larger than 4 MiB', async () => {
    const padding = ' '.repeat(4 * 1024 * 1024 - JSON.stringify(CONFIG).length);
    expect((await read(await folderOf({ 'config.json': `${JSON.stringify(CONFIG)}${padding}` }))).family).toBe('llama');
    await refused(await folderOf({ 'config.json': `${JSON.stringify(CONFIG)}${padding} ` }), /of 4194305 bytes is larger than 4194304$/);
  });
});

describe('numbers as Python writes them', () => {
  const text = (value: string, key = 'time_step_limit'): string => JSON.stringify(CONFIG).replace('{', `{"${key}": ${value}, `);
  const ignoring = async (content: string): Promise<ImportedModel> => read(await folderOf({ 'config.json': content }), ['time_step_limit']);

  it.each(['Infinity', '-Infinity', 'NaN', '[0.0, Infinity]', '{"a": NaN}'])('%s is read as null', async (value) => expect((await ignoring(text(value))).ignored).toEqual(['time_step_limit']));
  it('a size of NaN is missing, not a number', async () => {
    await expect(ignoring(text('NaN', 'hidden_size').replace(/"hidden_size":256,/, ''))).rejects.toThrow('config llama: hidden_size (absent) is missing');
  });
  it('the words stay as they are inside texts', async () => {
    const { entry } = await read(await folderOf({ 'config.json': { ...CONFIG, architectures: ['Infinity "NaN" \\ NaN'], rope_scaling: { type: 'NaN' } } }));
    expect(entry.model.hidden).toBe(256);
    await expect(ignoring(text('"Infinity"', 'torch_dtypes'))).rejects.toThrow('torch_dtypes "Infinity" is not understood');
  });
  it.each(['nan', 'Infinit', 'NaNa', 'undefined'])('%s is not JSON', async (value) => refused(await folderOf({ 'config.json': text(value) }), /is not JSON/));
});
