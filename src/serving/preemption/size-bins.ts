const NONE = -1;

/** Position of the lowest bit that is set. */
const lowest = (bits: number): number => 31 - Math.clz32(bits & -bits);

/**
 * Items by a whole size from 1 on, each size a list with the item added last in front; a tree of bit words finds sizes. Every call is O(1) for an item, O(log32 size) for the words.
 */
export class SizeBins {
  readonly #heads: Int32Array;
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  /** bit i of level 0: some item has size i; of the levels above: word i below is not 0 */
  readonly #levels: Int32Array[] = [];

  constructor(items: number, largest: number) {
    this.#heads = new Int32Array(largest + 1).fill(NONE);
    this.#next = new Int32Array(items);
    this.#previous = new Int32Array(items);
    let words = largest + 1;
    do {
      words = Math.ceil(words / 32);
      this.#levels.push(new Int32Array(words));
    } while (words > 1);
  }

  /** The item of a size that was added last. */
  first(size: number): number {
    return this.#heads[size] as number;
  }

  add(item: number, size: number): void {
    const head = this.#heads[size] as number;
    this.#heads[size] = item;
    this.#previous[item] = NONE;
    this.#next[item] = head;
    if (head !== NONE) this.#previous[head] = item;
    else this.#mark(size);
  }

  remove(item: number, size: number): void {
    const before = this.#previous[item] as number;
    const after = this.#next[item] as number;
    if (after !== NONE) this.#previous[after] = before;
    if (before !== NONE) this.#next[before] = after;
    else {
      this.#heads[size] = after;
      if (after === NONE) this.#clear(size);
    }
  }

  /** Smallest size from `size` on that an item has; 0 where none has. */
  atLeast(size: number): number {
    let at = size;
    for (let level = 0; level < this.#levels.length; level++) {
      const words = this.#levels[level] as Int32Array;
      const word = at >>> 5;
      if (word >= words.length) return 0;
      const bits = (words[word] as number) & (-1 << (at & 31));
      if (bits !== 0) {
        let found = word * 32 + lowest(bits);
        for (let below = level - 1; below >= 0; below--) found = found * 32 + lowest(this.#levels[below]?.[found] as number);
        return found;
      }
      at = word + 1;
    }
    return 0;
  }

  /** Largest size that an item has; 0 where there is none. */
  largest(): number {
    let found = 0;
    for (let level = this.#levels.length - 1; level >= 0; level--) {
      const bits = this.#levels[level]?.[found] as number;
      if (bits === 0) return 0;
      found = found * 32 + 31 - Math.clz32(bits);
    }
    return found;
  }

  #mark(size: number): void {
    let at = size;
    for (const words of this.#levels) {
      const before = words[at >>> 5] as number;
      words[at >>> 5] = before | (1 << (at & 31));
      if (before !== 0) return;
      at >>>= 5;
    }
  }

  #clear(size: number): void {
    let at = size;
    for (const words of this.#levels) {
      const left = (words[at >>> 5] as number) & ~(1 << (at & 31));
      words[at >>> 5] = left;
      if (left !== 0) return;
      at >>>= 5;
    }
  }
}
