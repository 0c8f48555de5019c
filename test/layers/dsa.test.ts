import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exactCounting } from '../../src/layers/counting.ts';
import { type DsaSpec, dsa, indexFlop, indexKeyBytes, indexKeyWeights, indexQueryWeights } from '../../src/layers/dsa.ts';
import { validateLayer } from '../../src/layers/index.ts';
import { mla } from '../../src/layers/mla.ts';
import { precisionPolicies } from '../../src/models/policies.ts';
import { bytesOf, contextOf, flopOf, operatorOf, refusesNonPositiveIntegers, weightsOf } from '../support/operators.ts';

const heads = { queryHeads: 128, queryRank: 1536, kvRank: 512, nopeDim: 128, ropeDim: 64, valueDim: 128 };
const deepseekV32: DsaSpec = { kind: 'dsa', ...heads, indexHeads: 64, indexDim: 128, topK: 2048 };
const at7168 = contextOf({ hidden: 7168 });
const prefillAt7168 = contextOf({ hidden: 7168, phase: 'prefill' });
const operators = dsa.lower(deepseekV32, at7168);
const dense = mla.lower({ kind: 'mla', ...heads, decodeForm: 'absorbed' }, at7168);
const INDEXER = ['index-query', 'index-key', 'index-core'];

const size = fc.integer({ min: 1, max: 64 });
const specs: fc.Arbitrary<DsaSpec> = fc.record({
  kind: fc.constant('dsa'),
  queryHeads: size,
  queryRank: size,
  kvRank: size,
  nopeDim: size,
  ropeDim: size,
  valueDim: size,
  indexHeads: size,
  indexDim: fc.integer({ min: 1, max: 300 }),
  topK: fc.integer({ min: 1, max: 5000 }),
});
const contexts = fc.integer({ min: 1, max: 100_000 });

