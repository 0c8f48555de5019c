import type { Choice } from './choice.ts';

/** Something that has a time, and residuals of how far off such times were. */
export interface Uncertain {
  readonly seconds: number;
  readonly estimate: { readonly choice: Choice };
}

const DRAWS = 1000;
/** The 90 % quantile of a standard normal: an interval of 80 % is this many deviations to each side. */
const DEVIATIONS = 1.2816;

/**
 * The 80 % interval of a sum. Each part draws a group of residuals and one residual of it, the same for all its runs; constants that were carried
 * from another chip or format are off for all parts of an entry alike; and the sum is off by up to as much as a whole pass that was measured, to
 * either side: those took longer than the sum of their kernels, while steps of serving engines, of which more is measured, on average do not.
 * `total` puts the parts together.
 */
export function interval<P extends Uncertain>(total: (secondsOf: (part: P) => number) => number, passes: readonly (readonly number[])[]): { readonly low: number; readonly high: number } {
  const random = mulberry32(SEED);
  const drawn = (groups: readonly (readonly number[])[]): number => {
    const group = groups[Math.floor(random() * groups.length)] ?? [];
    return group[Math.floor(random() * group.length)] ?? 0;
  };
  const totals = Float64Array.from({ length: DRAWS }, () => {
    const carried = new Map<string, number>();
    const off = Math.exp(drawn(passes) * (2 * random() - 1));
    return (
      off *
      total((part) => {
        const { entry, widening } = part.estimate.choice;
        const residual = drawn(entry.residuals);
        if (widening > 0 && !carried.has(entry.id)) carried.set(entry.id, normal(random) / DEVIATIONS);
        return part.seconds * Math.exp(residual + widening * (carried.get(entry.id) ?? 0));
      })
    );
  }).sort();
  return { low: totals[Math.floor(DRAWS * 0.1)] as number, high: totals[Math.ceil(DRAWS * 0.9) - 1] as number };
}

const SEED = 20260101;

/** A generator of numbers between 0 and 1 with 32 bits of state: the same seed gives the same numbers. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const normal = (random: () => number): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
