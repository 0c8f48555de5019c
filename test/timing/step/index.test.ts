import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { storedBytes } from '../../../src/layers/gemm.ts';
import { weightFormat } from '../../../src/layers/precision.ts';
import { lowerModel, type Model, modelEntries, modelOf, precisionPolicies } from '../../../src/models/index.ts';
import { type Deployment, singleChip } from '../../../src/timing/deployment.ts';
import { exchangedBytes } from '../../../src/timing/kernels/collective.ts';
import type { Kernel } from '../../../src/timing/kernels/kernel.ts';
import { type KernelRun, type Pass, stepKernels } from '../../../src/timing/step/index.ts';
import { expectNear, expectNotLess, sizes } from '../support.ts';
import { bytesOf, decode, fits, flopOf, idsOf, kernelOf, kernelsOf, matrixBytesOf, networkOf, prefill, runOf, runsOf, sum } from './support.ts';

const catalogue = modelEntries.map(({ model }) => model);
const isMoe = (model: Model): boolean => model.layers.some(({ ffn }) => ffn.kind === 'moe');
const dense = catalogue.filter((model) => !isMoe(model));
const kvHeadsOf = (model: Model): readonly number[] => model.layers.map(({ attention }) => ('kvHeads' in attention ? attention.kvHeads : 1));

const lengthOf = (pass: Pass): number => (pass.phase === 'decode' ? pass.context : pass.prompt);
const requestsOf = (pass: Pass): number => (pass.phase === 'decode' ? pass.batch : pass.prompts);
/** What the operators of a model do for one request of a pass. */
const loweredFlop = (model: Model, pass: Pass): number =>
  lowerModel(model, { phase: pass.phase }).reduce((total, { side, flop, repeat }) => total + (side === 'vision' ? 0 : repeat * flop.evaluate(lengthOf(pass))), 0);

const GEMM = { kind: 'gemm', math: 'bf16', weightBytes: 2, inputBytes: 2, outputBytes: 2 } as const;
const copied = (bytes: number) => ({ kind: 'elementwise', bytes, flop: 0 }) as const;

/** One decode step of Llama-3.1-8B, 64 requests at context 1000, in 16 bit on one chip: H = 4096, 32 query heads and 8 key-value heads of 128, I = 14,336, 32 layers. */
const LLAMA: readonly (readonly [number, KernelRun['part'], string, Kernel])[] = [
  [32, 'elementwise', 'attention-norm', copied(4 * 64 * 4096 * 2)],
  [32, 'linear', 'query+key-value', { ...GEMM, m: 64, n: 6144, k: 4096 }],
  [32, 'elementwise', 'core-rotary', copied(2 * 64 * 32 * 128 * 2)],
  [32, 'elementwise', 'core-cache-write', copied(2 * 64 * 4096)],
  [
    32,
    'attention',
    'core',
    { kind: 'decode-attention', variant: 'gqa', batch: 64, context: 1000, heads: 32, kvHeads: 8, queryKeyDim: 128, valueDim: 128, kvBytesPerToken: 2 * 8 * 128 * 2, math: 'bf16' },
  ],
  [32, 'linear', 'output', { ...GEMM, m: 64, n: 4096, k: 4096 }],
  [32, 'elementwise', 'ffn-norm', copied(4 * 64 * 4096 * 2)],
  [32, 'ffn', 'gate-up', { ...GEMM, m: 64, n: 28_672, k: 4096 }],
  [32, 'elementwise', 'down-activation', copied(3 * 64 * 14_336 * 2)],
  [32, 'ffn', 'down', { ...GEMM, m: 64, n: 4096, k: 14_336 }],
  [1, 'elementwise', 'last-norm', copied(4 * 64 * 4096 * 2)],
  [1, 'head', 'head', { ...GEMM, m: 64, n: 128_256, k: 4096 }],
];

