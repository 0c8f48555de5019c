import { readdirSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { modelCache } from '../../src/models/cache.ts';
import { layerCount, modelEntries, modelEntryOf, modelOf, parameters } from '../../src/models/index.ts';
import { basisOf } from '../../src/provenance/source.ts';

/** id, row of the paper, hidden, vocabulary, layers, longest context, kinds of attention with their layers, dense and MoE layers */
const EXPECTED = [
  ['deepseek-v3', 'DSv3', 7168, 129280, 61, 163840, { mla: 61 }, { dense: 3, moe: 58 }],
  ['kimi-k2', 'Kimi K2', 7168, 163840, 61, 131072, { mla: 61 }, { dense: 1, moe: 60 }],
  ['qwen3-235b-a22b', 'Qwen3 MoE', 4096, 151936, 94, 40960, { gqa: 94 }, { moe: 94 }],
  ['qwen3-32b', 'Qwen3 32B', 5120, 151936, 64, 40960, { gqa: 64 }, { dense: 64 }],
  ['llama-4-maverick', 'Llama 4 M', 5120, 202048, 48, 1048576, { chunked: 36, gqa: 12 }, { dense: 24, moe: 24 }],
  ['minimax-m1', 'MM M1', 6144, 200064, 80, 1_000_000, { lightning: 70, gqa: 10 }, { moe: 80 }],
  ['ernie-4.5-300b-a47b', 'ERNIE 4.5', 8192, 100352, 54, 131072, { gqa: 54 }, { dense: 3, moe: 51 }],
  ['pangu-pro-moe', 'Pangu Pro', 5120, 153376, 48, 131072, { gqa: 48 }, { moe: 48 }],
  ['step-3', 'Step-3', 7168, 128815, 61, 65536, { mfa: 61 }, { dense: 5, moe: 56 }],
] as const;

const paperEntries = modelEntries.filter(({ paperName }) => paperName !== null);

function leavesOf(node: unknown, path: string): readonly string[] {
  if (typeof node !== 'object' || node === null) return [path];
  return Object.entries(node).flatMap(([key, item]) => leavesOf(item, path === '' ? key : `${path}.${key}`));
}

describe('catalogue', () => {
  it('has the models of the paper first, in its order, and no other with a row of the paper', () => {
    expect(paperEntries.map(({ model, paperName }) => [model.id, paperName])).toEqual(EXPECTED.map(([id, name]) => [id, name]));
    expect(modelEntries.slice(0, paperEntries.length)).toEqual(paperEntries);
  });

  it('has each id and each name once', () => {
    for (const key of ['id', 'name'] as const) expect(new Set(modelEntries.map(({ model }) => model[key])).size).toBe(modelEntries.length);
  });

  it('has one file per model, named by its id', () => {
    const files = readdirSync(new URL('../../src/models/catalogue', import.meta.url)).filter((file) => file !== 'index.ts');
    expect(files.sort()).toEqual(modelEntries.map(({ model }) => `${model.id}.ts`).sort());
  });

  it.each(EXPECTED)('%s is what its maker describes', (id, _, hidden, vocabulary, layers, maxContext, attention, ffn) => {
    const model = modelOf(id);
    const kinds = (side: 'attention' | 'ffn') => {
      const found: Record<string, number> = {};
      for (const group of model.layers) found[group[side].kind] = (found[group[side].kind] ?? 0) + group.count;
      return found;
    };
    expect([model.hidden, model.vocabulary, layerCount(model), model.maxContext, model.tiedEmbeddings]).toEqual([hidden, vocabulary, layers, maxContext, false]);
    expect([kinds('attention'), kinds('ffn')]).toEqual([attention, ffn]);
  });

  it('keeps BF16 only in the full attention of the two hybrid models (section 4.1)', () => {
    const exceptions = modelEntries.filter(({ model }) => model.precision.kvByKind.gqa === 'bf16').map(({ model }) => model.id);
    expect(exceptions).toEqual(['llama-4-maverick', 'minimax-m1']);
    for (const { model } of paperEntries) expect(model.precision).toMatchObject({ id: 'paper', weights: 'fp8', kv: 'fp8', state: 'fp32' });
  });

  it.each(modelEntries)('$model.id: every field has a source, no source lacks its field, nothing can be changed', ({ model, sources }) => {
    const leaves = leavesOf(model, '').filter((path) => path !== '');
    for (const path of leaves) expect(sources.has(path), path).toBe(true);
    for (const path of sources.keys()) expect(leaves, path).toContain(path);
    for (const part of [model, model.layers, model.precision, model.precision.math, ...model.layers, ...model.layers.flatMap(({ attention, ffn }) => [attention, ffn])])
      expect(Object.isFrozen(part)).toBe(true);
  });

  it('says why where a number is assumed', () => {
    for (const { sources } of modelEntries) for (const { source } of sources.values()) if (source.kind === 'assumed') expect(source.because).not.toBe('');
    const assumedIn = (entries: typeof modelEntries) =>
      entries.flatMap(({ model, sources }) => [...sources].filter(([, { source }]) => basisOf(source) === 'assumed').map(([path]) => `${model.id} ${path}`));
    const others = modelEntries.filter((entry) => !paperEntries.includes(entry));
    const what = new Set(assumedIn(others).map((text) => text.replace(/^.* (layers\.\d+\.|mtp\.)?/, '')));
    expect([...what].sort()).toEqual(['attention.decodeForm', 'precision.kv', 'precision.state']);
    const forms = ['deepseek-v3', 'kimi-k2'].flatMap((id) => [0, 1].map((group) => `${id} layers.${group}.attention.decodeForm`));
    expect(assumedIn(paperEntries)).toEqual([...forms, 'ernie-4.5-300b-a47b tiedEmbeddings', 'ernie-4.5-300b-a47b maxContext']);
  });

  it.each([
    ['deepseek-v3', 'layers.1.count', 'num_hidden_layers 61 less first_k_dense_replace 3'],
    ['kimi-k2', 'layers.1.count', 'num_hidden_layers 61 less first_k_dense_replace 1'],
    ['llama-4-maverick', 'layers.0.count', 'num_hidden_layers 48 over interleave_moe_layer_step 2'],
    ['llama-4-maverick', 'layers.1.count', 'num_hidden_layers 48 over interleave_moe_layer_step 2, less the 12'],
    ['llama-4-maverick', 'layers.2.count', 'attention_chunk_size'],
    ['minimax-m1', 'layers.0.count', 'entries 0 among the 80 of attn_type_list'],
    ['minimax-m1', 'layers.1.count', 'entries 1 among the 80 of attn_type_list'],
    ['ernie-4.5-300b-a47b', 'layers.1.count', 'num_hidden_layers 56 less remove_tail_layer 2 less moe_layer_start_index 3'],
    ['ernie-4.5-300b-a47b', 'layers.0.attention.headDim', 'hidden_size 8192 over num_attention_heads 64'],
    ['pangu-pro-moe', 'layers.0.attention.headDim', 'hidden_size 5120 over num_attention_heads 40'],
    ['pangu-pro-moe', 'layers.0.ffn.sharedExperts', 'shared_expert_intermediate_size 5376 over moe_intermediate_size 1344'],
    ['step-3', 'layers.1.count', 'moe_layers_enum: layers 4 to 59'],
  ])('%s derives %s from what its maker states: %s', (id, path, keys) => {
    const source = modelEntryOf(id).sources.get(path)?.source;
    expect(source).toMatchObject({ kind: 'derived', from: expect.stringContaining(keys) });
  });
});

test('Qwen1.5 32B keeps in BF16 what 64 layers of 8 heads of 128 have as keys and values, and differs from the size of its checkpoint by its biases and norms alone', () => {
  const model = modelOf('qwen1.5-32b');
  expect([model.hidden, model.vocabulary, model.maxContext, model.tiedEmbeddings, model.precision.weights]).toEqual([5120, 152064, 32768, false, 'bf16']);
  expect(model.layers).toMatchObject([{ count: 64, attention: { kind: 'gqa', queryHeads: 40, kvHeads: 8, headDim: 128 }, ffn: { kind: 'dense', intermediate: 27392, gated: true } }]);
  expect(modelCache(model).perToken).toBe(64 * 2 * 8 * 128 * 2);
  const [biases, norms] = [64 * (40 + 2 * 8) * 128, (2 * 64 + 1) * 5120];
  expect(((parameters(model).total.all + biases + norms) / 1e9).toFixed(3)).toBe('32.512');
});

describe('modelEntryOf', () => {
  it('finds each model by its id', () => {
    for (const entry of modelEntries) {
      expect(modelEntryOf(entry.model.id)).toBe(entry);
      expect(modelOf(entry.model.id)).toBe(entry.model);
    }
  });

  it('lists the nearest ids for one that is unknown', () => {
    expect(() => modelOf('step3')).toThrow(RangeError);
    expect(() => modelOf('step3')).toThrow(/^models: id step3 is unknown; nearest: step-3, /);
    expect(() => modelEntryOf('')).toThrow(/^models: id "" is unknown; nearest: /);
  });
});
