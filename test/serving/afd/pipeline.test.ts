import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { bubbles, equalLayersMakespan, equalLayersPeriod, interleaved, type LayerTimes, makespan, stepPeriod, timeline } from '../../../src/serving/afd/pipeline.ts';

const sumOf = (times: readonly number[]): number => times.reduce((a, b) => a + b, 0);
const totalOf = (layers: readonly LayerTimes[], stage: number): number => sumOf(layers.map((times) => times[stage] as number));
const busiest = (layers: readonly LayerTimes[], microBatches: number): number => microBatches * Math.max(...(layers[0] as LayerTimes).map((_, stage) => totalOf(layers, stage)));

const whole = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max });
/** Nanoseconds of a stage; none at all as well. */
const time = fc.oneof({ weight: 1, arbitrary: fc.constant(0) }, { weight: 6, arbitrary: whole(0, 1000) }, { weight: 2, arbitrary: whole(0, 9) });
const stages = whole(1, 6).chain((length) => fc.array(time, { minLength: length, maxLength: length }));
const equal = fc.record({ times: stages, layers: whole(1, 8), microBatches: whole(1, 8) });
const unequal = fc.record({ layers: whole(1, 5).chain((length) => fc.array(fc.array(time, { minLength: length, maxLength: length }), { minLength: 1, maxLength: 6 })), microBatches: whole(1, 6) });

/** When the last slot of the first steps ends. */
const completion = (layers: readonly LayerTimes[], microBatches: number, steps: number): number => Math.max(...timeline(layers, microBatches, steps).map(({ end }) => end));

/**
 * Two layers of three stages, two micro-batches A and B, drawn by hand; the second step begins where A has ended the first.
 *            0        5         10        15
 *   stage 0  AABB  AaBb                          a, b: the second layer
 *   stage 1    AAABBBaaaabbbb
 *   stage 2       A  B   aabb
 */
const DRAWN: readonly LayerTimes[] = [
  [2, 3, 1],
  [1, 4, 2],
];

describe('two layers, three stages, two micro-batches', () => {
  it('are these twelve slots', () => {
    const slots = timeline(DRAWN, 2).map(({ layer, microBatch, stage, start, end }) => [layer, microBatch, stage, start, end]);
    expect(slots).toEqual([
      [0, 0, 0, 0, 2],
      [0, 0, 1, 2, 5],
      [0, 0, 2, 5, 6],
      [0, 1, 0, 2, 4],
      [0, 1, 1, 5, 8],
      [0, 1, 2, 8, 9],
      [1, 0, 0, 6, 7],
      [1, 0, 1, 8, 12],
      [1, 0, 2, 12, 14],
      [1, 1, 0, 9, 10],
      [1, 1, 1, 12, 16],
      [1, 1, 2, 16, 18],
    ]);
  });

  it('end after 18, and every 15 from then on: more than the 14 of the busiest stage and the 13 of a micro-batch alone', () => {
    expect(makespan(DRAWN, 2)).toBe(18);
    expect([1, 2, 3, 4].map((steps) => completion(DRAWN, 2, steps))).toEqual([18, 33, 48, 63]);
    expect(stepPeriod(DRAWN, 2)).toBe(15);
  });

  it('leave each stage idle for the rest of the 15', () => {
    const [first, second, third] = bubbles(DRAWN, 2) as [number, number, number];
    expect(first).toBeCloseTo(1 - 6 / 15, 12);
    expect(second).toBeCloseTo(1 - 14 / 15, 12);
    expect(third).toBeCloseTo(1 - 6 / 15, 12);
  });

  it('with layers alike take what the cards say', () => {
    const layers = [DRAWN[0], DRAWN[0]] as readonly LayerTimes[];
    // one layer: 2 + 3 + 1, and 3 more for the second micro-batch; a layer before it takes as long as a micro-batch alone, or both on the longest stage: 6
    expect([makespan(layers, 2), equalLayersMakespan.evaluate({ layers: 2, microBatches: 2, sum: 6, longest: 3 })]).toEqual([15, 15]);
    expect([stepPeriod(layers, 2), equalLayersPeriod.evaluate({ layers: 2, microBatches: 2, sum: 6, longest: 3 })]).toEqual([12, 12]);
    expect([stepPeriod(layers, 3), equalLayersPeriod.evaluate({ layers: 2, microBatches: 3, sum: 6, longest: 3 })]).toEqual([18, 18]);
  });
});

describe('layers alike', () => {
  test.prop([equal], { numRuns: 10_000 })('have the makespan and the period of the cards', ({ times, layers, microBatches }) => {
    const all = Array.from({ length: layers }, () => times);
    const given = { layers, microBatches, sum: sumOf(times), longest: Math.max(...times) };
    expect(makespan(all, microBatches)).toBe(equalLayersMakespan.evaluate(given));
    expect(stepPeriod(all, microBatches)).toBe(equalLayersPeriod.evaluate(given));
  });

  test.prop([equal])('keep their longest stage busy with as many micro-batches as stages', ({ times, layers }) => {
    const all = Array.from({ length: layers }, () => times);
    const at = bubbles(all, times.length);
    expect(at[times.indexOf(Math.max(...times))]).toBe(0);
  });
});

