import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AttentionSpec } from '../../../src/layers/index.ts';
import { type Model, modelEntries, modelOf } from '../../../src/models/index.ts';
import { attentionRuns } from '../../../src/timing/step/attention.ts';
import { sizes } from '../support.ts';
import { bytesOf, contextOf, decode, idsOf, kernelOf, kernelsOf, prefill, runsOf } from './support.ts';

const lengths = sizes(50_000);
const attendedBy = (length: number, attended: (tokens: number) => number): number => Array.from({ length }, (_, i) => attended(i + 1)).reduce((a, b) => a + b, 0);
const coresOf = (id: string, pass: ReturnType<typeof decode>) => kernelsOf(runsOf(id, pass), 'core');

describe('attentionRuns', () => {
  it('of a layer without attention are none', () => expect(attentionRuns([], contextOf())).toEqual([]));

  it('run projections of one input as one matrix, in the order of the layer', () => {
    const joined = (id: string): readonly string[] => [...new Set(runsOf(id, decode(4, 5000)).flatMap((run) => (run.part === 'linear' && run.id.includes('+') ? [run.id] : [])))];
    expect(joined('llama-3.1-8b')).toEqual(['query+key-value']);
    expect(joined('deepseek-v3')).toEqual(['query-down+kv-down']);
    expect(joined('step-3')).toEqual(['query-down+key-value']);
    expect(joined('qwen3-next-80b-a3b')).toEqual(['query+key-value+gate']);
    expect(joined('minimax-m1')).toEqual(['query+key+value+gate', 'query+key-value']);
  });

  it('of a layer that shares the cache of another project queries alone', () => {
    const linear = runsOf('hunyuan-large', decode(4, 5000)).flatMap(({ id, part, count }) => (part === 'linear' ? [`${count} ${id}`] : []));
    expect(linear).toEqual(['32 query+key-value', '32 output', '32 query', '32 output']);
  });

  it('multiply what is left of DeepSeek-V3 one by one, the output last', () => {
    const first = runsOf('deepseek-v3', decode(4, 5000), { tensorParallel: 4 });
    expect(idsOf(first).slice(0, 11)).toEqual([
      'attention-norm',
      'attention-input-quantise',
      'query-down+kv-down',
      'query-up',
      'key-up',
      'value-up',
      'core-rotary',
      'core-cache-write',
      'core',
      'attention-output-quantise',
      'output',
    ]);
    expect(idsOf(first)[11]).toBe('attention-all-reduce');
  });

  it('have the output gate of Qwen3-Next beside query, key and value: 16 x 256, 2 x 2 x 256, 16 x 256', () =>
    expect(kernelOf(runsOf('qwen3-next-80b-a3b', decode(4, 5000)), 'query+key-value+gate')).toMatchObject({ n: 4096 + 1024 + 4096, k: 2048 }));
});

describe('rotary embedding and cache write', () => {
  it('of grouped queries rotate whole heads', () => expect(bytesOf(runsOf('llama-3.1-8b', decode(5, 100)), 'core-rotary')).toBe(2 * 5 * 32 * 128 * 2));

  it('of a latent rotate only the part that is no value, and write the latent', () => {
    const runs = runsOf('kimi-linear-48b-a3b', decode(5, 100));
    expect(bytesOf(runs, 'core-rotary')).toBe(2 * 5 * 32 * 64 * 2);
    expect(bytesOf(runs, 'core-cache-write')).toBe(2 * 5 * 576 * 2);
  });

  it('are there once for every token of a prompt', () => {
    const runs = runsOf('llama-3.1-8b', prefill(2, 100), { tensorParallel: 16 });
    expect(bytesOf(runs, 'core-rotary')).toBe(2 * 200 * 2 * 128 * 2);
    expect(bytesOf(runs, 'core-cache-write')).toBe(2 * 200 * 512);
  });

  it('write no cache in a layer that shares that of another: half of the 64 of Hunyuan-Large', () => {
    const countsOf = (id: string): readonly number[] => runsOf('hunyuan-large', decode(5, 100)).flatMap((run) => (run.id === id ? [run.count] : []));
    expect(countsOf('core')).toEqual([32, 32]);
    expect(countsOf('core-rotary')).toEqual([32, 32]);
    expect(countsOf('core-cache-write')).toEqual([32]);
    expect(bytesOf(runsOf('hunyuan-large', decode(5, 100)), 'core-cache-write')).toBe(2 * 5 * 2 * 8 * 80 * 2);
  });

  it('are not there for an index', () => {
    const ids = idsOf(runsOf('deepseek-v3.2', decode(4, 5000)));
    expect(ids.filter((id) => id.startsWith('index-core'))).toEqual(['index-core', 'index-core']);
  });
});

