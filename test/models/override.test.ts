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
  });

  it.each(['nothing', 'layers', 'layers.0', 'layers.2.count', 'layers.*', 'layers.*.attention.chunk', 'precision.math', 'hidden.more', '', 'layers.0.attention.toString', '__proto__.hidden'])(
    'refuses path %j',
    (path) => {
      const change = () => overrideModel(step3, { [path]: 1 });
      expect(change).toThrow(RangeError);
      expect(change).toThrow(`model step-3: path ${path} names no field`);
    },
  );

  it.each([
    [{ hidden: 'wide' }, /hidden wide is not a number/],
    [{ tiedEmbeddings: 1 }, /tiedEmbeddings 1 is not a boolean/],
    [{ 'layers.0.attention.kind': 7 }, /kind 7 is not a string/],
    [{ hidden: 0 }, /^model step-3: hidden 0 is not a positive integer$/],
    [{ hidden: null }, /^model step-3: hidden null is not a positive integer$/],
    [{ 'layers.*.attention.queryHeads': -64 }, /^mfa: queryHeads -64 is not a positive integer$/],
    [{ 'layers.1.ffn.activeExperts': 49 }, /^moe: activeExperts 49 is more than experts 48$/],
    [{ 'layers.0.count': 0 }, /^model step-3: layers.0.count 0 is not a positive integer$/],
    [{ 'layers.0.attention.kind': 'mamba' }, /^layers: kind mamba is not one of /],
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
    expect(() => replaceAttention(step3, { ...gqa, kvHeads: 7 })).toThrow(/^gqa: queryHeads 64 is not a multiple of kvHeads 7$/);
    expect(() => replaceFfn(step3, { ...dense, intermediate: 0 })).toThrow(/^dense: intermediate 0 is not a positive integer$/);
  });
});
