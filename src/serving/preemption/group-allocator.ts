import { SizeBins } from './size-bins.ts';

const NONE = -1;

/**
 * KV cache blocks in contiguous groups: the dynamic block group manager of FastSwitch. A holder has extents (ranges of blocks, in the order of its tokens);
 * behind the last one, in its active group, it keeps a reserved tail for the tokens to come. Where it grows, it takes, in this order:
 * 1. its tail;
 * 2. the free extent that directly follows its last block, max(need, initialGroup) blocks of it at most, what is not needed yet as its tail;
 * 3. a new group of max(need, initialGroup) blocks: of the smallest free extent that is large enough (split), else the largest free extents, whole;
 * 4. where no extent is free: half of the largest tail of another holder, rounded up, from its end, and all that is needed where that is more; again until there is enough.
 * Of equals the one that was freed, or whose tail changed, last. A release merges extents with free neighbours. Ranges that touch are one extent.
 * Source: arXiv:2411.18424 section 3.1 (active group, split and merge, initial group); it prints no rule for which extent or whose tail: best fit, the largest tail and half of it are assumed.
 * Ignores: moving blocks (compaction), groups kept in host memory.
 */
export class GroupAllocator {
  readonly #blocks: number;
  readonly #initialGroup: number;
  /** of a holder: its first block, by which it is known below */
  readonly #firsts = new Map<number, number>();
  /** by first block: blocks held, start of the last extent, reserved blocks behind it */
  readonly #held: Int32Array;
  readonly #last: Int32Array;
  readonly #tail: Int32Array;
  /** by start of a held extent: its blocks, the start of the extent before it */
  readonly #length: Int32Array;
  readonly #before: Int32Array;
  /** by start of a free extent: its blocks, 0 for other blocks; by its last block: its start, -1 for others */
  readonly #freeLength: Int32Array;
  readonly #freeEndingAt: Int32Array;
  readonly #extents: SizeBins;
  readonly #tails: SizeBins;
  #free: number;
  #taken = 0;

  /**
   * @param blocks of the pool
   * @param initialGroup blocks of the contiguous group that a holder is given first (60 in the paper)
   * @throws RangeError where one is no whole number of at least 1, or the group is larger than the pool
   */
  constructor(blocks: number, initialGroup: number) {
    if (!(Number.isInteger(blocks) && blocks >= 1)) throw new RangeError(`preemption: blocks ${blocks} is not a whole number of at least 1`);
    if (!(Number.isInteger(initialGroup) && initialGroup >= 1)) throw new RangeError(`preemption: initialGroup ${initialGroup} is not a whole number of at least 1`);
    if (initialGroup > blocks) throw new RangeError(`preemption: initialGroup ${initialGroup} is above the ${blocks} blocks of the pool`);
    this.#blocks = blocks;
    this.#initialGroup = initialGroup;
    this.#held = new Int32Array(blocks);
    this.#last = new Int32Array(blocks);
    this.#tail = new Int32Array(blocks);
    this.#length = new Int32Array(blocks);
    this.#before = new Int32Array(blocks);
    this.#freeLength = new Int32Array(blocks);
    this.#freeEndingAt = new Int32Array(blocks).fill(NONE);
    this.#extents = new SizeBins(blocks, blocks);
    this.#tails = new SizeBins(blocks, initialGroup);
    this.#free = blocks;
    this.#addFree(0, blocks);
  }

  /** Blocks that no holder uses; reserved tails are free. */
  get free(): number {
    return this.#free;
  }

