import { spans } from '../units/context-curve.ts';
import { positiveIntegers } from './checks.ts';
import { groupedQuery, QUERY_HEAD_FIELDS, type QueryHeads, validateQueryHeads } from './grouped-query.ts';
import type { LayerModel } from './lowering.ts';

/** Sliding-window attention: a token attends the last `window` tokens, itself included. */
export interface SlidingWindowSpec extends QueryHeads {
  readonly kind: 'sliding-window';
  readonly window: number;
}

/**
 * Sliding-window attention, one layer, one decoded token at context S, window w: as gqa, but attending min(S, w) tokens.
 * Ignored: as gqa.
 * Source: Beltagy et al., arXiv:2004.05150, section 3.1 (sliding window).
 */
export const slidingWindow: LayerModel<SlidingWindowSpec> = {
  fields: ['kind', ...QUERY_HEAD_FIELDS, 'window'],
  validate: (spec) => {
    validateQueryHeads('sliding-window', spec);
    positiveIntegers('sliding-window', spec, ['window']);
  },
  lower: (spec, context) => groupedQuery(spec, { span: spans.min(spec.window), limit: 'window' }, context),
};
