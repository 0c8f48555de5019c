import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compile } from '../../src/cost/compile.ts';
import { step3Counting } from '../../src/layers/counting.ts';
import type { AttentionSpec } from '../../src/layers/index.ts';
import { modelCache } from '../../src/models/cache.ts';
import { type Model, modelOf, precisionPolicies, validateModel } from '../../src/models/index.ts';
import { ContextCurve } from '../../src/units/context-curve.ts';

/** What one layer keeps and reads, by hand: bytes of a KV element b, of a state element s, at context S. */
interface Hand {
  readonly ring: (S: number, b: number) => number;
  readonly paged: (S: number, b: number) => number;
  readonly read: (S: number, b: number) => number;
  readonly index: (S: number) => number;
  readonly state: (s: number) => number;
  readonly owns: boolean;
}

interface Layer {
  readonly attention: AttentionSpec;
  readonly hand: Hand;
}

const none = () => 0;
const position = (S: number, chunk: number) => ((S - 1) % chunk) + 1;
const kept = (elements: number, held: (S: number) => number, attended = held): Hand => ({
  ring: (S, b) => elements * b * held(S),
  paged: (S, b) => elements * b * S,
  read: (S, b) => elements * b * attended(S),
  index: none,
  state: none,
  owns: true,
});
const states = (elements: number, channels: number, taps: number): Hand => ({ ring: none, paged: none, read: none, index: none, state: (s) => elements * s + channels * (taps - 1) * 2, owns: true });
const shared = (hand: Hand): Hand => ({ ...hand, ring: none, paged: none, owns: false });

const size = fc.integer({ min: 1, max: 16 });
const span = fc.integer({ min: 1, max: 300 });
const grouped = fc.record({ kvHeads: size, group: size, headDim: size }).map(({ kvHeads, group, headDim }) => ({ queryHeads: kvHeads * group, kvHeads, headDim }));
const latent = { queryHeads: size, queryRank: size, kvRank: size, nopeDim: size, ropeDim: size, valueDim: size };
const elementsOf = ({ kvHeads, headDim }: { readonly kvHeads: number; readonly headDim: number }) => 2 * kvHeads * headDim;
const all = (S: number) => S;

const LAYERS: readonly fc.Arbitrary<Layer>[] = [
  grouped.map((heads): Layer => ({ attention: { kind: 'gqa', ...heads }, hand: kept(elementsOf(heads), all) })),
  fc.tuple(grouped, size).map(([heads, valueDim]): Layer => ({ attention: { kind: 'gqa', ...heads, valueDim }, hand: kept(heads.kvHeads * (heads.headDim + valueDim), all) })),
  grouped.map((heads): Layer => ({ attention: { kind: 'gqa', ...heads, sharesCache: true }, hand: shared(kept(elementsOf(heads), all)) })),
  fc.tuple(grouped, span, fc.boolean()).map(([heads, window, sharesCache]): Layer => {
    const hand = kept(elementsOf(heads), (S) => Math.min(S, window));
    return { attention: { kind: 'sliding-window', ...heads, window, sharesCache }, hand: sharesCache ? shared(hand) : hand };
  }),
  fc.tuple(grouped, span).map(([heads, chunk]): Layer => {
    const hand = kept(
      elementsOf(heads),
      (S) => Math.min(S, chunk),
      (S) => position(S, chunk),
    );
    return { attention: { kind: 'chunked', ...heads, chunk }, hand };
  }),
  fc.record(latent).map((heads): Layer => ({ attention: { kind: 'mla', ...heads, decodeForm: 'absorbed' }, hand: kept(heads.kvRank + heads.ropeDim, all) })),
  fc.tuple(fc.record({ ...latent, indexHeads: size, indexDim: span, topK: span }), fc.boolean()).map(([heads, sharesIndex]): Layer => {
    const hand = kept(heads.kvRank + heads.ropeDim, all, (S) => Math.min(S, heads.topK));
    const keys = heads.indexDim + 4 * Math.ceil(heads.indexDim / 128);
    return { attention: { kind: 'dsa', ...heads, sharesIndex }, hand: { ...hand, index: (S) => (sharesIndex ? 0 : keys * S) } };
  }),
  fc.record({ queryHeads: size, headDim: size, queryRank: size }).map((heads): Layer => ({ attention: { kind: 'mfa', ...heads }, hand: kept(2 * heads.headDim, all) })),
  fc.record({ heads: size, headDim: size }).map((sizes): Layer => ({ attention: { kind: 'lightning', ...sizes }, hand: states(sizes.heads * sizes.headDim ** 2, 0, 1) })),
  fc.record({ keyHeads: size, group: size, keyDim: size, valueDim: size, convKernel: size }).map(({ group, ...sizes }): Layer => {
    const valueHeads = sizes.keyHeads * group;
    const hand = states(valueHeads * sizes.keyDim * sizes.valueDim, 2 * sizes.keyHeads * sizes.keyDim + valueHeads * sizes.valueDim, sizes.convKernel);
    return { attention: { kind: 'gated-delta-net', ...sizes, valueHeads }, hand };
  }),
  fc
    .record({ heads: size, headDim: size, convKernel: size })
    .map((sizes): Layer => ({ attention: { kind: 'kda', ...sizes }, hand: states(sizes.heads * sizes.headDim ** 2, 3 * sizes.heads * sizes.headDim, sizes.convKernel) })),
  fc.record({ groups: size, perGroup: size, headDim: size, stateDim: size, convKernel: size }).map(({ perGroup, ...sizes }): Layer => {
    const heads = sizes.groups * perGroup;
    const hand = states(heads * sizes.headDim * sizes.stateDim, heads * sizes.headDim + 2 * sizes.groups * sizes.stateDim, sizes.convKernel);
    return { attention: { kind: 'mamba2', ...sizes, heads }, hand };
  }),
  fc.constant<Layer>({ attention: { kind: 'none' }, hand: states(0, 0, 1) }),
];

