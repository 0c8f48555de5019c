import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accelerator } from '../../src/accelerators/index.ts';
import { compile } from '../../src/cost/compile.ts';
import { type CostPoint, costAt, weightBytesRead } from '../../src/cost/evaluate.ts';
import { unitCosts } from '../../src/cost/unit-cost.ts';
import { type Counting, exactCounting, step3Counting } from '../../src/layers/counting.ts';
import { type Model, modelOf } from '../../src/models/index.ts';
import { overrideModel } from '../../src/models/override.ts';
import { assertPrinted } from '../support/printed.ts';
import { byHand, HAND_CHIPS, type HandCost } from '../support/step3-by-hand.ts';
import { COSTS, PAPER_MODELS } from '../support/step3-tables.ts';

const CHIPS = Object.keys(HAND_CHIPS);
const models = fc.constantFrom(...PAPER_MODELS.map(({ model }) => model));
const chips = fc.constantFrom(...CHIPS);
const contexts = fc.integer({ min: 1, max: 10_000_000 });

const costsOn = (chip: string, model: Model) => unitCosts(accelerator(chip).accelerator, model.precision.math);
const pointOf = (model: Model, chip: string, S: number, counting: Counting, batch?: number): CostPoint => costAt(compile(model, { counting }), costsOn(chip, model), S, batch);

function expectAsByHand(actual: CostPoint, expected: HandCost, where: string): void {
  for (const [column, value] of Object.entries(expected) as [keyof HandCost, number][])
    expect(Math.abs(actual[column] - value), `${where}, ${column}: ${actual[column]} and ${value}`).toBeLessThanOrEqual(1e-12 * value);
}

describe.each(PAPER_MODELS)('costAt, $paperName', ({ paperName, model }) => {
  const printed = COSTS[paperName] as (typeof COSTS)[string];
  it.each(CHIPS)('reproduces Table 6 on %s', (chip) => {
    const [short, long] = [8192, 32768].map((S) => pointOf(model, chip, S, step3Counting)) as [CostPoint, CostPoint];
    const where = `Table 6, ${paperName}, ${chip}`;
    assertPrinted(short.attentionUsdPerMtok, printed.attention8k[chip] ?? '', `${where}, attention at 8K`);
    assertPrinted(long.attentionUsdPerMtok, printed.attention32k[chip] ?? '', `${where}, attention at 32K`);
    assertPrinted(short.ffnUsdPerMtok, printed.ffn[chip] ?? '', `${where}, FFN`);
    expect(long.ffnUsdPerMtok).toBe(short.ffnUsdPerMtok);
  });
});

describe('costAt', () => {
  it.each([
    ['paper', step3Counting],
    ['exact', exactCounting],
  ] as const)('is what the %s arithmetic gives by hand, for any model, chip and context', (rules, counting) =>
    fc.assert(
      fc.property(models, chips, contexts, (model, chip, S) => expectAsByHand(pointOf(model, chip, S, counting), byHand(model.id, chip, S, rules), `${model.id} on ${chip} at ${S}`)),
      { numRuns: 500 },
    ),
  );

  it('is what the arithmetic gives by hand around every edge of a chunk', () => {
    for (const S of [1, 2, 8191, 8192, 8193, 16384, 16385, 9_999_999, 10_000_000])
      for (const { model } of PAPER_MODELS)
        for (const chip of CHIPS) {
          expectAsByHand(pointOf(model, chip, S, exactCounting), byHand(model.id, chip, S, 'exact'), `${model.id} on ${chip} at ${S}`);
          expectAsByHand(pointOf(model, chip, S, step3Counting), byHand(model.id, chip, S, 'paper'), `${model.id} on ${chip} at ${S}`);
        }
  });

  it('charges the core at least its work and its traffic, at most both', () =>
    fc.assert(
      fc.property(models, chips, contexts, (model, chip, S) => {
        const compiled = compile(model);
        const costs = costsOn(chip, model);
        const { attentionUsdPerMtok, linearFlop } = costAt(compiled, costs, S);
        const core = attentionUsdPerMtok / 1e6 - linearFlop * costs.linear;
        const work = compiled.coreFlop.evaluate(S) * costs.attention;
        const traffic = compiled.cores.reduce((sum, { bytes }) => sum + bytes.evaluate(S), 0) * costs.byte;
        expect(core).toBeGreaterThanOrEqual(Math.max(work, traffic) * (1 - 1e-9));
        expect(core).toBeLessThanOrEqual((work + traffic) * (1 + 1e-9));
      }),
    ));

  it('says what the core waits for: Step-3 for memory on H800 and for compute on H20', () => {
    const step3 = modelOf('step-3');
    expect([pointOf(step3, 'h800', 8192, exactCounting).bound, pointOf(step3, 'h20', 8192, exactCounting).bound]).toEqual(['memory', 'compute']);
    expect(CHIPS.map((chip) => pointOf(modelOf('deepseek-v3'), chip, 8192, step3Counting).bound)).toEqual(['memory', 'compute', 'compute', 'compute']);
  });

  it('prefills a prompt at the cost of its tokens, per million of them', () =>
    fc.assert(
      fc.property(chips, fc.integer({ min: 1, max: 1_000_000 }), (chip, N) => {
        const model = modelOf('qwen3-32b');
        const point = costAt(compile(model, { phase: 'prefill' }), costsOn(chip, model), N);
        const [price, peak, bandwidth] = HAND_CHIPS[chip] as (typeof HAND_CHIPS)[string];
        const core = 64 * 64 * 4 * 128 * ((N * (N + 1)) / 2);
        const cache = 64 * 2048 * N;
        const linear = 2 * 64 * 2 * (5120 * 8192 + 5120 * 1024) * N;
        const second = price / 3600;
        const usd = { attention: second * (Math.max(core / peak, (2 * cache) / bandwidth) + linear / peak), head: (second * 2 * 151936 * 5120) / peak };
        expect(point.kvBytesRead).toBe(cache);
        expect(Math.abs(point.attentionFlop - core)).toBeLessThanOrEqual(1e-12 * core);
        expect(point.linearFlop).toBe(linear);
        expect(Math.abs(point.attentionUsdPerMtok - (1e6 * usd.attention) / N)).toBeLessThanOrEqual(1e-12 * point.attentionUsdPerMtok);
        expect(Math.abs(point.headUsdPerMtok - (1e6 * usd.head) / N)).toBeLessThanOrEqual(1e-12 * point.headUsdPerMtok);
      }),
    ));

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])('refuses context %d', (S) => {
    expect(() => pointOf(modelOf('step-3'), 'h800', S, exactCounting)).toThrow(RangeError);
    expect(() => pointOf(modelOf('step-3'), 'h800', S, exactCounting)).toThrow(`cost: contextLength ${S} is not a positive integer`);
  });
});

