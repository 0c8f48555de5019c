import { procedure } from '../../provenance/card.ts';

/** How few constants are found from few printed times. */
export const leastSquaresProcedure = procedure({
  id: 'epd/least-squares',
  name: 'Least squares of a time that is linear in its constants',
  steps: ['ask the formula of each point for the time that one second of each constant gives', 'solve the normal equations by elimination: the squared differences of seconds are least'],
  source: { kind: 'derived', from: 'Gauss' },
});

/** A measured time and the formula that is to give it from constants; the formula is linear in them. */
export interface FitPoint<N extends string> {
  readonly time: (constants: Readonly<Record<N, number>>) => number;
  readonly seconds: number;
}

/**
 * Constants [s] that make the sum of (time - seconds)^2 over the points least.
 * @throws RangeError for fewer points than constants, a formula that gives a time to no constants, or constants that the points do not tell apart
 */
export function fitLatency<N extends string>(names: readonly N[], points: readonly FitPoint<N>[]): Readonly<Record<N, number>> {
  check('points', points.length, points.length >= names.length, `are fewer than the ${names.length} constants`);
  const only = (unit: N | null): Readonly<Record<N, number>> => Object.fromEntries(names.map((name) => [name, name === unit ? 1 : 0])) as Readonly<Record<N, number>>;
  const rows = points.map(({ time, seconds }) => {
    check('seconds', seconds, Number.isFinite(seconds), 'is not a finite number');
    const rest = time(only(null));
    check('time', rest, rest === 0, 'of no constants is not 0');
    return { terms: names.map((name) => time(only(name))), seconds };
  });
  const normal = names.map((_, i) => [
    ...names.map((_, j) => dot(rows.map(({ terms }) => [terms[i] as number, terms[j] as number]))),
    dot(rows.map(({ terms, seconds }) => [terms[i] as number, seconds])),
  ]);
  const solution = solve(normal);
  return Object.fromEntries(names.map((name, at) => [name, solution[at] as number])) as Readonly<Record<N, number>>;
}

const dot = (pairs: readonly (readonly [number, number])[]): number => pairs.reduce((sum, [one, other]) => sum + one * other, 0);

/** A pivot this much smaller than what it was before the elimination is rounding. */
const ROUNDING = 1e-10;

/** The unknowns of normal equations, the right-hand side in the last column. Their pivots are never negative, so that rows need not change places. */
function solve(equations: readonly (readonly number[])[]): readonly number[] {
  const rows = equations.map((row) => [...row]);
  for (const [at, top] of rows.entries()) {
    const pivot = top[at] as number;
    check('constant', at + 1, pivot > ROUNDING * (equations[at]?.[at] as number), 'cannot be told apart from the others');
    for (const [other, row] of rows.entries()) {
      const factor = (row[at] as number) / pivot;
      if (other !== at) for (let column = at; column < row.length; column += 1) row[column] = (row[column] as number) - factor * (top[column] as number);
    }
  }
  return rows.map((row, at) => (row[rows.length] as number) / (row[at] as number));
}

function check(field: string, value: number, holds: boolean, rule: string): void {
  if (!holds) throw new RangeError(`fit-latency: ${field} ${value} ${rule}`);
}
