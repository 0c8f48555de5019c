import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { type Objective, paretoFront } from '../../src/compare/pareto.ts';

type Point = readonly number[];
const axis = (index: number, better: 'lower' | 'higher' = 'lower'): Objective<Point> => ({ of: (point) => point[index] as number, better });
const point = (dimensions: number): fc.Arbitrary<Point> => fc.array(fc.integer({ min: 0, max: 6 }), { minLength: dimensions, maxLength: dimensions });

/** The definition, pair by pair. */
function bruteForce(points: readonly Point[], better: readonly ('lower' | 'higher')[]): readonly Point[] {
  const gain = (a: Point, b: Point): readonly number[] => better.map((which, i) => ((b[i] as number) - (a[i] as number)) * (which === 'lower' ? 1 : -1));
  return points.filter((mine) => !points.some((other) => gain(other, mine).every((x) => x >= 0) && gain(other, mine).some((x) => x > 0)));
}

describe('paretoFront', () => {
  for (const better of [['lower'], ['lower', 'lower'], ['lower', 'higher'], ['higher', 'lower', 'lower'], ['lower', 'lower', 'higher', 'lower']] as const) {
    test.prop([fc.array(point(better.length), { maxLength: 40 })])(`equals brute force for ${better.join(', ')}`, (points) => {
      expect(
        paretoFront(
          points,
          better.map((which, index) => axis(index, which)),
        ),
      ).toEqual(bruteForce(points, better));
    });
  }

  it('keeps ties, in the order of the input', () => {
    const points = [
      [2, 1],
      [1, 2],
      [2, 1],
      [1, 3],
      [1, 2],
    ];
    const front = paretoFront(points, [axis(0), axis(1)]);
    expect(front).toEqual([
      [2, 1],
      [1, 2],
      [2, 1],
      [1, 2],
    ]);
    expect(front[0]).toBe(points[0]);
  });

  it('orders infinities', () => {
    const infinity = Number.POSITIVE_INFINITY;
    expect(
      paretoFront(
        [
          [infinity, infinity],
          [infinity, 1],
          [3, infinity],
        ],
        [axis(0), axis(1)],
      ),
    ).toEqual([
      [infinity, 1],
      [3, infinity],
    ]);
  });

  it('refuses no objective and NaN', () => {
    expect(() => paretoFront([[1]], [])).toThrow('pareto: objectives [] is empty');
    expect(() => paretoFront([[Number.NaN]], [axis(0)])).toThrow('pareto: value NaN is not comparable');
  });
});