describe('any layers', () => {
  test.prop([unequal], { numRuns: 1000 })('take at least as long as the busiest stage, and at most as long as all slots one by one', ({ layers, microBatches }) => {
    const [bottleneck, all] = [busiest(layers, microBatches), microBatches * sumOf(layers.map(sumOf))];
    expect(makespan(layers, microBatches)).toBeGreaterThanOrEqual(Math.max(bottleneck, sumOf(layers.map(sumOf))));
    expect(makespan(layers, microBatches)).toBeLessThanOrEqual(all);
    expect(stepPeriod(layers, microBatches)).toBeGreaterThanOrEqual(Math.max(bottleneck, sumOf(layers.map(sumOf))));
    expect(stepPeriod(layers, microBatches)).toBeLessThanOrEqual(makespan(layers, microBatches));
  });

  test.prop([unequal, fc.nat(), fc.nat(), whole(1, 500)], { numRuns: 1000 })('never take less with more time in one stage', ({ layers, microBatches }, at, of, more) => {
    const [layer, stage] = [at % layers.length, of % (layers[0] as LayerTimes).length];
    const slower = layers.map((times, l) => times.map((t, s) => (l === layer && s === stage ? t + more : t)));
    expect(makespan(slower, microBatches)).toBeGreaterThanOrEqual(makespan(layers, microBatches));
    expect(stepPeriod(slower, microBatches)).toBeGreaterThanOrEqual(stepPeriod(layers, microBatches));
  });

  test.prop([unequal], { numRuns: 300 })('never take less with one micro-batch more', ({ layers, microBatches }) => {
    expect(makespan(layers, microBatches + 1)).toBeGreaterThanOrEqual(makespan(layers, microBatches));
    expect(stepPeriod(layers, microBatches + 1)).toBeGreaterThanOrEqual(stepPeriod(layers, microBatches));
  });

  // after k steps no less than k periods have passed, and no more than one makespan beside them: the mean of many steps is the period
  test.prop([unequal], { numRuns: 200 })('have the mean time of 200 steps as their period', ({ layers, microBatches }) => {
    const [period, alone] = [stepPeriod(layers, microBatches), makespan(layers, microBatches)];
    for (const steps of [1, 7, 200]) {
      const end = completion(layers, microBatches, steps);
      expect(end).toBeGreaterThanOrEqual(steps * period - 1e-6);
      expect(end).toBeLessThanOrEqual(steps * period + alone + 1e-6);
    }
  });

  test.prop([unequal], { numRuns: 300 })('wait for a share of the time between 0 and 1', ({ layers, microBatches }) => {
    for (const share of bubbles(layers, microBatches)) {
      expect(share).toBeGreaterThanOrEqual(-1e-12);
      expect(share).toBeLessThanOrEqual(1);
    }
  });

  it('wait for nothing where no stage takes time', () => expect([makespan([[0, 0]], 3), stepPeriod([[0, 0]], 3), ...bubbles([[0, 0]], 3)]).toEqual([0, 0, 0, 0]));

  test.prop([unequal, fc.nat()], { numRuns: 300 })('take as long with one stage more that takes no time', ({ layers, microBatches }, at) => {
    const stage = at % ((layers[0] as LayerTimes).length + 1);
    const more = layers.map((times) => times.toSpliced(stage, 0, 0));
    expect(makespan(more, microBatches)).toBe(makespan(layers, microBatches));
    expect(stepPeriod(more, microBatches)).toBeCloseTo(stepPeriod(layers, microBatches), 9);
  });

  it('of one stage or one micro-batch take as long as all of them one by one', () => {
    expect(stepPeriod([[3], [4]], 5)).toBe(35);
    expect(stepPeriod([...DRAWN], 1)).toBe(13);
    expect(makespan([...DRAWN], 1)).toBe(13);
  });

  it('have a period of half nanoseconds where two steps together are a cycle', () => {
    const layers = [
      [2, 0, 3, 0],
      [0, 3, 1, 1],
    ];
    expect([1, 2, 3, 4, 5, 6].map((steps) => completion(layers, 5, steps))).toEqual([27, 47, 70, 90, 113, 133]);
    expect(stepPeriod(layers, 5)).toBe(21.5);
  });

  // a stage takes all micro-batches of a layer before the first of the next, even where they take no time: 3 x 3, then 3 x 3, then 1 until A may start again
  it('that load one stage each wait for each other, however many micro-batches there are', () => {
    const layers = [
      [3, 0, 0],
      [0, 3, 0],
      [0, 0, 1],
    ];
    expect([3, 10].map((microBatches) => stepPeriod(layers, microBatches))).toEqual([19, 61]);
    expect(bubbles(layers, 10)[0]).toBeCloseTo(1 - 30 / 61, 12);
  });
});

