import type { Choice } from './choice.ts';

/** Something that has a time, and residuals of how far off such times were. */
export interface Uncertain {
  readonly seconds: number;
  /** share of the time that goes on behind the others */
  readonly hidden: number;
  /** what a residual belongs to: parts of one shape are off alike */
  readonly shape: string;
  readonly estimate: { readonly choice: Choice };
}

const DRAWS = 1000;
/** The 90 % quantile of a standard normal: an interval of 80 % is this many deviations to each side. */
const DEVIATIONS = 1.2816;

/** Times of parts put together: what is shown one after the other, what is hidden behind it, the longer of the two. */
export function togetherOf<P extends { readonly hidden: number }>(parts: readonly P[], secondsOf: (part: P, at: number) => number): number {
  let [shown, hidden] = [0, 0];
  for (let at = 0; at < parts.length; at++) {
    const part = parts[at] as P;
    const seconds = secondsOf(part, at);
    shown += seconds * (1 - part.hidden);
    hidden += seconds * part.hidden;
  }
  return Math.max(shown, hidden);
}

/**
 * The 80 % interval of parts put together. Each shape draws a group of residuals and one residual of it, the same for all its parts and runs;
 * constants that were carried from another chip or format are off for all parts of an entry alike; and the whole is off by up to as much as a
 * whole pass that was measured, to either side: those took longer than the sum of their kernels, while steps of serving engines, of which more
 * is measured, on average do not.
 */
export function interval(parts: readonly Uncertain[], passes: readonly (readonly number[])[]): { readonly low: number; readonly high: number } {
  const random = mulberry32(SEED);
  const drawn = (groups: readonly (readonly number[])[]): number => {
    const group = groups[Math.floor(random() * groups.length)] ?? [];
    return group[Math.floor(random() * group.length)] ?? 0;
  };
  const [shapes, shapeOf] = numbered(parts, ({ shape, estimate }) => `${estimate.choice.entry.id} ${shape}`);
  const [carriers, carrierOf] = numbered(parts, ({ estimate: { choice } }) => `${choice.entry.id} ${choice.widening}`);
  const factors = new Float64Array(shapes.length);
  const carried = new Float64Array(carriers.length);
  const totals = Float64Array.from({ length: DRAWS }, () => {
    const off = Math.exp(drawn(passes) * (2 * random() - 1));
    for (let at = 0; at < carried.length; at++) {
      const { widening } = (carriers[at] as Uncertain).estimate.choice;
      carried[at] = widening === 0 ? 1 : Math.exp((widening * normal(random)) / DEVIATIONS);
    }
    for (let at = 0; at < factors.length; at++) factors[at] = Math.exp(drawn((shapes[at] as Uncertain).estimate.choice.entry.residuals));
    return off * togetherOf(parts, ({ seconds }, at) => seconds * (factors[shapeOf[at] as number] as number) * (carried[carrierOf[at] as number] as number));
  }).sort();
  return { low: totals[Math.floor(DRAWS * 0.1)] as number, high: totals[Math.ceil(DRAWS * 0.9) - 1] as number };
}

/** One part for each key, and for each part the number of its key. */
function numbered(parts: readonly Uncertain[], keyOf: (part: Uncertain) => string): readonly [readonly Uncertain[], readonly number[]] {
  const numbers = new Map<string, number>();
  const firsts: Uncertain[] = [];
  const of = parts.map((part) => {
    const key = keyOf(part);
    const known = numbers.get(key);
    if (known !== undefined) return known;
    numbers.set(key, firsts.length);
    return firsts.push(part) - 1;
  });
  return [firsts, of];
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
