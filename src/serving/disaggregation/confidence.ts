/** 97.5 % points of Student's t, by degrees of freedom from 1. */
const STUDENT = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11, 2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045,
  2.042,
];
/** 97.5 % point of the normal distribution. */
const NORMAL = 1.959964;

/** Student's t; beyond the table by the first terms of its expansion in 1 / degrees. */
const studentOf = (degrees: number): number => STUDENT[degrees - 1] ?? NORMAL + (NORMAL ** 3 + NORMAL) / (4 * degrees) + (5 * NORMAL ** 5 + 16 * NORMAL ** 3 + 3 * NORMAL) / (96 * degrees ** 2);

/** A mean over runs with its 95 % interval; no interval of one run. */
export interface Mean {
  readonly mean: number;
  readonly low: number | null;
  readonly high: number | null;
}

/** Mean of independent runs: m -+ t s / sqrt(n), Student's t of n - 1. @throws RangeError where there is none */
export function meanOf(values: readonly number[]): Mean {
  const count = values.length;
  if (count === 0) throw new RangeError('runs: count 0 is not at least 1');
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  if (count === 1) return { mean, low: null, high: null };
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1);
  const half = studentOf(count - 1) * Math.sqrt(variance / count);
  return { mean, low: mean - half, high: mean + half };
}
