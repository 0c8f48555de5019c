import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Model, modelEntries, modelOf } from '../../src/models/index.ts';
import { chipsOf, type Deployment, OVERLAPS, singleChip, validateDeployment } from '../../src/timing/deployment.ts';
import { memoryOf } from '../../src/timing/memory.ts';
import { passTime } from '../../src/timing/pass-time.ts';
import { stepKernels } from '../../src/timing/step/index.ts';
import { chipOf } from './support.ts';

const deploy = (changes: Partial<Deployment>): Deployment => ({ ...singleChip, ...changes });
const degree = fc.integer({ min: 1, max: 64 });
const COUNTS = ['tensorParallel', 'dataParallel', 'expertParallel', 'pipelineParallel'] as const;

/** A deployment that does not fit a model, and all of its one-line message. */
const REFUSED: readonly (readonly [string, Partial<Deployment>, string])[] = [
  ['llama-3.1-8b', { pipelineParallel: 33 }, 'deployment: pipelineParallel 33 is more than the 32 layers of llama-3.1-8b'],
  ['deepseek-v3', { pipelineParallel: 62 }, 'deployment: pipelineParallel 62 is more than the 61 layers of deepseek-v3'],
  ['llama-3.1-8b', { dataParallel: 2, expertParallel: 2 }, 'deployment: expertParallel 2 has no experts to deal out: llama-3.1-8b is dense'],
  ['llama-3.1-8b', { redundantExperts: 1 }, 'deployment: redundantExperts 1 has no experts to copy: llama-3.1-8b is dense'],
  ['mixtral-8x7b', { expertParallel: 2 }, 'deployment: expertParallel 2 does not divide tensorParallel 1 x dataParallel 1'],
  ['mixtral-8x7b', { tensorParallel: 2, dataParallel: 3, expertParallel: 4 }, 'deployment: expertParallel 4 does not divide tensorParallel 2 x dataParallel 3'],
  ['mixtral-8x7b', { dataParallel: 16, expertParallel: 16 }, 'deployment: expertParallel 16 is more than the 8 experts of mixtral-8x7b'],
  ['mixtral-8x7b', { dataParallel: 16, expertParallel: 16, redundantExperts: 7 }, 'deployment: expertParallel 16 is more than the 15 experts of mixtral-8x7b'],
  ['mixtral-8x7b', { redundantExperts: 9 }, 'deployment: redundantExperts 9 is more than the 8 experts of mixtral-8x7b'],
  ['mixtral-8x7b', { redundantExperts: -1 }, 'deployment: redundantExperts -1 is not an integer of at least 0'],
  ['mixtral-8x7b', { redundantExperts: 0.5 }, 'deployment: redundantExperts 0.5 is not an integer of at least 0'],
  ['mixtral-8x7b', { redundantExperts: Number.NaN }, 'deployment: redundantExperts NaN is not an integer of at least 0'],
  ['mixtral-8x7b', { expertLoad: { kind: 'power-law', exponent: 0 } }, 'deployment: expertLoad.exponent 0 is not between 0 and 10'],
  ['mixtral-8x7b', { expertLoad: { kind: 'power-law', exponent: 10 } }, 'deployment: expertLoad.exponent 10 is not between 0 and 10'],
  ['mixtral-8x7b', { expertLoad: { kind: 'power-law', exponent: Number.NaN } }, 'deployment: expertLoad.exponent NaN is not between 0 and 10'],
  ['llama-3.1-8b', { tensorParallel: 3 }, 'deployment: tensorParallel 3 does not divide the 32 heads of llama-3.1-8b'],
  ['llama-3.1-8b', { tensorParallel: 64 }, 'deployment: tensorParallel 64 does not divide the 32 heads of llama-3.1-8b'],
  // 40 query heads are divided by 5, 8 key-value heads are not, nor are they copied whole
  ['qwen3-14b', { tensorParallel: 5 }, 'deployment: tensorParallel 5 neither divides the 8 key-value heads of qwen3-14b nor is a multiple of them'],
  ['minicpm-v-2.6', { tensorParallel: 7 }, 'deployment: tensorParallel 7 neither divides the 4 key-value heads of minicpm-v-2.6 nor is a multiple of them'],
  ['minimax-m2', { tensorParallel: 12 }, 'deployment: tensorParallel 12 neither divides the 8 key-value heads of minimax-m2 nor is a multiple of them'],
  // the heads of every kind of layer: linear attention has more of them than the full attention beside it, or the other way round
  ['qwen3-next-80b-a3b', { tensorParallel: 32 }, 'deployment: tensorParallel 32 does not divide the 16 heads of qwen3-next-80b-a3b'],
  ['qwen3.5-397b-a17b', { tensorParallel: 64 }, 'deployment: tensorParallel 64 does not divide the 32 heads of qwen3.5-397b-a17b'],
  ['nemotron-3-nano-30b-a3b', { tensorParallel: 64 }, 'deployment: tensorParallel 64 does not divide the 32 heads of nemotron-3-nano-30b-a3b'],
  ['minimax-m1', { tensorParallel: 48 }, 'deployment: tensorParallel 48 does not divide the 64 heads of minimax-m1'],
  ['step-3.5-flash', { tensorParallel: 64 }, 'deployment: tensorParallel 64 does not divide the 96 heads of step-3.5-flash'],
];

