import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { validateLayer } from '../../src/layers/index.ts';
import { LATENT_HEAD_FIELDS, type LatentForm, type LatentHeads, latentAttention, validateLatentHeads } from '../../src/layers/latent-attention.ts';
import { precisionPolicies } from '../../src/models/policies.ts';
import { spans } from '../../src/units/context-curve.ts';
import { contextOf, flopOf, operatorOf, weightsOf } from '../support/operators.ts';

const deepseekV3: LatentHeads = { queryHeads: 128, queryRank: 1536, kvRank: 512, nopeDim: 128, ropeDim: 64, valueDim: 128 };
const window = { span: spans.min(512), limit: 'window' };
const lower = (form: LatentForm, changes: Parameters<typeof contextOf>[0] = {}, forgets?: boolean) =>
  latentAttention(deepseekV3, { kind: 'mla', form, attends: window, ...(forgets === undefined ? {} : { forgets }) }, contextOf({ hidden: 7168, ...changes }));
const FORMS: readonly LatentForm[] = ['absorbed', 'expanded', 'rebuilt'];

const size = fc.integer({ min: 1, max: 64 });
const heads: fc.Arbitrary<LatentHeads> = fc.record({ queryHeads: size, queryRank: fc.option(size), kvRank: size, nopeDim: size, ropeDim: size, valueDim: size });

describe('latentAttention', () => {
  it.each(FORMS)('%s: is query, KV down, key up, core, value up, output, all of them attention', (form) => {
    const operators = lower(form, { repeat: 7 });
    expect(operators.map(({ id, part, repeat, shardBy }) => `${id} ${part} ${repeat} ${shardBy}`)).toEqual([
      'query-down linear 7 replicated',
      'query-up linear 7 heads',
      'kv-down linear 7 replicated',
      'key-up linear 7 heads',
      'core core 7 heads',
      'value-up linear 7 heads',
      'output linear 7 rows',
    ]);
    for (const { component } of operators) expect(component).toBe('attention');
  });

  it('multiplies matrices of the right shape', () => {
    const shapes = lower('absorbed').flatMap(({ id, shape }) => (shape.kind === 'gemm' ? [`${id} ${shape.k} ${shape.n}`] : []));
    expect(shapes).toEqual(['query-down 7168 1536', 'query-up 1536 24576', 'kv-down 7168 576', 'key-up 512 16384', 'value-up 512 16384', 'output 16384 7168']);
  });

  it('projects the query in one matrix where it has no rank', () => {
    const direct = latentAttention({ ...deepseekV3, queryRank: null }, { kind: 'mla', form: 'absorbed', attends: window }, contextOf({ hidden: 7168 }));
    expect(operatorOf(direct, 'query')).toMatchObject({ part: 'linear', shardBy: 'heads', weights: 7168 * 24576, shape: { k: 7168, n: 24576 } });
    expect(direct.slice(1)).toEqual(lower('absorbed').slice(2));
  });

  it.each([
    ['absorbed', 2 * 128 * (576 + 512), { kvHeads: 1, queryKeyDim: 576, valueDim: 512 }],
    ['expanded', 2 * 128 * (192 + 128), { kvHeads: 128, queryKeyDim: 192, valueDim: 128 }],
    ['rebuilt', 2 * 128 * (192 + 128) + 2 * 128 * 512 * (128 + 128), { kvHeads: 128, queryKeyDim: 192, valueDim: 128 }],
  ] as const)('%s: %i FLOP for each attended token', (form, flop, shape) => {
    const core = operatorOf(lower(form), 'core');
    expect(core.flop.toString()).toBe(`${flop}*min(S, 512)`);
    expect(core.shape).toEqual({ kind: 'attention', queryHeads: 128, ...shape });
    expect(core.attends).toEqual(window);
  });

  it('counts the up-projections in the core where keys and values are rebuilt, and keeps their weights', () => {
    for (const form of FORMS)
      for (const id of ['key-up', 'value-up']) {
        const { flop, weights } = operatorOf(lower(form), id);
        expect([form, id, flop.toString(), weights]).toEqual([form, id, form === 'rebuilt' ? '0' : String(2 * 128 * 128 * 512), 128 * 128 * 512]);
      }
  });

  it('has the weights of its heads in every form', () =>
    fc.assert(
      fc.property(heads, size, fc.constantFrom(...FORMS), (spec, hidden, form) => {
        const { queryHeads: n, queryRank: rq, kvRank: r, nopeDim: dn, ropeDim: dr, valueDim: dv } = spec;
        const operators = latentAttention(spec, { kind: 'mla', form, attends: window }, contextOf({ hidden }));
        const query = rq === null ? hidden * n * (dn + dr) : hidden * rq + rq * n * (dn + dr);
        expect(weightsOf(operators)).toBe(query + hidden * (r + dr) + n * r * (dn + dv) + n * dv * hidden);
      }),
    ));

  it('caches one latent and one rotary key, in the format of its kind, whatever the form', () => {
    for (const form of FORMS)
      for (const [kvByKind, bytes] of [
        [{ mla: 'bf16' }, 2 * 576],
        [{ dsa: 'bf16' }, 576],
      ] as const) {
        const core = operatorOf(lower(form, { precision: { ...precisionPolicies.fp8, kvByKind } }), 'core');
        expect([core.bytes.kvRead, core.bytes.kvWrite, core.cache?.paged].map(String)).toEqual([`${bytes}*min(S, 512)`, String(bytes), `${bytes}*S`]);
      }
  });

  it('keeps only what a later token can attend, unless that is everything', () => {
    const ring = (forgets?: boolean) => String(operatorOf(lower('absorbed', {}, forgets), 'core').cache?.ring);
    expect([ring(), ring(true), ring(false)]).toEqual(['576*min(S, 512)', '576*min(S, 512)', '576*S']);
  });

  it('gates its output value by value where it says so: [H, n_q d_v] more, and nothing else', () => {
    const gated = latentAttention({ ...deepseekV3, valueDim: 96, outputGate: true }, { kind: 'mla', form: 'absorbed', attends: window }, contextOf({ hidden: 7168 }));
    const plain = latentAttention({ ...deepseekV3, valueDim: 96 }, { kind: 'mla', form: 'absorbed', attends: window }, contextOf({ hidden: 7168 }));
    const gate = operatorOf(gated, 'gate');
    expect(gated.filter(({ id }) => id !== 'gate')).toEqual(plain);
    expect([gate.weights, gate.flop.toString()]).toEqual([7168 * 128 * 96, String(2 * 7168 * 128 * 96)]);
    expect(gate).toMatchObject({ part: 'linear', component: 'attention', shardBy: 'heads', shape: { k: 7168, n: 128 * 96 } });
    expect(latentAttention({ ...deepseekV3, valueDim: 96, outputGate: false }, { kind: 'mla', form: 'absorbed', attends: window }, contextOf({ hidden: 7168 }))).toEqual(plain);
  });

  it('prefills with the work of all prefixes', () => expect(flopOf(lower('expanded', { phase: 'prefill' }), 'core').toString()).toBe(`${2 * 128 * 320}*sum(min(t, 512), t = 1..S)`));
});

