import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accelerator } from '../../src/accelerators/index.ts';
import { compile } from '../../src/cost/compile.ts';
import { costAt } from '../../src/cost/evaluate.ts';
import { type RequestCost, requestCost } from '../../src/cost/request.ts';
import { unitCosts } from '../../src/cost/unit-cost.ts';
import { type Counting, exactCounting, step3Counting } from '../../src/layers/counting.ts';
import { type Model, modelOf } from '../../src/models/index.ts';
import { withAttention } from '../../src/models/override.ts';
import { HAND_CHIPS } from '../support/step3-by-hand.ts';
import { PAPER_MODELS } from '../support/step3-tables.ts';

const costsOn = (chip: string, model: Model) => unitCosts(accelerator(chip).accelerator, model.precision.math);

type RequestSums = Omit<RequestCost, 'bound'>;

/** Prefill of the prompt, then one decode step for each further token, added up one by one. */
function tokenByToken(model: Model, chip: string, prompt: number, output: number, counting: Counting): RequestSums {
  const costs = costsOn(chip, model);
  const point = (phase: 'prefill' | 'decode', S: number) => {
    const at = costAt(compile(model, { phase, counting }), costs, S);
    const tokens = phase === 'prefill' ? S : 1;
    return {
      ...at,
      attentionUsd: (at.attentionUsdPerMtok * tokens) / 1e6,
      ffnUsd: (at.ffnUsdPerMtok * tokens) / 1e6,
      headUsd: (at.headUsdPerMtok * tokens) / 1e6,
      totalUsd: (at.totalUsdPerMtok * tokens) / 1e6,
    };
  };
  const prefill = point('prefill', prompt);
  const steps = Array.from({ length: output - 1 }, (_, index) => point('decode', prompt + 1 + index));
  const add = (column: 'kvBytesRead' | 'attentionFlop' | 'linearFlop' | 'ffnFlop' | 'headFlop' | 'attentionUsd' | 'ffnUsd' | 'headUsd' | 'totalUsd') =>
    steps.reduce((sum, step) => sum + step[column], prefill[column]);
  return {
    kvBytesRead: add('kvBytesRead'),
    attentionFlop: add('attentionFlop'),
    linearFlop: add('linearFlop'),
    ffnFlop: add('ffnFlop'),
    headFlop: add('headFlop'),
    prefillUsd: prefill.totalUsd,
    decodeUsd: steps.reduce((sum, { totalUsd }) => sum + totalUsd, 0),
    attentionUsd: add('attentionUsd'),
    ffnUsd: add('ffnUsd'),
    headUsd: add('headUsd'),
    totalUsd: add('totalUsd'),
  };
}

function expectNear(actual: RequestCost, expected: RequestSums): void {
  for (const [key, value] of Object.entries(expected))
    expect(Math.abs(actual[key as keyof RequestSums] - value), `${key}: ${actual[key as keyof RequestSums]} and ${value}`).toBeLessThanOrEqual(1e-12 * value);
}

const chunkOf7 = withAttention(modelOf('llama-4-maverick'), { chunk: 7 }, 'llama-4:chunk-7');
const models = fc.constantFrom(chunkOf7, ...PAPER_MODELS.map(({ model }) => model));

