import { exponential, gamma, type Random } from './random.ts';

/** Gaps between arrivals: alike, Poisson (exponential), or gamma of a coefficient of variation, above 1 in bursts. */
export type Arrivals = { readonly kind: 'fixed' } | { readonly kind: 'poisson' } | { readonly kind: 'gamma'; readonly cv: number };

/** Gaps between arrivals, of mean 1; the first request arrives at once. @throws RangeError for a coefficient of variation that is not from 0.01 to 100 */
export function gapsOf(arrivals: Arrivals, count: number, random: Random): Float64Array {
  const gaps = new Float64Array(count);
  if (arrivals.kind === 'gamma' && !(arrivals.cv >= 0.01 && arrivals.cv <= 100)) throw new RangeError(`arrivals: cv ${arrivals.cv} is not from 0.01 to 100`);
  for (let at = 1; at < count; at++) {
    if (arrivals.kind === 'fixed') gaps[at] = 1;
    else if (arrivals.kind === 'poisson') gaps[at] = exponential(random);
    else gaps[at] = arrivals.cv ** 2 * gamma(random, 1 / arrivals.cv ** 2);
  }
  return gaps;
}