describe('LATENT_HEAD_FIELDS', () => {
  it('are those of the layer kinds that extend them', () => {
    expect([...LATENT_HEAD_FIELDS].sort()).toEqual(Object.keys({ ...deepseekV3, outputGate: true }).sort());
    expect(() => validateLayer({ kind: 'mla', ...deepseekV3, outputGate: true, decodeForm: 'absorbed' }, 7168)).not.toThrow();
    expect(() => validateLayer({ kind: 'dsa', ...deepseekV3, outputGate: true, indexHeads: 64, indexDim: 128, topK: 2048 }, 7168)).not.toThrow();
  });
});

describe('validateLatentHeads', () => {
  it('refuses a gate that is neither there nor not', () => {
    for (const outputGate of [true, false]) expect(() => validateLatentHeads('mla', { ...deepseekV3, outputGate })).not.toThrow();
    expect(() => validateLatentHeads('mla', { ...deepseekV3, outputGate: 'element' as unknown as boolean })).toThrow(/^mla: outputGate element is not true or false$/);
  });

  it('accepts a query with and without a rank', () => {
    for (const queryRank of [1536, null]) expect(() => validateLatentHeads('dsa', { ...deepseekV3, queryRank })).not.toThrow();
  });

  it.each(['queryHeads', 'queryRank', 'kvRank', 'nopeDim', 'ropeDim', 'valueDim'] as const)('names its place where %s is not a positive integer', (field) => {
    for (const value of [0, 2.5]) expect(() => validateLatentHeads('dsa', { ...deepseekV3, [field]: value })).toThrow(`dsa: ${field} ${value} is not a positive integer`);
  });
});