describe('dsa', () => {
  it('counts as its docstring says', () =>
    fc.assert(
      fc.property(specs, size, contexts, (spec, hidden, S) => {
        const { queryHeads: n, queryRank, kvRank: r, nopeDim: dn, ropeDim: dr, valueDim: dv, indexHeads: ni, indexDim: di, topK } = spec;
        const rq = queryRank ?? Number.NaN;
        const lowered = dsa.lower(spec, contextOf({ hidden }));
        const attended = Math.min(S, topK);
        const indexKey = di + 4 * Math.ceil(di / 128);
        const latent = hidden * rq + rq * n * (dn + dr) + hidden * (r + dr) + n * dn * r + n * dv * r + n * dv * hidden;
        const indexer = rq * ni * di + hidden * (di + ni);
        expect(operatorOf(lowered, 'index-core').bytes.kvRead.evaluate(S)).toBe(indexKey * S);
        expect(operatorOf(lowered, 'index-core').flop.evaluate(S)).toBe(2 * ni * di * S);
        expect(operatorOf(lowered, 'core').bytes.kvRead.evaluate(S)).toBe((r + dr) * attended);
        expect(operatorOf(lowered, 'core').flop.evaluate(S)).toBe(2 * n * (2 * r + dr) * attended);
        expect(flopOf(lowered, 'linear').evaluate(S)).toBe(2 * (latent + indexer));
        expect(weightsOf(lowered)).toBe(latent + indexer);
        expect(bytesOf(lowered, 'kvWrite').evaluate(S)).toBe(r + dr + indexKey);
      }),
    ));

  it('is latent attention, absorbed, up to topK tokens, beside an indexer', () => {
    const latent = operators.filter(({ id }) => !INDEXER.includes(id));
    for (const S of [1, 2047, 2048]) {
      expect(flopOf(latent).evaluate(S)).toBe(flopOf(dense).evaluate(S));
      expect(bytesOf(latent, 'kvRead').evaluate(S)).toBe(bytesOf(dense, 'kvRead').evaluate(S));
    }
    const projections = (each: typeof operators) => each.filter(({ part }) => part === 'linear');
    expect(projections(latent)).toEqual(projections(dense));
    expect(operatorOf(latent, 'core').shape).toEqual(operatorOf(dense, 'core').shape);
  });

  it('attends no more than topK tokens, whatever the context, and scores all of them', () => {
    const [core, index] = [operatorOf(operators, 'core'), operatorOf(operators, 'index-core')];
    expect(core.flop.toString()).toBe(`${2 * 128 * (2 * 512 + 64)}*min(S, 2048)`);
    expect(index.flop.toString()).toBe(`${2 * 64 * 128}*S`);
    expect([core.attends?.limit, index.attends?.limit]).toEqual(['topK', null]);
    expect(core.flop.evaluate(2049)).toBeLessThan(operatorOf(dense, 'core').flop.evaluate(2049));
  });

  it('keeps an index key of 132 bytes for 128 elements in every format of the KV cache', () => {
    for (const kv of ['fp8', 'bf16', 'fp32', 'mxfp4'] as const) {
      const { bytes, cache } = operatorOf(dsa.lower(deepseekV32, contextOf({ hidden: 7168, precision: { ...precisionPolicies.fp8, kv, kvByKind: { gqa: 'fp4' } } })), 'index-core');
      expect([bytes.kvRead, bytes.kvWrite, cache?.paged].map(String)).toEqual(['132*S', '132', '132*S']);
    }
  });

  it('stores latents in the KV format of its kind', () => {
    const read = (precision: Parameters<typeof contextOf>[0]) => operatorOf(dsa.lower(deepseekV32, contextOf({ hidden: 7168, ...precision })), 'core').bytes.kvRead.toString();
    expect(read({})).toBe('576*min(S, 2048)');
    expect(read({ precision: { ...precisionPolicies.fp8, kvByKind: { dsa: 'bf16', mla: 'fp4' } } })).toBe('1152*min(S, 2048)');
  });

  it('forgets nothing: every latent and every index key stays, in a ring as in pages', () => {
    for (const context of [at7168, prefillAt7168]) {
      const caches = dsa.lower(deepseekV32, context).flatMap(({ id, cache }) => (cache ? [[id, String(cache.ring), String(cache.paged), cache.state]] : []));
      expect(caches).toEqual([
        ['index-core', '132*S', '132*S', 0],
        ['core', '576*S', '576*S', 0],
      ]);
    }
  });

  it('has no indexer, and stores no index keys, where it shares the index of an earlier layer', () => {
    const sharing = dsa.lower({ ...deepseekV32, sharesIndex: true }, at7168);
    expect(operators.map(({ id }) => id)).toEqual([...INDEXER, 'query-down', 'query-up', 'kv-down', 'key-up', 'core', 'value-up', 'output']);
    expect(sharing).toEqual(operators.filter(({ id }) => !INDEXER.includes(id)));
    expect(sharing.map(({ component }) => component)).not.toContain('indexer');
    expect(dsa.lower({ ...deepseekV32, sharesIndex: false }, at7168)).toEqual(operators);
  });

  it('has an indexer of 13,959,168 weights in DeepSeek-V3.2, replicated, and counted apart', () => {
    const indexer = operators.filter(({ component }) => component === 'indexer');
    expect(indexer.map(({ id }) => id)).toEqual(INDEXER);
    expect(weightsOf(indexer)).toBe(1536 * 64 * 128 + 7168 * (128 + 64));
    expect(weightsOf(indexer)).toBe(13_959_168);
    expect(operatorOf(operators, 'index-query').shape).toMatchObject({ k: 1536, n: 8192 });
    expect(operatorOf(operators, 'index-key').shape).toMatchObject({ k: 7168, n: 192 });
    expect(operatorOf(operators, 'index-core').shape).toEqual({ kind: 'attention', queryHeads: 64, kvHeads: 1, queryKeyDim: 128, valueDim: 0 });
    expect(indexer.map(({ part, shardBy }) => `${part} ${shardBy}`)).toEqual(['linear replicated', 'linear replicated', 'core heads']);
    for (const { component } of operators.filter(({ id }) => !INDEXER.includes(id))) expect(component).toBe('attention');
  });

  it('stores the weights of its indexer in the format of the indexer', () => {
    const lowered = dsa.lower(deepseekV32, contextOf({ hidden: 7168, precision: { ...precisionPolicies.fp8, weightsByComponent: { indexer: 'bf16' } } }));
    for (const { id, weights, bytes } of lowered) expect([id, bytes.weights.evaluate(1)]).toEqual([id, (INDEXER.includes(id) ? 2 : 1) * weights]);
  });

  it('prefills with the work of decoding token by token, absorbed', () =>
    fc.assert(
      fc.property(specs, fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 60 }), (spec, topK, N) => {
        const small = { ...spec, topK };
        const [decode, prefill] = [dsa.lower(small, contextOf()), dsa.lower(small, contextOf({ phase: 'prefill' }))];
        let work = 0;
        for (let S = 1; S <= N; S++) work += flopOf(decode).evaluate(S);
        expect(flopOf(prefill).evaluate(N)).toBe(work);
        expect(bytesOf(prefill, 'kvWrite').evaluate(N)).toBe(N * bytesOf(decode, 'kvWrite').evaluate(N));
        expect(operatorOf(prefill, 'core').shape).toEqual(operatorOf(decode, 'core').shape);
        expect(weightsOf(prefill)).toBe(weightsOf(decode));
      }),
      { numRuns: 30 },
    ));

  it('counts its core as latent attention is counted, by the width of the value or not', () => {
    const paper = dsa.lower(deepseekV32, { ...at7168, counting: { ...exactCounting, mlaValueWidth: false } });
    expect(operatorOf(paper, 'core').flop.toString()).toBe(`${4 * 128 * (512 + 64)}*min(S, 2048)`);
    expect(operatorOf(paper, 'index-core')).toEqual(operatorOf(operators, 'index-core'));
  });

  it('has the fields of its spec', () => expect(() => validateLayer({ ...deepseekV32, sharesIndex: true }, 7168)).not.toThrow());
  refusesNonPositiveIntegers('dsa', dsa, deepseekV32, ['queryHeads', 'queryRank', 'kvRank', 'nopeDim', 'ropeDim', 'valueDim', 'indexHeads', 'indexDim', 'topK']);
  it('refuses a query without a rank, which its indexer needs', () => expect(() => dsa.validate({ ...deepseekV32, queryRank: null }, 7168)).toThrow(/^dsa: queryRank null is not a positive integer$/));
  it('refuses an index that is neither shared nor not', () =>
    expect(() => dsa.validate({ ...deepseekV32, sharesIndex: 'yes' as unknown as boolean }, 7168)).toThrow(/^dsa: sharesIndex yes is not true or false$/));
});

describe('formulas', () => {
  it.each([
    ['index query weights', indexQueryWeights.evaluate({ queryRank: 1536, indexHeads: 64, indexDim: 128 }), 12_582_912],
    ['index key and head weights', indexKeyWeights.evaluate({ hidden: 7168, indexDim: 128, indexHeads: 64 }), 1_376_256],
    ['index work', indexFlop.evaluate({ indexHeads: 64, indexDim: 128 }), 16_384],
  ])('%s of DeepSeek-V3.2', (_, actual, expected) => expect(actual).toBe(expected));

  it.each([
    [64, 68],
    [128, 132],
    [129, 137],
    [256, 264],
  ])('index keys of %i elements take %i bytes', (indexDim, bytes) => expect(indexKeyBytes.evaluate({ indexDim })).toBe(bytes));
});
