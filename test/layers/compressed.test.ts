import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CompressedSpec, compressed } from '../../src/layers/compressed.ts';
import { precisionPolicies } from '../../src/models/policies.ts';
import { bytesOf, contextOf, flopOf, operatorOf, refusesNonPositiveIntegers, weightsOf } from '../support/operators.ts';

const window: CompressedSpec = { kind: 'compressed', queryHeads: 64, headDim: 512, queryRank: 1024, outputGroups: 8, outputRank: 1024, window: 128 };
const heavily: CompressedSpec = { ...window, ratio: 128, windowsPerEntry: 1 };
const sparse: CompressedSpec = { ...window, ratio: 4, windowsPerEntry: 2, indexHeads: 64, indexDim: 128, topK: 512 };
const COMPRESSOR = ['compressor', 'core'];
const INDEXER = ['index-compressor', 'index-query', 'index-head', 'index-core'];
const ids = (spec: CompressedSpec): readonly string[] => compressed.lower(spec, contextOf()).map(({ id }) => id);

const size = fc.integer({ min: 1, max: 64 });
const contexts = fc.integer({ min: 1, max: 200_000 });
const windows = fc.record({
  kind: fc.constant('compressed' as const),
  queryHeads: size.map((groups) => 4 * groups),
  headDim: size,
  queryRank: size,
  outputGroups: fc.constantFrom(1, 2, 4),
  outputRank: size,
  window: fc.integer({ min: 1, max: 500 }),
});
const ratios = fc.record({ ratio: fc.integer({ min: 1, max: 200 }), windowsPerEntry: fc.integer({ min: 1, max: 3 }) });
const indexers = fc.record({ indexHeads: size, indexDim: fc.integer({ min: 1, max: 300 }), topK: fc.integer({ min: 1, max: 5000 }) });
const all = fc.oneof(windows, fc.tuple(windows, ratios).map(merged), fc.tuple(windows, ratios, indexers).map(merged)) as fc.Arbitrary<CompressedSpec>;

function merged(parts: readonly object[]): object {
  return Object.assign({}, ...parts);
}

