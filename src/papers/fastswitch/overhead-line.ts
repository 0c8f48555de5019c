import type { OverFrequency } from './data/overheads.ts';

/** A line of shares over frequencies: share = base + stall x frequency. */
export interface OverheadLine {
  readonly base: number;
  /** stall of an update, in iterations */
  readonly stall: number;
  /** largest difference of a point from the line */
  readonly residual: number;
  readonly points: number;
}

/**
 * Line through the points up to a frequency, by least squares.
 * @throws RangeError for fewer than two points
 */
export function overheadLine({ frequency, share }: OverFrequency, upTo: number): OverheadLine {
  const points = frequency.flatMap((f, at) => (f <= upTo ? [[f, share[at] as number] as const] : []));
  if (points.length < 2) throw new RangeError(`fastswitch: frequency ${upTo} leaves ${points.length} of the two points that a line needs`);
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [f0, r0] = [mean(points.map(([f]) => f)), mean(points.map(([, r]) => r))];
  const stall = points.reduce((sum, [f, r]) => sum + (f - f0) * (r - r0), 0) / points.reduce((sum, [f]) => sum + (f - f0) ** 2, 0);
  const base = r0 - stall * f0;
  return { base, stall, residual: Math.max(...points.map(([f, r]) => Math.abs(r - base - stall * f))), points: points.length };
}