  /**
   * Gives a holder more blocks; false, and nothing changes, where fewer are free.
   * @throws RangeError for blocks that are no whole number of at least 1
   */
  grow(holder: number, blocks: number): boolean {
    if (!(Number.isInteger(blocks) && blocks >= 1)) throw new RangeError(`preemption: grow ${blocks} is not a whole number of blocks of at least 1`);
    if (blocks > this.#free) return false;
    this.#free -= blocks;
    let first = this.#firsts.get(holder) ?? NONE;
    let need = blocks;
    if (first !== NONE) {
      const tail = this.#tail[first] as number;
      const used = Math.min(tail, need);
      if (used > 0) {
        this.#append(first, this.#endOf(first), used);
        this.#setTail(first, tail - used);
        need -= used;
      }
    }
    while (need > 0) {
      const start = this.#take(first, need);
      const group = this.#taken;
      if (first === NONE) {
        first = start;
        this.#firsts.set(holder, first);
        this.#held[first] = 0;
      }
      const used = Math.min(group, need);
      this.#append(first, start, used);
      this.#setTail(first, group - used);
      need -= used;
    }
    return true;
  }

  /** Takes all blocks of a holder back; of one that holds none, nothing. */
  release(holder: number): void {
    const first = this.#firsts.get(holder);
    if (first === undefined) return;
    this.#firsts.delete(holder);
    const tail = this.#tail[first] as number;
    this.#setTail(first, 0);
    this.#free += this.#held[first] as number;
    let start = this.#last[first] as number;
    this.#merge(start, (this.#length[start] as number) + tail);
    while (start !== first) {
      start = this.#before[start] as number;
      this.#merge(start, this.#length[start] as number);
    }
  }

  blocksOf(holder: number): number {
    const first = this.#firsts.get(holder);
    return first === undefined ? 0 : (this.#held[first] as number);
  }

  /** Extents of a holder, [first block, blocks] each, in the order of its tokens. */
  extentsOf(holder: number): readonly (readonly [number, number])[] {
    return this.#walk(holder, 0, (start, length) => [start, length] as const);
  }

  /**
   * Contiguous runs that hold the blocks from index `from` to the end of a holder, in the order of its tokens. O(runs given).
   * @throws RangeError for an index that is no whole number from 0 to its blocks
   */
  runs(holder: number, from = 0): readonly number[] {
    return this.#walk(holder, from, (_, length) => length);
  }

  /** How many `runs` there are. */
  countRuns(holder: number, from = 0): number {
    let left = this.#checkedLeft(holder, from);
    let count = 0;
    if (left === 0) return count;
    for (let start = this.#last[this.#firsts.get(holder) as number] as number; left > 0; start = this.#before[start] as number) {
      left -= this.#length[start] as number;
      count++;
    }
    return count;
  }

  #walk<T>(holder: number, from: number, of: (start: number, length: number) => T): T[] {
    let left = this.#checkedLeft(holder, from);
    const found: T[] = [];
    if (left === 0) return found;
    for (let start = this.#last[this.#firsts.get(holder) as number] as number; left > 0; start = this.#before[start] as number) {
      const length = this.#length[start] as number;
      found.push(of(start, Math.min(length, left)));
      left -= length;
    }
    return found.reverse();
  }

  #checkedLeft(holder: number, from: number): number {
    const held = this.blocksOf(holder);
    if (!(Number.isInteger(from) && from >= 0 && from <= held)) throw new RangeError(`preemption: from ${from} is not a whole number from 0 to the ${held} blocks of holder ${holder}`);
    return held - from;
  }

  /** First block behind the last extent. */
  #endOf(first: number): number {
    const last = this.#last[first] as number;
    return last + (this.#length[last] as number);
  }

  /** Puts blocks behind the last extent, into it where they touch. */
  #append(first: number, start: number, blocks: number): void {
    const held = this.#held[first] as number;
    this.#held[first] = held + blocks;
    if (held > 0 && this.#endOf(first) === start) {
      const last = this.#last[first] as number;
      this.#length[last] = (this.#length[last] as number) + blocks;
      return;
    }
    this.#before[start] = held > 0 ? (this.#last[first] as number) : NONE;
    this.#length[start] = blocks;
    this.#last[first] = start;
  }

  #setTail(first: number, blocks: number): void {
    const tail = this.#tail[first] as number;
    if (tail > 0) this.#tails.remove(first, tail);
    if (blocks > 0) this.#tails.add(first, blocks);
    this.#tail[first] = blocks;
  }

  /** Takes a group for a holder that has no tail; gives its start, and its blocks in `#taken`. */
  #take(first: number, need: number): number {
    const want = Math.max(need, this.#initialGroup);
    const end = first === NONE ? this.#blocks : this.#endOf(first);
    const following = end < this.#blocks ? (this.#freeLength[end] as number) : 0;
    const length = following > 0 ? following : this.#extents.atLeast(want) || this.#extents.largest();
    if (length === 0) return this.#takeTail(need);
    const start = following > 0 ? end : this.#extents.first(length);
    this.#removeFree(start, length);
    this.#taken = Math.min(length, want);
    if (length > this.#taken) this.#addFree(start + this.#taken, length - this.#taken);
    return start;
  }

  #takeTail(need: number): number {
    const tail = this.#tails.largest();
    const from = this.#tails.first(tail);
    this.#taken = Math.min(tail, Math.max(need, Math.ceil(tail / 2)));
    this.#setTail(from, tail - this.#taken);
    return this.#endOf(from) + tail - this.#taken;
  }

  /** Frees a range, together with the free extents that it touches. */
  #merge(from: number, blocks: number): void {
    let [start, length] = [from, blocks];
    const before = start > 0 ? (this.#freeEndingAt[start - 1] as number) : NONE;
    if (before !== NONE) {
      this.#removeFree(before, start - before);
      length += start - before;
      start = before;
    }
    const end = start + length;
    const after = end < this.#blocks ? (this.#freeLength[end] as number) : 0;
    if (after > 0) {
      this.#removeFree(end, after);
      length += after;
    }
    this.#addFree(start, length);
  }

  #addFree(start: number, length: number): void {
    this.#freeLength[start] = length;
    this.#freeEndingAt[start + length - 1] = start;
    this.#extents.add(start, length);
  }

  #removeFree(start: number, length: number): void {
    this.#freeLength[start] = 0;
    this.#freeEndingAt[start + length - 1] = NONE;
    this.#extents.remove(start, length);
  }
}
