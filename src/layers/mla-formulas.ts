import { formula } from '../provenance/card.ts';

const source = { kind: 'paper', id: 'arXiv:2412.19437', at: 'section 2.1.1 (multi-head latent attention), with the absorbed form of arXiv:2405.04434, section 2.1' } as const;
const paperCount = { kind: 'paper', id: 'arXiv:2507.19427v1', at: 'Tables 2 and 3 (both products over the full cached width)' } as const;
const s = {
  hidden: { unit: '1', meaning: 'width of the residual stream', tex: 'H' },
  queryHeads: { unit: '1', meaning: 'query heads', tex: 'n_q' },
  queryRank: { unit: '1', meaning: 'rank of the query', tex: 'r_q' },
  kvRank: { unit: '1', meaning: 'rank of the cached latent', tex: 'r_{kv}' },
  nopeDim: { unit: '1', meaning: 'head width without position', tex: 'd_n' },
  ropeDim: { unit: '1', meaning: 'head width with rotary position', tex: 'd_r' },
  valueDim: { unit: '1', meaning: 'value head width', tex: 'd_v' },
  bytesPerElement: { unit: 'B', meaning: 'bytes of one KV element', tex: 'b' },
} as const;

/** Query down-projection: [H, r_q]. */
export const mlaQueryDownWeights = formula({
  id: 'layers/mla-query-down-weights',
  name: 'Query down-projection weights',
  symbols: { hidden: s.hidden, queryRank: s.queryRank },
  expression: 'hidden * queryRank',
  unit: '1',
  evaluate: ({ hidden, queryRank }) => hidden * queryRank,
  source,
});

/** Query up-projection: [r_q, n_q (d_n + d_r)]; without a low-rank query, r_q is H. */
export const mlaQueryUpWeights = formula({
  id: 'layers/mla-query-up-weights',
  name: 'Query up-projection weights',
  symbols: { queryRank: s.queryRank, queryHeads: s.queryHeads, nopeDim: s.nopeDim, ropeDim: s.ropeDim },
  expression: 'queryRank * queryHeads * (nopeDim + ropeDim)',
  unit: '1',
  evaluate: ({ queryRank, queryHeads, nopeDim, ropeDim }) => queryRank * queryHeads * (nopeDim + ropeDim),
  source,
});

/** Query projection of a model without a low-rank query: [H, n_q (d_n + d_r)]. */
export const mlaQueryWeights = formula({
  id: 'layers/mla-query-weights',
  name: 'Query projection weights',
  symbols: { hidden: s.hidden, queryHeads: s.queryHeads, nopeDim: s.nopeDim, ropeDim: s.ropeDim },
  expression: 'hidden * queryHeads * (nopeDim + ropeDim)',
  unit: '1',
  evaluate: ({ hidden, queryHeads, nopeDim, ropeDim }) => hidden * queryHeads * (nopeDim + ropeDim),
  source,
});

/** Joint KV down-projection: [H, r_kv + d_r]. */
export const mlaKvDownWeights = formula({
  id: 'layers/mla-kv-down-weights',
  name: 'KV down-projection weights',
  symbols: { hidden: s.hidden, kvRank: s.kvRank, ropeDim: s.ropeDim },
  expression: 'hidden * (kvRank + ropeDim)',
  unit: '1',
  evaluate: ({ hidden, kvRank, ropeDim }) => hidden * (kvRank + ropeDim),
  source,
});

/** Key up-projection: [r_kv, n_q d_n]; in the absorbed form it multiplies the query instead. */
export const mlaKeyUpWeights = formula({
  id: 'layers/mla-key-up-weights',
  name: 'Key up-projection weights',
  symbols: { queryHeads: s.queryHeads, nopeDim: s.nopeDim, kvRank: s.kvRank },
  expression: 'queryHeads * nopeDim * kvRank',
  unit: '1',
  evaluate: ({ queryHeads, nopeDim, kvRank }) => queryHeads * nopeDim * kvRank,
  source,
});

/** Value up-projection: [r_kv, n_q d_v]; in the absorbed form it multiplies the attended latent. */
export const mlaValueUpWeights = formula({
  id: 'layers/mla-value-up-weights',
  name: 'Value up-projection weights',
  symbols: { queryHeads: s.queryHeads, valueDim: s.valueDim, kvRank: s.kvRank },
  expression: 'queryHeads * valueDim * kvRank',
  unit: '1',
  evaluate: ({ queryHeads, valueDim, kvRank }) => queryHeads * valueDim * kvRank,
  source,
});

