import { exactCounting } from '../../layers/counting.ts';
import type { PrecisionPolicy } from '../../layers/precision.ts';
import { lowerParts } from '../../models/lower.ts';
import type { Model } from '../../models/model.ts';
import { shardOf } from '../../timing/shard.ts';

/**
 * What of a block lies together in memory, from small to large pieces.
 *   apart        keys and values of each layer: one tensor for each layer and each of the two, as in vLLM until 0.11
 *   layer        keys and values of a layer together
 *   whole-block  all layers together: one piece a block
 */
export const LAYOUTS = ['apart', 'layer', 'whole-block'] as const;
export type LayoutKind = (typeof LAYOUTS)[number];

/** Pieces of a block that are alike. */
export interface Slices {
  /** pieces of this kind in a block: a layer's keys and its values are two where they lie apart */
  readonly count: number;
  /** of one piece */
  readonly bytes: number;
  /** most blocks of a request that hold such pieces: those of a window; infinite where every token is kept */
  readonly mostBlocks: number;
}

/** How the cache of a request lies in memory: what one call can copy. */
export interface CacheLayout {
  readonly model: string;
  readonly kind: LayoutKind;
  readonly blockTokens: number;
  readonly slices: readonly Slices[];
  /** recurrent states of a request, which move whole: pieces, and bytes of them together */
  readonly states: { readonly pieces: number; readonly bytes: number };
}

export interface LayoutOptions {
  /** tokens of a block: 16 unless given, as in vLLM */
  readonly blockTokens?: number;
  /** `apart` unless given */
  readonly kind?: LayoutKind;
  /** chips that share the layers by heads; each copies its own part: 1 unless given */
  readonly tensorParallel?: number;
  /** the model's own policy unless given */
  readonly precision?: PrecisionPolicy;
}

/** Tokens over which the bytes of one are counted: entries of a compressor stand for several. */
const LONG = 2 ** 20;
/** Largest block, tokens: more than any engine has, and small enough that its bytes are exact. */
const LARGEST_BLOCK = 2 ** 16;

/**
 * The pieces in which one chip keeps the cache of a request.
 *   slice of a layer   blockTokens x bytes of a token: n_kv (d_qk + d_v) e of keys and values, the part of each where they lie apart; one latent in MLA, which has no values of its own
 *   windows            ceil(window / blockTokens) blocks at most; index keys and compressed entries are slices of their own
 *   states             one piece a layer, at any context
 * Tensor parallel: heads are dealt out; a latent or a single head is whole on every chip.
 * Ignored: padding, a window that begins within a block (one block more), the K part of a latent cache that an engine may keep apart.
 * @throws RangeError for a block or a number of chips that is no positive integer
 */
export function cacheLayout(model: Model, { blockTokens = 16, kind = 'apart', tensorParallel = 1, precision = model.precision }: LayoutOptions = {}): CacheLayout {
  check('blockTokens', blockTokens, Number.isSafeInteger(blockTokens) && blockTokens >= 1 && blockTokens <= LARGEST_BLOCK, `is not a whole number from 1 to ${LARGEST_BLOCK}`);
  check('tensorParallel', tensorParallel, Number.isSafeInteger(tensorParallel) && tensorParallel >= 1, 'is not a positive integer');
  const slices: Slices[] = [];
  const states = { pieces: 0, bytes: 0 };
  for (const { group, operators } of lowerParts(model, { precision, counting: exactCounting })) {
    if (group === null) continue;
    for (const operator of operators) {
      const { cache, component, repeat, shape } = operator;
      if (cache === undefined) continue;
      const share = shardOf(operator, tensorParallel).cache;
      const perToken = (share * Math.round(cache.paged.evaluate(LONG))) / LONG;
      if (perToken > 0) {
        const window = windowOf(cache.ring.evaluate(LONG), cache.paged.evaluate(LONG));
        const mostBlocks = window === null ? Number.POSITIVE_INFINITY : Math.ceil(window / blockTokens);
        const bytes = perToken * blockTokens;
        const apart = kind === 'apart' && component !== 'indexer' && keepsValues(model, group) && shape.kind === 'attention';
        const keys = apart ? shape.queryKeyDim / (shape.queryKeyDim + shape.valueDim) : 1;
        for (const part of apart ? [keys, 1 - keys] : [1]) slices.push({ count: repeat, bytes: part * bytes, mostBlocks });
      }
      if (cache.state > 0) {
        states.pieces += repeat;
        states.bytes += repeat * cache.state * share;
      }
    }
  }
  return { model: model.id, kind, blockTokens, slices: kind === 'whole-block' ? together(slices) : alike(slices), states };
}

