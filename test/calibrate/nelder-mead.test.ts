import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { minimise } from '../../src/calibrate/nelder-mead.ts';

type Loss = (point: readonly number[]) => number;
const rosenbrock: Loss = ([x = 0, y = 0]) => (1 - x) ** 2 + 100 * (y - x ** 2) ** 2;

function expectAt(point: readonly number[], expected: readonly number[], within: number): void {
  expect(point.length).toBe(expected.length);
  for (const [axis, value] of point.entries()) expect(Math.abs(value - (expected[axis] as number)), `axis ${axis}: ${value}`).toBeLessThanOrEqual(within);
}

describe('minimise', () => {
  it.each([
    ['its classic start', [-1.2, 1]],
    ['the origin', [0, 0]],
    ['the other side', [2, -1]],
  ])("finds the bottom of Rosenbrock's valley from %s", (_, start) => expectAt(minimise(rosenbrock, start), [1, 1], 1e-3));

  it('finds it in one dimension and in six', () => {
    expectAt(
      minimise(([x = 0]) => (x - 3) ** 2, [-10]),
      [3],
      1e-4,
    );
    const centre = [1, -2, 3, -4, 5, -6];
    const bowl: Loss = (point) => point.reduce((sum, value, axis) => sum + (axis + 1) * (value - (centre[axis] as number)) ** 2, 0);
    expectAt(minimise(bowl, [0, 0, 0, 0, 0, 0], { iterations: 3000 }), centre, 1e-3);
  });

  it('needs no derivative: a sum of absolute values', () =>
    expectAt(
      minimise(([x = 0, y = 0]) => Math.abs(x - 0.7) + 2 * Math.abs(y + 0.4), [0, 0]),
      [0.7, -0.4],
      1e-6,
    ));

  it('strides out: a bottom that is thousands of first steps away is found in a few hundred', () => {
    expectAt(
      minimise(([x = 0, y = 0]) => Math.abs(x - 5000) + Math.abs(y + 5000), [0, 0], { iterations: 300, restarts: 1 }),
      [5000, -5000],
      1e-3,
    );
  });

  it('gives the same point each time', () => expect(minimise(rosenbrock, [-1.2, 1])).toEqual(minimise(rosenbrock, [-1.2, 1])));

  it('is never worse than its start, and does not change it', () =>
    fc.assert(
      fc.property(fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 2, maxLength: 2 }), fc.integer({ min: 0, max: 50 }), (start, iterations) => {
        const before = Object.freeze([...start]);
        expect(rosenbrock(minimise(rosenbrock, before, { iterations }))).toBeLessThanOrEqual(rosenbrock(start));
        expect(before).toEqual(start);
      }),
    ));

  it('stays where nothing is lower', () => {
    expect(minimise(rosenbrock, [1, 1])).toEqual([1, 1]);
    expect(minimise(() => 7, [3, 4])).toEqual([3, 4]);
  });

  it('stays where it is without a round', () => expect(minimise(rosenbrock, [-1.2, 1], { restarts: 0 })).toEqual([-1.2, 1]));

  it('comes closer with more iterations, and a restart leaves a point where a simplex has shrunk', () => {
    const lossOf = (iterations: number, restarts: number): number => rosenbrock(minimise(rosenbrock, [-1.2, 1], { iterations, restarts }));
    const losses = [lossOf(10, 1), lossOf(40, 1), lossOf(40, 3)] as const;
    expect(losses[0] > losses[1] && losses[1] > losses[2]).toBe(true);
  });

  it('takes the first step as long as asked', () => {
    const seen: number[] = [];
    minimise(([x = 0]) => seen.push(x), [0], { step: 0.5, iterations: 0, restarts: 2 });
    // the start, and a simplex to each side of it
    expect(new Set(seen)).toEqual(new Set([0, 0.5, -0.5]));
  });
});
