/** Doublings that a grid holds in each direction. */
const DOUBLINGS = 24;
/** Points that were asked for last are kept: simulations ask for few of them again and again. Each has one of 2^12 places, by the high bits of a product (multiplicative hashing). */
const PLACES = 4096;
const HIGH = 32 - 12;
const [SPREAD_X, SPREAD_Y] = [2_654_435_761, 2_246_822_519];

/**
 * A positive function of two numbers from 1 on, kept at powers of two, each found when it is first needed; between them linear in the logarithms of all three.
 * Exact at the powers, and everywhere for products of powers.
 */
export class LogGrid {
  readonly #of: (x: number, y: number) => number;
  readonly #logs = new Float64Array(DOUBLINGS * DOUBLINGS).fill(Number.NaN);
  /** x, y and value of the points that are kept */
  readonly #kept = new Float64Array(3 * PLACES);

  constructor(of: (x: number, y: number) => number) {
    this.#of = of;
  }

  /** @throws RangeError outside 1 to 2^23 */
  at(x: number, y: number): number {
    const place = 3 * ((Math.imul(1024 * x, SPREAD_X) ^ Math.imul(1024 * y, SPREAD_Y)) >>> HIGH);
    const kept = this.#kept;
    if (kept[place] === x && kept[place + 1] === y) return kept[place + 2] as number;
    const value = this.#between(x, y);
    kept[place] = x;
    kept[place + 1] = y;
    kept[place + 2] = value;
    return value;
  }

  #between(x: number, y: number): number {
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
