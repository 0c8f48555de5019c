import { formula } from '../../provenance/card.ts';

/** What chips cost while they work on something. */
export const chipTimeUsd = formula({
  id: 'multimodal/chip-time-usd',
  name: 'Cost of chips for a time',
  symbols: {
    chips: { unit: '1', meaning: 'chips that work on it together', tex: 'n' },
    seconds: { unit: 's', meaning: 'time that they take', tex: 't' },
    usdPerHour: { unit: 'USD/h', meaning: 'price of one chip', tex: 'p' },
  },
  expression: 'chips * seconds * usdPerHour / 3600 [s/h]',
  unit: 'USD',
  evaluate: ({ chips, seconds, usdPerHour }) => (chips * seconds * usdPerHour) / 3600,
  source: { kind: 'derived', from: 'price of a chip over the time in which it does nothing else' },
});

/** Tokens of a prompt with images. */
export const multimodalPrompt = formula({
  id: 'multimodal/prompt-tokens',
  name: 'Tokens of a prompt with images',
  symbols: {
    textTokens: { unit: '1', meaning: 'tokens of the text', tex: 'n_t' },
    images: { unit: '1', meaning: 'images, or videos', tex: 'n' },
    imageTokens: { unit: '1', meaning: 'tokens of one of them, markers included', tex: 'n_i' },
  },
  expression: 'textTokens + images * imageTokens',
  unit: '1',
  evaluate: ({ textTokens, images, imageTokens }) => textTokens + images * imageTokens,
  source: { kind: 'derived', from: 'definition' },
});

/** Cost of a request whose parts run one after the other on chips that are busy with others in between. */
export const requestUsd = formula({
  id: 'multimodal/request-usd',
  name: 'Cost of a request with images',
  symbols: {
    images: { unit: '1', meaning: 'images, or videos', tex: 'n' },
    encodeUsd: { unit: 'USD', meaning: 'encoding of one of them', tex: 'c_e' },
    prefillUsd: { unit: 'USD', meaning: 'prefill of the whole prompt', tex: 'c_p' },
    decodeUsd: { unit: 'USD', meaning: 'decoding of the output', tex: 'c_d' },
  },
  expression: 'images * encodeUsd + prefillUsd + decodeUsd',
  unit: 'USD',
  evaluate: ({ images, encodeUsd, prefillUsd, decodeUsd }) => images * encodeUsd + prefillUsd + decodeUsd,
  source: { kind: 'derived', from: 'sum of its stages' },
});
