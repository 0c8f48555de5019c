import { formula } from '../../provenance/card.ts';

const EPD = (at: string) => ({ kind: 'paper', id: 'arXiv:2501.05460v4', at }) as const;
const capacity = { unit: 'B', meaning: 'memory of the chip', tex: 'M' } as const;
const freeBytes = { unit: 'B', meaning: 'memory beside weights and multimedia cache', tex: 'F' } as const;
const kvShare = { unit: '1', meaning: 'share of the free memory that the KV cache is given', tex: '\\kappa' } as const;
const reservedBytes = { unit: 'B', meaning: 'memory that is neither KV nor activation of a patch or token', tex: 'R' } as const;
const patchesPerImage = { unit: '1', meaning: 'patches of all tiles of one image, padding included', tex: 'p' } as const;
const tokensPerImage = { unit: 'token', meaning: 'tokens that one image adds to the prompt', tex: 't' } as const;
const textTokens = { unit: 'token', meaning: 'tokens of the prompt that are no image', tex: 'l' } as const;
const images = { unit: '1', meaning: 'images of a request', tex: 'n' } as const;
const patchBytes = { unit: 'B', meaning: 'activations of one patch of a tile', tex: 'a_v' } as const;
const tokenBytes = { unit: 'B/token', meaning: 'activations of one token of the prompt', tex: 'a_t' } as const;
const roomBytes = { unit: 'B', meaning: 'memory for activations', tex: 'A' } as const;
const patchLimit = { unit: '1', meaning: 'patches of one pass at most', tex: 'N_v' } as const;
const tokenLimit = { unit: 'token', meaning: 'tokens at most', tex: 'N_t' } as const;

/**
 * Memory of a worker beside what it always holds: F = M - W - C [B].
 *   encode          W = encoder                    C = multimedia cache
 *   prefill         W = language model             C = multimedia cache
 *   decode          W = language model             C = 0
 *   encode-prefill  W = encoder + language model   C = multimedia cache   (DistServe's prefill worker)
 *   aggregated      the same; its KV is that of decoding too
 */
export const freeMemory = formula({
  id: 'multimodal/free-memory',
  name: 'Free memory of a worker',
  symbols: { capacity, weightBytes: { unit: 'B', meaning: 'weights that the worker holds', tex: 'W' }, cacheBytes: { unit: 'B', meaning: 'its multimedia cache', tex: 'C' } },
  expression: 'capacity - weightBytes - cacheBytes',
  unit: 'B',
  evaluate: ({ capacity, weightBytes, cacheBytes }) => capacity - weightBytes - cacheBytes,
  source: EPD('section 3.2, which stage holds what'),
});

/** Memory for activations: A = (1 - kappa) F - R [B]; kappa is 0 on an encode worker. */
export const activationRoom = formula({
  id: 'multimodal/activation-room',
  name: 'Memory for activations',
  symbols: { freeBytes, kvShare, reservedBytes },
  expression: '(1 - kvShare) * freeBytes - reservedBytes',
  unit: 'B',
  evaluate: ({ freeBytes, kvShare, reservedBytes }) => (1 - kvShare) * freeBytes - reservedBytes,
  source: { kind: 'derived', from: 'the KV cache is given a share of the free memory (Tables 2, 3 and 8), the rest is for activations' },
});

/** Tile limit of an encoder pass, in patches: N_v = A / a_v; a tile of P patches takes P of them. */
export const tileLimit = formula({
  id: 'multimodal/tile-limit',
  name: 'Patches of tiles that an encoder pass can take',
  symbols: { roomBytes, patchBytes },
  expression: 'roomBytes / patchBytes',
  unit: '1',
  evaluate: ({ roomBytes, patchBytes }) => roomBytes / patchBytes,
  source: { kind: 'derived', from: 'every patch of a pass takes the same' },
});

/** Token limit of a prefill pass: N_t = A / a_t. */
export const promptTokenLimit = formula({
  id: 'multimodal/token-limit',
  name: 'Tokens that a prefill pass can take',
  symbols: { roomBytes, tokenBytes },
  expression: 'roomBytes / tokenBytes',
  unit: 'token',
  evaluate: ({ roomBytes, tokenBytes }) => roomBytes / tokenBytes,
  source: { kind: 'derived', from: 'every token of a pass takes the same' },
});

/** Tokens whose keys and values fit: kappa F / b. */
export const kvTokenLimit = formula({
  id: 'multimodal/kv-token-limit',
  name: 'Tokens that the KV cache of a worker holds',
  symbols: { freeBytes, kvShare, kvBytesPerToken: { unit: 'B/token', meaning: 'keys and values of one token, all layers', tex: 'b' } },
  expression: 'kvShare * freeBytes / kvBytesPerToken',
  unit: 'token',
  evaluate: ({ freeBytes, kvShare, kvBytesPerToken }) => (kvShare * freeBytes) / kvBytesPerToken,
  source: { kind: 'derived', from: 'definition' },
});