type Mixed = readonly { readonly layer: Layer; readonly count: number }[];
const mixed: fc.Arbitrary<Mixed> = fc.array(fc.record({ layer: fc.oneof(...LAYERS), count: fc.integer({ min: 1, max: 5 }) }), { minLength: 1, maxLength: 6 });
const contexts = fc.integer({ min: 1, max: 1000 });

const modelFrom = (groups: Mixed, precision: Model['precision'] = precisionPolicies.bf16): Model =>
  validateModel({
    id: 'mixed',
    name: 'Mixed',
    hidden: 32,
    vocabulary: 100,
    tiedEmbeddings: false,
    maxContext: null,
    precision,
    layers: groups.map(({ layer, count }) => ({ count, attention: layer.attention, ffn: { kind: 'dense', intermediate: 64, gated: true } })),
  });
const total = (groups: Mixed, of: (hand: Hand) => number): number => groups.reduce((sum, { layer, count }) => sum + of(layer.hand) * count, 0);

describe('modelCache of mixed layers', () => {
  it('is, layer by layer, what each kind keeps and reads by hand', () =>
    fc.assert(
      fc.property(mixed, contexts, (groups, S) => {
        const cache = modelCache(modelFrom(groups));
        const index = total(groups, (hand) => hand.index(S));
        const state = total(groups, (hand) => hand.state(4));
        expect(cache.ring.evaluate(S)).toBe(total(groups, (hand) => hand.ring(S, 2)) + index);
        expect(cache.paged.evaluate(S)).toBe(total(groups, (hand) => hand.paged(S, 2)) + index);
        expect(cache.index.evaluate(S)).toBe(index);
        expect(cache.state).toBe(state);
        expect(cache.perRequest.evaluate(S)).toBe(cache.ring.evaluate(S) + state);
        expect(cache.readPerToken.evaluate(S)).toBe(total(groups, (hand) => hand.read(S, 2)) + index + state);
        expect(cache.writtenPerToken.evaluate(S)).toBe(total(groups, (hand) => (hand.owns ? hand.paged(1, 2) : 0) + hand.index(1)) + state);
      }),
    ));

  it('takes no more as rings than as pages, and the same while nothing is forgotten', () =>
    fc.assert(
      fc.property(mixed, contexts, (groups, S) => {
        const { ring, paged } = modelCache(modelFrom(groups));
        expect(ring.evaluate(S)).toBeLessThanOrEqual(paged.evaluate(S));
        expect(ring.evaluate(1)).toBe(paged.evaluate(1));
      }),
    ));

  it('never shrinks as the context grows', () =>
    fc.assert(
      fc.property(mixed, contexts, contexts, (groups, a, b) => {
        const { perRequest, paged } = modelCache(modelFrom(groups));
        for (const curve of [perRequest, paged]) expect(curve.evaluate(Math.min(a, b))).toBeLessThanOrEqual(curve.evaluate(Math.max(a, b)));
      }),
    ));

  it('grows in pages by what one token adds', () =>
    fc.assert(
      fc.property(mixed, contexts, (groups, S) => {
        const { perToken, paged } = modelCache(modelFrom(groups));
        expect(perToken).toBe(paged.evaluate(1));
        expect(paged.evaluate(S)).toBe(S * perToken);
      }),
    ));

  it('is read as the cost says: states are read here and moved twice there', () =>
    fc.assert(
      fc.property(mixed, fc.boolean(), (groups, exact) => {
        const counting = exact ? {} : { counting: step3Counting };
        const model = modelFrom(groups);
        const { readPerToken, state } = modelCache(model, counting);
        expect(compile(model, counting).kvBytesRead.equals(readPerToken.plus(ContextCurve.constant(state)))).toBe(true);
      }),
    ));

  it('is halved by half the bits of the KV cache, apart from states and index keys', () =>
    fc.assert(
      fc.property(mixed, (groups) => {
        const model = modelFrom(groups, { ...precisionPolicies.bf16, kvByKind: { gqa: 'fp8', mla: 'fp32' } });
        const [wide, narrow] = [modelCache(model, { kv: 'bf16' }), modelCache(model, { kv: 'fp8' })];
        for (const key of ['ring', 'paged'] as const) expect(wide[key].plus(wide.index).equals(narrow[key].times(2))).toBe(true);
        expect(narrow.index.equals(wide.index)).toBe(true);
        expect(narrow.state).toBe(wide.state);
      }),
    ));

  it('takes its own format for states, which changes nothing that grows', () =>
    fc.assert(
      fc.property(mixed, (groups) => {
        const [wide, narrow] = [modelCache(modelFrom(groups)), modelCache(modelFrom(groups), { state: 'bf16' })];
        expect(narrow.state).toBe(total(groups, (hand) => hand.state(2)));
        for (const key of ['ring', 'paged', 'index'] as const) expect(narrow[key].equals(wide[key])).toBe(true);
        for (const key of ['perRequest', 'readPerToken', 'writtenPerToken'] as const) expect(narrow[key].plus(ContextCurve.constant(wide.state - narrow.state)).equals(wide[key])).toBe(true);
      }),
    ));

  it('stores nothing more for layers that share a cache, and reads it in each of them', () =>
    fc.assert(
      fc.property(mixed, grouped, size, (groups, heads, count) => {
        const owner = { layer: { attention: { kind: 'gqa', ...heads } as const, hand: kept(elementsOf(heads), all) }, count: 1 };
        const sharing = { layer: { attention: { ...owner.layer.attention, sharesCache: true }, hand: shared(owner.layer.hand) }, count };
        const [alone, together] = [modelCache(modelFrom([...groups, owner])), modelCache(modelFrom([...groups, owner, sharing]))];
        for (const key of ['ring', 'paged', 'perRequest', 'writtenPerToken'] as const) expect(together[key].equals(alone[key])).toBe(true);
        expect(together.perToken).toBe(alone.perToken);
        expect(together.readPerToken.equals(alone.readPerToken.plus(ContextCurve.linear(2 * elementsOf(heads) * count)))).toBe(true);
      }),
    ));

  it('is written whether or not the counting writes', () =>
    fc.assert(
      fc.property(mixed, (groups) => {
        const [exact, paper] = [modelCache(modelFrom(groups)), modelCache(modelFrom(groups), { counting: step3Counting })];
        for (const key of ['writtenPerToken', 'ring', 'paged', 'perRequest', 'index'] as const) expect(paper[key].equals(exact[key])).toBe(true);
      }),
    ));
});

