import type { Accelerator } from '../../accelerators/accelerator.ts';
import { singleChip } from '../../timing/deployment.ts';
import { type Memory, memoryOf } from '../../timing/memory.ts';
import type { SplitModel } from './split-model.ts';
import type { FfnSide } from './stage-times.ts';

/** Bytes of one chip that are needed, and that can be used. */
export interface MemoryNeed {
  readonly bytes: number;
  readonly usable: number;
}

/** What a chip of the attention side holds: attention, embedding and head. */
export const attentionMemoryOf = ({ model, precision }: SplitModel, chip: Accelerator, tensorParallel: number, memoryShare: number): Memory =>
  memoryOf(model, chip, { deployment: { ...singleChip, tensorParallel }, precision, sides: ['attention', 'vocabulary'], passTokens: 1, memoryShare });

/** What a chip of the feed-forward side holds, by layout and routing. */
export function ffnMemoryOf({ model, precision, experts }: SplitModel, chip: Accelerator, { instances, size, layout, routing }: FfnSide, memoryShare: number): Memory {
  const chips = instances * size;
  const tensorParallel = layout === 'expert' ? 1 : routing === 'broadcast' ? chips : size;
  const expertParallel = experts === null ? 1 : layout === 'expert' ? chips : instances;
  const deployment = { ...singleChip, tensorParallel, dataParallel: chips / tensorParallel, expertParallel };
  return memoryOf(model, chip, { deployment, precision, sides: ['ffn'], passTokens: 1, memoryShare });
}

/** Bytes with so many tokens in a pass, and a cache. */
export function needOf(memory: Memory, tokens: number, cache: number): MemoryNeed {
  const { weights, activations, workspace, usable } = memory.use(tokens, 1);
  return { bytes: weights + activations + workspace + cache, usable };
}

export const fits = ({ bytes, usable }: MemoryNeed): boolean => bytes <= usable;