describe('a decode step of Llama-3.1-8B', () => {
  it('on one chip is this list', () => expect(runsOf('llama-3.1-8b', decode(64, 1000))).toEqual(LLAMA.map(([count, part, id, kernel]) => ({ count, part, id, kernel }))));

  it('on four chips has a quarter of each matrix, of the heads and of the cache, and adds up each side', () => {
    const runs = runsOf('llama-3.1-8b', decode(64, 1000), { tensorParallel: 4 });
    expect(kernelOf(runs, 'query+key-value')).toMatchObject({ m: 64, n: 1536, k: 4096 });
    expect(kernelOf(runs, 'core')).toMatchObject({ heads: 8, kvHeads: 2, kvBytesPerToken: 1024 });
    expect(kernelOf(runs, 'output')).toMatchObject({ n: 4096, k: 1024 });
    expect(kernelOf(runs, 'gate-up')).toMatchObject({ n: 7168, k: 4096 });
    expect(kernelOf(runs, 'down')).toMatchObject({ n: 4096, k: 3584 });
    expect(kernelOf(runs, 'head')).toMatchObject({ n: 32_064, k: 4096 });
    expect(idsOf(runs)).toEqual([
      ...LLAMA.slice(0, 6).map(([, , id]) => id),
      'attention-all-reduce',
      ...LLAMA.slice(6, 10).map(([, , id]) => id),
      'ffn-all-reduce',
      'last-norm',
      'head',
      'logits-all-gather',
    ]);
  });

  it('on 16 chips has one key-value head on each, in two copies', () => {
    const runs = runsOf('llama-3.1-8b', decode(64, 1000), { tensorParallel: 16 });
    expect(kernelOf(runs, 'core')).toMatchObject({ heads: 2, kvHeads: 1, kvBytesPerToken: 512 });
    expect(kernelOf(runs, 'query+key-value')).toMatchObject({ n: 4096 / 16 + 2048 / 8 });
  });

  it('norms and rotates whole tokens or heads of a chip, and writes its part of the cache', () => {
    const [one, four] = [1, 4].map((tensorParallel) => runsOf('llama-3.1-8b', decode(64, 1000), { tensorParallel })) as [readonly KernelRun[], readonly KernelRun[]];
    for (const id of ['attention-norm', 'ffn-norm', 'last-norm']) expect(bytesOf(four, id)).toBe(bytesOf(one, id));
    for (const id of ['core-rotary', 'core-cache-write', 'down-activation']) expect(bytesOf(four, id)).toBe(bytesOf(one, id) / 4);
  });

  it('in 8 bit quantises the inputs of its matrices', () => {
    const runs = runsOf('llama-3.1-8b', decode(64, 1000), {}, precisionPolicies.w8a8kv16);
    const quantised = runs.filter(({ id }) => id.endsWith('-quantise'));
    expect(quantised.map(({ id, count }) => `${count} ${id} ${bytesOf(runs, id)}`)).toEqual([
      `32 attention-input-quantise ${3 * 64 * 4096}`,
      `32 attention-output-quantise ${3 * 64 * 4096}`,
      `32 gate-up-quantise ${3 * 64 * 4096}`,
      `32 down-quantise ${3 * 64 * 14_336}`,
    ]);
    const split = runsOf('llama-3.1-8b', decode(64, 1000), { tensorParallel: 4 }, precisionPolicies.w8a8kv16);
    expect(quantised.map(({ id }) => bytesOf(runs, id) / bytesOf(split, id))).toEqual([1, 4, 1, 4]);
    expect(kernelOf(runs, 'gate-up')).toMatchObject({ math: 'fp8', weightBytes: 1, inputBytes: 1, outputBytes: 2 });
    expect(kernelOf(runs, 'head')).toMatchObject({ math: 'bf16', weightBytes: 2, inputBytes: 2 });
    expect(kernelOf(runs, 'core')).toMatchObject({ math: 'bf16', kvBytesPerToken: 4096 });
  });
});