/** bytes per token of layers that keep every token in 16 bit, then what else a request keeps at 32768 */
const IN_BF16 = [
  ['deepseek-v3', 61 * 576 * 2, 0],
  ['kimi-k2', 61 * 576 * 2, 0],
  ['qwen3-235b-a22b', 94 * 2 * 4 * 128 * 2, 0],
  ['qwen3-32b', 64 * 2 * 8 * 128 * 2, 0],
  ['llama-4-maverick', 12 * 2 * 8 * 128 * 2, 36 * 2 * 8 * 128 * 2 * 8192],
  ['minimax-m1', 10 * 2 * 8 * 128 * 2, 70 * 64 * 128 * 128 * 4],
  ['ernie-4.5-300b-a47b', 54 * 2 * 8 * 128 * 2, 0],
  ['pangu-pro-moe', 48 * 2 * 8 * 128 * 2, 0],
  ['step-3', 61 * 2 * 256 * 2, 0],
] as const;

describe('modelCache of the catalogue', () => {
  it.each(IN_BF16)('%s keeps %i bytes a token in BF16 at 32768, and %i beside', (id, perToken, beside) => {
    expect(modelCache(modelOf(id), { kv: 'bf16' }).perRequest.evaluate(32768)).toBe(perToken * 32768 + beside);
  });

  it('takes the format of the model unless told otherwise: Llama 4 has BF16 in its full layers only', () => {
    const { ring, paged, perToken, state } = modelCache(modelOf('llama-4-maverick'));
    expect(ring.toString()).toBe(`${12 * 4096}*S + ${36 * 2048}*min(S, 8192)`);
    expect(paged.toString()).toBe(`${12 * 4096 + 36 * 2048}*S`);
    expect([perToken, state]).toEqual([12 * 4096 + 36 * 2048, 0]);
  });

  it('reads the position in a chunk, or as the paper counts the chunk, and keeps the chunk either way', () => {
    const [exact, paper] = [modelCache(modelOf('llama-4-maverick')), modelCache(modelOf('llama-4-maverick'), { counting: step3Counting })];
    expect(exact.readPerToken.toString()).toBe(`${12 * 4096}*S + ${36 * 2048}*chunk(S, 8192)`);
    expect(paper.readPerToken.toString()).toBe(`${12 * 4096}*S + ${36 * 2048}*min(S, 8192)`);
    expect(paper.ring.equals(exact.ring)).toBe(true);
  });

  it('keeps states of 32 bit unless told otherwise: MiniMax M1', () => {
    const elements = 70 * 64 * 128 * 128;
    expect(modelCache(modelOf('minimax-m1')).state).toBe(4 * elements);
    expect(modelCache(modelOf('minimax-m1'), { state: 'fp8' }).state).toBe(elements);
    expect(modelCache(modelOf('minimax-m1'), { kv: 'fp32' }).state).toBe(4 * elements);
  });

  it('has formats whose scales take part of a byte: DeepSeek-V3 in MXFP8 takes 594 bytes a token and layer', () =>
    expect(modelCache(modelOf('deepseek-v3'), { kv: 'mxfp8' }).perToken).toBe(61 * ((576 * 8.25) / 8)));

  it('refuses a format that does not fill the bytes of a token', () =>
    expect(() => modelCache(modelOf('step-3'), { kv: 'fp8-block128' })).toThrow(/^attention: kvBytesPerToken 512\.125 is not a whole number of bytes$/));
});

