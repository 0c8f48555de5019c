import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lowerModel, type Model, modelEntries, modelOf, precisionPolicies } from '../../../src/models/index.ts';
import type { Deployment, ExpertLoad } from '../../../src/timing/deployment.ts';
import type { GroupedGemmKernel } from '../../../src/timing/kernels/kernel.ts';
import { feedForwardRuns } from '../../../src/timing/step/feed-forward.ts';
import { expectNear, expectNotLess, sizes } from '../support.ts';
import { bytesOf, contextOf, decode, fits, flopOf, idsOf, kernelOf, networkOf, prefill, runOf, runsOf } from './support.ts';

type Pass = ReturnType<typeof decode>;
const moe: readonly Model[] = modelEntries.flatMap(({ model }) =>
  model.layers.some(({ ffn }) => ffn.kind === 'moe') ? [{ ...model, layers: model.layers.filter(({ ffn }) => ffn.kind === 'moe').slice(0, 1) }] : [],
);
/** The layers of one kind of DeepSeek-V3, all of them with routed experts. */
const deepseek = moe.find(({ id }) => id === 'deepseek-v3') as Model;
const routed = (model: string | Model, pass: Pass, changes: Partial<Deployment> = {}): readonly [GroupedGemmKernel, GroupedGemmKernel] => {
  const runs = runsOf(model, pass, changes);
  return [kernelOf(runs, 'routed-gate-up') as GroupedGemmKernel, kernelOf(runs, 'routed-down') as GroupedGemmKernel];
};
const specOf = (model: Model) => {
  const { ffn } = model.layers[0] as Model['layers'][number];
  if (ffn.kind !== 'moe') throw new RangeError(`test: ${model.id} is dense`);
  return ffn;
};
const BUSY: ExpertLoad = { kind: 'power-law', exponent: 1 };

describe('feedForwardRuns', () => {
  it('of a layer without a feed-forward side are none', () => expect(feedForwardRuns([], contextOf())).toEqual([]));

  it('of a dense layer are norm, gate and up, activation, down', () => {
    const ids = idsOf(runsOf('llama-3.1-8b', decode(64, 1000)));
    expect(ids.slice(ids.indexOf('ffn-norm'), ids.indexOf('last-norm'))).toEqual(['ffn-norm', 'gate-up', 'down-activation', 'down']);
  });

  it('put shared experts side by side as one: four of 1344 in Pangu Pro MoE', () => {
    const runs = runsOf('pangu-pro-moe', decode(64, 1000));
    expect(kernelOf(runs, 'shared-gate-up')).toMatchObject({ kind: 'gemm', m: 64, n: 4 * 2 * 1344, k: 5120 });
    expect(kernelOf(runs, 'shared-down')).toMatchObject({ kind: 'gemm', m: 64, n: 5120, k: 4 * 1344 });
    expect(bytesOf(runs, 'shared-down-activation')).toBe(3 * 64 * 4 * 1344 * 2);
  });

  it('split shared experts by columns and rows, and leave the router whole on each chip', () => {
    const runs = runsOf(deepseek, decode(64, 1000), { tensorParallel: 8 });
    expect(kernelOf(runs, 'router')).toMatchObject({ m: 64, n: 256, k: 7168 });
    expect(kernelOf(runs, 'shared-gate-up')).toMatchObject({ n: 512, k: 7168 });
    expect(kernelOf(runs, 'shared-down')).toMatchObject({ n: 7168, k: 256 });
  });

  it('quantise inputs in 8 bit, but of the router, which is not quantised', () => {
    const ids = idsOf(runsOf(deepseek, decode(64, 1000), {}, precisionPolicies.w8a8kv16)).filter((id) => id.endsWith('-quantise'));
    expect(ids).toEqual(['attention-input-quantise', 'attention-output-quantise', 'shared-gate-up-quantise', 'shared-down-quantise', 'routed-input-quantise', 'routed-quantise']);
    expect(idsOf(runsOf(deepseek, decode(64, 1000), {}, precisionPolicies.bf16)).filter((id) => id.endsWith('-quantise'))).toEqual([]);
  });
});

