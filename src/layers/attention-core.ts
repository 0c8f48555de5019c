import type { Derivation } from '../provenance/card.ts';
import { ContextCurve, type Span } from '../units/context-curve.ts';
import { bytesPerElement, perToken } from './gemm.ts';
import type { LoweringContext } from './lowering.ts';
import type { Operator } from './operator.ts';

export interface CoreParts {
  readonly queryHeads: number;
  /** heads that the keys and values have when they are multiplied; the cache may hold fewer, or one latent */
  readonly kvHeads: number;
  readonly queryKeyDim: number;
  readonly valueDim: number;
  /** which tokens one token attends, as a function of the context */
  readonly span: Span;
  /** FLOP for each attended token */
  readonly flop: Derivation;
  /** bytes that one token stores in the KV cache, and that are read for each attended token */
  readonly kvBytesPerToken: Derivation;
  /** how the work splits: `heads` where all of them read one cached head or latent, which each shard then holds whole */
  readonly shardBy: 'heads' | 'kvHeads';
}

/**
 * The core of an attention layer (q k^T, softmax, p V) over a KV cache.
 *   decode   flop(S) = flop x span(S); kvRead(S) = kvBytesPerToken x span(S); kvWrite = kvBytesPerToken (the new token)
 *   prefill  flop(N) = sum over t = 1 .. N of flop x span(t); the KV of the prompt is written once and read once
 * Ignored: softmax, masks and rotary embedding (no matrix work); re-reads of KV by query tiles in prefill.
 * @throws RangeError when the KV of one token does not fill whole bytes
 */
export function attentionCore(parts: CoreParts, context: LoweringContext): Operator {
  const { queryHeads, kvHeads, queryKeyDim, valueDim, span, shardBy } = parts;
  const kvBytes = parts.kvBytesPerToken.card.evaluate(parts.kvBytesPerToken.inputs);
  if (!Number.isInteger(kvBytes)) throw new RangeError(`attention: kvBytesPerToken ${kvBytes} is not a whole number of bytes`);
  const attended = ContextCurve.of(parts.flop.card.evaluate(parts.flop.inputs), span);
  const stored = perToken(kvBytes, context);
  return {
    id: 'core',
    part: 'core',
    kind: 'attention-core',
    shape: { kind: 'attention', queryHeads, kvHeads, queryKeyDim, valueDim },
    repeat: context.repeat,
    weights: 0,
    activeWeights: 0,
    flop: context.phase === 'decode' ? attended : attended.prefixSum(),
    bytes: {
      weights: ContextCurve.zero,
      kvRead: context.phase === 'decode' ? ContextCurve.of(kvBytes, span) : stored,
      kvWrite: context.counting.kvWrite ? stored : ContextCurve.zero,
      state: ContextCurve.zero,
      activations: perToken(queryHeads * (queryKeyDim + valueDim) * bytesPerElement(context.precision.activations), context),
    },
    shardBy,
    scales: { kind: 'perToken' },
    because: { flop: parts.flop, kvRead: parts.kvBytesPerToken },
  };
}
