import type { Accelerator } from '../accelerators/accelerator.ts';
import { exactCounting } from '../layers/counting.ts';
import { storedBytes } from '../layers/gemm.ts';
import type { OperatorShape } from '../layers/operator.ts';
import { type PrecisionPolicy, weightFormat } from '../layers/precision.ts';
import { layerCount, lowerParts, type ModelPlace } from '../models/lower.ts';
import type { Model } from '../models/model.ts';
import { formula } from '../provenance/card.ts';
import type { ContextCurve } from '../units/context-curve.ts';
import { largest } from '../units/largest.ts';
import { type Deployment, validateDeployment } from './deployment.ts';
import { shardOf } from './shard.ts';

/** Tokens that a paged cache sets aside for a request: whole blocks. */
export const pagedTokens = formula({
  id: 'timing/paged-tokens',
  name: 'Tokens of whole KV blocks',
  symbols: { contextLength: { unit: 'token', meaning: 'tokens of the request', tex: 'S' }, blockTokens: { unit: 'token', meaning: 'tokens of a block', tex: 'b' } },
  expression: 'ceil(contextLength / blockTokens) * blockTokens',
  unit: 'token',
  evaluate: ({ contextLength, blockTokens }) => Math.ceil(contextLength / blockTokens) * blockTokens,
  source: { kind: 'paper', id: 'arXiv:2309.06180', at: 'section 4.2 (KV blocks of vLLM)' },
});

/** Activations of a pass: the residual stream, an input and an output of the widest layer for every token, logits in 32 bit for every request. */
export const activationBytes = formula({
  id: 'timing/activation-bytes',
  name: 'Activation bytes of a pass',
  symbols: {
    tokens: { unit: '1', meaning: 'tokens of the pass on one chip', tex: 'm' },
    hidden: { unit: '1', meaning: 'width of the residual stream', tex: 'H' },
    widest: { unit: '1', meaning: 'outputs of the widest matrix on one chip, of all experts that a token uses', tex: 'n' },
    requests: { unit: '1', meaning: 'requests of the pass', tex: 'B' },
    vocabulary: { unit: '1', meaning: 'logits on one chip', tex: 'V' },
  },
  expression: '2 [B] * tokens * (3 * hidden + 2 * widest) + 4 [B] * requests * vocabulary',
  unit: 'B',
  evaluate: ({ tokens, hidden, widest, requests, vocabulary }) => 2 * tokens * (3 * hidden + 2 * widest) + 4 * requests * vocabulary,
  source: { kind: 'assumed', because: 'an engine keeps the residual, the normed input, one attention output, and input and output of the widest matrix in 16 bit' },
});

export interface MemoryOptions {
  readonly deployment: Deployment;
  /** sides of the model that the chip holds: all unless given */
  readonly sides?: readonly ModelPlace['side'][];
  /** the model's own policy unless given */
  readonly precision?: PrecisionPolicy;
  /** tokens of a KV block */
  readonly blockTokens?: number;
  /** whether layers with a window keep every token (`paged`) or only what a later token can attend (`ring`) */
  readonly windows?: 'ring' | 'paged';
  /** most tokens that one pass works on in a replica: a chunk of a prompt */
  readonly passTokens?: number;
  /** share of the memory that the engine takes */
  readonly memoryShare?: number;
  /** what driver, graphs, communication buffers and kernels take, bytes */
  readonly workspaceBytes?: number;
}

const DEFAULTS = { blockTokens: 16, windows: 'ring', passTokens: 8192, memoryShare: 0.9, workspaceBytes: 2 * 2 ** 30 } as const;

/** What one chip of a deployment holds, bytes. */
export interface MemoryUse {
  readonly weights: number;
  /** KV cache and states of all requests */
  readonly cache: number;
  readonly activations: number;
  readonly workspace: number;
  readonly total: number;
  /** what the engine may use */
  readonly usable: number;
}

/** A model on a deployment, reduced to what memory depends on. */
export interface Memory {
  readonly weightBytes: number;
  /** KV of one request at a context, on one chip, bytes */
  readonly cacheBytes: (contextLength: number) => number;
  readonly use: (batch: number, contextLength: number) => MemoryUse;
  /** largest batch of a replica at a context; 0 where not even one request fits */
  readonly largestBatch: (contextLength: number) => number;
  /** longest context at a batch; 0 where not even one token fits */
  readonly longestContext: (batch: number) => number;
}

/**
 * Memory of one chip of a deployment.
 *   weights      its shard of every matrix; of routed experts those dealt out to it, redundant copies included; layers / p of a pipeline's stage
 *   cache        its shard of each request's KV in whole blocks, and of its states
 *   activations  see `activationBytes`; workspace and share of the memory as given
 * Batch counts requests of one attention replica. All stages are taken as large as the largest.
 * Ignored: fragmentation, prefix sharing, weights held twice while loading, prediction heads.
 * @throws RangeError when the deployment does not fit the model or an option is out of range
 */