describe('costAt with a batch', () => {
  const COUNTINGS = [step3Counting, exactCounting];

  it('never costs less than at an ideal batch, and less the more share a step', () =>
    fc.assert(
      fc.property(models, chips, fc.constantFrom(...COUNTINGS), fc.integer({ min: 1, max: 100_000 }), (model, chip, counting, batch) => {
        const at = (B?: number) => pointOf(model, chip, 8192, counting, B).totalUsdPerMtok;
        expect(at(batch)).toBeGreaterThanOrEqual(at() * (1 - 1e-12));
        expect(at(batch + 1)).toBeLessThanOrEqual(at(batch) * (1 + 1e-12));
      }),
    ));

  it.each(PAPER_MODELS)('$paperName: costs the ideal when very many share a step', ({ model }) => {
    for (const counting of COUNTINGS)
      for (const chip of CHIPS) {
        const [batched, ideal] = [pointOf(model, chip, 8192, counting, 1_000_000), pointOf(model, chip, 8192, counting)];
        expect(Math.abs(batched.totalUsdPerMtok - ideal.totalUsdPerMtok)).toBeLessThanOrEqual(1e-12 * ideal.totalUsdPerMtok);
      }
  });

  it.each(CHIPS)('reaches the ideal of a dense model on %s at half the ridge point, and not below it', (chip) => {
    const model = modelOf('qwen3-32b');
    const [, peak, bandwidth] = HAND_CHIPS[chip] as (typeof HAND_CHIPS)[string];
    const ideal = Math.ceil(peak / bandwidth / 2);
    const ffn = (batch?: number) => pointOf(model, chip, 8192, exactCounting, batch).ffnUsdPerMtok;
    expect(ffn(ideal)).toBeCloseTo(ffn(), 12);
    expect(ffn(ideal - 1)).toBeGreaterThan(ffn());
  });

  it('one sequence reads all weights that its token touches, and nothing else', () => {
    for (const { model } of PAPER_MODELS) {
      const [price, , bandwidth] = HAND_CHIPS.h800 as (typeof HAND_CHIPS)[string];
      const { ffnFlop, headFlop, ffnUsdPerMtok, headUsdPerMtok } = pointOf(model, 'h800', 8192, exactCounting, 1);
      const perByte = (1e6 * price) / 3600 / bandwidth;
      expect(ffnUsdPerMtok).toBeCloseTo((ffnFlop / 2) * perByte, 10);
      expect(headUsdPerMtok).toBeCloseTo((headFlop / 2) * perByte, 10);
    }
  });

  it('takes the larger of work and weights for each matrix multiply, or once over their sums as the paper would', () => {
    const model = modelOf('deepseek-v3');
    const [price, peak, bandwidth] = HAND_CHIPS.h800 as (typeof HAND_CHIPS)[string];
    const batch = 400;
    const usd = (weights: number, read = weights) => [((price / 3600) * 2 * weights) / peak, ((price / 3600) * read) / batch / bandwidth] as const;
    const expert = 58 * 3 * 7168 * 2048;
    const hit = 256 * (1 - (1 - 8 / 256) ** batch);
    const parts = [usd(3 * 3 * 7168 * 18432), usd(expert * 8, expert * hit), usd(expert)];
    const each = parts.reduce((sum, [work, weights]) => sum + Math.max(work, weights), 0);
    const once = Math.max(
      parts.reduce((sum, [work]) => sum + work, 0),
      parts.reduce((sum, [, weights]) => sum + weights, 0),
    );
    const ffn = (perOperatorRoofline: boolean) => pointOf(model, 'h800', 8192, { ...step3Counting, perOperatorRoofline }, batch).ffnUsdPerMtok;
    expect(ffn(true)).toBeCloseTo(1e6 * each, 12);
    expect(ffn(false)).toBeCloseTo(1e6 * once, 12);
    expect(each).toBeGreaterThan(once);
  });

  it('does not change the core, nor any count', () => {
    const { model } = PAPER_MODELS[0] as (typeof PAPER_MODELS)[number];
    const costs = costsOn('h800', model);
    const compiled = compile(model);
    const [one, ideal] = [costAt(compiled, costs, 8192, 1), costAt(compiled, costs, 8192)];
    for (const column of ['kvBytesRead', 'attentionFlop', 'linearFlop', 'ffnFlop', 'headFlop', 'bound'] as const) expect(one[column]).toBe(ideal[column]);
    const linearWeights = compiled.gemms.filter(({ part }) => part === 'linear').reduce((sum, { weightBytes }) => sum + weightBytes, 0);
    expect(one.attentionUsdPerMtok - ideal.attentionUsdPerMtok).toBeCloseTo(1e6 * (linearWeights * costs.byte - ideal.linearFlop * costs.linear), 10);
  });

  it('reads the same projection weights in expanded MLA decode as in absorbed', () => {
    const expanded = overrideModel(modelOf('deepseek-v3'), { 'layers.*.attention.decodeForm': 'expanded' });
    const [price, , bandwidth] = HAND_CHIPS.h800 as (typeof HAND_CHIPS)[string];
    for (const counting of COUNTINGS) {
      const costs = costsOn('h800', expanded);
      const core = 1e6 * compile(expanded, { counting }).coreFlop.evaluate(8192) * costs.attention;
      expect(pointOf(expanded, 'h800', 8192, counting, 1).attentionUsdPerMtok - core).toBeCloseTo((1e6 * price * 11_413_422_080) / 3600 / bandwidth, 9);
    }
  });

  it('prefills: all tokens of all prompts choose experts, weights are shared by prompts', () => {
    const model = modelOf('qwen3-235b-a22b');
    const compiled = compile(model, { phase: 'prefill', counting: step3Counting });
    const point = costAt(compiled, costsOn('h800', model), 4, 2);
    const hit = 128 * (1 - (1 - 8 / 128) ** 8);
    const [price, , bandwidth] = HAND_CHIPS.h800 as (typeof HAND_CHIPS)[string];
    const usdPerPrompt = ((price / 3600) * (94 * hit * 3 * 4096 * 1536)) / 2 / bandwidth;
    expect(point.ffnUsdPerMtok).toBeCloseTo((1e6 * usdPerPrompt) / 4, 10);
  });

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('refuses batch %d', (batch) => {
    expect(() => pointOf(modelOf('step-3'), 'h800', 8192, exactCounting, batch)).toThrow(RangeError);
    expect(() => pointOf(modelOf('step-3'), 'h800', 8192, exactCounting, batch)).toThrow(`cost: batch ${batch} is not a positive integer`);
  });
});

describe('weightBytesRead', () => {
  const routed = { weightBytes: 256_000, scales: { kind: 'perExpertHit', experts: 256, activeExperts: 8 } } as const;

  it('reads a matrix once a step, whatever the batch', () => {
    for (const tokens of [1, 7, 100_000]) expect(weightBytesRead({ weightBytes: 123, scales: { kind: 'perStep' } }, tokens)).toBe(123);
  });

  it('reads exactly k experts for one token, all for very many', () => {
    expect(weightBytesRead(routed, 1)).toBe(8000);
    expect(weightBytesRead(routed, 100_000)).toBe(256_000);
    expect(weightBytesRead(routed, 2)).toBeCloseTo(16_000 - 250, 9);
  });

  it.each(PAPER_MODELS)('$paperName: one token reads its share of the routed experts', ({ model }) => {
    for (const { scales, weightBytes } of compile(model).gemms)
      if (scales.kind === 'perExpertHit') expect(weightBytesRead({ scales, weightBytes }, 1) / ((weightBytes * scales.activeExperts) / scales.experts)).toBeCloseTo(1, 12);
  });
});
