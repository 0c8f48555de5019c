import { normal, type Random } from './random.ts';
import { LONGEST_REQUEST } from './requests.ts';

/** Lengths in tokens. */
export type Lengths =
  | { readonly kind: 'fixed'; readonly tokens: number }
  /** log-normal of a mean and a standard deviation of the logarithm, from 1 to `longest` */
  | { readonly kind: 'log-normal'; readonly mean: number; readonly spread: number; readonly longest: number }
  /** bins with probabilities, even within a bin: a histogram */
  | { readonly kind: 'histogram'; readonly edges: readonly number[]; readonly probabilities: readonly number[] };

/** A length for each request, at least 1 token. @throws RangeError for a distribution that is none */
export function lengthsOf(lengths: Lengths, count: number, random: Random): Int32Array {
  const values = new Int32Array(count);
  const draw = drawOf(lengths, random);
  for (let at = 0; at < count; at++) values[at] = Math.max(1, Math.round(draw()));
  return values;
}

function drawOf(lengths: Lengths, random: Random): () => number {
  const fail = (field: string, value: number, rule: string): never => {
    throw new RangeError(`lengths: ${field} ${value} ${rule}`);
  };
  switch (lengths.kind) {
    case 'fixed': {
      const { tokens } = lengths;
      if (!(Number.isInteger(tokens) && tokens >= 1)) fail('tokens', tokens, 'is not a whole number of at least 1');
      return () => tokens;
    }
    case 'log-normal': {
      const { mean, spread, longest } = lengths;
      if (!(mean >= 1 && mean <= longest)) fail('mean', mean, `is not from 1 to ${longest}`);
      if (longest > LONGEST_REQUEST) fail('longest', longest, `is more than ${LONGEST_REQUEST} tokens`);
      if (!(spread >= 0 && spread <= 3)) fail('spread', spread, 'is not from 0 to 3');
      const middle = Math.log(mean) - spread ** 2 / 2;
      return () => Math.min(longest, Math.exp(middle + spread * normal(random)));
    }
    case 'histogram': {
      const { edges, probabilities } = lengths;
      if (edges.length !== probabilities.length + 1) fail('edges', edges.length, `are not one more than ${probabilities.length} probabilities`);
      edges.forEach((edge, at) => {
        const before = edges[at - 1] ?? 0;
        if (!(edge >= 0 && edge <= LONGEST_REQUEST)) fail('edge', edge, `is not from 0 to ${LONGEST_REQUEST}`);
        if (edge < before) fail('edge', edge, `is below the one before it, ${before}`);
      });
      let total = 0;
      const below = probabilities.map((share) => {
        if (!(share >= 0)) fail('probability', share, 'is below 0');
        if (share === Number.POSITIVE_INFINITY) fail('probability', share, 'is not finite');
        total += share;
        return total;
      });
      if (!(total > 0)) fail('probabilities', total, 'are not above 0 together');
      return () => {
        const place = random() * total;
        const bin = below.findIndex((sum) => place < sum);
        const [from, to] = [edges[bin] as number, edges[bin + 1] as number];
        return from + (to - from) * random();
      };
    }
  }
}
