export interface SearchOptions {
  readonly iterations?: number;
  readonly restarts?: number;
  /** edge of the first simplex */
  readonly step?: number;
}

/**
 * Nelder and Mead's downhill simplex (1965), restarted from its best point with a fresh simplex, each time to the other side.
 * Needs no derivative, so that ceilings and maxima in a formula do no harm; the same start gives the same result.
 */
export function minimise(loss: (point: readonly number[]) => number, start: readonly number[], { iterations = 600, restarts = 3, step = 0.3 }: SearchOptions = {}): readonly number[] {
  let best: readonly number[] = start;
  let least = loss(start);
  for (let round = 0; round < restarts; round++) {
    const { point, value } = descend(loss, best, round % 2 === 0 ? step : -step, iterations);
    if (value < least) [best, least] = [point, value];
  }
  return best;
}

interface Corner {
  readonly point: readonly number[];
  readonly value: number;
}

function descend(loss: (point: readonly number[]) => number, start: readonly number[], step: number, iterations: number): Corner {
  const corner = (point: readonly number[]): Corner => ({ point, value: loss(point) });
  const count = start.length;
  let simplex = [corner(start), ...start.map((_, axis) => corner(start.map((value, i) => (i === axis ? value + step : value))))];
  for (let iteration = 0; iteration < iterations; iteration++) {
    simplex.sort((a, b) => a.value - b.value);
    const [first, last] = [simplex[0] as Corner, simplex[count] as Corner];
    if (last.value - first.value < 1e-10 * (1 + Math.abs(first.value))) break;
    const centre = start.map((_, axis) => simplex.slice(0, count).reduce((sum, { point }) => sum + (point[axis] as number), 0) / count);
    const along = (factor: number): Corner => corner(centre.map((value, axis) => value + factor * ((last.point[axis] as number) - value)));
    const reflected = along(-1);
    if (reflected.value < first.value) {
      const expanded = along(-2);
      simplex[count] = expanded.value < reflected.value ? expanded : reflected;
    } else if (reflected.value < (simplex[count - 1] as Corner).value) simplex[count] = reflected;
    else {
      const contracted = along(reflected.value < last.value ? -0.5 : 0.5);
      if (contracted.value < Math.min(reflected.value, last.value)) simplex[count] = contracted;
      else simplex = simplex.map(({ point }, at) => (at === 0 ? first : corner(point.map((value, axis) => ((first.point[axis] as number) + value) / 2))));
    }
  }
  return simplex.reduce((a, b) => (b.value < a.value ? b : a));
}
