import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exactCounting, step3Counting } from '../../src/layers/counting.ts';
import { dense } from '../../src/layers/dense.ts';
import { validateLayer } from '../../src/layers/index.ts';
import { activationRatio, expertsHit, latentWeights, type MoeSpec, moe, routerWeights } from '../../src/layers/moe.ts';
import { precisionPolicies } from '../../src/models/policies.ts';
import { bytesOf, contextOf, flopOf, operatorOf, refusesNonPositiveIntegers, weightsOf } from '../support/operators.ts';
import { assertPrinted } from '../support/printed.ts';
import { countsOf } from '../support/step3-tables.ts';

const routed = (experts: number, activeExperts: number, intermediate: number, sharedExperts = 0): MoeSpec => ({
  kind: 'moe',
  experts,
  activeExperts,
  intermediate,
  sharedExperts,
  sharedIntermediate: sharedExperts === 0 ? 0 : intermediate,
  gated: true,
});
const deepseekV3 = routed(256, 8, 2048, 1);

// model, hidden, MoE layers, MoE layer, dense layers, dense intermediate
const GOLDEN: readonly (readonly [string, number, number, MoeSpec, number, number])[] = [
  ['DSv3', 7168, 58, deepseekV3, 3, 18432],
  ['Kimi K2', 7168, 60, routed(384, 8, 2048, 1), 1, 18432],
  ['Qwen3 MoE', 4096, 94, routed(128, 8, 1536), 0, 1],
  ['Llama 4 M', 5120, 24, routed(128, 1, 8192, 1), 24, 16384],
  ['MM M1', 6144, 80, routed(32, 2, 9216), 0, 1],
  ['ERNIE 4.5', 8192, 51, routed(64, 8, 3584), 3, 28672],
  ['Pangu Pro', 5120, 48, routed(64, 8, 1344, 4), 0, 1],
  ['Step-3', 7168, 56, routed(48, 3, 5120, 1), 5, 18432],
];

const size = fc.integer({ min: 1, max: 512 });
const specs: fc.Arbitrary<MoeSpec> = fc
  .record({ experts: size, share: fc.double({ min: 0, max: 1, noNaN: true }), intermediate: size, sharedExperts: fc.integer({ min: 0, max: 4 }), sharedIntermediate: size, gated: fc.boolean() })
  .map(({ share, ...sizes }) => ({ kind: 'moe', ...sizes, activeExperts: 1 + Math.floor(share * (sizes.experts - 1)) }));

