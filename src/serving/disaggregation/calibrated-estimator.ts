import type { Accelerator } from '../../accelerators/accelerator.ts';
import type { PrecisionPolicy } from '../../layers/precision.ts';
import type { Model } from '../../models/model.ts';
import { type Deployment, singleChip } from '../../timing/deployment.ts';
import { memoryOf, tokensThatFit } from '../../timing/memory.ts';
import { CalibratedTimes } from './calibrated-times.ts';
import type { MemoryRules } from './cluster.ts';
import { type Apart, chipsOfPlacement, type Estimator, type InstanceOf, type Role, type Split, splitText } from './estimator.ts';

/** Chips of each role. */
export type RoleChips = Readonly<Record<Role, Accelerator>>;

export interface CalibratedEstimatorOptions {
  readonly precision: PrecisionPolicy;
  /** context at which windows and states are counted, and one request has to fit, tokens: prompt and half of the output, in the mean */
  readonly context: number;
  /** tokens of one prefill batch of a copy of the attention, at least those of the longest prompt */
  readonly batchTokens: number;
  /** whether memory holds requests back; without, weights alone have to fit */
  readonly kvLimit: boolean;
  /** host time of the engine for each sequence of a decode step, s */
  readonly hostSecondsPerSequence: number;
  /** share of the rate of a link that is reached */
  readonly linkShare: number;
}

/**
 * Rules of an engine of today where memory has a limit, of each copy of the attention: prompts first, pulls beside steps. Shares and requests are those of the engines
 * that DistServe was measured with, see `rules.ts`.
 */
const MEMORY: MemoryRules = { waitingShare: 0.05, reserve: 0.01, maxRequests: 1024, pulls: 'beside-steps' };
const MAX_PROMPTS = 1024;

/** The deployment of a split: experts go to all chips of an instance, where the model has experts. */
export function deploymentOf(model: Model, { tensorParallel, pipelineParallel, dataParallel = 1 }: Split): Deployment {
  const experts = model.layers.some(({ ffn }) => ffn.kind === 'moe');
  return { ...singleChip, tensorParallel, pipelineParallel, dataParallel, expertParallel: experts ? tensorParallel * dataParallel : 1 };
}

/** One instance, and what a token of a request takes in all caches that keep it, copies in the chips of a layer included. */
interface Timed extends InstanceOf {
  readonly cacheBytesPerToken: number;
}

/**
 * Any model on any chip: calibrated kernels, memory of the chip, and the KV cache over NVLink where all instances are in one server of one chip, else over network cards.
 * Gives estimators by the chips of each role, which share what they know of a chip.
 *   KV tokens = (usable - weights - activations - workspace) / cache bytes of a token on one chip, windows and states as at the mean context
 * Ignored: chunked prefill (colocated prompts hold decode steps up whole), time of swapping, prefix caches.
 */
export function calibratedEstimators(model: Model, options: CalibratedEstimatorOptions): (chips: RoleChips) => Estimator {
  const { batchTokens, kvLimit, linkShare } = options;
  const known = new Map<string, Timed>();
  const timed = (chip: Accelerator, split: Split): Timed => {
    const key = `${chip.id} ${splitText(split)}`;
    const found = known.get(key) ?? timedInstance(model, chip, split, options);
    known.set(key, found);
    return found;
  };
  return (chips) => ({
    instance: (role, split) => timed(chips[role], split),
    rules: () => ({
      batching: { maxPrompts: MAX_PROMPTS, maxTokens: batchTokens, padded: null },
      decodeTokens: Number.MAX_SAFE_INTEGER,
      memory: kvLimit ? MEMORY : null,
      decodeSteps: 'output-1',
      dispatch: 'least-loaded',
    }),
    link: (placement) => ({ bytesPerToken: timed(chips.decode, placement.decode).cacheBytesPerToken, bytesPerSecond: linkShare * linkRate(chips, placement) }),
    usdPerHour: (role) => chips[role].usdPerHour,
  });
}

/** The estimator of one chip for all roles, or of one for each. */
export const calibratedEstimator = (model: Model, chips: RoleChips, options: CalibratedEstimatorOptions): Estimator => calibratedEstimators(model, options)(chips);

function timedInstance(model: Model, chip: Accelerator, split: Split, { precision, context, batchTokens, kvLimit, hostSecondsPerSequence }: CalibratedEstimatorOptions): Timed {
  const where = `${splitText(split)} of ${model.id} on ${chip.id}`;
  if (split.tensorParallel > chip.scaleUpDomain) throw new RangeError(`placement: ${where} is over more than the ${chip.scaleUpDomain} chips that are linked`);
  const deployment = deploymentOf(model, split);
  const memory = memoryOf(model, chip, { deployment, precision, passTokens: batchTokens });
  const tokens = tokensThatFit(memory, context);
  if (kvLimit && tokens === 0) throw new RangeError(`placement: ${where} leaves no room for a request of ${context} tokens`);
  const { usable, weights } = memory.use(1, context);
  if (weights > usable) throw new RangeError(`placement: ${where} leaves no room for its weights`);
  return {
    kvTokens: kvLimit ? tokens * deployment.dataParallel : Number.MAX_SAFE_INTEGER,
    replicas: deployment.dataParallel,
    times: new CalibratedTimes(model, chip, { deployment, precision, hostSecondsPerSequence }),
    cacheBytesPerToken: (memory.cacheBytes(context) / context) * split.tensorParallel * split.pipelineParallel,
  };
}

/**
 * Rate at which one copy of the attention of a decode instance gets the cache of a request, bytes/s: as many ways as the smaller of two copies has chips; where there
 * are more decode than prefill instances they share those that send. @throws RangeError where chips have no network card and are not of one server
 */
function linkRate({ prefill, decode }: RoleChips, placement: Apart): number {
  const chips = ({ tensorParallel, pipelineParallel }: Split): number => tensorParallel * pipelineParallel;
  const sends = chips(placement.prefill);
  const ways = Math.min(sends, chips(placement.decode), (sends * placement.prefillInstances) / placement.decodeInstances);
  if (prefill.id === decode.id && prefill.scaleUpPerDirection !== null && chipsOfPlacement(placement) <= prefill.scaleUpDomain) return ways * prefill.scaleUpPerDirection;
  const cards = [prefill, decode].map(({ id, nicPerAcceleratorPerDirection }) => {
    if (nicPerAcceleratorPerDirection === null) throw new RangeError(`placement: ${id} has no network card to another server`);
    return nicPerAcceleratorPerDirection;
  });
  return ways * Math.min(...cards);
}