describe('activations', () => {
  const activationOf = (id: string, run: string): number => bytesOf(runsOf(id, decode(64, 1000)), run);

  it('of a gated layer read gate and up, of another one input, and write one: 3 or 2 elements in 16 bit', () => {
    expect(activationOf('llama-3.1-8b', 'down-activation')).toBe(3 * 64 * 14_336 * 2);
    expect(activationOf('opt-13b', 'down-activation')).toBe(2 * 64 * 20_480 * 2);
    expect(activationOf('gpt2', 'down-activation')).toBe(2 * 64 * 3072 * 2);
    expect(activationOf('bloom-176b', 'down-activation')).toBe(2 * 64 * 57_344 * 2);
  });

  it('of experts likewise: of Nemotron without a gate, of Mixtral with one', () => {
    // 6 of 128 experts of 1856 a token, two shared ones of 1856 side by side; 2 of 8 experts of 14,336
    expect(activationOf('nemotron-3-nano-30b-a3b', 'routed-activation')).toBe(2 * 64 * 6 * 1856 * 2);
    expect(activationOf('nemotron-3-nano-30b-a3b', 'shared-down-activation')).toBe(2 * 64 * 3712 * 2);
    expect(activationOf('mixtral-8x7b', 'routed-activation')).toBe(3 * 64 * 2 * 14_336 * 2);
  });

  it('of every model follow its gates, split over chips as the matrices are', () => {
    for (const { model } of modelEntries)
      for (const group of model.layers) {
        if (group.ffn.kind !== 'dense') continue;
        const { intermediate, gated } = group.ffn;
        for (const t of [1, 2])
          expect(bytesOf(runsOf({ ...model, layers: [group] }, decode(6, 1000), { tensorParallel: t }), 'down-activation'), model.id).toBe(((gated ? 3 : 2) * 6 * intermediate * 2) / t);
      }
  });
});

describe('quantisation around experts', () => {
  it('is of the tokens before, of the rows between two matrices', () => {
    const runs = runsOf(deepseek, decode(64, 1000), { dataParallel: 4, expertParallel: 4 });
    expect(bytesOf(runs, 'shared-gate-up-quantise')).toBe(3 * 64 * 7168);
    expect(bytesOf(runs, 'shared-down-quantise')).toBe(3 * 64 * 2048);
    expect(bytesOf(runs, 'routed-input-quantise')).toBe(3 * 64 * 7168);
    // four replicas of 64 tokens with eight experts each, a quarter of the rows here
    expect(bytesOf(runs, 'routed-quantise')).toBe(3 * 64 * 8 * 2048);
    expect(bytesOf(runs, 'routed-activation')).toBe(3 * 64 * 8 * 2048 * 2);
  });

  it('is never of the router', () => {
    for (const precision of [precisionPolicies.fp8, precisionPolicies.w8a8kv16]) expect(idsOf(runsOf(deepseek, decode(64, 1000), {}, precision))).not.toContain('router-quantise');
  });
});