describe('a prompt of Llama-3.1-8B', () => {
  const runs = runsOf('llama-3.1-8b', prefill(3, 1000));

  it('multiplies every token of every prompt', () => {
    for (const id of ['query+key-value', 'output', 'gate-up', 'down']) expect(kernelOf(runs, id)).toMatchObject({ m: 3000 });
    expect(bytesOf(runs, 'attention-norm')).toBe(4 * 3000 * 4096 * 2);
    expect(bytesOf(runs, 'core-cache-write')).toBe(2 * 3000 * 4096);
  });

  it('lets each token attend those before it', () =>
    expect(kernelOf(runs, 'core')).toMatchObject({ kind: 'prefill-attention', batch: 3, context: 1000, pairs: (1000 * 1001) / 2, heads: 32, kvHeads: 8 }));

  it('shows the head one token of each prompt', () => {
    expect(kernelOf(runs, 'head')).toMatchObject({ m: 3, n: 128_256 });
    expect(bytesOf(runs, 'last-norm')).toBe(4 * 3 * 4096 * 2);
  });
});

describe('every model of the catalogue', () => {
  const passes = [decode(3, 5000), decode(1, 128), prefill(2, 5000), prefill(1, 128)];
  /** what may be nothing: FLOP of steps that only move bytes, the value that index scores have none of */
  const isNothing = (id: string, field: string): boolean => field === 'flop' || (id === 'index-core' && field === 'valueDim');

  it.each(catalogue)('$id lowers, every number of a kernel finite and positive', (model) => {
    for (const pass of passes) {
      const runs = stepKernels(model, pass, { deployment: singleChip });
      expect(runs.filter(({ part }) => part === 'head').length).toBe(1);
      for (const { id, kernel, count } of runs)
        for (const [field, value] of Object.entries({ ...kernel, count })) {
          if (typeof value !== 'number') continue;
          expect(Number.isFinite(value) && (value > 0 || (value === 0 && isNothing(id, field))), `${pass.phase}: ${id} ${field} ${value}`).toBe(true);
        }
    }
  });

  it.each(catalogue)('$id: kernels do the work of its operators, no more and no less', (model) => {
    for (const pass of [...passes, decode(7, 1), prefill(2, 1), prefill(1, 20_000)])
      expectNear(flopOf(stepKernels(model, pass, { deployment: singleChip })), requestsOf(pass) * loweredFlop(model, pass), `${JSON.stringify(pass)}: `);
  });

  it.each(catalogue)('$id: matrices have the bytes that are stored, the embedding table aside', (model) => {
    const stored = lowerModel(model).reduce(
      (total, { side, shape, weights, repeat, component }) => total + (side !== 'vision' && shape.kind === 'gemm' ? repeat * storedBytes(weights, weightFormat(model.precision, component)) : 0),
      0,
    );
    for (const pass of passes) expect(matrixBytesOf(stepKernels(model, pass, { deployment: singleChip })) / stored).toBeCloseTo(1, 9);
  });

  it.each(catalogue)('$id: attention reads the cache that is kept, by what a token attends', (model) => {
    const pass = decode(3, 5000);
    const read = lowerModel(model).reduce((total, { bytes, repeat }) => total + repeat * bytes.kvRead.evaluate(5000), 0);
    const kernels = sum(stepKernels(model, pass, { deployment: singleChip }), (kernel) => (kernel.kind === 'decode-attention' ? kernel.batch * kernel.context * kernel.kvBytesPerToken : 0));
    expectNear(kernels, 3 * read);
  });

  it.each(catalogue)('$id: has each layer once, with one norm a side and none where a side is missing', (model) => {
    const runs = stepKernels(model, decode(1, 128), { deployment: singleChip });
    const count = (id: string): number => runs.reduce((total, run) => total + (run.id === id ? run.count : 0), 0);
    const layers = (missing: (group: Model['layers'][number]) => boolean): number => model.layers.reduce((total, group) => total + (missing(group) ? 0 : group.count), 0);
    expect(count('attention-norm')).toBe(layers(({ attention }) => attention.kind === 'none'));
    expect(count('ffn-norm')).toBe(layers(({ ffn }) => ffn.kind === 'none'));
    expect([count('last-norm'), count('head')]).toEqual([1, 1]);
  });

  it('moves nothing over links on one chip', () => {
    for (const model of catalogue) for (const pass of passes) expect(networkOf(stepKernels(model, pass, { deployment: singleChip })), model.id).toEqual([]);
  });
});

