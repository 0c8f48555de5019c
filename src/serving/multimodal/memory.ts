import {
  activationRoom,
  batchByTiles,
  batchByTokens,
  freeMemory,
  imagesByTiles,
  imagesByTokens,
  kvTokenLimit,
  largestKvShare,
  passActivations,
  promptTokenLimit,
  requestPatches,
  requestTokens,
  tileLimit,
} from './memory-formulas.ts';

/** Kinds of workers; `encode-prefill` is the prefill worker of DistServe, `aggregated` does all three stages. */
export const MEMORY_STAGES = ['encode', 'prefill', 'decode', 'encode-prefill', 'aggregated'] as const;
export type MemoryStage = (typeof MEMORY_STAGES)[number];

interface StageParts {
  readonly encodes: boolean;
  readonly prefills: boolean;
  /** holds the language model and a KV cache */
  readonly language: boolean;
}

const STAGE_PARTS: Readonly<Record<MemoryStage, StageParts>> = {
  encode: { encodes: true, prefills: false, language: false },
  prefill: { encodes: false, prefills: true, language: true },
  decode: { encodes: false, prefills: false, language: true },
  'encode-prefill': { encodes: true, prefills: true, language: true },
  aggregated: { encodes: true, prefills: true, language: true },
};

/** What a multimodal model takes of a worker, bytes. */
export interface MultimodalBytes {
  /** weights of the encoder, connector included */
  readonly encoder: number;
  /** weights of the language model, embedding and head included */
  readonly language: number;
  readonly multimediaCache: number;
  /** keys and values of one token, all layers */
  readonly kvPerToken: number;
}

/** What a pass takes beside weights and caches, bytes. */
export interface ActivationConstants {
  /** activations of one patch of a tile in the encoder */
  readonly patch: number;
  /** activations of one token of the prompt in the language model */
  readonly token: number;
  /** memory that is neither cache nor activation: context of the driver, fragments */
  readonly reserved: number;
}

export interface MultimodalWorker {
  readonly stage: MemoryStage;
  /** memory of the chip, bytes */
  readonly capacity: number;
  readonly model: MultimodalBytes;
  readonly activations: ActivationConstants;
  /** tokens of a request at most; null where it is not known */
  readonly context: number | null;
  /** what is held against the context: the whole prompt unless given, or only the tokens that tiles give */
  readonly contextCounts?: 'prompt' | 'image-tokens';
}

/** One image. */
export interface ImageSize {
  /** patches of all its tiles, padding included */
  readonly patches: number;
  /** tokens that its tiles give the language model */
  readonly tokens: number;
  /** tokens that it adds to the prompt: those of its tiles and markers around them */
  readonly promptTokens: number;
}

/** A request of `images` equal images and a text. */
export interface ImageRequest {
  readonly image: ImageSize;
  readonly images: number;
  readonly textTokens: number;
}

/** What fits, and what stops more; out of memory (OOM); out of context length (OOCL), which is looked at where memory would do. */
export type MemoryOutcome = { readonly outcome: 'fits'; readonly value: number; readonly limitedBy: 'memory' | 'context' } | { readonly outcome: 'OOM' } | { readonly outcome: 'OOCL' };

/** Weights that a stage holds, bytes. @throws RangeError for an unknown stage */
function stageWeights(stage: MemoryStage, { encoder, language }: MultimodalBytes): number {
  const { encodes, language: speaks } = partsOf(stage);
  return (encodes ? encoder : 0) + (speaks ? language : 0);
}

/** Memory of a worker beside weights and multimedia cache, bytes; below 0 where they do not fit. See `freeMemory`. */
export function freeBytesOf({ stage, capacity, model }: MultimodalWorker): number {
  const { encodes, prefills } = partsOf(stage);
  positive('capacity', capacity);
  return freeMemory.evaluate({ capacity, weightBytes: stageWeights(stage, model), cacheBytes: encodes || prefills ? model.multimediaCache : 0 });
}

interface Limits {
  readonly patches: number;
  readonly tokens: number;
}

