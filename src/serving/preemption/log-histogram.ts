/** Bins of a factor of e^0.001: a percentile is off by at most 0.05 %. From 1 ns to 1e9 s. */
const WIDTH = 1e-3;
const LEAST = Math.log(1e-9);
const BINS = Math.ceil((Math.log(1e9) - LEAST) / WIDTH);

/** Counts of non-negative values by their logarithm, zeros apart: percentiles of hundreds of millions of values in constant memory. */
export class LogHistogram {
  readonly #bins = new Float64Array(BINS);
  #zeros = 0;
  count = 0;
  sum = 0;
  largest = 0;

  add(value: number, times = 1): void {
    this.count += times;
    this.sum += times * value;
    if (value > this.largest) this.largest = value;
    if (value < 1e-9) this.#zeros += times;
    else {
      const bin = Math.min(BINS - 1, Math.floor((Math.log(value) - LEAST) / WIDTH));
      this.#bins[bin] = (this.#bins[bin] as number) + times;
    }
  }

  get mean(): number {
    return this.count === 0 ? 0 : this.sum / this.count;
  }

  /** The value that a share of all is not above, to 0.05 %; 0 where there are none. */
  quantile(share: number): number {
    const rank = share * this.count;
    let seen = this.#zeros;
    if (this.count === 0 || seen >= rank) return 0;
    for (let bin = 0; bin < BINS; bin++) {
      seen += this.#bins[bin] as number;
      if (seen >= rank) return Math.min(this.largest, Math.exp(LEAST + (bin + 0.5) * WIDTH));
    }
    return this.largest;
  }
}