describe('the tokens that a query attends', () => {
  it('are those of a window of 128, and all in the other layers (gpt-oss-120b)', () =>
    fc.assert(
      fc.property(lengths, (context) => {
        expect(coresOf('gpt-oss-120b', decode(4, context))).toMatchObject([{ context: Math.min(context, 128) }, { context }]);
      }),
    ));

  it('are the position in a chunk of 8192 (Llama 4 Maverick)', () => {
    for (const [context, position] of [
      [1, 1],
      [8192, 8192],
      [8193, 1],
      [20_000, 3616],
    ] as const)
      expect(coresOf('llama-4-maverick', decode(4, context))).toMatchObject([{ context: position }, { context: position }, { context }]);
  });

  it('are the best 2048, after an index of all of them (DeepSeek-V3.2)', () => {
    const runs = runsOf('deepseek-v3.2', decode(4, 5000));
    for (const kernel of kernelsOf(runs, 'core')) expect(kernel).toMatchObject({ variant: 'sparse-mla', context: 2048, kvHeads: 1, queryKeyDim: 576, valueDim: 512 });
    for (const kernel of kernelsOf(runs, 'index-core')) expect(kernel).toMatchObject({ variant: 'indexer', context: 5000, heads: 64, kvHeads: 1, queryKeyDim: 128, valueDim: 0, kvBytesPerToken: 132 });
    expect(kernelsOf(runsOf('deepseek-v3.2', decode(4, 1000)), 'core')).toMatchObject([{ context: 1000 }, { context: 1000 }]);
  });

  it('of a prompt are limited token by token', () => {
    const prompt = 3000;
    expect(coresOf('llama-3.1-8b', prefill(1, prompt))).toMatchObject([{ pairs: attendedBy(prompt, (t) => t) }]);
    expect(coresOf('gpt-oss-120b', prefill(1, prompt))).toMatchObject([{ pairs: attendedBy(prompt, (t) => Math.min(t, 128)) }, { pairs: attendedBy(prompt, (t) => t) }]);
    expect(coresOf('deepseek-v3.2', prefill(1, prompt))).toMatchObject([{ pairs: attendedBy(prompt, (t) => Math.min(t, 2048)) }, { pairs: attendedBy(prompt, (t) => Math.min(t, 2048)) }]);
    const chunked = attendedBy(20_000, (t) => ((t - 1) % 8192) + 1);
    expect(coresOf('llama-4-maverick', prefill(1, 20_000))).toMatchObject([{ pairs: chunked }, { pairs: chunked }, { pairs: 10_000 * 20_001 }]);
  });

  it('are at most all pairs of a prompt, and those alone where nothing limits them', () =>
    fc.assert(
      fc.property(fc.constantFrom(...modelEntries.map(({ model }) => model.id)), sizes(20_000), (id, prompt) => {
        for (const kernel of coresOf(id, prefill(1, prompt))) if (kernel.kind === 'prefill-attention') expect(kernel.pairs).toBeLessThanOrEqual((prompt * (prompt + 1)) / 2);
      }),
      { numRuns: 50 },
    ));
});

describe('variants', () => {
  it.each([
    ['llama-3.1-8b', ['gqa']],
    ['step-3', ['gqa', 'gqa']],
    ['deepseek-v3', ['mla', 'mla']],
    ['glm-5', ['sparse-mla', 'sparse-mla']],
  ] as const)('%s decodes as %j', (id, variants) => expect(coresOf(id, decode(4, 5000))).toMatchObject(variants.map((variant) => ({ variant }))));

  it('of one shared head split query heads, and keep the head whole on each chip', () => {
    expect(kernelOf(runsOf({ ...modelOf('step-3'), layers: modelOf('step-3').layers.slice(0, 1) }, decode(4, 5000), { tensorParallel: 8 }), 'core')).toMatchObject({
      heads: 8,
      kvHeads: 1,
      queryKeyDim: 256,
      valueDim: 256,
      kvBytesPerToken: 2 * 256,
    });
  });
});

