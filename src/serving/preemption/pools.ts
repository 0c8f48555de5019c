import { GroupAllocator } from './group-allocator.ts';

/** Blocks of a memory, of which holders take some: conversations, by number. */
export interface KvPool {
  /** blocks that no holder uses */
  readonly free: number;
  /** Gives a holder more blocks; false, and nothing is changed, where fewer are free. */
  grow(holder: number, blocks: number): boolean;
  release(holder: number): void;
  blocksOf(holder: number): number;
  /** Lengths of the contiguous runs that hold a holder's blocks from one on, in their order. */
  runs(holder: number, from?: number): readonly number[];
}

/** Fixed blocks as vLLM has them: each is taken, and copied, alone. */
export class BlockPool implements KvPool {
  free: number;
  readonly #held = new Map<number, number>();

  constructor(blocks: number) {
    this.free = blocks;
  }

  grow(holder: number, blocks: number): boolean {
    if (blocks > this.free) return false;
    this.free -= blocks;
    this.#held.set(holder, this.blocksOf(holder) + blocks);
    return true;
  }

  release(holder: number): void {
    this.free += this.blocksOf(holder);
    this.#held.delete(holder);
  }

  blocksOf(holder: number): number {
    return this.#held.get(holder) ?? 0;
  }

  runs(holder: number, from = 0): readonly number[] {
    return new Array<number>(this.blocksOf(holder) - from).fill(1);
  }
}

/** A pool of single blocks, or of groups that begin with a number of blocks. */
export const poolOf = (blocks: number, initialGroup: number | null): KvPool => (initialGroup === null ? new BlockPool(blocks) : new GroupAllocator(blocks, initialGroup));

/**
 * Contiguous pieces, in both memories at once, of the first `blocks` blocks of two lists of runs: what one call can copy lies together where it comes from and where it goes to.
 */
export function sharedRuns(a: readonly number[], b: readonly number[], blocks: number): number {
  let pieces = 0;
  let [at, bt] = [0, 0];
  let [endA, endB] = [a[0] ?? 0, b[0] ?? 0];
  for (let done = 0; done < blocks; ) {
    pieces++;
    done = Math.min(endA, endB, blocks);
    if (done === endA) endA += a[++at] ?? 0;
    if (done === endB) endB += b[++bt] ?? 0;
  }
  return pieces;
}
