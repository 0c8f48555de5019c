import { describe, expect, it } from 'vitest';
import { entryId, hubFile, modelEntry, paperPolicy, step3Paper, structure } from '../../src/models/entry.ts';
import { resolve } from '../../src/provenance/sourced.ts';

const { config, derived } = hubFile('owner/model');
const attention = { kind: structure('gqa'), queryHeads: config('num_attention_heads')(8), kvHeads: config('num_key_value_heads')(2), headDim: config('head_dim')(64) } as const;
const tree = {
  id: entryId('model'),
  name: entryId('Model'),
  hidden: config('hidden_size')(512),
  vocabulary: config('vocab_size')(1000),
  tiedEmbeddings: config('tie_word_embeddings')(false),
  maxContext: config('max_position_embeddings')(null, 'not stated'),
  precision: paperPolicy(),
  layers: [{ count: config('num_hidden_layers')(4), attention, ffn: { kind: structure('dense'), intermediate: config('intermediate_size')(2048), gated: structure(true) } }],
} as const;

describe('modelEntry', () => {
  const entry = modelEntry(tree, null);

  it('gives the plain model, frozen, and the source of each field by its path', () => {
    expect(entry.model).toMatchObject({ id: 'model', hidden: 512, maxContext: null, layers: [{ count: 4, attention: { kind: 'gqa', kvHeads: 2 } }] });
    expect(Object.isFrozen(entry.model)).toBe(true);
    expect(entry.sources.get('layers.0.attention.kvHeads')).toEqual({ source: { kind: 'config', repo: 'owner/model', file: 'config.json', key: 'num_key_value_heads' } });
    expect(entry.sources.get('maxContext')?.note).toBe('not stated');
    expect(entry.sources.get('precision.math.ffn')?.source).toMatchObject({ kind: 'paper', id: 'arXiv:2507.19427v1' });
  });

  it('keeps the name in the paper', () => expect([entry.paperName, modelEntry(tree, 'Model X').paperName]).toEqual([null, 'Model X']));

  it('refuses a model that cannot exist', () => expect(() => modelEntry({ ...tree, hidden: config('hidden_size')(0) }, null)).toThrow(/^model model: hidden 0 is not a positive integer$/));

  it('refuses a field without a source', () => expect(() => modelEntry({ ...tree, hidden: 512 } as unknown as typeof tree, null)).toThrow(/^catalogue: hidden 512 has no source$/));
});

describe('marks of a source', () => {
  it('names the key of a config, in the file it is in', () => {
    expect(config('head_dim')(128).source).toEqual({ kind: 'config', repo: 'owner/model', file: 'config.json', key: 'head_dim' });
    expect(hubFile('owner/model', 'other.json').config('a')(1).source).toMatchObject({ file: 'other.json' });
  });
  it('says how a number follows from the keys of a file', () =>
    expect(derived('hidden_size 512 over num_attention_heads 8')(64)).toEqual({
      value: 64,
      source: { kind: 'derived', from: 'hidden_size 512 over num_attention_heads 8, of owner/model config.json' },
    }));
  it('names the place in the Step-3 paper', () => expect(step3Paper('Table 1')(64)).toEqual({ value: 64, source: { kind: 'paper', id: 'arXiv:2507.19427v1', at: 'Table 1' } }));
});

describe('paperPolicy', () => {
  it('is 8 bit, with the exceptions that a model has', () => {
    const policy = (overrides?: Parameters<typeof paperPolicy>[0]) => resolve(paperPolicy(overrides)).value;
    expect(policy()).toMatchObject({ id: 'paper', weights: 'fp8', kv: 'fp8', kvByKind: {}, state: 'fp32', math: { attention: 'fp8', head: 'fp8' } });
    expect(policy({ kvByKind: { gqa: 'bf16' } })).toMatchObject({ kv: 'fp8', kvByKind: { gqa: 'bf16' } });
  });
});
