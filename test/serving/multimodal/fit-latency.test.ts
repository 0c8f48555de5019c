import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { type FitPoint, fitLatency } from '../../../src/serving/multimodal/fit-latency.ts';
import { ttftWithIrp, ttftWithoutIrp } from '../../../src/serving/multimodal/latency-form.ts';

const NAMES = ['base', 'encodeTime', 'prefillTime'] as const;
type Name = (typeof NAMES)[number];

const irp =
  (images: number) =>
  (constants: Readonly<Record<Name, number>>): number =>
    ttftWithIrp.evaluate({ ...constants, images, workers: 6 });
const noIrp =
  (images: number) =>
  (constants: Readonly<Record<Name, number>>): number =>
    ttftWithoutIrp.evaluate({ ...constants, images });
const line =
  (count: number) =>
  ({ base, slope }: Readonly<Record<'base' | 'slope', number>>): number =>
    base + count * slope;

const COUNTS = [1, 2, 5, 8, 13];
const amount = fc.double({ min: 0, max: 10, noNaN: true });

describe('fitLatency', () => {
  test.prop([fc.record({ base: amount, encodeTime: amount, prefillTime: amount })])('finds the constants that made the times', (truth) => {
    const points = COUNTS.flatMap((n) => [irp(n), noIrp(n)]).map((time) => ({ time, seconds: time(truth) }));
    const found = fitLatency(NAMES, points);
    for (const name of NAMES) expect(found[name]).toBeCloseTo(truth[name], 9);
  });

  test.prop([fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 5, maxLength: 5 })])('through noisy times is the line of means and covariances', (noise) => {
    const seconds = COUNTS.map((n, at) => 1 + 0.3 * n + (noise[at] as number));
    const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
    const [x, y] = [mean(COUNTS), mean(seconds)];
    const slope = COUNTS.reduce((sum, n, at) => sum + (n - x) * ((seconds[at] as number) - y), 0) / COUNTS.reduce((sum, n) => sum + (n - x) ** 2, 0);
    const found = fitLatency(
      ['base', 'slope'],
      COUNTS.map((n, at) => ({ time: line(n), seconds: seconds[at] as number })),
    );
    expect(found.slope).toBeCloseTo(slope, 9);
    expect(found.base).toBeCloseTo(y - slope * x, 9);
  });

  it('gives the same whatever the order of points', () => {
    const points = [irp(2), noIrp(2), irp(8), noIrp(8)].map((time, at) => ({ time, seconds: [0.92, 1.46, 1.74, 4.27][at] as number }));
    const [one, other] = [fitLatency(NAMES, points), fitLatency(NAMES, [...points].reverse())];
    for (const name of NAMES) expect(one[name]).toBeCloseTo(other[name], 12);
  });

  it('solves where each point has one constant', () => {
    const points: readonly FitPoint<'a' | 'b'>[] = [
      { time: ({ b }) => b, seconds: 3 },
      { time: ({ a }) => 2 * a, seconds: 4 },
    ];
    expect(fitLatency(['a', 'b'], points)).toEqual({ a: 2, b: 3 });
  });

  it.each([
    [() => fitLatency(NAMES, [{ time: irp(2), seconds: 1 }]), 'fit-latency: points 1 are fewer than the 3 constants'],
    [
      () =>
        fitLatency(
          NAMES,
          [1, 2, 4].map((n) => ({ time: noIrp(n), seconds: n })),
        ),
      'fit-latency: constant 3 cannot be told apart from the others',
    ],
    [
      () =>
        fitLatency(
          ['base', 'slope'],
          [2, 3].map((n) => ({ time: (constants: Readonly<Record<'base' | 'slope', number>>) => line(n)(constants) + 1, seconds: n })),
        ),
      'fit-latency: time 1 of no constants is not 0',
    ],
    [
      () =>
        fitLatency(
          ['base', 'slope'],
          [2, 3].map((n) => ({ time: line(n), seconds: Number.NaN })),
        ),
      'fit-latency: seconds NaN is not a finite number',
    ],
  ])('%#: refuses with %s', (call, message) => {
    expect(call).toThrow(new RangeError(message));
  });
});