describe('t chips together', () => {
  const split = fc
    .record({ model: fc.constantFrom(...dense), t: fc.constantFrom(2, 4, 8) })
    .filter(({ model, t }) => fits(model, { tensorParallel: t }) && kvHeadsOf(model).every((heads) => heads % t === 0));
  const anyPass = fc.oneof(
    fc.record({ phase: fc.constant('decode' as const), batch: sizes(512), context: sizes(100_000) }),
    fc.record({ phase: fc.constant('prefill' as const), prompts: sizes(8), prompt: sizes(20_000) }),
  );

  it('do the work of a dense model once while there are key-value heads for all', () =>
    fc.assert(
      fc.property(split, anyPass, ({ model, t }, pass) => {
        const [one, each] = [1, t].map((tensorParallel) => runsOf(model, pass, { tensorParallel })) as [readonly KernelRun[], readonly KernelRun[]];
        // a vocabulary that t does not divide is rounded up
        const most = model.vocabulary % t === 0 ? 1 + 1e-12 : 1 + t / model.vocabulary;
        for (const of of [flopOf, matrixBytesOf]) {
          expectNotLess(t * of(each), of(one));
          expect((t * of(each)) / of(one)).toBeLessThanOrEqual(most);
        }
      }),
    ));

  it('hold the cache once, and read it once', () =>
    fc.assert(
      fc.property(split, sizes(512), sizes(100_000), ({ model, t }, batch, context) => {
        const read = (tensorParallel: number): number =>
          sum(runsOf(model, decode(batch, context), { tensorParallel }), (kernel) => (kernel.kind === 'decode-attention' ? kernel.batch * kernel.context * kernel.kvBytesPerToken : 0));
        expectNear(t * read(t), read(1));
      }),
    ));

  it.each(catalogue)('of $id do at least its work, and one no more than all of it', (model) => {
    const degrees = [2, 4, 8, 16, 32, 64].filter((t) => fits(model, { tensorParallel: t }));
    expect(degrees.length).toBeGreaterThan(0);
    for (const pass of [decode(5, 5000), prefill(2, 3000)]) {
      const one = runsOf(model, pass);
      for (const t of degrees) {
        const each = runsOf(model, pass, { tensorParallel: t });
        expectNotLess(t * flopOf(each), flopOf(one), `t = ${t}: `);
        expectNotLess(flopOf(one), flopOf(each), `t = ${t}: `);
        expectNotLess(t * matrixBytesOf(each), matrixBytesOf(one), `t = ${t}: `);
      }
    }
  });
});