/** Patches and tokens that a pass and the KV cache can take; infinite where the stage has no such limit. */
function limitsOf(worker: MultimodalWorker, kvShare: number): Limits {
  const { encodes, prefills, language } = partsOf(worker.stage);
  check('kvShare', kvShare, kvShare >= 0 && kvShare < 1, 'is not from 0 to below 1');
  const { patch, token, reserved } = worker.activations;
  positive('activation bytes of a patch', patch);
  positive('activation bytes of a token', token);
  check('reserved bytes', reserved, reserved >= 0 && reserved < Number.POSITIVE_INFINITY, 'is not a finite number of at least 0');
  const freeBytes = freeBytesOf(worker);
  const roomBytes = Math.max(0, activationRoom.evaluate({ freeBytes, kvShare: language ? kvShare : 0, reservedBytes: reserved }));
  return {
    patches: encodes ? tileLimit.evaluate({ roomBytes, patchBytes: patch }) : Number.POSITIVE_INFINITY,
    tokens: Math.min(
      prefills ? promptTokenLimit.evaluate({ roomBytes, tokenBytes: token }) : Number.POSITIVE_INFINITY,
      language ? kvTokenLimit.evaluate({ freeBytes: Math.max(0, freeBytes), kvShare, kvBytesPerToken: worker.model.kvPerToken }) : Number.POSITIVE_INFINITY,
    ),
  };
}

/**
 * Most images of one request that a worker takes, alone in its batch, with a share of the free memory set aside for KV.
 * An encode worker has no KV and no context. Ignored: tokens that are decoded later.
 * @throws RangeError where the stage is unknown or a size is out of range
 */
export function imagesPerRequest(worker: MultimodalWorker, { image, textTokens }: Omit<ImageRequest, 'images'>, { kvShare }: { readonly kvShare: number }): MemoryOutcome {
  checkRequest({ image, textTokens, images: 1 });
  const { patches, tokens } = limitsOf(worker, kvShare);
  const memory = Math.min(
    imagesByTiles.evaluate({ patchLimit: patches, patchesPerImage: image.patches }),
    imagesByTokens.evaluate({ tokenLimit: tokens, textTokens, tokensPerImage: image.promptTokens }),
  );
  if (memory < 1) return { outcome: 'OOM' };
  const context = imagesByTokens.evaluate({ tokenLimit: contextOf(worker), ...contextTokens(worker, { image, textTokens }) });
  if (context < 1) return { outcome: 'OOCL' };
  return context < memory ? { outcome: 'fits', value: context, limitedBy: 'context' } : { outcome: 'fits', value: memory, limitedBy: 'memory' };
}

/**
 * Most requests of one pass of a worker (on a decode worker: whose prompts the KV cache holds).
 * @throws RangeError where the stage is unknown or a size is out of range
 */
export function largestBatch(worker: MultimodalWorker, request: ImageRequest, { kvShare }: { readonly kvShare: number }): MemoryOutcome {
  checkRequest(request);
  const { patches, tokens } = limitsOf(worker, kvShare);
  const { image, images, textTokens } = request;
  const value = Math.min(
    batchByTiles.evaluate({ patchLimit: patches, images, patchesPerImage: image.patches }),
    batchByTokens.evaluate({ tokenLimit: tokens, images, tokensPerImage: image.promptTokens, textTokens }),
  );
  if (value < 1) return { outcome: 'OOM' };
  return exceedsContext(worker, request) ? { outcome: 'OOCL' } : { outcome: 'fits', value, limitedBy: 'memory' };
}

/**
 * Largest share of the free memory that a worker can give to KV beside the activations of a batch.
 * @throws RangeError where the stage has no KV, is unknown, or a size is out of range
 */
export function kvShare(worker: MultimodalWorker, request: ImageRequest, batch = 1): MemoryOutcome {
  checkRequest(request);
  positiveInteger('batch', batch);
  if (!partsOf(worker.stage).language) throw new RangeError(`multimodal memory: stage ${worker.stage} has no KV cache`);
  const freeBytes = freeBytesOf(worker);
  const value = freeBytes <= 0 ? 0 : largestKvShare.evaluate({ freeBytes, activationBytes: activationBytesOf(worker, request, batch), reservedBytes: worker.activations.reserved });
  if (value <= 0) return { outcome: 'OOM' };
  return exceedsContext(worker, request) ? { outcome: 'OOCL' } : { outcome: 'fits', value, limitedBy: 'memory' };
}

