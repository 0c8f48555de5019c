/** Doublings that a grid holds in each direction. */
const DOUBLINGS = 24;

/**
 * A positive function of two numbers from 1 on, kept at powers of two, each found when it is first needed; between them linear in the logarithms of all three.
 * Exact at the powers, and everywhere for products of powers.
 */
export class LogGrid {
  readonly #of: (x: number, y: number) => number;
  readonly #logs = new Float64Array(DOUBLINGS * DOUBLINGS).fill(Number.NaN);

  constructor(of: (x: number, y: number) => number) {
    this.#of = of;
  }

  /** @throws RangeError outside 1 to 2^23 */
  at(x: number, y: number): number {
    const column = Math.log2(x);
    const row = Math.log2(y);
    if (!(column >= 0 && row >= 0 && column <= DOUBLINGS - 1 && row <= DOUBLINGS - 1)) throw new RangeError(`grid: point ${x}, ${y} is not from 1 to ${2 ** (DOUBLINGS - 1)}`);
    const left = Math.floor(column);
    const below = Math.floor(row);
    const right = column - left;
    const above = row - below;
    const low = above === 0 ? this.#log(left, below) : (1 - above) * this.#log(left, below) + above * this.#log(left, below + 1);
    if (right === 0) return Math.exp(low);
    const high = above === 0 ? this.#log(left + 1, below) : (1 - above) * this.#log(left + 1, below) + above * this.#log(left + 1, below + 1);
    return Math.exp((1 - right) * low + right * high);
  }

  #log(column: number, row: number): number {
    const place = column * DOUBLINGS + row;
    const known = this.#logs[place] as number;
    if (!Number.isNaN(known)) return known;
    const value = Math.log(this.#of(2 ** column, 2 ** row));
    this.#logs[place] = value;
    return value;
  }
}