describe('compressed', () => {
  it('counts as its docstring says, with a window alone, with all entries and with chosen ones', () =>
    fc.assert(
      fc.property(all, size, contexts, (spec, hidden, S) => {
        const { queryHeads: n, headDim: d, queryRank: rq, outputGroups: g, outputRank: ro, window: w, ratio: m, windowsPerEntry: c = 0, indexHeads: ni = 0, indexDim: di = 0, topK } = spec;
        const lowered = compressed.lower(spec, contextOf({ hidden }));
        const entries = m === undefined ? 0 : Math.floor(S / m);
        const attended = Math.min(S, w) + Math.min(entries, topK ?? Number.POSITIVE_INFINITY);
        const indexKey = di + 4 * Math.ceil(di / 128);
        const linear = hidden * rq + rq * n * d + hidden * d + n * d * ro + g * ro * hidden + 2 * hidden * c * d + 2 * hidden * c * di + rq * ni * di + hidden * ni;
        expect(bytesOf(lowered, 'kvRead').evaluate(S)).toBe(d * attended + (topK === undefined ? 0 : indexKey * entries));
        expect(flopOf(lowered, 'core').evaluate(S)).toBe(4 * n * d * attended + 2 * ni * di * entries);
        expect(flopOf(lowered, 'linear').evaluate(S)).toBe(2 * linear);
        expect(weightsOf(lowered)).toBe(linear);
        const kept = lowered.reduce((sum, { cache }) => sum + (cache ? cache.ring.evaluate(S) + cache.state : 0), 0);
        expect(kept).toBe(d * (Math.min(S, w) + entries) + (topK === undefined ? 0 : indexKey * entries) + 8 * c * c * (m ?? 0) * (d + di));
      }),
    ));

  it('has a compressor with a ratio, and an indexer where it chooses', () => {
    const own = ['query-down', 'query-up', 'key-value', 'window-core'];
    const output = ['output-down', 'output-up'];
    expect(ids(window)).toEqual([...own, ...output]);
    expect(ids(heavily)).toEqual([...own, ...COMPRESSOR, ...output]);
    expect(ids(sparse)).toEqual([...own, ...COMPRESSOR, ...INDEXER, ...output]);
    const indexer = compressed.lower(sparse, contextOf()).filter(({ component }) => component === 'indexer');
    expect(indexer.map(({ id }) => id)).toEqual(INDEXER);
  });

  it('attends a window, then all entries or the chosen ones, whose keys are scored whole', () => {
    const read = (spec: CompressedSpec) => compressed.lower(spec, contextOf()).flatMap(({ part, id, bytes, attends }) => (part === 'core' ? [`${id} ${bytes.kvRead} ${attends?.limit}`] : []));
    expect(read(window)).toEqual(['window-core 512*min(S, 128) window']);
    expect(read(heavily)).toEqual(['window-core 512*min(S, 128) window', 'core 512*floor(S / 128) null']);
    expect(read(sparse)).toEqual(['window-core 512*min(S, 128) window', 'core 512*min(floor(S / 4), 512) topK', 'index-core 132*floor(S / 4) null']);
  });

  it('keeps its window as a ring, and every entry', () => {
    const caches = compressed.lower(sparse, contextOf()).flatMap(({ id, cache }) => (cache ? [[id, String(cache.ring), String(cache.paged), cache.state]] : []));
    expect(caches).toEqual([
      ['window-core', '512*min(S, 128)', '512*S', 0],
      ['core', '512*floor(S / 4)', '512*floor(S / 4)', 8 * 2 * 2 * 4 * 512],
      ['index-core', '132*floor(S / 4)', '132*floor(S / 4)', 8 * 2 * 2 * 4 * 128],
    ]);
  });

  it('stores vectors in the KV format of its kind, index keys in FP8', () => {
    const lowered = compressed.lower(sparse, contextOf({ precision: { ...precisionPolicies.fp8, kvByKind: { compressed: 'bf16', dsa: 'fp4' } } }));
    expect(['window-core', 'core', 'index-core'].map((id) => String(operatorOf(lowered, id).cache?.paged))).toEqual(['1024*S', '1024*floor(S / 4)', '132*floor(S / 4)']);
  });

  it('prefills with the work of decoding token by token', () =>
    fc.assert(
      fc.property(all, fc.integer({ min: 1, max: 60 }), (spec, N) => {
        const [decode, prefill] = [compressed.lower(spec, contextOf()), compressed.lower(spec, contextOf({ phase: 'prefill' }))];
        let work = 0;
        for (let S = 1; S <= N; S++) work += flopOf(decode).evaluate(S);
        expect(flopOf(prefill).evaluate(N)).toBe(work);
        expect(weightsOf(prefill)).toBe(weightsOf(decode));
      }),
      { numRuns: 30 },
    ));

  describe('validate', () => {
    refusesNonPositiveIntegers('compressed', compressed, window, ['queryHeads', 'headDim', 'queryRank', 'outputGroups', 'outputRank', 'window']);
    refusesNonPositiveIntegers('compressed', compressed, heavily, ['ratio', 'windowsPerEntry'], [undefined]);
    refusesNonPositiveIntegers('compressed', compressed, sparse, ['indexHeads', 'indexDim', 'topK']);

    it.each(['windowsPerEntry', 'indexHeads', 'indexDim', 'topK'] as const)('refuses %s without a ratio', (field) =>
      expect(() => compressed.validate({ ...window, [field]: 4 }, 4096)).toThrow(`compressed: ${field} 4 is given without a ratio`),
    );
    it('refuses a ratio that does not say how many windows an entry mixes', () =>
      expect(() => compressed.validate({ ...window, ratio: 4 }, 4096)).toThrow('compressed: windowsPerEntry undefined is not a positive integer'));
    it('refuses groups that do not divide its heads', () =>
      expect(() => compressed.validate({ ...window, outputGroups: 7 }, 4096)).toThrow('compressed: queryHeads 64 is not a multiple of outputGroups 7'));
  });
});
