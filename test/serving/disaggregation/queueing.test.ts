import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import type { FormulaCard } from '../../../src/provenance/card.ts';
import { ttftEqualStages, ttftInterOp, ttftIntraOp, ttftReplicas, ttftSingle, ttftStages, utilisation, waitMD1, waitMG1 } from '../../../src/serving/disaggregation/queueing.ts';

const times = fc.double({ min: 1e-3, max: 10, noNaN: true });
const loads = fc.double({ min: 0.01, max: 0.99, noNaN: true });
const speedups = fc.double({ min: 1.05, max: 1.95, noNaN: true });
const counts = fc.integer({ min: 1, max: 64 });

/** Two values that differ by rounding only. */
function near(actual: number, expected: number): void {
  expect(Math.abs(actual / expected - 1)).toBeLessThan(1e-9);
}

/** Each way to serve, with what it can do at most as a multiple of one device. */
const WAYS: readonly { readonly name: string; readonly most: number; readonly idle: number; readonly ttft: (rate: number, time: number) => number }[] = [
  { name: 'one device', most: 1, idle: 1, ttft: (rate, time) => ttftSingle.evaluate({ rate, time }) },
  { name: 'two stages', most: 2, idle: 1, ttft: (rate, time) => ttftInterOp.evaluate({ rate, time }) },
  { name: 'shared operators', most: 1.7, idle: 1 / 1.7, ttft: (rate, time) => ttftIntraOp.evaluate({ rate, time, speedup: 1.7 }) },
  { name: 'unlike stages', most: 2.5, idle: 1, ttft: (rate, time) => ttftStages.evaluate({ rate, total: time, slowest: time / 2.5 }) },
  { name: 'five stages', most: 5, idle: 1, ttft: (rate, time) => ttftEqualStages.evaluate({ rate, time, stages: 5 }) },
  { name: 'three replicas', most: 3, idle: 1, ttft: (rate, time) => ttftReplicas.evaluate({ rate, time, replicas: 3 }) },
];