describe('moe', () => {
  for (const [paperName, hidden, layers, spec, denseLayers, intermediate] of GOLDEN) {
    const context = contextOf({ hidden, counting: step3Counting });
    const work = layers * flopOf(moe.lower(spec, context)).evaluate(1) + denseLayers * flopOf(dense.lower({ kind: 'dense', intermediate, gated: true }, context)).evaluate(1);
    it.each(countsOf(paperName))('reproduces $at', ({ at, printed }) => assertPrinted(work, printed.ffnFlop, `${at}, FFN FLOP`));
  }

  it('counts as its docstring says', () =>
    fc.assert(
      fc.property(specs, size, (spec, hidden) => {
        const { experts: E, activeExperts: k, intermediate: I, sharedExperts: Es, sharedIntermediate: Is } = spec;
        const operators = moe.lower(spec, contextOf({ hidden }));
        const matrices = spec.gated ? 3 : 2;
        expect(flopOf(operators, 'ffn').evaluate(1)).toBe(2 * matrices * hidden * (k * I + Es * Is) + 2 * hidden * E);
        expect(weightsOf(operators)).toBe(matrices * hidden * (E * I + Es * Is) + hidden * E);
        expect(weightsOf(operators, 'activeWeights')).toBe(matrices * hidden * (k * I + Es * Is) + hidden * E);
      }),
    ));

  it('counts the router, 2 H E, only where it is counted; its weights are there either way', () => {
    const [exact, paper] = [exactCounting, { ...exactCounting, router: false }].map((counting) => moe.lower(deepseekV3, contextOf({ hidden: 7168, counting }))) as [
      ReturnType<typeof moe.lower>,
      ReturnType<typeof moe.lower>,
    ];
    expect(flopOf(exact).evaluate(1) - flopOf(paper).evaluate(1)).toBe(2 * 7168 * 256);
    expect(weightsOf(exact)).toBe(weightsOf(paper));
  });

  it('with all experts active and none shared, is a dense layer as wide as all experts', () =>
    fc.assert(
      fc.property(size, size, size, fc.boolean(), (hidden, experts, intermediate, gated) => {
        const context = contextOf({ hidden, counting: { ...exactCounting, router: false } });
        const one = moe.lower({ ...routed(experts, experts, intermediate), gated }, context).filter(({ id }) => id !== 'router');
        const other = dense.lower({ kind: 'dense', intermediate: experts * intermediate, gated }, context);
        expect(flopOf(one).equals(flopOf(other))).toBe(true);
        expect(weightsOf(one)).toBe(weightsOf(other));
        expect(bytesOf(one, 'weights').equals(bytesOf(other, 'weights'))).toBe(true);
        for (const { scales } of one) expect(scales).toEqual({ kind: 'perStep' });
      }),
    ));

  it('has no shared operators where no expert is shared, whatever their width', () =>
    expect(moe.lower({ ...routed(8, 2, 16), sharedIntermediate: 99 }, contextOf()).map(({ id }) => id)).toEqual(['router', 'routed-gate-up', 'routed-down']));

  it('reads routed experts by hit, router and shared experts once a step', () => {
    const operators = moe.lower(deepseekV3, contextOf());
    const hit = { kind: 'perExpertHit', experts: 256, activeExperts: 8 };
    expect(operators.map(({ id, scales }) => [id, scales])).toEqual([
      ['router', { kind: 'perStep' }],
      ['routed-gate-up', hit],
      ['routed-down', hit],
      ['shared-gate-up', { kind: 'perStep' }],
      ['shared-down', { kind: 'perStep' }],
    ]);
    expect(operatorOf(operators, 'routed-down').shape).toEqual({ kind: 'gemm', k: 2048, n: 4096, groups: 256, activeGroups: 8 });
    expect(operators.map(({ shardBy }) => shardBy)).toEqual(['replicated', 'experts', 'experts', 'columns', 'rows']);
  });

  it('stores router, routed and shared experts as components of their own', () => {
    const precision = { ...precisionPolicies.fp8, weightsByComponent: { router: 'fp32', experts: 'fp4', sharedExperts: 'bf16' } } as const;
    const operators = moe.lower(deepseekV3, contextOf({ hidden: 7168, precision }));
    const expert = 7168 * 2048;
    expect(operators.map(({ id, component, bytes }) => [id, component, bytes.weights.evaluate(1)])).toEqual([
      ['router', 'router', 4 * 7168 * 256],
      ['routed-gate-up', 'experts', (256 * 2 * expert) / 2],
      ['routed-down', 'experts', (256 * expert) / 2],
      ['shared-gate-up', 'sharedExperts', 2 * 2 * expert],
      ['shared-down', 'sharedExperts', 2 * expert],
    ]);
  });

  refusesNonPositiveIntegers('moe', moe, deepseekV3, ['experts', 'activeExperts', 'intermediate', 'sharedIntermediate']);
  it.each([
    [{ activeExperts: 257 }, /^moe: activeExperts 257 is more than experts 256$/],
    [{ sharedExperts: -1 }, /^moe: sharedExperts -1 is not an integer of at least 0$/],
    [{ sharedExperts: 0.5 }, /^moe: sharedExperts 0.5 is not an integer of at least 0$/],
    [{ sharedExperts: Number.NaN }, /^moe: sharedExperts NaN is not an integer of at least 0$/],
  ])('refuses %j', (changes, message) => {
    const check = (): void => moe.validate({ ...deepseekV3, ...changes }, 7168);
    expect(check).toThrow(RangeError);
    expect(check).toThrow(message);
  });
  it('refuses a gate that is neither there nor not', () => expect(() => moe.validate({ ...deepseekV3, gated: 'no' as unknown as boolean }, 7168)).toThrow(/^moe: gated no is not true or false$/));
  it('accepts that every expert is active', () => expect(() => moe.validate({ ...deepseekV3, activeExperts: 256 }, 7168)).not.toThrow());
  it('does not ask for the width of shared experts that are not there', () => expect(() => moe.validate(routed(128, 8, 1536), 4096)).not.toThrow());
});

