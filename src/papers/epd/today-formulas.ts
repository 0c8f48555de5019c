import { formula, procedure } from '../../provenance/card.ts';

/** What images cost: each is encoded, and its tokens are read with the prompt. */
export const imagesUsd = formula({
  id: 'epd/images-usd',
  name: 'Cost of images',
  symbols: {
    images: { unit: '1', meaning: 'images, or videos', tex: 'n' },
    encodeUsd: { unit: 'USD', meaning: 'encoding of one of them', tex: 'c_e' },
    prefillUsd: { unit: 'USD', meaning: 'prefill of the tokens of one of them', tex: 'c_i' },
  },
  expression: 'images * (encodeUsd + prefillUsd)',
  unit: 'USD',
  evaluate: ({ images, encodeUsd, prefillUsd }) => images * (encodeUsd + prefillUsd),
  source: { kind: 'derived', from: 'sum of what it adds to two stages' },
});

/** Keys and values that the tokens of an image take, all layers. */
export const imageKvBytes = formula({
  id: 'epd/image-kv-bytes',
  name: 'Keys and values of an image',
  symbols: {
    tokens: { unit: 'token', meaning: 'tokens that it adds to the prompt', tex: 't' },
    kvBytesPerToken: { unit: 'B/token', meaning: 'keys and values of one token, all layers', tex: 'b' },
  },
  expression: 'tokens * kvBytesPerToken',
  unit: 'B',
  evaluate: ({ tokens, kvBytesPerToken }) => tokens * kvBytesPerToken,
  source: { kind: 'derived', from: 'definition' },
});

/** How the times of a request with images are found. */
export const mediaTimesProcedure = procedure({
  id: 'epd/media-times',
  name: 'Expected times of a request with an image or a video',
  steps: [
    'cut the image by the rule of the model; tiles of a size run together, passes of about 8,192 positions of the encoder, on one chip',
    'take as few chips as hold the language model and one request, every operator split over them',
    'prefill in passes of about 8,192 tokens; of an image: the prompt with it less the prompt without it',
    'a decode step of the batch, or of what memory has room for, at the context of the prompt and half of the output; one for each token of the answer but the first, which is that of prefill',
    'times are those of calibrated kernels, one after the other; host, transfers and waiting are ignored',
  ],
  source: { kind: 'derived', from: 'see `mediaCost`' },
});