describe('mean time to the first token', () => {
  // worked out by hand at D = 0.2 s
  it.each([
    ['one device', 2.5, 0.3],
    ['two stages', 5, 0.25],
    ['two stages', 9, 0.65],
    ['shared operators', 8, 18 / 17],
    ['unlike stages', 6.25, 0.24],
    ['five stages', 12.5, 0.22],
    ['three replicas', 7.5, 0.3],
  ])('of %s at %d requests a second: %d s', (name, rate, expected) => expect(WAYS.find((way) => way.name === name)?.ttft(rate, 0.2)).toBeCloseTo(expected, 12));

  describe.each(WAYS)('$name', ({ most, idle, ttft }) => {
    test.prop([times])('is that of a request alone where nothing arrives', (time) => {
      near(ttft(0, time), idle * time);
    });

    test.prop([times, loads, loads])('grows with the rate', (time, one, other) => {
      const [less, more] = [Math.min(one, other), Math.max(one, other)];
      fc.pre(more - less > 1e-6);
      expect(ttft((most * more) / time, time)).toBeGreaterThan(ttft((most * less) / time, time));
    });

    test.prop([times, loads, fc.double({ min: 0.1, max: 10, noNaN: true })])('is in proportion to the time where the load stays', (time, load, times) => {
      near(ttft((most * load) / (times * time), times * time), times * ttft((most * load) / time, time));
    });

    test.prop([times, fc.double({ min: 1.001, max: 100, noNaN: true })])('is refused at more than it can do, and grows without bound below', (time, over) => {
      expect(() => ttft((most * over) / time, time)).toThrow(/^queueing: rate \S+ fills .+: rate x time \S+ is not below /);
      expect(ttft((most * (1 - 1e-6)) / time, time)).toBeGreaterThan(1000 * time);
    });
  });

  test.prop([times, loads])('with one stage, one replica or no speed-up is that of one device', (time, load) => {
    const rate = load / time;
    const single = ttftSingle.evaluate({ rate, time });
    near(ttftEqualStages.evaluate({ rate, time, stages: 1 }), single);
    near(ttftStages.evaluate({ rate, total: time, slowest: time }), single);
    expect(ttftReplicas.evaluate({ rate, time, replicas: 1 })).toBe(single);
    near(ttftIntraOp.evaluate({ rate, time, speedup: 1 }), single);
  });

  test.prop([times, loads, counts])('with equal stages is that of stages with the slowest an equal part, and of two is equation 2', (time, load, stages) => {
    near(ttftEqualStages.evaluate({ rate: (load * stages) / time, time, stages }), ttftStages.evaluate({ rate: (load * stages) / time, total: time, slowest: time / stages }));
    near(ttftEqualStages.evaluate({ rate: (2 * load) / time, time, stages: 2 }), ttftInterOp.evaluate({ rate: (2 * load) / time, time }));
  });

  test.prop([times, loads, speedups])('with shared operators is that of a faster device', (time, load, speedup) => {
    const rate = (load * speedup) / time;
    near(ttftIntraOp.evaluate({ rate, time, speedup }), ttftSingle.evaluate({ rate, time: time / speedup }));
  });

  test.prop([times, loads, fc.integer({ min: 2, max: 64 })])('with stages waits an Nth of what replicas wait', (time, load, count) => {
    const rate = (load * count) / time;
    near((ttftReplicas.evaluate({ rate, time, replicas: count }) - time) / (ttftEqualStages.evaluate({ rate, time, stages: count }) - time), count);
  });

  it('is shorter with shared operators at low rates, and with two stages at high ones; they cross once, at 0.2846 s and 3.143 requests a second and device for K = 1.7', () => {
    const gain = (rate: number): number => ttftInterOp.evaluate({ rate, time: 0.2 }) - ttftIntraOp.evaluate({ rate, time: 0.2, speedup: 1.7 });
    const rates = Array.from({ length: 84 }, (_, at) => (at + 1) / 10);
    const signs = rates.map((rate) => Math.sign(gain(rate)));
    expect([signs[0], signs.at(-1)]).toEqual([1, -1]);
    expect(signs.filter((sign, at) => at > 0 && sign !== signs[at - 1])).toHaveLength(1);
    let [low, high] = [0.1, 8.4];
    for (let step = 0; step < 60; step++) {
      const middle = (low + high) / 2;
      if (gain(middle) > 0) low = middle;
      else high = middle;
    }
    expect(low / 2).toBeCloseTo(3.143, 3);
    expect(ttftInterOp.evaluate({ rate: low, time: 0.2 })).toBeCloseTo(0.2846, 4);
  });

  test.prop([times, fc.double({ min: 0.01, max: 1.2, noNaN: true }), speedups, speedups])('with shared operators is shorter the better they scale', (time, load, one, other) => {
    const [worse, better] = [Math.min(one, other), Math.max(one, other)];
    fc.pre(load < worse && better - worse > 1e-6);
    const ttft = (speedup: number): number => ttftIntraOp.evaluate({ rate: load / time, time, speedup });
    expect(ttft(better)).toBeLessThan(ttft(worse));
  });
});

describe('mean wait', () => {
  it.each([
    [0.5, 0.5],
    [0.8, 2],
    [0.9, 4.5],
  ])('of equal times of a second at load %d: %d s', (rate, expected) => expect(waitMD1.evaluate({ rate, time: 1 })).toBeCloseTo(expected, 12));

  test.prop([times, loads])('of times that are all equal is half of that of exponential ones, which is load / (1 - load) services', (time, load) => {
    const rate = load / time;
    const [equal, exponential] = [0, time ** 2].map((variance) => waitMG1.evaluate({ rate, mean: time, variance })) as [number, number];
    near(equal, waitMD1.evaluate({ rate, time }));
    near(exponential, 2 * equal);
    near(exponential, (load / (1 - load)) * time);
  });

  test.prop([times, loads, fc.double({ min: 0, max: 100, noNaN: true }), fc.double({ min: 0.01, max: 100, noNaN: true })])('grows with the variance', (mean, load, variance, more) => {
    expect(waitMG1.evaluate({ rate: load / mean, mean, variance: variance + more })).toBeGreaterThan(waitMG1.evaluate({ rate: load / mean, mean, variance }));
  });

  it('is what a queue that is played out has, within 1 % over two million requests', () => {
    // Lindley's recursion with the numbers of mulberry32: an oracle that shares nothing with the formulas
    let state = 2024;
    const uniform = (): number => {
      state = (state + 0x6d2b79f5) | 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    };
    const played = (time: () => number, rate: number): number => {
      let [wait, sum] = [0, 0];
      const requests = 2_000_000;
      for (let at = 0; at < requests; at++) {
        sum += wait;
        wait = Math.max(0, wait + time() + Math.log(1 - uniform()) / rate);
      }
      return sum / requests;
    };
    expect(Math.abs(played(() => 0.2, 2.5) / waitMD1.evaluate({ rate: 2.5, time: 0.2 }) - 1)).toBeLessThan(0.01);
    // times of 0.1 or 0.3 s: the variance is 0.01
    expect(Math.abs(played(() => (uniform() < 0.5 ? 0.1 : 0.3), 2.5) / waitMG1.evaluate({ rate: 2.5, mean: 0.2, variance: 0.01 }) - 1)).toBeLessThan(0.01);
  });
});

