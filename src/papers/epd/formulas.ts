import { formula } from '../../provenance/card.ts';

const byTiles = { unit: '1', meaning: 'by the tile limit', tex: 'n_v' } as const;
const byTokens = { unit: '1', meaning: 'by the token limit of a pass', tex: 'n_t' } as const;
const byKv = { unit: '1', meaning: 'by the KV cache', tex: 'n_k' } as const;
const definition = { kind: 'derived', from: 'definition' } as const;

/** Images of a request that all workers take and the context holds. */
export const imagesOfWorkers = formula({
  id: 'epd/images-per-request',
  name: 'Images of a request that workers and context take',
  symbols: { byTiles, byTokens, byKv, byContext: { unit: '1', meaning: 'by the context length', tex: 'n_c' } },
  expression: 'min(byTiles, byTokens, byKv, byContext)',
  unit: '1',
  evaluate: ({ byTiles, byTokens, byKv, byContext }) => Math.min(byTiles, byTokens, byKv, byContext),
  source: definition,
});

/** Requests of a pass of a worker that encodes and prefills; 0 is what the paper prints as OOM. */
export const batchOfEncodePrefill = formula({
  id: 'epd/encode-prefill-batch',
  name: 'Requests that a worker takes which encodes and prefills',
  symbols: { byTiles, byTokens, byKv },
  expression: 'min(byTiles, byTokens, byKv)',
  unit: '1',
  evaluate: ({ byTiles, byTokens, byKv }) => Math.min(byTiles, byTokens, byKv),
  source: definition,
});

/** Requests of a pass of a worker that prefills. */
export const batchOfPrefill = formula({
  id: 'epd/prefill-batch',
  name: 'Requests that a worker takes which prefills',
  symbols: { byTokens, byKv },
  expression: 'min(byTokens, byKv)',
  unit: '1',
  evaluate: ({ byTokens, byKv }) => Math.min(byTokens, byKv),
  source: definition,
});

/**
 * How many checks a request passes, memory first, then context: 0 is what the paper prints as OOM, 1 as OOCL, 2 is a request that fits.
 *   memory   1 where a share of the free memory is left for KV, else 0
 *   context  1 where its image tokens are within the context, else 0
 */
export const checksPassed = formula({
  id: 'epd/checks-passed',
  name: 'Checks that a request passes: memory, then context',
  symbols: {
    kvShare: { unit: '1', meaning: 'share of the free memory that is left for KV', tex: '\\kappa' },
    context: { unit: 'token', meaning: 'longest context', tex: 'S' },
    tokens: { unit: 'token', meaning: 'image tokens of the request', tex: 't' },
  },
  expression: 'max(0, min(1, ceil(kvShare))) * (1 + min(1, floor(context / tokens)))',
  unit: '1',
  evaluate: ({ kvShare, context, tokens }) => Math.max(0, Math.min(1, Math.ceil(kvShare))) * (1 + Math.min(1, Math.floor(context / tokens))),
  source: definition,
});

/** How many times as much. */
export const timesAsMuch = formula({
  id: 'epd/times',
  name: 'How many times as much',
  symbols: { value: { unit: '1', meaning: 'what is compared', tex: 'x' }, other: { unit: '1', meaning: 'what it is compared with', tex: 'y' } },
  expression: 'value / other',
  unit: '1',
  evaluate: ({ value, other }) => value / other,
  source: definition,
});

/** How many times as many bytes. */
export const timesAsManyBytes = formula({
  id: 'epd/times-bytes',
  name: 'How many times as many bytes',
  symbols: { value: { unit: 'B', meaning: 'what is compared', tex: 'x' }, other: { unit: 'B', meaning: 'what it is compared with', tex: 'y' } },
  expression: 'value / other',
  unit: '1',
  evaluate: ({ value, other }) => value / other,
  source: definition,
});

/** Share of bytes that is saved. */
export const savedBytes = formula({
  id: 'epd/saved-bytes',
  name: 'Share of bytes that is saved',
  symbols: { value: { unit: 'B', meaning: 'bytes that are left', tex: 'x' }, other: { unit: 'B', meaning: 'bytes before', tex: 'y' } },
  expression: '1 - value / other',
  unit: '1',
  evaluate: ({ value, other }) => 1 - value / other,
  source: definition,
});

/** Bytes of one patch of a tile. */
export const bytesOfPatch = formula({
  id: 'epd/bytes-of-patch',
  name: 'Bytes of one patch of a tile',
  symbols: { bytes: { unit: 'B', meaning: 'bytes of the tile', tex: 'b' }, patches: { unit: '1', meaning: 'patches of the tile', tex: 'S' } },
  expression: 'bytes / patches',
  unit: 'B',
  evaluate: ({ bytes, patches }) => bytes / patches,
  source: definition,
});

/** Outputs of the matrices into the intermediate width, gate included: the widest of the language models that the paper serves. */
export const feedForwardOutputs = formula({
  id: 'epd/feed-forward-outputs',
  name: 'Outputs into the intermediate width',
  symbols: { intermediate: { unit: '1', meaning: 'intermediate width', tex: 'I' }, inputMatrices: { unit: '1', meaning: '2 when gated, else 1', tex: 'g' } },
  expression: 'inputMatrices * intermediate',
  unit: '1',
  evaluate: ({ intermediate, inputMatrices }) => inputMatrices * intermediate,
  source: definition,
});

/** Bytes that the KV cache is given. */
export const kvPoolBytes = formula({
  id: 'epd/kv-pool-bytes',
  name: 'KV cache of a worker',
  symbols: { kvShare: { unit: '1', meaning: 'share of the free memory', tex: '\\kappa' }, freeBytes: { unit: 'B', meaning: 'free memory', tex: 'F' } },
  expression: 'kvShare * freeBytes',
  unit: 'B',
  evaluate: ({ kvShare, freeBytes }) => kvShare * freeBytes,
  source: definition,
});
