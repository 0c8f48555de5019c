import type { Accelerator } from '../../accelerators/accelerator.ts';
import type { PrecisionPolicy } from '../../layers/precision.ts';
import { modelCache } from '../../models/cache.ts';
import type { Model } from '../../models/model.ts';
import { type Deployment, singleChip } from '../../timing/deployment.ts';
import { memoryOf } from '../../timing/memory.ts';
import { CalibratedTimes } from './calibrated-times.ts';
import type { KvLink, MemoryRules, Pool } from './cluster.ts';
import { chipsOfSplit, type Estimator, type Role, type Split, splitText } from './estimator.ts';

/** Chips of each role. */
export type RoleChips = Readonly<Record<Role, Accelerator>>;

export interface CalibratedEstimatorOptions {
  readonly precision: PrecisionPolicy;
  /** context at which the cache is filled, tokens: prompt and half of the output, in the mean */
  readonly context: number;
  /** tokens of one prefill batch, at least those of the longest prompt */
  readonly batchTokens: number;
  /** null: no limit of memory */
  readonly kvLimit: boolean;
  /** host time of the engine for each sequence of a decode step, s */
  readonly hostSecondsPerSequence: number;
  /** share of the rate of a link that is reached */
  readonly linkShare: number;
}

/** Rules of an engine of today where memory has a limit: prompts first, pulls beside steps, swapping over the host link. */
const MEMORY: MemoryRules = { waitingShare: 0.05, reserve: 0.01, maxRequests: 1024, pulls: 'beside-steps', swapSecondsPerToken: 0 };

/** The deployment of a split: experts go to all chips of an instance, where the model has experts. */
export function deploymentOf(model: Model, { tensorParallel, pipelineParallel, dataParallel = 1 }: Split): Deployment {
  const experts = model.layers.some(({ ffn }) => ffn.kind === 'moe');
  return { ...singleChip, tensorParallel, pipelineParallel, dataParallel, expertParallel: experts ? tensorParallel * dataParallel : 1 };
}

/**
 * Any model on any chip: calibrated kernels, memory of the chip, and the KV cache over NVLink where both instances are in one server of one chip, else over network cards.
 * Gives estimators by the chips of each role, which share what they know of a chip.
 * Ignored: chunked prefill (colocated prompts hold decode steps up whole), swapping time, prefix caches.
 */
export function calibratedEstimators(model: Model, options: CalibratedEstimatorOptions): (chips: RoleChips) => Estimator {
  const { precision, context, batchTokens, kvLimit, hostSecondsPerSequence, linkShare } = options;
  const { perToken } = modelCache(model, { kv: precision.kv, state: precision.state });
  const known = new Map<string, Pick<Pool, 'times' | 'kvTokens'>>();
  const timed = (chip: Accelerator, split: Split): Pick<Pool, 'times' | 'kvTokens'> => {
    const key = `${chip.id} ${splitText(split)}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    if (split.tensorParallel > chip.scaleUpDomain) throw new RangeError(`placement: ${splitText(split)} is over more than the ${chip.scaleUpDomain} chips of ${chip.id} that are linked`);
    const deployment = deploymentOf(model, split);
    const fits = memoryOf(model, chip, { deployment, precision, passTokens: batchTokens }).largestBatch(context);
    if (fits === 0) throw new RangeError(`placement: ${splitText(split)} of ${model.id} on ${chip.id} leaves no room for a request of ${context} tokens`);
    const pool = { times: new CalibratedTimes(model, chip, { deployment, precision, hostSecondsPerSequence }), kvTokens: fits * context * deployment.dataParallel };
    known.set(key, pool);
    return pool;
  };
  return (chips) => ({
    instance: (role, split) => timed(chips[role], split),
    rules: () => ({
      batching: { maxPrompts: 1024, maxTokens: batchTokens, padded: null },
      decodeTokens: Number.MAX_SAFE_INTEGER,
      memory: kvLimit ? MEMORY : null,
      decodeSteps: 'output-1',
      dispatch: 'least-loaded',
    }),
    link: (prefill, decode) => linkOf(chips, prefill, decode, perToken, linkShare),
    usdPerHour: (role) => chips[role].usdPerHour,
  });
}

/** The estimator of one chip for all roles, or of one for each. */
export const calibratedEstimator = (model: Model, chips: RoleChips, options: CalibratedEstimatorOptions): Estimator => calibratedEstimators(model, options)(chips);

/** @throws RangeError where chips have no network card and are not of one server */
function linkOf({ prefill, decode }: RoleChips, from: Split, to: Split, bytesPerToken: number, share: number): KvLink {
  const [sends, receives] = [chipsOfSplit(from), chipsOfSplit(to)];
  const ways = Math.min(sends, receives);
  if (prefill.id === decode.id && prefill.scaleUpPerDirection !== null && sends + receives <= prefill.scaleUpDomain)
    return { bytesPerToken, bytesPerSecond: share * ways * prefill.scaleUpPerDirection };
  const cards = [prefill, decode].map((chip) => {
    if (chip.nicPerAcceleratorPerDirection === null) throw new RangeError(`placement: ${chip.id} has no network card to another server`);
    return chip.nicPerAcceleratorPerDirection;
  });
  return { bytesPerToken, bytesPerSecond: share * ways * Math.min(...cards) };
}