export function memoryOf(model: Model, accelerator: Accelerator, options: MemoryOptions): Memory {
  const { deployment, sides, precision = model.precision, blockTokens, windows, passTokens, memoryShare, workspaceBytes } = { ...DEFAULTS, ...options };
  validateDeployment(model, deployment, sides);
  check('blockTokens', blockTokens, Number.isSafeInteger(blockTokens) && blockTokens >= 1, 'is not a positive integer');
  check('passTokens', passTokens, Number.isSafeInteger(passTokens) && passTokens >= 1, 'is not a positive integer');
  check('memoryShare', memoryShare, memoryShare > 0 && memoryShare <= 1, 'is not above 0 and at most 1');
  check('workspaceBytes', workspaceBytes, workspaceBytes >= 0 && Number.isFinite(workspaceBytes), 'is not a finite number of at least 0');
  const { tensorParallel: t, pipelineParallel: p } = deployment;
  const layers = layerCount(model);
  const stage = Math.ceil(layers / p) / layers;
  let weightBytes = 0;
  let widest = 0;
  const caches: { readonly kv: ContextCurve; readonly state: number; readonly held: number }[] = [];
  for (const { group, side, operators } of lowerParts(model, { precision, counting: exactCounting }))
    for (const operator of operators) {
      if (sides !== undefined && !sides.includes(side)) continue;
      const { shape, component, cache } = operator;
      const held = operator.repeat * (group === null ? 1 : stage);
      const share = shardOf(operator, t);
      weightBytes += held * storedBytes(operator.weights, weightFormat(precision, component)) * (operator.shardBy === 'experts' ? expertShare(shape, deployment) : share.weights);
      if (shape.kind === 'gemm' && component !== 'head') widest = Math.max(widest, shape.n * shape.activeGroups * (operator.shardBy === 'rows' ? 1 : share.weights));
      if (cache !== undefined) caches.push({ kv: cache[windows], state: cache.state, held: held * share.cache });
    }
  const cacheBytes = (contextLength: number): number => {
    const tokens = pagedTokens.evaluate({ contextLength, blockTokens });
    return caches.reduce((sum, { kv, state, held }) => sum + held * (kv.evaluate(tokens) + state), 0);
  };
  const usable = accelerator.memoryCapacity * memoryShare;
  // a chip without the head makes no logits
  const logits = sides === undefined || sides.includes('vocabulary') ? model.vocabulary / t : 0;
  const use = (batch: number, contextLength: number): MemoryUse => {
    for (const [field, value] of Object.entries({ batch, contextLength })) check(field, value, Number.isSafeInteger(value) && value >= 1, 'is not a positive integer');
    const activations = activationBytes.evaluate({ tokens: Math.max(passTokens, batch), hidden: model.hidden, widest, requests: batch, vocabulary: logits });
    const cache = batch * cacheBytes(contextLength);
    return { weights: weightBytes, cache, activations, workspace: workspaceBytes, total: weightBytes + cache + activations + workspaceBytes, usable };
  };
  const fits = (batch: number, contextLength: number): boolean => use(batch, contextLength).total <= usable;
  return {
    weightBytes,
    cacheBytes,
    use,
    largestBatch: (contextLength) => largest((batch) => fits(batch, contextLength)),
    longestContext: (batch) => largest((contextLength) => fits(batch, contextLength)),
  };
}

/**
 * Tokens of requests alike that fit into the memory beside everything else, windows and states as at a context: 0 where not even one request fits.
 *   (usable - weights - activations - workspace) / bytes of a token at that context
 */
export function tokensThatFit(memory: Memory, context: number): number {
  const fits = memory.largestBatch(context);
  if (fits === 0) return 0;
  const { usable, total, cache } = memory.use(fits, context);
  return Math.floor((usable - total + cache) / (memory.cacheBytes(context) / context));
}

/** Share of all routed experts' weights on one chip: the slots of its group, redundant copies included, each split over the group's chips. */
function expertShare(shape: OperatorShape, { tensorParallel, dataParallel, expertParallel, redundantExperts }: Deployment): number {
  const experts = shape.kind === 'gemm' ? shape.groups : 1;
  return (Math.ceil((experts + redundantExperts) / expertParallel) / experts) * (expertParallel / (tensorParallel * dataParallel));
}

function check(field: string, value: number, holds: boolean, rule: string): void {
  if (!holds) throw new RangeError(`memory: ${field} ${value} ${rule}`);
}