describe('utilisation', () => {
  it('of 4 requests a second of 0.2 s is 0.8', () => expect(utilisation.evaluate({ rate: 4, time: 0.2 })).toBe(0.8));
  it('may be above 1: it says what is asked for', () => expect(utilisation.evaluate({ rate: 12, time: 0.5 })).toBe(6));
});

describe('what is refused', () => {
  const refusals: readonly (readonly [FormulaCard, Readonly<Record<string, number>>, string])[] = [
    [ttftSingle, { rate: 12, time: 0.1 }, 'queueing: rate 12 fills the device: rate x time 1.2 is not below 1'],
    [ttftSingle, { rate: 5, time: 0.2 }, 'queueing: rate 5 fills the device: rate x time 1 is not below 1'],
    [waitMD1, { rate: 10, time: 0.1 }, 'queueing: rate 10 fills the device: rate x time 1 is not below 1'],
    [waitMG1, { rate: 10, mean: 0.2, variance: 0 }, 'queueing: rate 10 fills the device: rate x time 2 is not below 1'],
    [ttftInterOp, { rate: 10, time: 0.2 }, 'queueing: rate 10 fills both stages: rate x time 2 is not below 2'],
    [ttftIntraOp, { rate: 10, time: 0.2, speedup: 1.7 }, 'queueing: rate 10 fills the devices: rate x time 2 is not below the speed-up 1.7'],
    [ttftStages, { rate: 10, total: 1, slowest: 0.2 }, 'queueing: rate 10 fills the slowest stage: rate x time 2 is not below 1'],
    [ttftEqualStages, { rate: 10, time: 0.4, stages: 4 }, 'queueing: rate 10 fills the stages: rate x time 4 is not below the 4 stages'],
    [ttftReplicas, { rate: 10, time: 0.3, replicas: 3 }, 'queueing: rate 10 fills the replicas: rate x time 3 is not below the 3 replicas'],
    [ttftSingle, { rate: -1, time: 0.1 }, 'queueing: rate -1 is not a finite number of at least 0'],
    [ttftSingle, { rate: 1, time: -0.1 }, 'queueing: time -0.1 is not a finite number of seconds of at least 0'],
    [ttftSingle, { rate: Number.NaN, time: 0.1 }, 'queueing: rate NaN is not a finite number of at least 0'],
    [ttftInterOp, { rate: 1, time: Number.POSITIVE_INFINITY }, 'queueing: time Infinity is not a finite number of seconds of at least 0'],
    [utilisation, { rate: Number.POSITIVE_INFINITY, time: 0 }, 'queueing: rate Infinity is not a finite number of at least 0'],
    [waitMG1, { rate: 1, mean: 0.1, variance: -1 }, 'queueing: variance -1 is not a finite number of at least 0'],
    [ttftIntraOp, { rate: 1, time: 0.1, speedup: 0 }, 'queueing: speedup 0 is not a positive number'],
    [ttftIntraOp, { rate: 1, time: 0.1, speedup: Number.NaN }, 'queueing: speedup NaN is not a positive number'],
    [ttftStages, { rate: 1, total: 0.1, slowest: 0.2 }, 'queueing: total 0.1 is not a finite number of seconds of at least the slowest stage, 0.2'],
    [ttftEqualStages, { rate: 1, time: 0.1, stages: 1.5 }, 'queueing: stages 1.5 is not a positive integer'],
    [ttftReplicas, { rate: 1, time: 0.1, replicas: 0 }, 'queueing: replicas 0 is not a positive integer'],
  ];
  it.each(refusals)('$id: %j', (card, inputs, message) => {
    let thrown: unknown = null;
    try {
      card.evaluate(inputs);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(RangeError);
    expect((thrown as RangeError).message).toBe(message);
  });
});
