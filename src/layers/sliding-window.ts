import { spans } from '../units/context-curve.ts';
import { positiveIntegers } from './checks.ts';
import { groupedQuery, type QueryHeads, validateQueryHeads } from './grouped-query.ts';
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
  fields: ['kind', 'queryHeads', 'kvHeads', 'headDim', 'window'],
  validate: (spec) => {
    validateQueryHeads('sliding-window', spec);
    positiveIntegers('sliding-window', spec, ['window']);
  },
  lower: (spec, context) => groupedQuery(spec, spans.min(spec.window), context),
};
