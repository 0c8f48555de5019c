import { describe, expect, it } from 'vitest';
import { exponential, gamma, normal, type Random, randomOf } from '../../../src/serving/engine/random.ts';

/** numpy.random.RandomState(seed).random_sample(1000), numpy 2.4: the first five and the last. */
const NUMPY = [
  [0, [0.5488135039273248, 0.7151893663724195, 0.6027633760716439, 0.5448831829968969, 0.4236547993389047], 0.6771411441114241],
  [1, [0.417022004702574, 0.7203244934421581, 0.00011437481734488664, 0.30233257263183977, 0.14675589081711304], 0.7744772660150796],
  [2024, [0.5880145188953979, 0.6991087476815825, 0.18815196003850598, 0.043808563746864815, 0.2050189523942888], 0.2837885149622815],
  [2 ** 32 - 1, [0.0976320289940138, 0.9123828453026218, 0.78903530185164, 0.7800035981134678, 0.01793967398674523], 0.556626859384112],
] as const;

/** numpy.random.RandomState(seed).standard_gamma(1, size=6), numpy 2.4. */
const STANDARD_GAMMA = [
  [0, [0.79587450816311, 1.2559307629658378, 0.9232231458040688, 0.7872011523172707, 0.5510484910954992, 1.0381592949436094]],
  [7, [0.07937690952144451, 1.5137586745587868, 0.5769818641565158, 1.2854185268208107, 3.816236211795087, 0.7732642768895222]],
] as const;

const draws = (count: number, draw: () => number): readonly number[] => Array.from({ length: count }, draw);
const meanOf = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
/** Mean of the power of the distance to the mean. */
const momentOf = (values: readonly number[], power: number): number => {
  const mean = meanOf(values);
  return meanOf(values.map((value) => (value - mean) ** power));
};

describe('randomOf', () => {
  it.each(NUMPY)('gives the numbers of numpy, seed %d', (seed, first, last) => {
    const values = draws(1000, randomOf(seed));
    expect(values.slice(0, 5)).toEqual(first);
    expect(values[999]).toBe(last);
  });

  it('gives the same again, and others to another seed', () => {
    expect(draws(10, randomOf(5))).toEqual(draws(10, randomOf(5)));
    expect(draws(10, randomOf(5))).not.toEqual(draws(10, randomOf(6)));
  });

  it.each([-1, 0.5, 2 ** 32, Number.NaN, Number.POSITIVE_INFINITY])('refuses the seed %d', (seed) => {
    expect(() => randomOf(seed)).toThrow(new RangeError(`random: seed ${seed} is not a whole number from 0 to 4294967295`));
  });
});

describe('exponential', () => {
  it.each(STANDARD_GAMMA)('is the standard_gamma(1) of numpy, seed %d, to the last digit of a logarithm', (seed, expected) => {
    const random = randomOf(seed);
    for (const value of expected) expect(Math.abs(exponential(random) / value - 1)).toBeLessThan(4e-16);
  });

  it('is 0 at least, and finite for the largest number', () => {
    expect([exponential(() => 0), exponential(() => 1 - 2 ** -53)]).toEqual([-0, 53 * Math.log(2)]);
  });
});

describe('normal', () => {
  // 40,000 draws: the standard errors of mean, variance and fourth moment are 0.005, 0.007 and 0.05
  it('has mean 0, variance 1, no skew and a fourth moment of 3', () => {
    const random = randomOf(1);
    const values = draws(40_000, () => normal(random));
    expect(Math.abs(meanOf(values))).toBeLessThan(0.02);
    expect(Math.abs(momentOf(values, 2) - 1)).toBeLessThan(0.03);
    expect(Math.abs(momentOf(values, 3))).toBeLessThan(0.06);
    expect(Math.abs(momentOf(values, 4) - 3)).toBeLessThan(0.2);
  });

  it('draws again where a point lies outside of the circle, or at its middle', () => {
    const numbers = [0.99, 0.99, 0.5, 0.5, 0.75, 0.5];
    expect(normal((): number => numbers.shift() as number)).toBe(0.5 * Math.sqrt((-2 * Math.log(0.25)) / 0.25));
    expect(numbers).toEqual([]);
  });
});

describe('gamma', () => {
  // mean and variance are the shape, the third moment is twice it; standard errors of 40,000 draws are below a fifth of the bounds
  it.each([0.1, 0.25, 0.5, 1, 2, 10])('of shape %d has that mean and that variance, and twice it as third moment', (shape) => {
    const random = randomOf(3);
    const values = draws(40_000, () => gamma(random, shape));
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.abs(meanOf(values) / shape - 1)).toBeLessThan(0.03 + 0.02 / Math.sqrt(shape));
    expect(Math.abs(momentOf(values, 2) / shape - 1)).toBeLessThan(0.1 + 0.05 / shape ** 0.7);
    expect(Math.abs(momentOf(values, 3) / (2 * shape) - 1)).toBeLessThan(0.6);
  });

  /** The largest distance between the distribution of a sample and one that is given; about 1.63 / sqrt(n) where it is the same, at 1 %. */
  const distanceOf = (values: readonly number[], below: (value: number) => number): number => {
    const sorted = [...values].sort((a, b) => a - b);
    return Math.max(...sorted.map((value, at) => Math.max(Math.abs(below(value) - at / sorted.length), Math.abs(below(value) - (at + 1) / sorted.length))));
  };
  const sampleOf = (shape: number, random: Random): readonly number[] => draws(20_000, () => gamma(random, shape));

  it('is the exponential distribution for shape 1, and the sum of two for shape 2', () => {
    expect(distanceOf(sampleOf(1, randomOf(11)), (x) => 1 - Math.exp(-x))).toBeLessThan(1.63 / Math.sqrt(20_000));
    expect(distanceOf(sampleOf(2, randomOf(12)), (x) => 1 - (1 + x) * Math.exp(-x))).toBeLessThan(1.63 / Math.sqrt(20_000));
  });

  it('is half the square of a normal number for shape 1/2', () => {
    const random = randomOf(13);
    const squares = [...draws(20_000, () => normal(random) ** 2 / 2)].sort((a, b) => a - b);
    const below = (x: number): number => {
      let [low, high] = [0, squares.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        if ((squares[middle] as number) < x) low = middle + 1;
        else high = middle;
      }
      return low / squares.length;
    };
    expect(distanceOf(sampleOf(0.5, randomOf(14)), below)).toBeLessThan(1.63 * Math.sqrt(2 / 20_000));
  });
});