/** Llama-3.1-8B with other attention in all of its layers. */
const withAttention = (attention: AttentionSpec): Model => ({ ...modelOf('llama-3.1-8b'), layers: modelOf('llama-3.1-8b').layers.map((group) => ({ ...group, attention })) });

describe('one shared key-value head', () => {
  const shared = withAttention({ kind: 'gqa', queryHeads: 32, kvHeads: 1, headDim: 192, valueDim: 128 });

  it('whose value is narrower than its key is no latent: it is read as key and value, and all of a query is rotated', () => {
    const runs = runsOf(shared, decode(5, 1000));
    const heads = { batch: 5, heads: 32, kvHeads: 1, queryKeyDim: 192, valueDim: 128, kvBytesPerToken: (192 + 128) * 2 };
    expect(kernelOf(runs, 'core')).toMatchObject({ kind: 'decode-attention', variant: 'gqa', context: 1000, ...heads });
    expect(bytesOf(runs, 'core-rotary')).toBe(2 * 5 * 32 * 192 * 2);
    expect(bytesOf(runs, 'core-cache-write')).toBe(2 * 5 * (192 + 128) * 2);
  });
});

describe('keys and values that decode rebuilds from a latent', () => {
  const { attention } = modelOf('deepseek-v3').layers[0] as Model['layers'][number];
  if (attention.kind !== 'mla') throw new RangeError('test: deepseek-v3 has no latent attention');
  const rebuilt = withAttention({ ...attention, decodeForm: 'expanded' });

  it('are refused, as no kernel that does so was timed', () => {
    const check = () => runsOf(rebuilt, decode(4, 1000));
    expect(check).toThrow(RangeError);
    expect(check).toThrow(new RangeError('step: operator core rebuilds keys and values, for which no kernel is timed'));
  });

  it('make no difference to a prompt, which builds them anyway', () =>
    expect(runsOf(rebuilt, prefill(2, 1000))).toEqual(runsOf(withAttention({ ...attention, decodeForm: 'absorbed' }), prefill(2, 1000))));
});

describe('states', () => {
  // 32 value heads of 128 x 128 in 32 bit, read and written; query, key and value of 8192 channels in, 4096 values out
  const core = { state: 2 * 32 * 128 * 128 * 4, moved: (8192 + 4096) * 2, flop: 7 * 32 * 128 * 128 };
  // a convolution of four taps over 8192 channels; the last three inputs are kept in 16 bit
  const conv = { state: 4 * 8192 * 3, moved: 2 * 8192 * 2, weights: 8192 * 4 * 2, flop: 2 * 8192 * 4 };
  const coreIn = (pass: ReturnType<typeof decode>, t = 1) => kernelsOf(runsOf('qwen3-next-80b-a3b', pass, { tensorParallel: t }), 'core')[0];
  const convIn = (pass: ReturnType<typeof decode>, t = 1) => kernelOf(runsOf('qwen3-next-80b-a3b', pass, { tensorParallel: t }), 'conv');

  it('of Qwen3-Next are moved once for each decoded token', () => {
    for (const context of [1, 5000]) {
      expect(coreIn(decode(5, context))).toEqual({ kind: 'elementwise', bytes: 5 * (core.state + core.moved), flop: 5 * core.flop });
      expect(convIn(decode(5, context))).toEqual({ kind: 'elementwise', bytes: 5 * (conv.state + conv.moved) + conv.weights, flop: 5 * conv.flop });
    }
  });

  it('are moved once for a prompt, whose every token is computed', () => {
    expect(coreIn(prefill(2, 3000))).toEqual({ kind: 'elementwise', bytes: 2 * core.state + 6000 * core.moved, flop: 6000 * core.flop });
    expect(convIn(prefill(2, 3000))).toEqual({ kind: 'elementwise', bytes: 2 * conv.state + 6000 * conv.moved + conv.weights, flop: 6000 * conv.flop });
  });

  it('are split by heads', () => {
    expect(coreIn(decode(5, 1), 16)).toEqual({ kind: 'elementwise', bytes: (5 * (core.state + core.moved)) / 16, flop: (5 * core.flop) / 16 });
    expect(convIn(decode(5, 1), 16)).toEqual({ kind: 'elementwise', bytes: (5 * (conv.state + conv.moved) + conv.weights) / 16, flop: (5 * conv.flop) / 16 });
  });
});