/** What a worker holds at its peak, bytes. */
export interface PeakMemory {
  readonly weights: number;
  readonly multimediaCache: number;
  readonly activations: number;
  readonly kv: number;
  readonly reserved: number;
  readonly total: number;
  readonly capacity: number;
}

/**
 * Memory of a worker while it works on a batch, by what holds it. KV is a share of the free memory, as engines set it aside, or without a share the keys
 * and values of the prompts. The total may be more than the capacity: that is what out of memory means.
 * @throws RangeError where the stage is unknown or a size is out of range
 */
export function peakMemory(worker: MultimodalWorker, request: ImageRequest, { batch = 1, kvShare }: { readonly batch?: number; readonly kvShare?: number } = {}): PeakMemory {
  checkRequest(request);
  positiveInteger('batch', batch);
  if (kvShare !== undefined) check('kvShare', kvShare, kvShare >= 0 && kvShare < 1, 'is not from 0 to below 1');
  const { stage, model, capacity } = worker;
  const { encodes, prefills, language } = partsOf(stage);
  const weights = stageWeights(stage, model);
  const multimediaCache = encodes || prefills ? model.multimediaCache : 0;
  const kv = !language ? 0 : kvShare === undefined ? batch * tokensOf(request) * model.kvPerToken : kvShare * Math.max(0, freeBytesOf(worker));
  const activations = activationBytesOf(worker, request, batch);
  const { reserved } = worker.activations;
  return { weights, multimediaCache, activations, kv, reserved, total: weights + multimediaCache + activations + kv + reserved, capacity };
}

function activationBytesOf({ stage, activations: { patch, token } }: MultimodalWorker, request: ImageRequest, batch: number): number {
  const { encodes, prefills } = partsOf(stage);
  return passActivations.evaluate({
    patches: encodes ? batch * requestPatches.evaluate({ images: request.images, patchesPerImage: request.image.patches }) : 0,
    patchBytes: patch,
    tokens: prefills ? batch * tokensOf(request) : 0,
    tokenBytes: token,
  });
}

const tokensOf = ({ images, image, textTokens }: ImageRequest): number => requestTokens.evaluate({ images, tokensPerImage: image.promptTokens, textTokens });

/** An encode worker sees no context. */
const contextOf = ({ stage, context }: MultimodalWorker): number => (partsOf(stage).language ? (context ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY);

const contextTokens = ({ contextCounts = 'prompt' }: MultimodalWorker, { image, textTokens }: Omit<ImageRequest, 'images'>) =>
  contextCounts === 'prompt' ? { tokensPerImage: image.promptTokens, textTokens } : { tokensPerImage: image.tokens, textTokens: 0 };

const exceedsContext = (worker: MultimodalWorker, request: ImageRequest): boolean => requestTokens.evaluate({ images: request.images, ...contextTokens(worker, request) }) > contextOf(worker);

function partsOf(stage: MemoryStage): StageParts {
  if (!Object.hasOwn(STAGE_PARTS, stage)) throw new RangeError(`multimodal memory: stage ${stage} is not one of ${MEMORY_STAGES.join(', ')}`);
  return STAGE_PARTS[stage];
}

function checkRequest({ image, images, textTokens }: ImageRequest): void {
  positiveInteger('images', images);
  positiveInteger('patches of an image', image.patches);
  positiveInteger('tokens of an image', image.tokens);
  check('promptTokens of an image', image.promptTokens, Number.isSafeInteger(image.promptTokens) && image.promptTokens >= image.tokens, `is not a whole number of at least its ${image.tokens} tokens`);
  check('textTokens', textTokens, Number.isSafeInteger(textTokens) && textTokens >= 0, 'is not a whole number of at least 0');
}

const positive = (field: string, value: number): void => check(field, value, value > 0 && value < Number.POSITIVE_INFINITY, 'is not a positive number of bytes');
const positiveInteger = (field: string, value: number): void => check(field, value, Number.isSafeInteger(value) && value >= 1, 'is not a positive integer');

function check(field: string, value: number, holds: boolean, rule: string): void {
  if (!holds) throw new RangeError(`multimodal memory: ${field} ${value} ${rule}`);
}
