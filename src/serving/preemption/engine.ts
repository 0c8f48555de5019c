import type { Accelerator } from '../../accelerators/accelerator.ts';
import type { Model } from '../../models/model.ts';
import { singleChip } from '../../timing/deployment.ts';
import { memoryOf, tokensThatFit } from '../../timing/memory.ts';
import type { HostLink } from './copies.ts';
import { blocksOf, bytesOfBlock, cacheLayout, type LayoutOptions } from './layout.ts';
import { CalibratedPassTimes } from './pass-times.ts';
import type { Engine } from './simulate.ts';

export interface EngineOptions extends LayoutOptions {
  readonly link: HostLink;
  /** memory of the host for caches, of each chip, bytes */
  readonly hostBytes: number;
  /** context at which windows and states are counted, tokens */
  readonly context: number;
  /** share of the chip's memory that the engine takes: 0.9 unless given */
  readonly memoryShare?: number;
  /** 256 unless given, as in vLLM */
  readonly maxRequests?: number;
  /** new tokens of one pass over prompts: 2048 unless given, as in vLLM */
  readonly batchTokens?: number;
  /** time of the engine on the host in every iteration, s: 0 unless given */
  readonly hostSeconds?: number;
}

/**
 * An engine from a model and a chip: calibrated kernels, blocks that fit beside the weights, and host memory.
 *   blocks on the chip  (usable - weights - activations - workspace) / bytes of a block, windows and states as at the context
 *   blocks on the host  host bytes / bytes of a block
 * @throws RangeError where not one request of the context fits, or an option is out of range
 */
export function preemptionEngine(model: Model, chip: Accelerator, options: EngineOptions): Engine {
  const { link, hostBytes, context, precision, tensorParallel = 1, memoryShare = 0.9, maxRequests = 256, batchTokens = 2048, hostSeconds = 0 } = options;
  if (!(hostBytes >= 0 && Number.isFinite(hostBytes))) throw new RangeError(`preemption: hostBytes ${hostBytes} is not a finite number of at least 0`);
  const layout = cacheLayout(model, options);
  const deployment = { ...singleChip, tensorParallel };
  const ofModel = precision === undefined ? {} : { precision };
  const memory = memoryOf(model, chip, { deployment, blockTokens: layout.blockTokens, passTokens: batchTokens, memoryShare, ...ofModel });
  const gpuBlocks = Math.floor(tokensThatFit(memory, blocksOf(layout, context) * layout.blockTokens) / layout.blockTokens);
  if (gpuBlocks === 0) throw new RangeError(`preemption: ${model.id} on ${tensorParallel} x ${chip.id} leaves no room for a request of ${context} tokens`);
  return {
    times: new CalibratedPassTimes(model, chip, { deployment, hostSeconds, ...ofModel }),
    layout,
    gpuBlocks,
    cpuBlocks: Math.floor(hostBytes / bytesOfBlock(layout)),
    link,
    maxRequests,
    batchTokens,
  };
}