/** Bytes of one block that every layer keeps. */
export const bytesOfBlock = ({ slices }: CacheLayout): number => slices.reduce((sum, { count, bytes }) => sum + count * bytes, 0);

/** Calls that copy one block which lies alone. */
export const piecesOfBlock = ({ slices }: CacheLayout): number => slices.reduce((sum, { count }) => sum + count, 0);

/** Blocks that hold the cache of a number of tokens. */
export const blocksOf = ({ blockTokens }: CacheLayout, tokens: number): number => Math.ceil(tokens / blockTokens);

/** What a copy of part of a request moves. */
export interface Moved {
  readonly calls: number;
  readonly bytes: number;
}

/**
 * Calls and bytes that copy `blocks` of a request which lie in `groups` contiguous groups, states included.
 *   blocks' = min(blocks, most of a window), bytes = sum over slices of count bytes blocks', calls = sum of count ceil(groups blocks' / blocks)
 * Ignored: that groups differ in size where a window takes part of them.
 */
export const movedBy = (layout: CacheLayout, blocks: number, groups: number): Moved => moved(layout, blocks, (kept) => Math.ceil((groups * kept) / blocks));

/** The same where all groups have `groupBlocks` blocks and each window begins with one: calls = sum of count ceil(blocks' / groupBlocks), as in `swapTime`. */
export const movedInGroups = (layout: CacheLayout, blocks: number, groupBlocks: number): Moved => moved(layout, blocks, (kept) => Math.ceil(kept / groupBlocks));

function moved({ slices, states }: CacheLayout, blocks: number, groupsOf: (kept: number) => number): Moved {
  let calls = states.pieces;
  let { bytes } = states;
  for (const slice of slices) {
    const kept = Math.min(blocks, slice.mostBlocks);
    if (kept === 0) continue;
    calls += slice.count * groupsOf(kept);
    bytes += slice.count * slice.bytes * kept;
  }
  return { calls, bytes };
}

/** Tokens that a ring keeps of a long request; null where it keeps all. */
function windowOf(ring: number, paged: number): number | null {
  return ring < paged ? Math.round((LONG * ring) / paged) : null;
}

/** Whether a layer keeps values beside its keys: latent and compressed attention keep one vector for both. */
function keepsValues(model: Model, group: number): boolean {
  switch (model.layers[group]?.attention.kind) {
    case 'mla':
    case 'dsa':
    case 'compressed':
      return false;
    default:
      return true;
  }
}

/** Slices of one size and window as one kind. */
function alike(slices: readonly Slices[]): readonly Slices[] {
  const kinds: Slices[] = [];
  for (const slice of slices) {
    const at = kinds.findIndex(({ bytes, mostBlocks }) => bytes === slice.bytes && mostBlocks === slice.mostBlocks);
    const same = kinds[at];
    if (same === undefined) kinds.push(slice);
    else kinds[at] = { ...same, count: same.count + slice.count };
  }
  return kinds;
}

/** One piece a block for all layers of one window: blocks of a hybrid are of one kind a window. */
function together(slices: readonly Slices[]): readonly Slices[] {
  return [...new Set(slices.map(({ mostBlocks }) => mostBlocks))].map((mostBlocks) => ({
    count: 1,
    bytes: slices.reduce((sum, slice) => (slice.mostBlocks === mostBlocks ? sum + slice.count * slice.bytes : sum), 0),
    mostBlocks,
  }));
}

function check(field: string, value: number, holds: boolean, rule: string): void {
  if (!holds) throw new RangeError(`preemption: ${field} ${value} ${rule}`);
}
