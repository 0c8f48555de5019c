import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { modelOf } from '../../src/models/index.ts';
import { overrideModel, replaceAttention, replaceFfn, withAttention, withFfn } from '../../src/models/override.ts';

const step3 = modelOf('step-3');
const llama4 = modelOf('llama-4-maverick');

describe('overrideModel', () => {
  it('changes one field and nothing else', () => {
    const changed = overrideModel(step3, { 'layers.1.attention.queryHeads': 96 });
    expect(changed.layers[1]?.attention).toEqual({ kind: 'mfa', queryHeads: 96, headDim: 256, queryRank: 2048 });
    expect(changed.layers[0]).toEqual(step3.layers[0]);
    expect({ ...changed, layers: null }).toEqual({ ...step3, layers: null });
  });

  it('leaves the original as it was', () => {
    const before = JSON.stringify(step3);
    overrideModel(step3, { 'layers.*.attention.queryHeads': 96, hidden: 1, 'precision.kv': 'bf16' });
    expect(JSON.stringify(step3)).toBe(before);
  });

  it('changes every group that has the field under *', () => {
    const counts = (chunk: number) => llama4.layers.map(({ attention }) => (attention.kind === 'chunked' ? { ...attention, chunk } : attention));
    expect(overrideModel(llama4, { 'layers.*.attention.chunk': 4096 }).layers.map(({ attention }) => attention)).toEqual(counts(4096));
  });

  it('gives back the same model for no changes, or for the values that are there', () => {
    expect(overrideModel(step3, {})).toEqual(step3);
    fc.assert(
      fc.property(fc.constantFrom('hidden', 'vocabulary', 'maxContext', 'layers.0.count', 'layers.1.ffn.experts', 'precision.kv'), (path) => {
        const value = path.split('.').reduce<unknown>((node, key) => (node as Record<string, unknown>)[key], step3) as number | string;
        expect(overrideModel(step3, { [path]: value })).toEqual(step3);
      }),
    );
  });

  it('takes a new id', () => expect(overrideModel(step3, { hidden: 8192 }, 'step-3:wide').id).toBe('step-3:wide'));

  it('takes null for a context that is not stated, and a number again', () => {
    const unknown = overrideModel(step3, { maxContext: null });
    expect(unknown.maxContext).toBeNull();
    expect(overrideModel(unknown, { maxContext: 4096 }).maxContext).toBe(4096);
    expect(() => overrideModel(unknown, { maxContext: 'long' })).toThrow(/^model step-3: maxContext long is not a number or null$/);
  });

  it('takes null for a query without a rank, and a number again', () => {
    const direct = overrideModel(modelOf('deepseek-v3'), { 'layers.*.attention.queryRank': null });
    for (const { attention } of direct.layers) expect(attention).toMatchObject({ queryRank: null });
    for (const { attention } of overrideModel(direct, { 'layers.*.attention.queryRank': 768 }).layers) expect(attention).toMatchObject({ queryRank: 768 });
  });

  it.each([
    'nothing',
    'layers',
    'layers.0',
    'layers.2.count',
    'layers.*',
    'layers.*.attention.chunk',
    'precision.math',
    'hidden.more',
    '',
    'layers.0.attention.toString',
    '__proto__.hidden',
    'layers.length',
    'layers.00.count',
    'layers.*.length',
  ])('refuses path %j', (path) => {
    const change = () => overrideModel(step3, { [path]: 1 });
    expect(change).toThrow(RangeError);
    expect(change).toThrow(`model step-3: path ${path} names no field`);
  });

  it.each([
    [{ id: 'other' }, /^model step-3: id other is not to be set, a new id is given apart$/],
    [{ hidden: 'wide' }, /^model step-3: hidden wide is not a number$/],
    [{ maxContext: 'long' }, /^model step-3: maxContext long is not a number or null$/],
    [{ tiedEmbeddings: 1 }, /^model step-3: tiedEmbeddings 1 is not a boolean$/],
    [{ 'layers.*.attention.kind': 7 }, /^model step-3: layers\.\*\.attention\.kind 7 is not a string$/],
    [{ 'layers.0.attention.kind': null }, /^model step-3: layers\.0\.attention\.kind null is not a string$/],
    [{ name: null }, /^model step-3: name null is not a string$/],
    [{ 'precision.kv': 'fp7' }, /^model step-3: precision\.kv fp7 is not one of fp32, bf16, /],
    [{ 'layers.*.attention.queryRank': null }, /^model step-3: mfa: queryRank null is not a positive integer$/],
    [{ hidden: 0 }, /^model step-3: hidden 0 is not a positive integer$/],
    [{ hidden: null }, /^model step-3: hidden null is not a number$/],
    [{ 'layers.*.attention.queryHeads': -64 }, /^model step-3: mfa: queryHeads -64 is not a positive integer$/],
    [{ 'layers.1.ffn.activeExperts': 49 }, /^model step-3: moe: activeExperts 49 is more than experts 48$/],
    [{ 'layers.0.count': 0 }, /^model step-3: layers.0.count 0 is not a positive integer$/],
    [{ 'layers.0.attention.kind': 'mamba' }, /^model step-3: layers\.0\.attention\.kind mamba is not one of gqa, mla, /],
  ])('refuses %j', (changes, message) => {
    expect(() => overrideModel(step3, changes)).toThrow(RangeError);
    expect(() => overrideModel(step3, changes)).toThrow(message);
  });
});