describe('routed experts on one chip', () => {
  const runs = runsOf('mixtral-8x7b', decode(4, 1000));

  it('are, of Mixtral for four tokens, this list', () => {
    // two of eight experts a token: 8 (1 - (6 / 8)^4) are hit
    const grouped = { kind: 'grouped-gemm', experts: 8, hit: 5.46875, rows: 8, math: 'bf16', weightBytes: 2, inputBytes: 2, outputBytes: 2 } as const;
    const bytes = (id: string, amount: number) => ({ id, part: 'elementwise', count: 32, kernel: { kind: 'elementwise', bytes: amount, flop: 0 } });
    expect(runs.slice(idsOf(runs).indexOf('ffn-norm'), idsOf(runs).indexOf('last-norm'))).toEqual([
      bytes('ffn-norm', 4 * 4 * 4096 * 2),
      { id: 'router', part: 'ffn', count: 32, kernel: { kind: 'gemm', m: 4, n: 8, k: 4096, math: 'bf16', weightBytes: 2, inputBytes: 2, outputBytes: 2 } },
      bytes('route', 4 * 8 * 4),
      bytes('align', 4 * 2 * 8),
      { id: 'routed-gate-up', part: 'ffn', count: 32, kernel: { ...grouped, n: 28_672, k: 4096 } },
      bytes('routed-activation', 3 * 8 * 14_336 * 2),
      { id: 'routed-down', part: 'ffn', count: 32, kernel: { ...grouped, n: 4096, k: 14_336 } },
      bytes('sum-experts', (8 + 4) * 4096 * 2),
    ]);
  });

  it('are the topK of a single token', () =>
    expect(routed(deepseek, decode(1, 1000))).toMatchObject(
      [
        { rows: 8, hit: 8 },
        { rows: 8, hit: 8 },
      ].map(({ rows, hit }) => ({ rows, hit: expect.closeTo(hit, 9) })),
    ));

  it('get tokens x topK rows when balanced, and are hit at most all, and no more than there are rows', () =>
    fc.assert(
      fc.property(fc.constantFrom(...moe), sizes(10_000), fc.boolean(), (model, tokens, prompt) => {
        const { experts, activeExperts } = specOf(model);
        for (const kernel of routed(model, prompt ? prefill(1, tokens) : decode(tokens, 1000))) {
          expect(kernel).toMatchObject({ experts, rows: tokens * activeExperts });
          expectNotLess(kernel.hit, Math.min(activeExperts, experts));
          expectNotLess(Math.min(experts, kernel.rows), kernel.hit);
        }
      }),
    ));
});

