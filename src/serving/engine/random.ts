import { mersenne } from 'pure-rand/generator/mersenne';

/** Numbers from [0, 1), the next with each call. */
export type Random = () => number;

export const LARGEST_SEED = 2 ** 32 - 1;

/**
 * A seeded generator: Mersenne Twister, 53 bits a number, the numbers of numpy's `RandomState(seed)`; so that arrivals of a seed are those of simulators in Python.
 * @throws RangeError for a seed that is no whole number below 2^32
 */
export function randomOf(seed: number): Random {
  if (!(Number.isInteger(seed) && seed >= 0 && seed <= LARGEST_SEED)) throw new RangeError(`random: seed ${seed} is not a whole number from 0 to ${LARGEST_SEED}`);
  const words = mersenne(seed);
  return () => {
    const high = words.next() >>> 5;
    return (high * 2 ** 26 + (words.next() >>> 6)) / 2 ** 53;
  };
}

/** A draw from the exponential distribution of mean 1: the draw of numpy's `standard_gamma(1)`. */
export const exponential = (random: Random): number => -Math.log(1 - random());

/** A draw from the standard normal distribution (Marsaglia's polar method; the second of each pair is dropped). */
export function normal(random: Random): number {
  for (;;) {
    const x = 2 * random() - 1;
    const y = 2 * random() - 1;
    const square = x * x + y * y;
    if (square > 0 && square < 1) return x * Math.sqrt((-2 * Math.log(square)) / square);
  }
}

/** A draw from the gamma distribution of a shape and scale 1 (Marsaglia and Tsang 2000; below shape 1 with their boost). */
export function gamma(random: Random, shape: number): number {
  if (shape < 1) return gamma(random, shape + 1) * (1 - random()) ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normal(random);
    const v = (1 + c * x) ** 3;
    if (v <= 0) continue;
    if (Math.log(1 - random()) < 0.5 * x * x + d * (1 - v + Math.log(v))) return d * v;
  }
}
