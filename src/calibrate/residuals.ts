import { quantile } from '../timing/calibration-data.ts';

/** log(measured / predicted) of one group, sorted. */
export type Residuals = readonly number[];

export interface Compared {
  readonly group: string;
  readonly measured: number;
  readonly predicted: number;
}

/** The residuals of each group, in the order of their first appearance. */
export function logRatios(rows: readonly Compared[]): readonly Residuals[] {
  const groups = new Map<string, number[]>();
  for (const { group, measured, predicted } of rows) groups.set(group, [...(groups.get(group) ?? []), rounded(Math.log(measured / predicted))]);
  return [...groups.values()].map((group) => group.sort((a, b) => a - b));
}

const MOST = 9;

/** At most nine of a sorted list that stand for it: the middles of as many equal parts. */
export function thinned<T>(sorted: readonly T[]): readonly T[] {
  const count = Math.min(MOST, sorted.length);
  return Array.from({ length: count }, (_, i) => sorted[Math.floor(((i + 0.5) * sorted.length) / count)] as T);
}

/** Share of the points of each group that lie between the 10 % and 90 % quantiles of all other groups; null with one group. */
export function coverage(groups: readonly Residuals[]): number | null {
  if (groups.length < 2) return null;
  let [inside, all] = [0, 0];
  groups.forEach((group, at) => {
    const others = groups.filter((_, other) => other !== at).map(thinned);
    const [low, high] = [quantile(others, 0.1), quantile(others, 0.9)];
    inside += group.filter((residual) => residual >= low && residual <= high).length;
    all += group.length;
  });
  return digits(inside / all);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1 ? (sorted[Math.floor(middle)] as number) : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

/** Four significant digits: what an error or a constant of this kind is known to, and no more. */
export const digits = (value: number): number => Number(value.toPrecision(4));
const rounded = (residual: number): number => Number(residual.toFixed(4));