describe('requestCost', () => {
  it('is the sum over its tokens', () =>
    fc.assert(
      fc.property(
        models,
        fc.constantFrom(...Object.keys(HAND_CHIPS)),
        fc.constantFrom(step3Counting, exactCounting),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 30 }),
        (model, chip, counting, prompt, output) =>
          expectNear(
            requestCost(model, () => costsOn(chip, model), { prompt, output }, { counting }),
            tokenByToken(model, chip, prompt, output, counting),
          ),
      ),
      { numRuns: 60 },
    ));

  it('is the sum over its tokens where the core turns from memory to compute on the way', () => {
    const model = modelOf('kimi-k2');
    const bounds = [1, 2, 3, 4].map((S) => costAt(compile(model), costsOn('a800', model), S).bound);
    expect(new Set(bounds).size).toBe(2);
    expectNear(
      requestCost(model, () => costsOn('a800', model), { prompt: 1, output: 5 }),
      tokenByToken(model, 'a800', 1, 5, exactCounting),
    );
  });

  it('of one output token is prefill alone', () => {
    const model = modelOf('step-3');
    const { decodeUsd, prefillUsd, totalUsd, headFlop } = requestCost(model, () => costsOn('h800', model), { prompt: 1000, output: 1 });
    expect(decodeUsd).toBe(0);
    expect(totalUsd).toBe(prefillUsd);
    expect(headFlop).toBe(2 * 128815 * 7168);
  });

  it('decodes M - 1 tokens at contexts N + 1 to N + M - 1, and uses the head M times', () => {
    const { kvBytesRead, linearFlop, headFlop } = requestCost(modelOf('step-3'), () => costsOn('h800', modelOf('step-3')), { prompt: 100, output: 11 });
    const steps = (10 * (101 + 110)) / 2;
    expect(kvBytesRead).toBe(512 * 61 * (100 + steps));
    expect(linearFlop).toBe(compile(modelOf('step-3')).linearFlop.evaluate(1) * 110);
    expect(headFlop).toBe(11 * 2 * 128815 * 7168);
  });

  it('grows with either length', () => {
    const model = modelOf('llama-4-maverick');
    const total = (prompt: number, output: number) => requestCost(model, () => costsOn('h20', model), { prompt, output }).totalUsd;
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), fc.integer({ min: 1, max: 100_000 }), (prompt, output) => {
        expect(total(prompt, output + 1)).toBeGreaterThan(total(prompt, output));
        expect(total(prompt + 8192, output)).toBeGreaterThan(total(prompt, output));
      }),
      { numRuns: 10 },
    );
  });

  describe('says what its attention cores wait for in all', () => {
    const step3 = modelOf('step-3');
    const free = { attention: 0, linear: 0, ffn: 0, head: 0, byte: 0, fallbacks: [] };
    const lengths = { prompt: 100, output: 11 };
    const steps = (10 * (101 + 110)) / 2;
    const core = { flop: 61 * 64 * 4 * 256 * (5050 + steps), read: 61 * 512 * (100 + steps), written: 61 * 512 * 110 };
    const boundAt = (byte: number, counting = exactCounting) => requestCost(step3, () => ({ ...free, attention: 1, byte }), lengths, { counting }).bound;

    it('writes of the KV cache included, where they are counted', () => {
      const [withWrites, without] = [core.flop / (core.read + core.written), core.flop / core.read];
      expect([boundAt(withWrites * 0.999), boundAt(withWrites * 1.001), boundAt(without * 1.001)]).toEqual(['compute', 'memory', 'memory']);
      expect([boundAt(withWrites * 1.001, step3Counting), boundAt(without * 0.999, step3Counting), boundAt(without * 1.001, step3Counting)]).toEqual(['compute', 'compute', 'memory']);
    });

    it('compute where both cost the same, and on a free chip', () => {
      const prices = { ...free, attention: core.read, byte: core.flop };
      expect(requestCost(step3, () => prices, lengths, { counting: step3Counting }).bound).toBe('compute');
      expect(requestCost(step3, () => free, lengths)).toMatchObject({ bound: 'compute', totalUsd: 0 });
    });

    it('each phase at the prices of its own chip', () => {
      const bound = (prefillByte: number, decodeByte: number) => requestCost(step3, (phase) => ({ ...free, attention: 1, byte: phase === 'prefill' ? prefillByte : decodeByte }), lengths).bound;
      expect([bound(0, 0), bound(1e6, 0), bound(0, 1e6)]).toEqual(['compute', 'memory', 'memory']);
    });
  });

  it('may prefill and decode on different chips', () => {
    const model = modelOf('step-3');
    const lengths = { prompt: 4096, output: 512 };
    const [h800, h20] = ['h800', 'h20'].map((chip) => requestCost(model, () => costsOn(chip, model), lengths)) as [RequestCost, RequestCost];
    const mixed = requestCost(model, (part) => costsOn(part === 'prefill' ? 'h800' : 'h20', model), lengths);
    expect([mixed.prefillUsd, mixed.decodeUsd]).toEqual([h800.prefillUsd, h20.decodeUsd]);
    expect(mixed.totalUsd).toBe(mixed.prefillUsd + mixed.decodeUsd);
  });

  it.each([
    [{ prompt: 0, output: 1 }, /^request: prompt 0 is not a positive integer$/],
    [{ prompt: 1.5, output: 1 }, /^request: prompt 1.5 is not a positive integer$/],
    [{ prompt: 1, output: 0 }, /^request: output 0 is not a positive integer$/],
    [{ prompt: 1, output: Number.NaN }, /^request: output NaN is not a positive integer$/],
  ])('refuses %j', (lengths, message) => {
    const cost = () => requestCost(modelOf('step-3'), () => costsOn('h800', modelOf('step-3')), lengths);
    expect(cost).toThrow(RangeError);
    expect(cost).toThrow(message);
  });
});
