import { type CacheLayout, movedBy } from './layout.ts';
import { type KvPool, poolOf, sharedRuns } from './pools.ts';

/** Where the cache of a conversation is. */
export const NOWHERE = 0;
export const ON_CHIP = 1;
export const ON_HOST = 2;
/** on its way to the host, or from there; its blocks on the chip are taken */
export const LEAVING = 3;
export const COMING = 4;

/** One copy of a cache, or of part of it. */
export interface Copied {
  readonly blocks: number;
  /** contiguous in both memories: what one call takes of each slice */
  readonly groups: number;
  readonly calls: number;
  readonly bytes: number;
}

export interface ResidencyOptions {
  readonly layout: CacheLayout;
  readonly gpuBlocks: number;
  readonly cpuBlocks: number;
  readonly initialGroup: number | null;
  readonly reuse: boolean;
}

const HOLDS_NOTHING: Copied = { blocks: 0, groups: 0, calls: 0, bytes: 0 };

/**
 * The caches of all conversations in the memories of the chip and of the host: what is where, and what a swap has to move. It knows blocks, not time.
 * With reuse a conversation keeps its copy on the host when it comes back; full blocks of it stay valid. Where the host is full, copies of conversations that are on
 * the chip are given up, in the order in which they came in.
 */
export class Residency {
  readonly gpu: KvPool;
  readonly where: Uint8Array;
  /** tokens in the cache, by conversation */
  readonly tokens: Int32Array;
  /** copies on the host that were given up for others */
  givenUp = 0;
  readonly #cpu: KvPool;
  readonly #layout: CacheLayout;
  readonly #reuse: boolean;
  readonly #initialGroup: number | null;
  /** blocks on the host that are as on the chip */
  readonly #valid: Int32Array;
  /** conversations on the chip that keep a copy on the host, as they came in */
  readonly #spare = new Set<number>();

  constructor(conversations: number, { layout, gpuBlocks, cpuBlocks, initialGroup, reuse }: ResidencyOptions) {
    this.gpu = poolOf(gpuBlocks, initialGroup);
    this.#cpu = poolOf(cpuBlocks, initialGroup);
    this.#layout = layout;
    this.#reuse = reuse;
    this.#initialGroup = initialGroup;
    this.where = new Uint8Array(conversations);
    this.tokens = new Int32Array(conversations);
    this.#valid = new Int32Array(conversations);
  }

  blocksFor(tokens: number): number {
    return Math.ceil(tokens / this.#layout.blockTokens);
  }

  /** Blocks that a conversation lacks on the chip for a number of tokens. */
  lacks(conversation: number, tokens: number): number {
    return Math.max(0, this.blocksFor(tokens) - this.gpu.blocksOf(conversation));
  }

  /** Takes the blocks that a number of tokens needs on the chip; false, and nothing is changed, where they are not free. */
  grow(conversation: number, tokens: number): boolean {
    const blocks = this.lacks(conversation, tokens);
    return blocks === 0 || this.gpu.grow(conversation, blocks);
  }

  /** Finds room on the host and says what has to be copied there; null where there is no room. The blocks on the chip stay taken until `left`. */
  leave(conversation: number): Copied | null {
    const blocks = this.blocksFor(this.tokens[conversation] as number);
    this.#spare.delete(conversation);
    const more = blocks - this.#cpu.blocksOf(conversation);
    if (more > 0) {
      if (this.#cpu.free < more) this.#giveUp(more);
      if (!this.#cpu.grow(conversation, more)) return null;
    }
    const from = this.#valid[conversation] as number;
    this.#valid[conversation] = blocks;
    this.where[conversation] = LEAVING;
    return this.#copied(conversation, from, blocks);
  }

  /** What goes out is out. */
  left(conversation: number): void {
    this.gpu.release(conversation);
    this.where[conversation] = ON_HOST;
  }

  /** What has to be copied back; its blocks on the chip have been taken by `grow`. */
  come(conversation: number): Copied {
    this.where[conversation] = COMING;
    return this.#copied(conversation, 0, this.blocksFor(this.tokens[conversation] as number));
  }

  /** What comes in is in. */
  came(conversation: number): void {
    this.where[conversation] = ON_CHIP;
    if (this.#reuse) {
      // the last block will be written to
      this.#valid[conversation] = Math.floor((this.tokens[conversation] as number) / this.#layout.blockTokens);
      this.#spare.add(conversation);
    } else this.#forget(conversation);
  }

  /** Forgets a cache altogether. */
  drop(conversation: number): void {
    this.gpu.release(conversation);
    this.#forget(conversation);
    this.where[conversation] = NOWHERE;
    this.tokens[conversation] = 0;
  }

  /** What a copy of all blocks of a number of tokens moves, where they lie as they do at best. */
  whole(tokens: number): Copied {
    const blocks = this.blocksFor(tokens);
    const groups = this.#initialGroup === null ? blocks : Math.ceil(blocks / this.#initialGroup);
    return { blocks, groups, ...movedBy(this.#layout, blocks, groups) };
  }

  #copied(conversation: number, from: number, to: number): Copied {
    const blocks = to - from;
    if (blocks <= 0 && this.#layout.states.pieces === 0) return HOLDS_NOTHING;
    const groups = this.#initialGroup === null ? blocks : sharedRuns(this.gpu.runs(conversation, from), this.#cpu.runs(conversation, from), blocks);
    return { blocks, groups, ...movedBy(this.#layout, blocks, groups) };
  }

  #giveUp(blocks: number): void {
    for (const conversation of this.#spare) {
      if (this.#cpu.free >= blocks) return;
      this.#forget(conversation);
      this.givenUp++;
    }
  }

  #forget(conversation: number): void {
    this.#cpu.release(conversation);
    this.#valid[conversation] = 0;
    this.#spare.delete(conversation);
  }
}
