import { formula } from '../../provenance/card.ts';

/** One context length among the requests of a deployment, and its share of them. */
export interface ContextShare {
  readonly context: number;
  readonly share: number;
}

/** Contexts of the requests of a deployment: one length, or several with their shares. */
export type ContextMix = readonly ContextShare[];

export const oneContext = (context: number): ContextMix => [{ context, share: 1 }];

/**
 * A mix whose shares add up to 1. Weights may be any positive numbers.
 * @throws RangeError when nothing is given, or a context or a weight is no positive number
 */
export function contextMix(weighted: readonly { readonly context: number; readonly weight: number }[]): ContextMix {
  if (weighted.length === 0) throw new RangeError('contexts: mix [] is empty');
  for (const { context, weight } of weighted) {
    if (!Number.isSafeInteger(context) || context < 1) throw new RangeError(`contexts: context ${context} is not a positive integer`);
    if (!(weight > 0 && Number.isFinite(weight))) throw new RangeError(`contexts: weight ${weight} is not a positive number`);
  }
  const twice = weighted.find(({ context }, at) => weighted.findIndex((other) => other.context === context) !== at);
  if (twice !== undefined) throw new RangeError(`contexts: context ${twice.context} is given twice`);
  const total = weighted.reduce((sum, { weight }) => sum + weight, 0);
  return weighted.map(({ context, weight }) => ({ context, share: weight / total }));
}

/** Equal shares of a log-normal distribution of contexts, each by its mean. */
const SHARES = 16;

/**
 * A log-normal mix with a mean context and a standard deviation of the logarithm: 0 is one context. Shares of a sixteenth by their means,
 *   n (Phi(z_(i+1) - sigma) - Phi(z_i - sigma))   of the mean, between the quantiles z_i,
 * which keep the mean to a token. Spread within a share is lost: 4 % of the standard deviation at 0.5, a seventh at 1, two thirds at 2.
 * @throws RangeError when the mean is no positive integer, or the deviation is not from 0 to 2
 */
export function logNormalMix(mean: number, deviation: number): ContextMix {
  if (!Number.isSafeInteger(mean) || mean < 1) throw new RangeError(`contexts: mean ${mean} is not a positive integer`);
  if (!(deviation >= 0 && deviation <= 2)) throw new RangeError(`contexts: deviation ${deviation} is not from 0 to 2`);
  if (deviation === 0) return oneContext(mean);
  const below = (edge: number): number => (edge === 0 ? 0 : edge === SHARES ? 1 : cumulative(quantileOf(edge / SHARES) - deviation));
  const weights = new Map<number, number>();
  for (let share = 0; share < SHARES; share++) {
    const context = Math.max(1, Math.round(mean * SHARES * (below(share + 1) - below(share))));
    weights.set(context, (weights.get(context) ?? 0) + 1);
  }
  return contextMix([...weights].map(([context, weight]) => ({ context, weight })));
}

const quantileOf = (share: number): number => (share < 0.5 ? -normalQuantile(1 - share) : normalQuantile(share));
const cumulative = (x: number): number => (x < 0 ? 1 - normalShare(-x) : normalShare(x));

/** Mean and standard deviation of what a request of a mix takes. */
export function spreadOf(mix: ContextMix, of: (context: number) => number): { readonly mean: number; readonly deviation: number } {
  const values = mix.map(({ context, share }) => ({ value: of(context), share }));
  const mean = values.reduce((sum, { value, share }) => sum + share * value, 0);
  const variance = values.reduce((sum, { value, share }) => sum + share * (value - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(variance) };
}

/**
 * Expected time of the slowest of n replicas, each of which holds r requests drawn from a mix: all wait for it, layer by layer.
 * `z` is the expected largest of n standard normal numbers, see `expectedLargest`.
 */
export const slowestReplica = formula({
  id: 'afd/slowest-replica',
  name: 'Expected time of the slowest replica',
  symbols: {
    mean: { unit: 's', meaning: 'time of a replica whose requests have the mean context', tex: '\\mu' },
    deviation: { unit: 's', meaning: 'standard deviation of that time where all requests of a replica have one context of the mix', tex: '\\sigma' },
    requests: { unit: '1', meaning: 'requests of a replica', tex: 'r' },
    z: { unit: '1', meaning: 'expected largest of as many standard normal numbers as there are replicas', tex: 'z_n' },
  },
  expression: 'mean + z * deviation / requests^0.5',
  unit: 's',
  evaluate: ({ mean, deviation, requests, z }) => mean + (z * deviation) / requests ** 0.5,
  source: { kind: 'derived', from: 'the sum of r independent requests is close to normal; the largest of n of them' },
});

/**
 * Expected largest of n standard normal numbers, as the (n - 3/8) / (n + 1/4) quantile (Blom 1958), within 0.026 of the exact value; 0 for one.
 * @throws RangeError when n is no positive integer
 */
export function expectedLargest(n: number): number {
  if (!Number.isSafeInteger(n) || n < 1) throw new RangeError(`contexts: replicas ${n} is not a positive integer`);
  return n === 1 ? 0 : normalQuantile((n - 0.375) / (n + 0.25));
}

/** The quantile of a standard normal number, by halving: good to 1e-9 for shares between 0.5 and 1 - 1e-12. */
function normalQuantile(share: number): number {
  let [low, high] = [0, 8];
  for (let halving = 0; halving < 50; halving++) {
    const middle = (low + high) / 2;
    if (normalShare(middle) < share) low = middle;
    else high = middle;
  }
  return low;
}

/** Share of standard normal numbers below x >= 0: 1/2 + density (x + x^3 / 3 + x^5 / 15 + ...), whose terms are all positive. */
function normalShare(x: number): number {
  let [term, sum] = [x, x];
  for (let odd = 3; term > 1e-17 * sum && odd < 400; odd += 2) {
    term *= (x * x) / odd;
    sum += term;
  }
  return 0.5 + (sum * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
}
