/** What is compared: a number of each item, and which of two numbers is better. */
export interface Objective<T> {
  readonly of: (item: T) => number;
  readonly better: 'lower' | 'higher';
}

/**
 * The items that no other item beats: none is at least as good in every objective and better in one. Items that are equal in
 * every objective stay or go together; the order is that of the input. One or two objectives: O(n log n), more: O(n^2).
 * @throws RangeError for no objective, or a value that is NaN
 */
export function paretoFront<T>(items: readonly T[], objectives: readonly Objective<T>[]): readonly T[] {
  if (objectives.length === 0) throw new RangeError('pareto: objectives [] is empty');
  const points = items.map((item) => objectives.map(({ of, better }) => losses(of(item), better)));
  const kept = objectives.length <= 2 ? frontOfTwo(points) : points.map((point) => !points.some((other) => beats(other, point)));
  return items.filter((_, index) => kept[index]);
}

type Point = readonly number[];

function losses(value: number, better: 'lower' | 'higher'): number {
  if (Number.isNaN(value)) throw new RangeError(`pareto: value ${value} is not comparable`);
  return better === 'lower' ? value : -value;
}

const beats = (a: Point, b: Point): boolean => a.every((value, i) => value <= (b[i] as number)) && a.some((value, i) => value < (b[i] as number));

/** In order of the first loss, then the second, a point stays when its second loss is the least so far; equals follow the first of them. */
function frontOfTwo(points: readonly Point[]): readonly boolean[] {
  const at = (index: number): readonly [number, number] => [points[index]?.[0] ?? 0, points[index]?.[1] ?? 0];
  const order = points.map((_, index) => index).sort((a, b) => compare(at(a)[0], at(b)[0]) || compare(at(a)[1], at(b)[1]));
  const kept = points.map(() => false);
  let last: readonly [number, number] | null = null;
  for (const index of order) {
    const [x, y] = at(index);
    if (last !== null && y >= last[1] && !(x === last[0] && y === last[1])) continue;
    kept[index] = true;
    last = [x, y];
  }
  return kept;
}

/** Not a - b, which is NaN for two equal infinities. */
const compare = (a: number, b: number): number => (a < b ? -1 : a > b ? 1 : 0);
