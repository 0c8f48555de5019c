import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { modelOf, precisionPolicies } from '../../src/models/index.ts';
import type { CalibrationData, EngineEntry } from '../../src/timing/calibration-data.ts';
import { calibration } from '../../src/timing/choice.ts';
import { singleChip } from '../../src/timing/deployment.ts';
import { passTime } from '../../src/timing/pass-time.ts';
import { aggregatedStep, engineOf, noEngine, type ServingEstimate, type ServingLoad, servingTime } from '../../src/timing/serving.ts';
import { chipOf, expectNear, expectNotLess, sizes } from './support.ts';

const options = { deployment: { ...singleChip, tensorParallel: 2 }, precision: precisionPolicies.w8a8kv16 };
const served = (load: Partial<ServingLoad> = {}, engine?: EngineEntry, id = 'qwen3-32b'): ServingEstimate =>
  servingTime(modelOf(id), chipOf('h100'), { prompt: 2048, output: 256, batch: 64, ...load }, options, engine);
/** Times a step can have: none at all, or far above the denormal numbers, whose products are not in proportion. */
const seconds = fc.oneof(fc.constant(0), fc.double({ min: 1e-12, max: 10, noNaN: true }));

describe('aggregatedStep', () => {
  it('is a decode step, the share of a prefill that each step waits for, and the host', () =>
    // 64 requests of 256 tokens: a prompt is read in every fourth step
    expectNear(aggregatedStep.evaluate({ decode: 0.02, prefill: 0.1, batch: 64, output: 256, hostPerSequence: 1e-5 }), 0.02 + 0.1 / 4 + 64e-5));

  it('is a decode step alone where outputs are endless and the host does nothing', () => {
    expect(aggregatedStep.evaluate({ decode: 0.02, prefill: 0.1, batch: 64, output: Number.POSITIVE_INFINITY, hostPerSequence: 0 })).toBe(0.02);
    expect(aggregatedStep.evaluate({ decode: 0.02, prefill: 0, batch: 64, output: 1, hostPerSequence: 0 })).toBe(0.02);
  });

  it('grows with everything but the output, in proportion to all times', () =>
    fc.assert(
      fc.property(seconds, seconds, sizes(1000), sizes(10_000), seconds, seconds, (decode, prefill, batch, output, hostPerSequence, more) => {
        const at = { decode, prefill, batch, output, hostPerSequence };
        const base = aggregatedStep.evaluate(at);
        for (const field of ['decode', 'prefill', 'batch', 'hostPerSequence'] as const) expectNotLess(aggregatedStep.evaluate({ ...at, [field]: at[field] + more }), base, `${field}: `);
        expectNotLess(base, aggregatedStep.evaluate({ ...at, output: output + more }));
        expectNear(aggregatedStep.evaluate({ ...at, decode: 3 * decode, prefill: 3 * prefill, hostPerSequence: 3 * hostPerSequence }), 3 * base);
      }),
    ));
});