describe('modelCache of sparse attention', () => {
  const deepseekV3 = modelOf('deepseek-v3');
  const attention = { kind: 'dsa', queryHeads: 128, queryRank: 1536, kvRank: 512, nopeDim: 128, ropeDim: 64, valueDim: 128, indexHeads: 64, indexDim: 128, topK: 2048 } as const;
  const deepseekV32 = { ...deepseekV3, layers: deepseekV3.layers.map((group) => ({ ...group, attention })) };

  it('keeps every latent and 132 bytes of index keys a token and layer, whatever the format', () => {
    for (const [kv, bytes] of [
      ['fp8', 576],
      ['bf16', 1152],
    ] as const) {
      const { ring, paged, index, perToken } = modelCache(deepseekV32, { kv });
      expect([ring, paged, index].map(String)).toEqual([`${61 * (bytes + 132)}*S`, `${61 * (bytes + 132)}*S`, `${61 * 132}*S`]);
      expect(perToken).toBe(61 * (bytes + 132));
    }
  });

  it('reads topK latents and all index keys', () => expect(modelCache(deepseekV32, { kv: 'bf16' }).readPerToken.toString()).toBe(`${61 * 132}*S + ${61 * 1152}*min(S, 2048)`));

  it('has no index keys elsewhere', () => expect(modelCache(deepseekV3).index.isZero).toBe(true));
});