describe('all-reduces', () => {
  it.each([2, 4, 8, 16, 32])('of a dense model on %i chips: once a side and layer, the hidden states in 16 bit', (t) => {
    for (const [pass, tokens] of [
      [decode(64, 4096), 64],
      [prefill(3, 1000), 3000],
    ] as const) {
      const runs = runsOf('llama-3.1-8b', pass, { tensorParallel: t });
      for (const id of ['attention-all-reduce', 'ffn-all-reduce'])
        expect(runOf(runs, id)).toEqual({ id, part: 'network', count: 32, kernel: { kind: 'collective', operation: 'all-reduce', gpus: t, bytes: tokens * 4096 * 2 } });
      expect(networkOf(runs)).toEqual(['attention-all-reduce', 'ffn-all-reduce', 'logits-all-gather']);
    }
  });

  it('are as many as sides of layers in every model split in two', () => {
    for (const model of catalogue) {
      const runs = runsOf(model, decode(4, 5000), { tensorParallel: 2 });
      const sides = model.layers.reduce((total, { count, attention, ffn }) => total + count * (Number(attention.kind !== 'none') + Number(ffn.kind !== 'none')), 0);
      expect(
        sum(runs, (kernel) => Number(kernel.kind === 'collective' && kernel.operation === 'all-reduce')),
        model.id,
      ).toBe(sides);
    }
  });

  it('stay inside a replica', () =>
    expect(kernelOf(runsOf('llama-3.1-8b', decode(64, 4096), { tensorParallel: 2, dataParallel: 8 }), 'ffn-all-reduce')).toMatchObject({ gpus: 2, bytes: 64 * 4096 * 2 }));

  it('end with the logits of all requests, gathered from chips that have a part of the vocabulary each', () => {
    expect(runOf(runsOf('llama-3.1-8b', prefill(3, 1000), { tensorParallel: 4 }), 'logits-all-gather')).toMatchObject({
      count: 1,
      kernel: { operation: 'all-gather', gpus: 4, bytes: 3 * 128_256 * 2 },
    });
  });
});

describe('pipeline stages', () => {
  it.each([
    [64, 2, 32],
    [65, 2, 33],
    [7, 4, 2],
    [3, 8, 1],
    [1, 32, 1],
  ])('a batch of %i in %i stages: %i requests at a time', (batch, p, micro) => {
    const runs = runsOf('llama-3.1-8b', decode(batch, 1000), { pipelineParallel: p });
    for (const id of ['query+key-value', 'gate-up', 'head']) expect(kernelOf(runs, id)).toMatchObject({ m: micro });
    expect(kernelOf(runs, 'core')).toMatchObject({ batch: micro });
    expect(runOf(runs, 'stage-send')).toMatchObject({ part: 'network', count: p - 1 });
  });

  it('pass on a share of the hidden states from each of t chips', () => {
    const sent = (t: number): number => bytesOf(runsOf('llama-3.1-8b', decode(64, 1000), { pipelineParallel: 4, tensorParallel: t }), 'stage-send');
    // nccl-tests count the gathered buffer: two halves, of which one is sent
    expect(sent(1)).toBe(2 * 16 * 4096 * 2);
    expect(sent(8)).toBe(sent(1) / 8);
  });

  it('send half of a buffer of two chips: the hidden states of a micro-batch or of all prompts, in 16 bit', () => {
    for (const [pass, tokens] of [
      [decode(65, 1000), 33],
      [prefill(3, 1000), 3000],
    ] as const) {
      const kernel = kernelOf(runsOf('llama-3.1-8b', pass, { pipelineParallel: 2 }), 'stage-send');
      if (kernel.kind !== 'collective') throw new RangeError(`test: stage-send is ${kernel.kind}`);
      expect(kernel).toMatchObject({ operation: 'all-gather', gpus: 2, among: 2 });
      expect(exchangedBytes.evaluate(kernel)).toBe(tokens * 4096 * 2);
    }
  });

  it('lie among all chips of the deployment', () =>
    expect(kernelOf(runsOf('llama-3.1-8b', decode(64, 1000), { pipelineParallel: 4, tensorParallel: 2, dataParallel: 3 }), 'stage-send')).toMatchObject({ gpus: 2, among: 24 }));

  it('run the kernels of the smaller batch, every layer once, and hand over', () => {
    const [all, part] = [runsOf('llama-3.1-8b', decode(16, 1000)), runsOf('llama-3.1-8b', decode(64, 1000), { pipelineParallel: 4 })];
    expect(part.filter(({ id }) => id !== 'stage-send')).toEqual(all);
  });

  it('leave a prompt whole', () => {
    const runs = runsOf('llama-3.1-8b', prefill(3, 1000), { pipelineParallel: 4 });
    expect(kernelOf(runs, 'gate-up')).toMatchObject({ m: 3000 });
    expect(runOf(runs, 'stage-send').count).toBe(3);
  });
});