describe('latent experts', () => {
  const latent = { ...deepseekV3, latent: 1024 };
  const operators = moe.lower(latent, contextOf({ hidden: 7168 }));

  it('counts as its docstring says: the latent width in place of the hidden one, and two projections', () =>
    fc.assert(
      fc.property(specs, size, size, (spec, hidden, L) => {
        const { experts: E, activeExperts: k, intermediate: I, sharedExperts: Es, sharedIntermediate: Is } = spec;
        const lowered = moe.lower({ ...spec, latent: L }, contextOf({ hidden }));
        const matrices = spec.gated ? 3 : 2;
        const rest = matrices * hidden * Es * Is + hidden * E + 2 * hidden * L;
        expect(flopOf(lowered, 'ffn').evaluate(1)).toBe(2 * (matrices * L * k * I + rest));
        expect(weightsOf(lowered)).toBe(matrices * L * E * I + rest);
        expect(weightsOf(lowered, 'activeWeights')).toBe(matrices * L * k * I + rest);
      }),
    ));

  it('goes down to the latent width and up again, once for each token, with the weights of the experts', () => {
    const shapes = operators.map(({ id, component, shape }) => (shape.kind === 'gemm' ? `${id} ${component} ${shape.k} ${shape.n} ${shape.groups}` : id));
    expect(shapes).toEqual([
      'router router 7168 256 1',
      'latent-down experts 7168 1024 1',
      'latent-up experts 1024 7168 1',
      'routed-gate-up experts 1024 4096 256',
      'routed-down experts 2048 1024 256',
      'shared-gate-up sharedExperts 7168 4096 1',
      'shared-down sharedExperts 2048 7168 1',
    ]);
    for (const id of ['latent-down', 'latent-up']) expect(operatorOf(operators, id)).toMatchObject({ kind: 'gemm', scales: { kind: 'perStep' }, shardBy: 'replicated' });
    expect(latentWeights.evaluate({ hidden: 7168, latent: 1024 })).toBe(7_340_032);
  });

  it('keeps the full width in router and shared experts', () => {
    const full = moe.lower(deepseekV3, contextOf({ hidden: 7168 }));
    for (const id of ['router', 'shared-gate-up', 'shared-down']) expect(operatorOf(operators, id)).toEqual(operatorOf(full, id));
  });

  it('prefills every token through both projections', () => expect(flopOf(moe.lower(latent, contextOf({ hidden: 7168, phase: 'prefill' }))).evaluate(1000)).toBe(1000 * flopOf(operators).evaluate(1)));

  it('has the fields of its spec', () => expect(() => validateLayer(latent, 7168)).not.toThrow());
  it.each([0, -1, 0.5, null])('refuses a latent width of %s', (width) => {
    const check = (): void => moe.validate({ ...deepseekV3, latent: width as number }, 7168);
    expect(check).toThrow(RangeError);
    expect(check).toThrow(`moe: latent ${width} is not a positive integer`);
  });
});

describe('routerWeights', () => it('is hidden x experts', () => expect(routerWeights.evaluate({ hidden: 7168, experts: 256 })).toBe(1_835_008)));

describe('activationRatio', () => {
  it.each([
    ['Step-3, "around 0.08" (section 5.4)', 3, 1, 48, '0.08'],
    ['DeepSeek-V3', 8, 1, 256, '0.035'],
    ['Pangu Pro MoE', 8, 4, 64, '0.176'],
  ] as const)('%s', (where, activeExperts, sharedExperts, experts, printed) => assertPrinted(activationRatio.evaluate({ activeExperts, sharedExperts, experts }), printed, where));
});

describe('expertsHit', () => {
  const hit = (experts: number, activeExperts: number, tokens: number) => expertsHit.evaluate({ experts, activeExperts, tokens });

  it('is k for one token and E for a model that uses all', () => {
    for (const [E, k] of [
      [256, 8],
      [48, 3],
      [384, 8],
      [128, 1],
    ] as const) {
      expect(hit(E, k, 1)).toBeCloseTo(k, 12);
      expect(hit(E, E, 5)).toBe(E);
    }
  });

  it('grows with the batch, from k towards E', () =>
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 512 }), fc.integer({ min: 1, max: 64 }), fc.integer({ min: 1, max: 4096 }), (experts, k, tokens) => {
        fc.pre(k <= experts);
        expect(hit(experts, k, tokens + 1)).toBeGreaterThanOrEqual(hit(experts, k, tokens));
        expect(hit(experts, k, tokens)).toBeGreaterThanOrEqual(k * (1 - 1e-12));
        expect(hit(experts, k, tokens)).toBeLessThanOrEqual(experts);
      }),
    ));

  it('is the mean over all choices of two tokens of two in four experts', () => {
    const pairs = [0, 1, 2, 3].flatMap((a) => [0, 1, 2, 3].filter((b) => b > a).map((b) => [a, b]));
    const unions = pairs.flatMap((one) => pairs.map((other) => new Set([...one, ...other]).size));
    expect(hit(4, 2, 2)).toBe(unions.reduce((sum, size) => sum + size, 0) / unions.length);
  });
});