describe('timeline', () => {
  test.prop([unequal, whole(1, 3)], { numRuns: 120 })(
    'has each stage at work on one micro-batch at a time, each micro-batch in one stage at a time, and nothing left out',
    ({ layers, microBatches }, steps) => {
      const slots = timeline(layers, microBatches, steps);
      const count = (layers[0] as LayerTimes).length;
      expect(slots.length).toBe(steps * layers.length * count * microBatches);
      for (const { layer, stage, start, end } of slots) expect(end - start).toBe((layers[layer % layers.length] as LayerTimes)[stage]);
      for (let stage = 0; stage < count; stage++) {
        const own = slots.filter((slot) => slot.stage === stage);
        expect(own.map(({ layer, microBatch }) => layer * microBatches + microBatch)).toEqual(own.map((_, at) => at));
        for (const [at, { start }] of own.entries()) if (at > 0) expect(start).toBeGreaterThanOrEqual((own[at - 1] as { end: number }).end);
      }
      for (let microBatch = 0; microBatch < microBatches; microBatch++) {
        const own = slots.filter((slot) => slot.microBatch === microBatch);
        expect(own.map(({ layer, stage }) => layer * count + stage)).toEqual(own.map((_, at) => at));
        for (const [at, { start }] of own.entries()) expect(start).toBeGreaterThanOrEqual(at === 0 ? 0 : (own[at - 1] as { end: number }).end);
      }
    },
  );

  test.prop([unequal], { numRuns: 300 })('of one step ends with the makespan, and starts each slot as soon as it can', ({ layers, microBatches }) => {
    const slots = timeline(layers, microBatches);
    expect(Math.max(...slots.map(({ end }) => end))).toBe(makespan(layers, microBatches));
    for (const { layer, stage, microBatch, start } of slots) {
      const waitsFor = slots.filter(
        (other) =>
          (other.microBatch === microBatch && (other.layer < layer || (other.layer === layer && other.stage < stage))) ||
          (other.stage === stage && (other.layer < layer || (other.layer === layer && other.microBatch < microBatch))),
      );
      expect(start).toBe(Math.max(0, ...waitsFor.map(({ end }) => end)));
    }
  });
});

describe('interleaved', () => {
  const layersOf = (...counts: readonly number[]): string =>
    interleaved(counts.map((layers, group) => ({ layers, times: [group] })))
      .map(([group]) => 'abc'[group as number])
      .join('');

  it('alternates groups of as many layers, and spreads the rarer over the depth', () => {
    expect([layersOf(3, 3), layersOf(1, 3), layersOf(2, 6), layersOf(4), layersOf()]).toEqual(['ababab', 'babb', 'babbbabb', 'aaaa', '']);
  });

  test.prop([fc.array(whole(1, 40), { minLength: 1, maxLength: 3 })])('keeps every layer, and has up to any depth its share of each group but for one', (counts) => {
    const order = layersOf(...counts);
    expect(order.length).toBe(sumOf(counts));
    for (const [group, count] of counts.entries()) {
      expect([...order].filter((each) => each === 'abc'[group]).length).toBe(count);
      for (let depth = 1; depth <= order.length; depth++)
        expect(Math.abs([...order.slice(0, depth)].filter((each) => each === 'abc'[group]).length - (count * depth) / order.length)).toBeLessThanOrEqual(1.5);
    }
  });
});

describe('a pipeline is refused', () => {
  it.each([
    [[[1]], 0, 'pipeline: microBatches 0 is not a positive integer'],
    [[[1]], 1.5, 'pipeline: microBatches 1.5 is not a positive integer'],
    [[[1]], Number.NaN, 'pipeline: microBatches NaN is not a positive integer'],
    [[], 1, 'pipeline: layers [] is empty'],
    [[[]], 1, 'pipeline: layers [] is empty'],
    [[[1, 2], [1]], 1, 'pipeline: stages 1 is not 2, as in the first layer'],
    [[[1], [1, 2]], 1, 'pipeline: stages 2 is not 1, as in the first layer'],
    [[[1, -1]], 1, 'pipeline: time -1 is not a whole number of nanoseconds'],
    [[[1, 0.5]], 1, 'pipeline: time 0.5 is not a whole number of nanoseconds'],
    [[[1], [Number.NaN]], 1, 'pipeline: time NaN is not a whole number of nanoseconds'],
    [[[2 ** 53]], 1, 'pipeline: time 9007199254740992 is not a whole number of nanoseconds'],
  ])('%j, %d micro-batches: %s', (layers, microBatches, message) => {
    for (const check of [makespan, stepPeriod, bubbles, timeline]) {
      expect(() => check(layers, microBatches)).toThrow(RangeError);
      expect(() => check(layers, microBatches)).toThrow(new RangeError(message));
    }
  });
});