describe('hybrid models', () => {
  it.each([
    ['qwen3-next-80b-a3b', ['conv', 'core']],
    ['minimax-m1', ['core']],
    ['nemotron-3-nano-30b-a3b', ['conv', 'core']],
    ['kimi-linear-48b-a3b', ['conv', 'core']],
  ] as const)('%s: states are moved, beside attention of another kind', (id, states) => {
    for (const [pass, kind] of [
      [decode(4, 5000), 'decode-attention'],
      [prefill(2, 5000), 'prefill-attention'],
    ] as const) {
      const attention = runsOf(id, pass).filter(({ part }) => part === 'attention');
      expect([...new Set(attention.filter(({ kernel }) => kernel.kind === 'elementwise').map((run) => run.id))]).toEqual(states);
      expect(attention.filter(({ kernel }) => kernel.kind === kind).length).toBe(1);
      expect(new Set(attention.map(({ kernel }) => kernel.kind))).toEqual(new Set(['elementwise', kind]));
    }
  });

  it('have as many state and attention kernels as layers', () => {
    const counts = runsOf('qwen3-next-80b-a3b', decode(4, 5000)).flatMap(({ id, count, part }) => (part === 'attention' ? [`${count} ${id}`] : []));
    expect(counts).toEqual(['36 conv', '36 core', '12 core']);
  });
});

describe('DeepSeek-V3', () => {
  it('decodes over one latent head of 576, of which 512 are the value', () => {
    for (const kernel of kernelsOf(runsOf('deepseek-v3', decode(8, 4096)), 'core'))
      expect(kernel).toEqual({ kind: 'decode-attention', variant: 'mla', batch: 8, context: 4096, heads: 128, kvHeads: 1, queryKeyDim: 576, valueDim: 512, kvBytesPerToken: 576, math: 'fp8' });
  });

  it('multiplies prompts with keys and values built for each head', () => {
    for (const kernel of kernelsOf(runsOf('deepseek-v3', prefill(2, 4096)), 'core'))
      expect(kernel).toMatchObject({ kind: 'prefill-attention', pairs: (4096 * 4097) / 2, heads: 128, kvHeads: 128, queryKeyDim: 192, valueDim: 128, kvBytesPerToken: 576 });
  });
});

