import { type Counting, exactCounting } from '../layers/counting.ts';
import type { StorageFormat } from '../layers/precision.ts';
import { ContextCurve } from '../units/context-curve.ts';
import { lowerModel } from './lower.ts';
import type { Model } from './model.ts';

export interface CacheOptions {
  /** format of the KV cache in every layer; the model's own policy unless given. Index keys of sparse attention keep theirs. */
  readonly kv?: StorageFormat;
  /** format of recurrent states; the model's own policy unless given */
  readonly state?: StorageFormat;
  readonly counting?: Counting;
}

/** Tokens over which the bytes of one are counted, so that entries that stand for several tokens count in part. */
const PER_TOKEN_OVER = 2 ** 20;

/** What one request of S tokens keeps, and what a decoded token at context S moves. All curves in bytes, all layers together. */
export interface ModelCache {
  /** KV and index keys, windows and chunks as rings of their size */
  readonly ring: ContextCurve;
  /** KV and index keys in a paged cache that evicts nothing */
  readonly paged: ContextCurve;
  /** index keys of sparse attention, part of both */
  readonly index: ContextCurve;
  /** recurrent, convolution and compressor states */
  readonly state: number;
  /** `ring` and `state`: what a request needs */
  readonly perRequest: ContextCurve;
  /** what one token adds to a paged cache: the KV bytes per token of all layers, entries of several tokens in part */
  readonly perToken: number;
  /** KV, index keys and recurrent states that a decoded token reads */
  readonly readPerToken: ContextCurve;
  /** KV, index keys and states that it writes */
  readonly writtenPerToken: ContextCurve;
}

/**
 * The cache of a model, summed over its operators.
 *   perRequest(S)    sum over layers of min(S, window) x bytes per token, all S tokens without a window, and the states
 *   readPerToken(S)  attended tokens x bytes per token (a window, a chunk's position, the top k), all index keys, every state once
 * A layer that shares the cache of another stores nothing and reads all of it.
 * States of a compressor are kept but hardly moved: they count in perRequest only.
 * Ignored: page and alignment padding, prefix sharing between requests, caches of a vision encoder or of prediction heads.
 */
export function modelCache(model: Model, { kv, state, counting = exactCounting }: CacheOptions = {}): ModelCache {
  const precision = { ...model.precision, ...(kv === undefined ? {} : { kv, kvByKind: {} }), ...(state === undefined ? {} : { state }) };
  const cores = lowerModel(model, { precision, counting: { ...counting, kvWrite: true } }).filter(({ part }) => part === 'core');
  const total = (curveOf: (core: (typeof cores)[number]) => ContextCurve): ContextCurve => ContextCurve.sum(cores.map((core) => curveOf(core).times(core.repeat)));
  const ring = total(({ cache }) => cache?.ring ?? ContextCurve.zero);
  const paged = total(({ cache }) => cache?.paged ?? ContextCurve.zero);
  const states = cores.reduce((sum, { cache, repeat }) => sum + (cache?.state ?? 0) * repeat, 0);
  // a state is moved in both directions, half of it each
  const moved = cores.reduce((sum, { bytes, repeat }) => sum + (bytes.state.evaluate(1) / 2) * repeat, 0);
  return {
    ring,
    paged,
    index: total(({ component, cache }) => (component === 'indexer' && cache ? cache.paged : ContextCurve.zero)),
    state: states,
    perRequest: ring.plus(ContextCurve.constant(states)),
    perToken: Math.round(Number(paged.exact(PER_TOKEN_OVER)) / PER_TOKEN_OVER),
    readPerToken: total(({ bytes }) => bytes.kvRead).plus(ContextCurve.constant(moved)),
    writtenPerToken: total(({ bytes }) => bytes.kvWrite).plus(ContextCurve.constant(moved)),
  };
}