/** Images of one request by the tile limit: floor(N_v / p). */
export const imagesByTiles = formula({
  id: 'multimodal/images-by-tiles',
  name: 'Images of a request, by the tile limit',
  symbols: { patchLimit, patchesPerImage },
  expression: 'max(0, floor(patchLimit / patchesPerImage))',
  unit: '1',
  evaluate: ({ patchLimit, patchesPerImage }) => Math.max(0, Math.floor(patchLimit / patchesPerImage)),
  source: { kind: 'derived', from: 'all images of a request are encoded in one pass' },
});

/** Images of one request by a limit of tokens (of a pass, of the KV cache, of the context): floor((N_t - l) / t). */
export const imagesByTokens = formula({
  id: 'multimodal/images-by-tokens',
  name: 'Images of a request, by a limit of tokens',
  symbols: { tokenLimit, textTokens, tokensPerImage },
  expression: 'max(0, floor((tokenLimit - textTokens) / tokensPerImage))',
  unit: '1',
  evaluate: ({ tokenLimit, textTokens, tokensPerImage }) => Math.max(0, Math.floor((tokenLimit - textTokens) / tokensPerImage)),
  source: { kind: 'derived', from: 'a prompt is its text and the tokens of its images' },
});

/** Requests of an encoder pass: floor(N_v / (n p)). */
export const batchByTiles = formula({
  id: 'multimodal/batch-by-tiles',
  name: 'Requests of a pass, by the tile limit',
  symbols: { patchLimit, images, patchesPerImage },
  expression: 'max(0, floor(patchLimit / (images * patchesPerImage)))',
  unit: '1',
  evaluate: ({ patchLimit, images, patchesPerImage }) => Math.max(0, Math.floor(patchLimit / (images * patchesPerImage))),
  source: { kind: 'derived', from: 'all images of a batch are encoded in one pass' },
});

/** Requests by a limit of tokens: floor(N_t / (n t + l)). */
export const batchByTokens = formula({
  id: 'multimodal/batch-by-tokens',
  name: 'Requests, by a limit of tokens',
  symbols: { tokenLimit, images, tokensPerImage, textTokens },
  expression: 'max(0, floor(tokenLimit / (images * tokensPerImage + textTokens)))',
  unit: '1',
  evaluate: ({ tokenLimit, images, tokensPerImage, textTokens }) => Math.max(0, Math.floor(tokenLimit / (images * tokensPerImage + textTokens))),
  source: { kind: 'derived', from: 'a prompt is its text and the tokens of its images' },
});

/** Patches of the images of a request: n p. */
export const requestPatches = formula({
  id: 'multimodal/request-patches',
  name: 'Patches of a request',
  symbols: { images, patchesPerImage },
  expression: 'images * patchesPerImage',
  unit: '1',
  evaluate: ({ images, patchesPerImage }) => images * patchesPerImage,
  source: { kind: 'derived', from: 'definition' },
});

/** Tokens of the prompt of a request: n t + l. */
export const requestTokens = formula({
  id: 'multimodal/request-tokens',
  name: 'Tokens of a prompt with images',
  symbols: { images, tokensPerImage, textTokens },
  expression: 'images * tokensPerImage + textTokens',
  unit: 'token',
  evaluate: ({ images, tokensPerImage, textTokens }) => images * tokensPerImage + textTokens,
  source: { kind: 'derived', from: 'definition' },
});

/** Activations of a worker: the larger of an encoder pass and a prefill pass, which follow each other: max(a_v N_v, a_t N_t) [B]. A stage that has no such pass has 0 of them. */
export const passActivations = formula({
  id: 'multimodal/pass-activations',
  name: 'Activations of a worker',
  symbols: { patches: { unit: '1', meaning: 'patches of the pass', tex: 'N_v' }, patchBytes, tokens: { unit: 'token', meaning: 'tokens of the pass', tex: 'N_t' }, tokenBytes },
  expression: 'max(patches * patchBytes, tokens * tokenBytes)',
  unit: 'B',
  evaluate: ({ patches, patchBytes, tokens, tokenBytes }) => Math.max(patches * patchBytes, tokens * tokenBytes),
  source: { kind: 'derived', from: 'a request is prefilled after its images are encoded' },
});

/** Largest share of the free memory that is left for KV beside the activations of a pass: 1 - (R + A) / F; nothing fits where it is 0 or less. */
export const largestKvShare = formula({
  id: 'multimodal/kv-share',
  name: 'Largest share of the free memory for KV',
  symbols: { reservedBytes, activationBytes: { unit: 'B', meaning: 'activations of the pass', tex: 'A' }, freeBytes },
  expression: '1 - (reservedBytes + activationBytes) / freeBytes',
  unit: '1',
  evaluate: ({ reservedBytes, activationBytes, freeBytes }) => 1 - (reservedBytes + activationBytes) / freeBytes,
  source: { kind: 'derived', from: 'the KV cache is given a share of the free memory (Table 8), the rest is for activations' },
});