describe('routed experts over chips', () => {
  it.each([
    ['two replicas, experts split', { dataParallel: 2 }, { experts: 8, rows: 16, n: 14_336, k: 4096 }, { n: 4096, k: 7168 }],
    ['two replicas, half of the experts each', { dataParallel: 2, expertParallel: 2 }, { experts: 4, rows: 8, n: 28_672, k: 4096 }, { n: 4096, k: 14_336 }],
    ['four chips of a replica, experts split', { tensorParallel: 4 }, { experts: 8, rows: 8, n: 7168, k: 4096 }, { n: 4096, k: 3584 }],
    ['four chips of a replica, two groups of two', { tensorParallel: 4, expertParallel: 2 }, { experts: 4, rows: 4, n: 14_336, k: 4096 }, { n: 4096, k: 7168 }],
    ['two replicas of two chips, four groups', { tensorParallel: 2, dataParallel: 2, expertParallel: 4 }, { experts: 2, rows: 4, n: 28_672, k: 4096 }, { n: 4096, k: 14_336 }],
    ['copies: three slots on each of four', { dataParallel: 4, expertParallel: 4, redundantExperts: 4 }, { experts: 3, rows: 8, n: 28_672, k: 4096 }, { n: 4096, k: 14_336 }],
  ] as const)('%s', (_, changes, up, down) => {
    // four tokens a replica, two experts each
    const { experts, rows } = up;
    expect(routed('mixtral-8x7b', decode(4, 1000), changes)).toMatchObject([up, { experts, rows, ...down }]);
  });

  it('do the work of all replicas together, when balanced and divided evenly', () =>
    fc.assert(
      fc.property(fc.constantFrom(...moe), fc.constantFrom(1, 2, 4), fc.constantFrom(1, 2, 4, 8), fc.constantFrom(1, 2, 4, 8), sizes(512), (model, t, d, e, tokens) => {
        const changes = { tensorParallel: t, dataParallel: d, expertParallel: e };
        fc.pre(fits(model, changes));
        const { experts, intermediate } = specOf(model);
        fc.pre(experts % e === 0 && intermediate % ((t * d) / e) === 0);
        const work = (kernels: readonly GroupedGemmKernel[]): number => kernels.reduce((sum, { rows, n, k }) => sum + 2 * rows * n * k, 0);
        const weights = (kernels: readonly GroupedGemmKernel[]): number => kernels.reduce((sum, kernel) => sum + kernel.experts * kernel.n * kernel.k, 0);
        const [one, each] = [routed(model, decode(tokens, 1000)), routed(model, decode(tokens, 1000), changes)];
        expectNear(t * d * work(each), d * work(one));
        expectNear(t * d * weights(each), weights(one));
      }),
    ));

  it('are hit in proportion, with the tokens of every replica', () => {
    // 8 (1 - (6 / 8)^8) with eight tokens, half of them on each group
    const hit = (8 * (1 - 0.75 ** 8)) / 2;
    for (const kernel of routed('mixtral-8x7b', decode(4, 1000), { dataParallel: 2, expertParallel: 2 })) expectNear(kernel.hit, hit);
  });

  it('wait for the busiest group: 12 + 3 of 25 parts', () => {
    // of four experts with loads of 1, 1/2, 1/3, 1/4, on two groups
    const four: Model = { ...modelOf('mixtral-8x7b'), layers: [{ ...(modelOf('mixtral-8x7b').layers[0] as Model['layers'][number]), ffn: { ...specOf(modelOf('mixtral-8x7b')), experts: 4 } }] };
    for (const kernel of routed(four, decode(100, 1000), { dataParallel: 2, expertParallel: 2, expertLoad: BUSY })) expectNear(kernel.rows, (200 * 2 * 15) / 25);
    for (const kernel of routed(four, decode(100, 1000), { expertLoad: BUSY })) expectNear(kernel.rows, 200);
  });

  it('have no fewer rows with an uneven load, and no fewer experts than copies make', () =>
    fc.assert(
      fc.property(fc.constantFrom(...moe), fc.constantFrom(2, 4, 8, 16), fc.integer({ min: 0, max: 32 }), sizes(512), (model, chips, redundantExperts, tokens) => {
        const changes = { dataParallel: chips, expertParallel: chips, redundantExperts };
        fc.pre(fits(model, changes));
        const [even, uneven] = [routed(model, decode(tokens, 1000), changes)[0], routed(model, decode(tokens, 1000), { ...changes, expertLoad: BUSY })[0]];
        expectNotLess(uneven.rows, even.rows);
        expect(even.experts).toBe(Math.ceil((specOf(model).experts + redundantExperts) / chips));
        expectNotLess(Math.min(even.experts, Math.max(1, even.rows)), even.hit);
      }),
      { numRuns: 60 },
    ));
});