describe('withAttention and withFfn', () => {
  it('change every layer that has the field', () => {
    for (const { attention } of withAttention(step3, { queryHeads: 128 }).layers) expect(attention).toMatchObject({ kind: 'mfa', queryHeads: 128, headDim: 256 });
    expect(withFfn(step3, { activeExperts: 4 }, 'step-3:four')).toMatchObject({ id: 'step-3:four', layers: [{ ffn: { kind: 'dense' } }, { ffn: { activeExperts: 4, experts: 48 } }] });
  });

  it('refuse a field that no layer has', () => {
    expect(() => withAttention(step3, { kvHeads: 8 })).toThrow(/^model step-3: path layers\.\*\.attention\.kvHeads names no field$/);
    expect(() => withFfn(modelOf('qwen3-32b'), { experts: 8 })).toThrow(/^model qwen3-32b: path layers\.\*\.ffn\.experts names no field$/);
  });
});

describe('replaceAttention and replaceFfn', () => {
  const gqa = { kind: 'gqa', queryHeads: 64, kvHeads: 8, headDim: 128 } as const;
  const dense = { kind: 'dense', intermediate: 18432, gated: true } as const;

  it('replace one side of every layer and keep the other', () => {
    expect(replaceAttention(llama4, gqa, 'llama:gqa').layers).toEqual(llama4.layers.map((group) => ({ ...group, attention: gqa })));
    expect(replaceFfn(step3, dense).layers).toEqual(step3.layers.map((group) => ({ ...group, ffn: dense })));
    expect(replaceAttention(llama4, gqa, 'llama:gqa').id).toBe('llama:gqa');
  });

  it('refuse what cannot exist', () => {
    expect(() => replaceAttention(step3, { ...gqa, kvHeads: 7 })).toThrow(/^model step-3: gqa: queryHeads 64 is not a multiple of kvHeads 7$/);
    expect(() => replaceFfn(step3, { ...dense, intermediate: 0 })).toThrow(/^model step-3: dense: intermediate 0 is not a positive integer$/);
  });

  it('say in the id of the precision policy that it is changed', () => {
    const model = modelOf('step-3');
    expect(overrideModel(model, { 'precision.kv': 'bf16' }).precision.id).toBe('paper, changed');
    expect(overrideModel(model, { 'precision.kv': 'bf16', 'precision.id': 'mine' }).precision.id).toBe('mine');
    expect(overrideModel(model, { hidden: 8192 }).precision.id).toBe('paper');
  });
});
