import { spans } from '../units/context-curve.ts';
import { positiveIntegers } from './checks.ts';
import { groupedQuery, QUERY_HEAD_FIELDS, type QueryHeads, validateQueryHeads } from './grouped-query.ts';
import type { LayerModel } from './lowering.ts';

/** Chunked local attention (Llama 4): a token attends the tokens of its own chunk up to itself. */
export interface ChunkedSpec extends QueryHeads {
  readonly kind: 'chunked';
  readonly chunk: number;
}

/**
 * Chunked attention, one layer, one decoded token at context S, chunks of c tokens: as gqa, but attending
 *   ((S - 1) mod c) + 1 tokens      exact: the position in the chunk
 *   min(S, c) tokens                with counting.chunkPosition off, as the Step-3 paper counts
 * Ignored: as gqa.
 * Source: Llama 4 model configuration (attention_chunk_size); arXiv:2507.19427v1, Tables 2 and 3.
 */
export const chunked: LayerModel<ChunkedSpec> = {
  fields: ['kind', ...QUERY_HEAD_FIELDS, 'chunk'],
  validate: (spec) => {
    validateQueryHeads('chunked', spec);
    positiveIntegers('chunked', spec, ['chunk']);
  },
  lower: (spec, context) => groupedQuery(spec, { span: context.counting.chunkPosition ? spans.chunk(spec.chunk) : spans.min(spec.chunk), limit: 'chunk' }, context),
};