describe('exchanges with experts', () => {
  const GROUPS = { dataParallel: 32, expertParallel: 32 } as const;

  it.each([
    ['one chip', {}, []],
    ['chips of one replica', { tensorParallel: 8 }, ['attention-all-reduce', 'ffn-all-reduce']],
    ['chips of one replica, experts dealt out', { tensorParallel: 8, expertParallel: 8 }, ['attention-all-reduce', 'ffn-all-reduce']],
    ['replicas that split the experts', { dataParallel: 8 }, ['gather-tokens', 'scatter-tokens']],
    ['replicas with experts of their own', { dataParallel: 8, expertParallel: 8 }, ['dispatch', 'combine']],
    ['groups of replicas', { dataParallel: 8, expertParallel: 4 }, ['dispatch', 'combine']],
  ] as const)('%s: %j', (_, changes, ids) => {
    const runs = runsOf(deepseek, decode(64, 1000), changes);
    expect(networkOf(runs).filter((id) => id !== 'logits-all-gather')).toEqual(ids);
    for (const id of ids) expect(runOf(runs, id).count).toBe(58);
  });

  it('gather the tokens of every replica, and scatter sums, where no replica has experts of its own', () => {
    const runs = runsOf(deepseek, decode(64, 1000), { dataParallel: 4, tensorParallel: 2 });
    const size = { kind: 'collective', gpus: 8, bytes: 4 * 64 * 7168 * 2 };
    expect(kernelOf(runs, 'gather-tokens')).toEqual({ ...size, operation: 'all-gather' });
    expect(kernelOf(runs, 'scatter-tokens')).toEqual({ ...size, operation: 'reduce-scatter' });
  });

  it.each([
    [decode(64, 1000), 'low-latency', 64],
    [prefill(2, 1000), 'normal', 2000],
  ] as const)('send in %j by %s kernels: tokens of a chip in 8 bit there, results in 16 bit back', (pass, mode, tokens) => {
    const runs = runsOf(deepseek, pass, { ...GROUPS, redundantExperts: 32 });
    const size = { kind: 'expert-exchange', mode, gpus: 32, tokens, topK: 8, experts: 288, hidden: 7168 };
    expect(kernelOf(runs, 'dispatch')).toEqual({ ...size, direction: 'dispatch', elementBytes: 1 });
    expect(kernelOf(runs, 'combine')).toEqual({ ...size, direction: 'combine', elementBytes: 2 });
  });

  it('send 16 bit both ways where experts multiply in 16 bit', () => {
    const runs = runsOf(deepseek, decode(64, 1000), GROUPS, precisionPolicies.bf16);
    expect([kernelOf(runs, 'dispatch'), kernelOf(runs, 'combine')]).toMatchObject([{ elementBytes: 2 }, { elementBytes: 2 }]);
  });

  it('send from each chip of a replica its share of the tokens', () => {
    expect(kernelOf(runsOf(deepseek, decode(64, 1000), { tensorParallel: 4, dataParallel: 8, expertParallel: 32 }), 'dispatch')).toMatchObject({ gpus: 32, tokens: 16 });
  });

  it('copy rows out for each expert in prompts, and add them up; in decode the exchange does', () => {
    const arranging = (pass: Pass) => idsOf(runsOf(deepseek, pass, GROUPS)).filter((id) => ['permute', 'unpermute', 'align', 'sum-experts'].includes(id));
    expect(arranging(decode(64, 1000))).toEqual([]);
    expect(arranging(prefill(2, 1000))).toEqual(['permute', 'unpermute']);
    const runs = runsOf(deepseek, prefill(2, 1000), GROUPS);
    // 32 replicas of 2000 tokens with 8 rows each, a 32nd of them here; rows in 8 bit there and 16 bit back
    expect([bytesOf(runs, 'permute'), bytesOf(runs, 'unpermute')]).toEqual([2 * 16_000 * 7168, 2 * 16_000 * 7168 * 2]);
  });

  it('add up shared experts inside a replica even where routed ones are elsewhere', () => {
    const reduced = (model: string | Model): boolean => idsOf(runsOf(model, decode(64, 1000), { tensorParallel: 2, dataParallel: 4, expertParallel: 8 })).includes('ffn-all-reduce');
    expect(reduced(deepseek)).toBe(true);
    expect(reduced('qwen3-235b-a22b')).toBe(false);
  });
});

describe('attention beside experts', () => {
  it('is not touched by how experts are dealt out', () =>
    fc.assert(
      fc.property(fc.constantFrom(...moe), fc.constantFrom(2, 8, 16), sizes(512), (model, chips, batch) => {
        const deployed = { dataParallel: chips, expertParallel: chips };
        fc.pre(fits(model, deployed));
        const attention = (changes: Partial<Deployment>) => runsOf(model, decode(batch, 1000), changes).filter(({ part }) => part === 'attention' || part === 'linear' || part === 'head');
        expect(attention(deployed)).toEqual(attention({}));
      }),
      { numRuns: 40 },
    ));

  it('makes up, with balanced experts on one chip, the work of the model', () => {
    for (const model of moe) {
      const flop = lowerModel(model).reduce((sum, operator) => sum + (operator.side === 'vision' ? 0 : operator.repeat * operator.flop.evaluate(1000)), 0);
      expectNear(flopOf(runsOf(model, decode(9, 1000))), 9 * flop, `${model.id}: `);
    }
  });
});
