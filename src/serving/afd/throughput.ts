import { formula } from '../../provenance/card.ts';

/** Tokens per second and chip of requests that each get a token in the same time. */
export const batchThroughput = formula({
  id: 'afd/throughput',
  name: 'Tokens per second and chip',
  symbols: {
    microBatches: { unit: '1', meaning: 'micro-batches in the pipeline', tex: 'M' },
    microBatch: { unit: '1', meaning: 'requests of a micro-batch', tex: 'B' },
    chips: { unit: '1', meaning: 'chips of both sides', tex: 'n' },
    tpot: { unit: 's', meaning: 'time per output token', tex: 't' },
  },
  expression: '1 [token] * microBatches * microBatch / (chips * tpot)',
  unit: 'token/s',
  evaluate: ({ microBatches, microBatch, chips, tpot }) => (microBatches * microBatch) / (chips * tpot),
  source: { kind: 'paper', id: 'arXiv:2507.19427v1', at: 'Table 8' },
});

/** Price of all chips of two kinds. */
export const hourlyPrice = formula({
  id: 'afd/usd-per-hour',
  name: 'Price of the chips of both sides',
  symbols: {
    attentionChips: { unit: '1', meaning: 'chips of the attention side', tex: 'n_a' },
    attentionPrice: { unit: 'USD/h', meaning: 'price of one of them', tex: 'p_a' },
    ffnChips: { unit: '1', meaning: 'chips of the feed-forward side', tex: 'n_f' },
    ffnPrice: { unit: 'USD/h', meaning: 'price of one of them', tex: 'p_f' },
  },
  expression: 'attentionChips * attentionPrice + ffnChips * ffnPrice',
  unit: 'USD/h',
  evaluate: ({ attentionChips, attentionPrice, ffnChips, ffnPrice }) => attentionChips * attentionPrice + ffnChips * ffnPrice,
  source: { kind: 'derived', from: 'definition' },
});

/** Cost of a million output tokens at a throughput. */
export const throughputCost = formula({
  id: 'afd/usd-per-mtok',
  name: 'Cost of a million output tokens at a throughput',
  symbols: {
    usdPerHour: { unit: 'USD/h', meaning: 'price of all chips', tex: 'p' },
    chips: { unit: '1', meaning: 'chips', tex: 'n' },
    throughput: { unit: 'token/s', meaning: 'tokens per second and chip', tex: 'r' },
  },
  expression: '1e6 [token] * usdPerHour / (3600 [s/h] * chips * throughput)',
  unit: 'USD',
  evaluate: ({ usdPerHour, chips, throughput }) => (1e6 * usdPerHour) / (3600 * chips * throughput),
  source: { kind: 'derived', from: 'price of all chips over what they put out' },
});
