import type { Derivation } from '../provenance/card.ts';
import { ContextCurve, type Span, spans } from '../units/context-curve.ts';
import { bytesPerElement, perToken } from './gemm.ts';
import type { LoweringContext } from './lowering.ts';
import type { Attends, Operator } from './operator.ts';

export interface CoreParts {
  /** `core` unless given */
  readonly id?: string;
  /** `attention` unless given */
  readonly component?: 'attention' | 'indexer';
  readonly queryHeads: number;
  /** heads that the keys and values have when they are multiplied; the cache may hold fewer, or one latent */
  readonly kvHeads: number;
  readonly queryKeyDim: number;
  readonly valueDim: number;
  /** which tokens one token attends */
  readonly attends: Attends;
  /** FLOP for each attended token */
  readonly flop: Derivation;
  /** bytes that one token stores in the KV cache, and that are read for each attended token */
  readonly kvBytesPerToken: Derivation;
  /** how the work splits: `heads` where all of them read one cached head or latent, which each shard then holds whole */
  readonly shardBy: 'heads' | 'kvHeads';
  /** false where the keys and values are those of an earlier layer: they are read, not kept again; true unless given */
  readonly ownsCache?: boolean;
  /** how many entries a context of S tokens leaves in the cache; S unless given. Where fewer are kept than tokens, writing them is not counted */
  readonly keeps?: Span;
  /** bytes of states that are kept beside the cache and hardly moved: what a compressor has not yet turned into an entry */
  readonly kept?: Derivation;
  /** whether a token outside `attends` can never be attended later, so that a ring need not keep it; true unless given */
  readonly forgets?: boolean;
}

/**
 * The core of an attention layer (q k^T, softmax, p V) over a KV cache.
 *   decode   flop(S) = flop x span(S); kvRead(S) = kvBytesPerToken x span(S); kvWrite = kvBytesPerToken (the new token)
 *   cache    kvBytesPerToken x S; as a ring x min(S, window) for a window, a chunk or any limit that forgets
 *   prefill  flop(N) = sum over t = 1 .. N of flop x span(t); the KV of the prompt is written once and read once
 * Ignored: softmax, masks and rotary embedding (no matrix work); re-reads of KV by query tiles in prefill.
 * @throws RangeError when the KV of one token does not fill whole bytes
 */
export function attentionCore(parts: CoreParts, context: LoweringContext): Operator {
  const { id = 'core', component = 'attention', queryHeads, kvHeads, queryKeyDim, valueDim, attends, shardBy, ownsCache = true, forgets = true, keeps = spans.linear } = parts;
  const { span } = attends;
  const kvBytes = parts.kvBytesPerToken.card.evaluate(parts.kvBytesPerToken.inputs);
  if (!Number.isInteger(kvBytes)) throw new RangeError(`attention: kvBytesPerToken ${kvBytes} is not a whole number of bytes`);
  const attended = ContextCurve.of(parts.flop.card.evaluate(parts.flop.inputs), span);
  const paged = ContextCurve.of(kvBytes, keeps);
  const read = span === keeps ? paged : ContextCurve.of(kvBytes, span);
  // a ring holds a whole window, or a whole chunk whatever the position in it
  const ring = span.kind === 'chunk' ? ContextCurve.of(kvBytes, spans.min(span.chunk)) : read;
  const written = keeps.kind === 'linear' ? perToken(kvBytes, context) : ContextCurve.zero;
  return {
    id,
    part: 'core',
    component,
    kind: 'attention-core',
    shape: { kind: 'attention', queryHeads, kvHeads, queryKeyDim, valueDim },
    repeat: context.repeat,
    weights: 0,
    activeWeights: 0,
    flop: context.phase === 'decode' ? attended : attended.prefixSum(),
    bytes: {
      weights: ContextCurve.zero,
      kvRead: context.phase === 'decode' ? read : paged,
      kvWrite: context.counting.kvWrite && ownsCache ? written : ContextCurve.zero,
      state: ContextCurve.zero,
      activations: perToken(queryHeads * (queryKeyDim + valueDim) * bytesPerElement(context.precision.activations), context),
    },
    shardBy,
    scales: { kind: 'perToken' },
    attends,
    ...(ownsCache ? { cache: { ring: forgets ? ring : paged, paged, state: parts.kept ? parts.kept.card.evaluate(parts.kept.inputs) : 0 } } : {}),
    because: { flop: parts.flop, kvRead: parts.kvBytesPerToken, ...(parts.kept === undefined ? {} : { kept: parts.kept }) },
  };
}
