import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { link } from '../../../src/accelerators/index.ts';
import { modelOf } from '../../../src/models/index.ts';
import { shareGptLoad } from '../../../src/papers/distserve/load.ts';
import { attainmentOf } from '../../../src/serving/disaggregation/attainment.ts';
import { meanOf } from '../../../src/serving/disaggregation/confidence.ts';
import { curvePoint, smallestScale } from '../../../src/serving/disaggregation/curve.ts';
import { clusterOf } from '../../../src/serving/disaggregation/estimator.ts';
import { goodput } from '../../../src/serving/disaggregation/goodput.ts';
import { type Load, meanOutput, requestsAt } from '../../../src/serving/disaggregation/load.ts';
import { HOST_BYTES_PER_SECOND, releasedEstimator } from '../../../src/serving/disaggregation/released-estimator.ts';
import { simulate } from '../../../src/serving/disaggregation/simulate.ts';
import { phasesOf, summaryOf } from '../../../src/serving/disaggregation/summary.ts';

const estimator = releasedEstimator(modelOf('opt-13b'), { times: 'engine', kvLimit: true, linkBytesPerSecond: 182e9, usdPerHour: 1 });
const split = (tensorParallel: number) => ({ tensorParallel, pipelineParallel: 1 });
const cluster = clusterOf(estimator, { kind: 'disaggregated', prefill: split(2), decode: split(1), prefillInstances: 1, decodeInstances: 1 });
const slo = { ttft: 0.25, tpot: 0.1 };

describe('the mean of runs', () => {
  it('has the interval of Student', () => {
    // 2.776 x 1.5811 / sqrt(5)
    expect(meanOf([1, 2, 3, 4, 5])).toEqual({ mean: 3, low: expect.closeTo(3 - 1.9629, 3) as number, high: expect.closeTo(3 + 1.9629, 3) as number });
    expect(meanOf([7])).toEqual({ mean: 7, low: null, high: null });
    expect(() => meanOf([])).toThrow('runs: count 0 is not at least 1');
  });

  it('has it beyond the table too', () => {
    const values = Array.from({ length: 32 }, (_, at) => at);
    const { mean, high } = meanOf(values);
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 31);
    expect((((high as number) - mean) * Math.sqrt(32)) / deviation).toBeCloseTo(2.0395, 3);
  });
});

describe('a load that comes again', () => {
  const load = (gaps: readonly number[], leastSeconds: number): Load => ({
    gaps: Float64Array.from(gaps),
    prompt: new Int32Array(gaps.length).fill(9),
    output: new Int32Array(gaps.length).fill(3),
    leastSeconds,
  });

  test.prop([fc.array(fc.double({ min: 0.01, max: 5, noNaN: true }), { minLength: 1, maxLength: 30 }), fc.constantFrom(0.5, 4, 20)])('keeps its rate exactly after the first time', (tail, rate) => {
    const gaps = [0, ...tail];
    const { arrival } = requestsAt(load(gaps, 4 * gaps.length), rate);
    const again = arrival.filter((_, at) => at % gaps.length === 0);
    for (let at = 2; at < again.length; at++) expect(((again[at] as number) - (again[at - 1] as number)) * rate).toBeCloseTo(gaps.length, 6);
    expect(arrival.every((time, at) => at === 0 || time > (arrival[at - 1] as number))).toBe(true);
  });

  it('leaves what comes once as it is', () => {
    expect([...requestsAt(load([0, 1, 2, 0.5], 0), 2).arrival]).toEqual([0, 0.5, 1.5, 1.75]);
    expect(meanOutput([load([0, 1], 0)])).toBe(3);
  });
});

describe('a point of a curve', () => {
  const loads = [shareGptLoad(120), { ...shareGptLoad(120), gaps: shareGptLoad(120).gaps.map((gap) => 1.1 * gap) }];
  const point = curvePoint(cluster, loads, 4, { slo, scales: [0.5, 1, 2], warmup: 10 });

  it('is the mean of its runs, without their warm-up', () => {
    const each = loads.map((load) => attainmentOf(simulate(requestsAt(load, 4), cluster), slo, { warmup: 10 }).both);
    expect(point.attainments[1]?.both.mean).toBeCloseTo(((each[0] as number) + (each[1] as number)) / 2, 12);
  });

  it('attains more where objectives are looser, within 0 and 1', () => {
    const means = point.attainments.map(({ both }) => both.mean);
    expect(means).toEqual([...means].sort((a, b) => a - b));
    for (const { both } of point.attainments) {
      expect(both.low).toBeGreaterThanOrEqual(0);
      expect(both.high).toBeLessThanOrEqual(1);
    }
  });

  it('finds the smallest scale at which a share keeps both', () => {
    const outcome = simulate(requestsAt(shareGptLoad(120), 4), cluster);
    const scale = smallestScale(outcome, slo, 0.9);
    expect(attainmentOf(outcome, slo, { scale: scale * 1.000001 }).both).toBeGreaterThanOrEqual(0.9);
    expect(attainmentOf(outcome, slo, { scale: scale * 0.999 }).both).toBeLessThan(0.9);
  });
});

describe('a search near a rate', () => {
  const goal = { slo, criterion: 'joint', share: 0.9 } as const;
  const find = (near?: number): number => goodput(cluster, [shareGptLoad(200)], goal, { share: 0.01, ...(near === undefined ? {} : { near }) }).rate;
  it.each([0.5, 4, 5.3, 50])('from %d on finds what a search from anywhere does', (near) => expect(find(near) / find()).toBeCloseTo(1, 1));
  it('refuses a rate that is none', () => expect(() => find(0)).toThrow('goodput: near 0 requests/s is not from 0.0001 to 10000'));
});

describe('the way to the host', () => {
  it('has the rate of the link that the catalogue has a source for', () => expect(HOST_BYTES_PER_SECOND).toBe(link('pcie4-x16').link.achievedPerDirection));
});

describe('phases of a run', () => {
  it('add up to the whole time of requests', () => {
    const outcome = simulate(requestsAt(shareGptLoad(120), 6), cluster);
    const { prefillQueue, prefill, transfer, decodeQueue, decode } = phasesOf(outcome);
    const whole = outcome.finish.reduce((sum, time, at) => sum + time - (outcome.requests.arrival[at] as number), 0) / 120;
    expect(prefillQueue + prefill + transfer + decodeQueue + decode).toBeCloseTo(whole, 9);
    expect(summaryOf(outcome, slo).phases).toEqual(phasesOf(outcome));
  });
});
