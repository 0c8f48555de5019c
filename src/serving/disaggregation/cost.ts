import { formula } from '../../provenance/card.ts';

const chips = (role: string, index: string) => ({ unit: '1', meaning: `chips of all ${role} instances`, tex: `n_${index}` }) as const;
const price = (role: string, index: string) => ({ unit: 'USD/h', meaning: `price of a ${role} chip`, tex: `p_${index}` }) as const;

/** Price of a placement: chips of both roles, each at its price. Colocated, all are decode chips. */
export const placementPrice = formula({
  id: 'distserve/usd-per-hour',
  name: 'Price of the chips of a placement',
  symbols: { prefillChips: chips('prefill', 'p'), prefillPrice: price('prefill', 'p'), decodeChips: chips('decode', 'd'), decodePrice: price('decode', 'd') },
  expression: 'prefillChips * prefillPrice + decodeChips * decodePrice',
  unit: 'USD/h',
  evaluate: ({ prefillChips, prefillPrice, decodeChips, decodePrice }) => prefillChips * prefillPrice + decodeChips * decodePrice,
  source: { kind: 'derived', from: 'definition' },
});

/** Price of a request where the chips serve so many a second: what is rented, busy or not, over what keeps the objectives. */
export const requestCost = formula({
  id: 'distserve/usd-per-request',
  name: 'Cost of a request at a rate',
  symbols: { usdPerHour: { unit: 'USD/h', meaning: 'price of all chips', tex: 'p' }, rate: { unit: '1/s', meaning: 'requests per second', tex: 'R' } },
  expression: 'usdPerHour / (3600 [s/h] * rate)',
  unit: 'USD',
  evaluate: ({ usdPerHour, rate }) => usdPerHour / (3600 * rate),
  source: { kind: 'derived', from: 'price of all chips over what they serve' },
});

/** The same for a million output tokens. Prompts are not charged apart. */
export const outputCost = formula({
  id: 'distserve/usd-per-mtok',
  name: 'Cost of a million output tokens',
  symbols: { usdPerRequest: { unit: 'USD', meaning: 'cost of a request', tex: 'c' }, output: { unit: '1', meaning: 'output tokens of a request in the mean', tex: 'o' } },
  expression: '1e6 * usdPerRequest / output',
  unit: 'USD',
  evaluate: ({ usdPerRequest, output }) => (1e6 * usdPerRequest) / output,
  source: { kind: 'derived', from: 'cost of a request over its output tokens' },
});
