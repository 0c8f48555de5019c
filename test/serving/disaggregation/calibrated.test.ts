import { describe, expect, it } from 'vitest';
import { modelOf } from '../../../src/models/index.ts';
import { calibratedEstimator, calibratedEstimators } from '../../../src/serving/disaggregation/calibrated-estimator.ts';
import { CalibratedTimes } from '../../../src/serving/disaggregation/calibrated-times.ts';
import { type Apart, clusterOf, type Split } from '../../../src/serving/disaggregation/estimator.ts';
import { balanced, type Evaluated, replicated } from '../../../src/serving/disaggregation/placement.ts';
import { singleChip } from '../../../src/timing/deployment.ts';
import { memoryOf } from '../../../src/timing/memory.ts';
import { passSeconds } from '../../../src/timing/pass-time.ts';
import { chipOf } from '../../timing/support.ts';

const qwen = modelOf('qwen3-32b');
const deepseek = modelOf('deepseek-v3');
const OPTIONS = { precision: qwen.precision, context: 1024, batchTokens: 8192, kvLimit: true, hostSecondsPerSequence: 0, linkShare: 0.8 };
const on = (id: string) => ({ prefill: chipOf(id), decode: chipOf(id), colocated: chipOf(id) });
const tp = (tensorParallel: number, pipelineParallel = 1, dataParallel = 1): Split => ({ tensorParallel, pipelineParallel, dataParallel });
const timesOf = (split: Split, model = qwen, chip = 'h800') => calibratedEstimator(model, on(chip), { ...OPTIONS, precision: model.precision }).instance('decode', split).times;
const apart = (prefill: Split, decode: Split, prefillInstances = 1, decodeInstances = 1): Apart => ({ kind: 'disaggregated', prefill, decode, prefillInstances, decodeInstances });

describe('calibrated times', () => {
  it('are those of passes at powers of two, the token of the step included', () => {
    const deployment = { ...singleChip, tensorParallel: 2 };
    const times = new CalibratedTimes(qwen, chipOf('h800'), { deployment });
    expect(times.decode(64, 64 * 1023, true)).toBeCloseTo(passSeconds(qwen, chipOf('h800'), { phase: 'decode', batch: 64, context: 1024 }, { deployment }).seconds, 12);
    expect(times.prefill(4, 4 * 512, 4 * 512 ** 2)).toBeCloseTo(passSeconds(qwen, chipOf('h800'), { phase: 'prefill', prompts: 4, prompt: 512 }, { deployment }).seconds, 12);
  });

  it('are near those of passes elsewhere', () => {
    const times = timesOf(tp(1));
    for (const [batch, context] of [
      [3, 700],
      [48, 855],
      [190, 3000],
      [300, 1500],
    ] as const) {
      const exact = passSeconds(qwen, chipOf('h800'), { phase: 'decode', batch, context }, { deployment: singleChip }).seconds;
      expect(Math.abs(times.decode(batch, batch * (context - 1), true) / exact - 1)).toBeLessThan(0.05);
    }
  });

  it('of all stages together are about those of one stage with the whole batch', () => {
    const whole = timesOf(tp(1)).decode(256, 256 * 4095, true);
    for (const stages of [2, 4, 8]) {
      const together = stages * timesOf(tp(1, stages)).decode(256, 256 * 4095, true);
      expect(together / whole).toBeGreaterThan(0.98);
      expect(together / whole).toBeLessThan(1.15);
    }
  });

  it('spread requests over copies of the attention', () => {
    const [fewer, more] = [timesOf(tp(1, 1, 16), deepseek, 'h20'), timesOf(tp(1, 1, 32), deepseek, 'h20')];
    expect(more.decode(1024, 1024 * 1023, true)).toBeLessThan(fewer.decode(1024, 1024 * 1023, true));
  });

  it('of a lone prompt are below those of one prompt for each copy, and grow to them', () => {
    const times = timesOf(tp(1, 1, 16), deepseek);
    const of = (prompts: number): number => times.prefill(prompts, prompts * 1024, prompts * 1024 ** 2, true, 0);
    for (const prompts of [1, 2, 4, 8, 15]) expect(of(prompts)).toBeLessThanOrEqual(of(prompts + 1));
    expect(of(1)).toBeLessThan(0.8 * of(16));
    expect(of(15.999999) / of(16)).toBeCloseTo(1, 3);
  });

  it('add host time of each sequence on the first stage', () => {
    const host = new CalibratedTimes(qwen, chipOf('h800'), { deployment: singleChip, hostSecondsPerSequence: 1e-4 });
    expect(host.decode(10, 10_000, true) - host.decode(10, 10_000, false)).toBeCloseTo(1e-3, 12);
  });
});