/** Output projection: [n_q d_v, H]. */
export const mlaOutputWeights = formula({
  id: 'layers/mla-output-weights',
  name: 'Output projection weights',
  symbols: { queryHeads: s.queryHeads, valueDim: s.valueDim, hidden: s.hidden },
  expression: 'queryHeads * valueDim * hidden',
  unit: '1',
  evaluate: ({ queryHeads, valueDim, hidden }) => queryHeads * valueDim * hidden,
  source,
});

/** KV cache bytes of one token in one layer: the latent and the shared rotary key. */
export const mlaKvBytes = formula({
  id: 'layers/mla-kv-bytes',
  name: 'KV bytes per token and layer',
  symbols: { kvRank: s.kvRank, ropeDim: s.ropeDim, bytesPerElement: s.bytesPerElement },
  expression: '(kvRank + ropeDim) * bytesPerElement',
  unit: 'B',
  evaluate: ({ kvRank, ropeDim, bytesPerElement }) => (kvRank + ropeDim) * bytesPerElement,
  source,
});

/** Absorbed core for each attended token: q k^T over latent and rotary part, p V over the latent only. */
export const mlaAbsorbedCoreFlop = formula({
  id: 'layers/mla-absorbed-core-flop',
  name: 'Core attention work per attended token and layer (absorbed)',
  symbols: { queryHeads: s.queryHeads, kvRank: s.kvRank, ropeDim: s.ropeDim },
  expression: '2 [FLOP] * queryHeads * ((kvRank + ropeDim) + kvRank)',
  unit: 'FLOP',
  evaluate: ({ queryHeads, kvRank, ropeDim }) => 2 * queryHeads * (kvRank + ropeDim + kvRank),
  source,
});

/** Absorbed core as the Step-3 paper counts it: both products over the full cached width. */
export const mlaPaperCoreFlop = formula({
  id: 'layers/mla-paper-core-flop',
  name: 'Core attention work per attended token and layer (counted as the Step-3 paper does)',
  symbols: { queryHeads: s.queryHeads, kvRank: s.kvRank, ropeDim: s.ropeDim },
  expression: '4 [FLOP] * queryHeads * (kvRank + ropeDim)',
  unit: 'FLOP',
  evaluate: ({ queryHeads, kvRank, ropeDim }) => 4 * queryHeads * (kvRank + ropeDim),
  source: paperCount,
});

/** Expanded core for each attended token: full keys and values of every head. */
export const mlaExpandedCoreFlop = formula({
  id: 'layers/mla-expanded-core-flop',
  name: 'Core attention work per attended token and layer (expanded)',
  symbols: { queryHeads: s.queryHeads, nopeDim: s.nopeDim, ropeDim: s.ropeDim, valueDim: s.valueDim },
  expression: '2 [FLOP] * queryHeads * (nopeDim + ropeDim + valueDim)',
  unit: 'FLOP',
  evaluate: ({ queryHeads, nopeDim, ropeDim, valueDim }) => 2 * queryHeads * (nopeDim + ropeDim + valueDim),
  source,
});

/** Expanded decode: keys and values of every attended token are rebuilt from the latent in every step. */
export const mlaReexpansionCoreFlop = formula({
  id: 'layers/mla-reexpansion-core-flop',
  name: 'Core attention work per attended token and layer (expanded in every step)',
  symbols: { queryHeads: s.queryHeads, nopeDim: s.nopeDim, ropeDim: s.ropeDim, valueDim: s.valueDim, kvRank: s.kvRank },
  expression: '2 [FLOP] * queryHeads * (nopeDim + ropeDim + valueDim) + 2 [FLOP] * queryHeads * kvRank * (nopeDim + valueDim)',
  unit: 'FLOP',
  evaluate: ({ queryHeads, nopeDim, ropeDim, valueDim, kvRank }) => 2 * queryHeads * (nopeDim + ropeDim + valueDim) + 2 * queryHeads * kvRank * (nopeDim + valueDim),
  source,
});

/** Effective rank of MLA: the width of all heads without position (section 5.1 of arXiv:2507.19427v1). */
export const mlaEffectiveRank = formula({
  id: 'layers/mla-effective-rank',
  name: 'Effective rank of an MLA layer',
  symbols: { queryHeads: s.queryHeads, nopeDim: s.nopeDim },
  expression: 'queryHeads * nopeDim',
  unit: '1',
  evaluate: ({ queryHeads, nopeDim }) => queryHeads * nopeDim,
  source: { kind: 'paper', id: 'arXiv:2507.19427v1', at: 'section 5.1' },
});
