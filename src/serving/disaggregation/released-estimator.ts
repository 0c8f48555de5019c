import { modelCache } from '../../models/cache.ts';
import type { Model } from '../../models/model.ts';
import type { Rules } from './cluster.ts';
import { engineConstants } from './engine-constants.ts';
import { EngineTimes, engineKvTokens } from './engine-times.ts';
import type { Estimator } from './estimator.ts';
import { releasedDimensions, releasedKvCapacity } from './kv-capacity.ts';
import type { ReleasedEngine } from './released-profiles.ts';
import { ReleasedTimes, releasedCoefficients } from './released-times.ts';
import { distserveRules, releasedRules, vllmRules } from './rules.ts';

export interface ReleasedOptions {
  /** the released simulator's own times, or those of the engines that it stands for */
  readonly times: 'released' | 'engine';
  /** by the engines' memory, or none, as in the released simulator */
  readonly kvLimit: boolean;
  /** rate of the way between instances, B/s; where memory has a limit */
  readonly linkBytesPerSecond: number;
  readonly usdPerHour: number | null;
}

/** What PCIe 4.0 x16 reaches from an A100, pinned, bytes/s: `pcie4-x16` of `links`, which has its source. */
export const HOST_BYTES_PER_SECOND = 24.8e9;

/**
 * OPT models on A100-SXM-80GB by the coefficients and the memory of the released simulator: prefill and decode as DistServe's engine runs them, colocated as vLLM does.
 * @throws RangeError for a model that the released profiler does not count; an instance, for a degree that was not profiled
 */
export function releasedEstimator(model: Model, { times, kvLimit, linkBytesPerSecond, usdPerHour }: ReleasedOptions): Estimator {
  const dimensions = releasedDimensions(model);
  const bytesPerToken = modelCache(model).perToken;
  return {
    instance: (role, split) => {
      const engine: ReleasedEngine = role === 'colocated' ? 'vllm' : 'distserve';
      const { tensorParallel, pipelineParallel } = split;
      const constants = engineConstants[engine];
      const kvTokens = times === 'engine' ? engineKvTokens(dimensions, split, constants, bytesPerToken) : releasedKvCapacity(dimensions, split).tokens;
      if (kvTokens === 0) throw new RangeError(`simdistserve: tensor parallel ${tensorParallel} x pipeline parallel ${pipelineParallel} leaves no room for a KV cache of ${model.id}`);
      const coefficients = releasedCoefficients(engine, model.id, tensorParallel);
      // each chip swaps its part of the cache over its own way to the host
      const swapSecondsPerToken = bytesPerToken / (tensorParallel * pipelineParallel * HOST_BYTES_PER_SECOND);
      return { kvTokens, swapSecondsPerToken, times: times === 'released' ? new ReleasedTimes(coefficients, pipelineParallel) : new EngineTimes(engine, coefficients, pipelineParallel, constants) };
    },
    rules: ({ kvTokens }, kind): Rules => {
      if (kvLimit) return kind === 'colocated' ? vllmRules : distserveRules;
      const rules = releasedRules(kvTokens);
      return times === 'released' ? rules : { ...rules, decodeSteps: 'output-1' };
    },
    link: () => (kvLimit ? { bytesPerToken, bytesPerSecond: linkBytesPerSecond } : null),
    usdPerHour: () => usdPerHour,
  };
}