describe('servingTime', () => {
  it('puts together the step at prompt + output / 2, one prefill, and the host', () => {
    const engine = engineOf('sglang');
    const { tpot, decode, prefill } = served({ output: 257 }, engine);
    const [model, chip] = [modelOf('qwen3-32b'), chipOf('h100')];
    expect(decode).toEqual(passTime(model, chip, { phase: 'decode', batch: 64, context: 2048 + 128 }, options));
    expect(prefill).toEqual(passTime(model, chip, { phase: 'prefill', prompts: 1, prompt: 2048 }, options));
    expectNear(tpot, decode.seconds + (64 / 257) * prefill.seconds + 64 * engine.hostSecondsPerSequence);
  });

  it('charges a prompt its part of one stage where there are several', () => {
    const [model, chip] = [modelOf('qwen3-32b'), chipOf('h100')];
    const { tpot, decode, prefill } = servingTime(model, chip, { prompt: 2048, output: 256, batch: 64 }, { ...options, deployment: { ...options.deployment, pipelineParallel: 4 } });
    expectNear(tpot, decode.seconds + prefill.seconds / 4 / 4);
  });

  it('has an interval from both low ends to both high ends, host in both', () => {
    const engine = engineOf('sglang');
    const { low, tpot, high, decode, prefill } = served({}, engine);
    const hostSeconds = 64 * engine.hostSecondsPerSequence;
    expectNear(low, decode.low + prefill.low / 4 + hostSeconds);
    expectNear(high, decode.high + prefill.high / 4 + hostSeconds);
    expect(low < tpot && tpot < high).toBe(true);
  });

  it('has no host without an engine', () => {
    const bare = served();
    expect(bare).toEqual(served({}, noEngine));
    expectNear(served({}, { ...noEngine, hostSecondsPerSequence: 1e-3 }).tpot, bare.tpot + 0.064);
  });

  it('of one token waits for its own prompt', () => {
    const { tpot, decode, prefill } = served({ batch: 1, output: 1 });
    expectNear(tpot, decode.seconds + prefill.seconds);
  });

  it('grows with batch and prompt, and throughput with the batch', () => {
    for (const id of ['qwen3-32b', 'llama-3.1-8b', 'gpt-oss-120b']) {
      const over = (field: 'batch' | 'prompt', values: readonly number[]): readonly number[] => values.map((value) => served({ [field]: value }, engineOf('trtllm'), id).tpot);
      for (const [field, values] of [
        ['batch', [1, 2, 8, 32, 128, 512]],
        ['prompt', [128, 512, 2048, 8192, 32_768]],
      ] as const) {
        const times = over(field, values);
        times.slice(1).forEach((time, at) => {
          expect(time, `${id}, ${field} ${values[at + 1]}`).toBeGreaterThan(times[at] as number);
        });
      }
      const rates = over('batch', [1, 8, 64, 512]).map((time, at) => 8 ** at / time);
      rates.slice(1).forEach((rate, at) => {
        expect(rate, id).toBeGreaterThan(rates[at] as number);
      });
    }
  });

  it('refuses a load of nothing', () => {
    for (const [load, message] of [
      [{ batch: 0 }, 'step: batch 0 is not a positive integer'],
      [{ batch: 1.5 }, 'step: batch 1.5 is not a positive integer'],
      [{ prompt: Number.NaN }, 'step: context NaN is not a positive integer'],
      [{ prompt: 0 }, 'step: prompt 0 is not a positive integer'],
    ] as const) {
      expect(() => served(load)).toThrow(RangeError);
      expect(() => served(load)).toThrow(new RangeError(message));
    }
  });
});

describe('engineOf', () => {
  const entry = (engine: string, version: string | null): EngineEntry => ({ ...noEngine, engine, version });
  const engines = [entry('alpha', null), entry('alpha', '1.0'), entry('alpha', '2.0'), entry('beta', null)];
  const data: CalibrationData = { ...calibration, serving: { ...calibration.serving, engines } };

  it.each([
    ['alpha', 'alpha', null],
    ['alpha@1.0', 'alpha', '1.0'],
    ['alpha@2.0', 'alpha', '2.0'],
    // a version that was not measured is any of the engine
    ['alpha@3.0', 'alpha', null],
    ['beta', 'beta', null],
    ['beta@1.0', 'beta', null],
  ])('%s is %s in version %s', (name, engine, version) => expect(engineOf(name, data)).toMatchObject({ engine, version }));

  it('knows every engine of the committed calibration, and every version of it', () => {
    for (const each of calibration.serving.engines) expect(engineOf(each.version === null ? each.engine : `${each.engine}@${each.version}`)).toBe(each);
    expect(new Set(calibration.serving.engines.map(({ engine }) => engine))).toEqual(new Set(['sglang', 'trtllm', 'vllm']));
  });

  it.each([
    ['vlm', 'engines: id vlm is unknown; nearest: vllm, trtllm, sglang'],
    ['trtllm-x@1.1', 'engines: id trtllm-x is unknown; nearest: trtllm, vllm, sglang'],
    ['', 'engines: id "" is unknown; nearest: '],
  ])('refuses %j with the nearest', (name, message) => {
    expect(() => engineOf(name)).toThrow(RangeError);
    expect(() => engineOf(name)).toThrow(message);
  });
});