describe('several query tokens of a request', () => {
  const drafted = (id: string, batch: number, context: number, queries: number): readonly KernelRun[] => stepKernels(modelOf(id), decode(batch, context), { deployment: singleChip, queries });

  it('are one unless given', () => expect(drafted('llama-3.1-8b', 64, 1000, 1)).toEqual(runsOf('llama-3.1-8b', decode(64, 1000))));

  it('are, three of 64 requests of Llama-3.1-8B, 192 rows of every matrix and norm, the head included, and 96 query heads over one read of the cache', () => {
    const runs = drafted('llama-3.1-8b', 64, 1000, 3);
    expect(idsOf(runs)).toEqual(LLAMA.map(([, , id]) => id));
    for (const { kernel } of runs) if (kernel.kind === 'gemm') expect(kernel.m).toBe(192);
    for (const id of ['attention-norm', 'ffn-norm', 'last-norm']) expect(bytesOf(runs, id)).toBe(4 * 192 * 4096 * 2);
    expect(bytesOf(runs, 'core-rotary')).toBe(2 * 192 * 32 * 128 * 2);
    expect(bytesOf(runs, 'core-cache-write')).toBe(2 * 192 * 4096);
    expect(bytesOf(runs, 'down-activation')).toBe(3 * 192 * 14_336 * 2);
    expect(kernelOf(runs, 'core')).toMatchObject({ batch: 64, context: 1000, heads: 96, kvHeads: 8, kvBytesPerToken: 4096 });
  });

  it('have as many rows as a batch of that many times the requests, and the cores of one query but for their heads, or for their batch where each query chooses its own tokens: every model', () =>
    fc.assert(
      fc.property(fc.constantFrom(...catalogue), sizes(100), sizes(20_000), fc.integer({ min: 2, max: 8 }), (model, batch, context, queries) => {
        const isMatrix = ({ kernel }: KernelRun): boolean => kernel.kind === 'gemm' || kernel.kind === 'grouped-gemm';
        const several = drafted(model.id, batch, context, queries);
        expect(several.filter(isMatrix)).toEqual(runsOf(model, decode(batch * queries, context)).filter(isMatrix));
        const cores = (runs: readonly KernelRun[]) => runs.flatMap(({ kernel }) => (kernel.kind === 'decode-attention' ? [kernel] : []));
        expect(cores(several)).toEqual(
          cores(runsOf(model, decode(batch, context))).map((kernel) => (kernel.variant === 'sparse-mla' ? { ...kernel, batch: queries * kernel.batch } : { ...kernel, heads: queries * kernel.heads })),
        );
        expect(networkOf(several)).toEqual([]);
      }),
      { numRuns: 60 },
    ));

  it('work on a recurrent state as often as there are queries, and move it once', () => {
    const state = (queries: number) => drafted('qwen3-next-80b-a3b', 4, 1000, queries).flatMap(({ id, kernel }) => (id === 'core' && kernel.kind === 'elementwise' ? [kernel] : []));
    const [one, four] = [state(1)[0], state(4)[0]];
    expect(four?.flop).toBe(4 * (one?.flop ?? Number.NaN));
    expect(four?.bytes ?? 0).toBeLessThan(2 * (one?.bytes ?? 0));
  });

  it('send to experts and back as many tokens as that many times the requests', () => {
    const deployment = { ...singleChip, dataParallel: 8, expertParallel: 8 };
    const exchanges = (batch: number, queries: number): readonly KernelRun[] =>
      stepKernels(modelOf('deepseek-v3'), decode(batch, 1000), { deployment, queries }).filter(({ part }) => part === 'network');
    expect(exchanges(16, 4)).toEqual(exchanges(64, 1));
    expect(exchanges(16, 4).length).toBe(2);
  });

  it.each([
    [decode(1, 1), 0],
    [decode(1, 1), 1.5],
    [decode(1, 1), Number.NaN],
    [prefill(1, 100), 2],
  ])('in %j are refused: %d', (pass, queries) => {
    const check = (): unknown => stepKernels(modelOf('llama-3.1-8b'), pass, { deployment: singleChip, queries });
    expect(check).toThrow(RangeError);
    expect(check).toThrow(new RangeError(`step: queries ${queries} is not a positive integer, 1 outside of decode`));
  });
});

describe('stepKernels refuses', () => {
  it.each([
    [decode(0, 1), 'step: batch 0 is not a positive integer'],
    [decode(1.5, 1), 'step: batch 1.5 is not a positive integer'],
    [decode(1, 0), 'step: context 0 is not a positive integer'],
    [decode(1, Number.NaN), 'step: context NaN is not a positive integer'],
    [prefill(0, 1), 'step: prompts 0 is not a positive integer'],
    [prefill(1, -1), 'step: prompt -1 is not a positive integer'],
    [prefill(1, 2 ** 53), 'step: prompt 9007199254740992 is not a positive integer'],
  ])('%j: %s', (pass, message) => {
    const check = (): unknown => runsOf('llama-3.1-8b', pass);
    expect(check).toThrow(RangeError);
    expect(check).toThrow(new RangeError(message));
  });

  it('a deployment that does not fit', () => {
    const deployment: Deployment = { ...singleChip, redundantExperts: 1 };
    expect(() => stepKernels(modelOf('llama-3.1-8b'), decode(1, 1), { deployment })).toThrow(/^deployment: redundantExperts 1 has no experts to copy/);
  });
});