const refusal = (model: Model, changes: Partial<Deployment>): (() => void) => {
  return () => validateDeployment(model, deploy(changes));
};

describe('singleChip', () => {
  it('is one chip, frozen, with balanced experts and no overlap', () => {
    expect(chipsOf(singleChip)).toBe(1);
    expect(Object.isFrozen(singleChip)).toBe(true);
    expect(singleChip).toMatchObject({ redundantExperts: 0, expertLoad: { kind: 'balanced' }, overlap: 'none' });
    expect(OVERLAPS).toContain(singleChip.overlap);
  });

  it.each(modelEntries.map(({ model }) => model))('holds $id', (model) => expect(() => validateDeployment(model, singleChip)).not.toThrow());
});

describe('chipsOf', () => {
  it('is t d p: experts are dealt out over chips that are there already', () =>
    fc.assert(
      fc.property(degree, degree, degree, degree, (tensorParallel, dataParallel, pipelineParallel, expertParallel) => {
        expect(chipsOf(deploy({ tensorParallel, dataParallel, pipelineParallel, expertParallel }))).toBe(tensorParallel * dataParallel * pipelineParallel);
      }),
    ));
});

describe('validateDeployment', () => {
  it.each([
    ['llama-3.1-8b', { tensorParallel: 32, pipelineParallel: 32, dataParallel: 7 }],
    ['mixtral-8x7b', { dataParallel: 16, expertParallel: 16, redundantExperts: 8 }],
    ['mixtral-8x7b', { tensorParallel: 2, dataParallel: 2, expertParallel: 4 }],
    ['deepseek-v3', { dataParallel: 128, expertParallel: 128, redundantExperts: 32, expertLoad: { kind: 'power-law', exponent: 1.2 }, overlap: 'two-batch' }],
    ['qwen3-next-80b-a3b', { tensorParallel: 16 }],
    ['nemotron-3-nano-30b-a3b', { tensorParallel: 32 }],
    // 8 key-value heads: a part of them on each chip, one, a copy of one
    ['qwen3-14b', { tensorParallel: 2 }],
    ['qwen3-14b', { tensorParallel: 8 }],
    ['qwen3-14b', { tensorParallel: 40 }],
    ['minicpm-v-2.6', { tensorParallel: 28 }],
  ] as const)('accepts %s on %j', (id, changes) => expect(refusal(modelOf(id), changes)).not.toThrow());

  it.each(COUNTS)('refuses %s that is no positive integer', (field) => {
    for (const value of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
      const check = refusal(modelOf('deepseek-v3'), { [field]: value });
      expect(check).toThrow(RangeError);
      expect(check).toThrow(new RangeError(`deployment: ${field} ${value} is not a positive integer`));
    }
  });

  it.each(REFUSED)('refuses %s on %j: %s', (id, changes, message) => {
    const check = refusal(modelOf(id), changes);
    expect(check).toThrow(RangeError);
    expect(check).toThrow(new RangeError(message));
    expect(message).not.toMatch(/\n|\.$/);
  });

  it.each(modelEntries.map(({ model }) => model))('lets $id be split by a number that divides all of its heads, if key-value heads are whole or copied whole', (model) => {
    const countsOf = (...fields: readonly string[]): readonly number[] =>
      model.layers.flatMap(({ attention }) => Object.entries(attention).flatMap(([field, value]) => (fields.includes(field) ? [Number(value)] : [])));
    const [heads, kvHeads] = [countsOf('queryHeads', 'heads', 'valueHeads'), countsOf('kvHeads')];
    for (const t of new Set([2, 3, 5, 7, 8, ...heads, ...kvHeads])) {
      const check = refusal(model, { tensorParallel: t });
      const [divides, whole] = [heads.every((count) => count % t === 0), kvHeads.every((count) => count % t === 0 || t % count === 0)];
      if (divides && whole) expect(check, `${t}`).not.toThrow();
      else expect(check, `${t}`).toThrow(/^deployment: tensorParallel \d+ (does not divide the \d+ heads of |neither divides the \d+ key-value heads of \S+ nor is a multiple of them$)/);
    }
  });

  it.each([
    ['minimax-m1', 'lightning', 48, 64],
    ['qwen3-next-80b-a3b', 'gated-delta-net', 64, 32],
    ['kimi-linear-48b-a3b', 'kda', 64, 32],
    ['nemotron-3-nano-30b-a3b', 'mamba2', 48, 64],
    ['deepseek-v4-flash', 'compressed', 3, 64],
    ['step-3', 'mfa', 128, 64],
  ] as const)('splits the layers of %s with %s attention by their own heads: not in %i, there are %i', (id, kind, t, heads) => {
    const model = modelOf(id);
    const alone = { ...model, layers: model.layers.filter(({ attention }) => attention.kind === kind) };
    expect(refusal(alone, { tensorParallel: heads })).not.toThrow();
    expect(refusal(alone, { tensorParallel: t })).toThrow(new RangeError(`deployment: tensorParallel ${t} does not divide the ${heads} heads of ${id}`));
  });

  it('asks for heads only where the chips hold attention, and for all else in any case', () => {
    const model = modelOf('mixtral-8x7b');
    const check =
      (changes: Partial<Deployment>, ...sides: Parameters<typeof validateDeployment>[2] & object) =>
      () =>
        validateDeployment(model, deploy(changes), sides);
    for (const sides of [['ffn'], ['ffn', 'vocabulary'], []] as const) expect(check({ tensorParallel: 3 }, ...sides)).not.toThrow();
    for (const sides of [['attention'], ['ffn', 'attention']] as const)
      expect(check({ tensorParallel: 3 }, ...sides)).toThrow(new RangeError('deployment: tensorParallel 3 does not divide the 32 heads of mixtral-8x7b'));
    expect(check({ expertParallel: 2 }, 'ffn')).toThrow(new RangeError('deployment: expertParallel 2 does not divide tensorParallel 1 x dataParallel 1'));
    expect(check({ dataParallel: 16, expertParallel: 16 }, 'ffn')).toThrow(new RangeError('deployment: expertParallel 16 is more than the 8 experts of mixtral-8x7b'));
  });

  it('is what steps, memory and passes ask first', () => {
    const [model, deployment] = [modelOf('llama-3.1-8b'), deploy({ tensorParallel: 3 })];
    const message = 'deployment: tensorParallel 3 does not divide the 32 heads of llama-3.1-8b';
    const pass = { phase: 'decode', batch: 1, context: 1 } as const;
    expect(() => stepKernels(model, pass, { deployment })).toThrow(message);
    expect(() => memoryOf(model, chipOf('h100'), { deployment })).toThrow(message);
    expect(() => passTime(model, chipOf('h100'), pass, { deployment })).toThrow(message);
  });
});