describe('calibrated instances', () => {
  const instance = (context: number, split = tp(1), changes: Partial<typeof OPTIONS> = {}) => calibratedEstimator(qwen, on('h800'), { ...OPTIONS, context, ...changes }).instance('decode', split);

  it('hold what memory leaves beside weights, activations and workspace, whatever the context that is asked for', () => {
    const { use, cacheBytes } = memoryOf(qwen, chipOf('h800'), { deployment: singleChip, precision: qwen.precision, passTokens: 8192 });
    const { usable, weights, activations, workspace } = use(1, 1024);
    const byHand = (usable - weights - activations - workspace) / (cacheBytes(160_000) / 160_000);
    expect(Math.abs(instance(160_000).kvTokens / byHand - 1)).toBeLessThan(0.001);
    expect(Math.abs(instance(1600).kvTokens / byHand - 1)).toBeLessThan(0.02);
  });

  it('hold as many times as much with copies of the attention, each with limits of its own', () => {
    const [fewer, more] = [16, 32].map((copies) => calibratedEstimator(deepseek, on('h20'), { ...OPTIONS, precision: deepseek.precision }).instance('decode', tp(1, 1, copies)));
    expect([fewer?.replicas, more?.replicas]).toEqual([16, 32]);
    expect(more?.kvTokens).toBeGreaterThan(2 * (fewer?.kvTokens as number));
  });

  it.each([
    [tp(1), 330_000, {}, 'placement: TP 1 of qwen3-32b on h800 leaves no room for a request of 330000 tokens'],
    [tp(16), 1024, {}, 'placement: TP 16 of qwen3-32b on h800 is over more than the 8 chips that are linked'],
  ])('%j at %d are refused: %j', (split, context, changes, message) => expect(() => instance(context, split, changes)).toThrow(message));

  it('without a limit need room for weights alone', () => {
    expect(instance(330_000, tp(1), { kvLimit: false }).kvTokens).toBe(Number.MAX_SAFE_INTEGER);
    expect(() => calibratedEstimator(deepseek, on('h800'), { ...OPTIONS, precision: deepseek.precision, kvLimit: false }).instance('decode', tp(1))).toThrow(
      'placement: TP 1 of deepseek-v3 on h800 leaves no room for its weights',
    );
  });
});

describe('the way of the KV cache', () => {
  const link = (placement: Apart, prefill = 'h800', decode = 'h800', model = qwen) =>
    calibratedEstimators(model, { ...OPTIONS, precision: model.precision })({ prefill: chipOf(prefill), decode: chipOf(decode), colocated: chipOf(prefill) }).link(placement);
  const { scaleUpPerDirection, nicPerAcceleratorPerDirection } = chipOf('h800');

  it('is inside a server where all instances are', () => {
    expect(link(apart(tp(2), tp(2)))?.bytesPerSecond).toBeCloseTo(0.8 * 2 * (scaleUpPerDirection as number), 3);
    expect(link(apart(tp(2), tp(2), 3, 2))?.bytesPerSecond).toBeCloseTo(0.8 * 2 * (nicPerAcceleratorPerDirection as number), 3);
    expect(link(apart(tp(2), tp(2)), 'h800', 'h20')?.bytesPerSecond).toBeLessThan(link(apart(tp(2), tp(2)))?.bytesPerSecond as number);
  });

  it('has as many ways as the smaller copy of the attention has chips, shared where more receive than send', () => {
    const rate = (placement: Apart): number => (link(placement)?.bytesPerSecond as number) / (0.8 * (nicPerAcceleratorPerDirection as number));
    expect(rate(apart(tp(2), tp(8), 4, 4))).toBeCloseTo(2, 9);
    expect(rate(apart(tp(8), tp(8), 1, 4))).toBeCloseTo(2, 9);
    expect(rate(apart(tp(8), tp(8), 4, 1))).toBeCloseTo(8, 9);
  });

  it('carries a copy of a latent cache for each chip that shares a layer', () => {
    const perToken = (ways: number) => link(apart(tp(8), tp(ways), 4, 4), 'h20', 'h20', deepseek)?.bytesPerToken as number;
    expect(perToken(8)).toBeGreaterThan(0);
    expect(link(apart(tp(8), tp(8), 4, 4))?.bytesPerToken).toBeCloseTo(link(apart(tp(8), tp(1), 4, 4))?.bytesPerToken as number, 6);
  });
});

describe('instances of a placement', () => {
  const estimator = calibratedEstimator(qwen, on('h800'), OPTIONS);
  const phase = (rate: number, split = tp(1)): Evaluated<Split> => ({ candidate: split, chips: 1, rate, ratePerChip: rate, usdPerRequest: null, because: '' });
  const counts = ({ prefillInstances, decodeInstances }: Apart) => [prefillInstances, decodeInstances];

  it.each([
    [20, 20, [1, 1]],
    [21.5, 24, [1, 1]],
    [10, 20, [2, 1]],
    [20, 60, [3, 1]],
    [20, 30, [3, 2]],
    [20, 1000, [4, 1]],
    [1000, 20, [1, 4]],
  ])('of phases that serve %d and %d are %j where no rate is asked for', (prefill, decode, expected) => {
    for (const objective of ['rate', 'cost'] as const) expect(counts(balanced(estimator, phase(prefill), phase(decode), objective))).toEqual(expected);
  });

  it('are as many as a rate needs', () => {
    expect(counts(replicated(phase(20), phase(60), 100))).toEqual([5, 2]);
    expect(() => replicated(phase(0), phase(60), 100)).toThrow('placement: prefill rate 0 reaches no goal');
    expect(() => replicated(phase(20), phase(60), 0)).toThrow('placement: rate 0 is not above 0');
    expect(() => balanced(estimator, phase(20), phase(0), 'cost')).toThrow('placement: decode rate 0 reaches no goal');
  });

  it('make a cluster', () => {
    const cluster = clusterOf(estimator, apart(tp(1), tp(2), 3, 2));
    expect(cluster).toMatchObject({ kind: 'disaggregated', prefill: { instances: 3, stages: 1 }, decode: { instances: 2, stages: 1 }, rules: { decodeSteps: 'output-1' } });
  });
});
