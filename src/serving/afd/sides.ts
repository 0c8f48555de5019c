import type { Accelerator } from '../../accelerators/accelerator.ts';
import { mtpFactors } from '../../cost/variants.ts';
import { singleChip, validateDeployment } from '../../timing/deployment.ts';
import { largest, largestWithin } from '../../units/largest.ts';
import type { AfdDeployment } from './deployment.ts';
import { fits } from './memory-need.ts';
import type { AfdPlanner } from './plan.ts';
import { excess, gigabytes, milliseconds } from './shortage.ts';
import { LAYOUTS, type StageTime } from './stage-times.ts';

/** Limits of a search that both sides keep. */
export interface SideLimits {
  /** longest time per output token, seconds */
  readonly tpot: number;
  /** most instances of each side */
  readonly maxInstances: number;
}

/** A way to set up one side, the most requests that it takes in a micro-batch (of one replica, or of the whole side), and the time of all layers with them. */
export interface SideChoice {
  readonly most: number;
  readonly seconds: number;
}
export interface AttentionChoice extends SideChoice {
  readonly tensorParallel: number;
}
export interface FfnChoice extends SideChoice {
  readonly ffnInstances: number;
  readonly layout: AfdDeployment['layout'];
}
/** Ways to set up one side on a chip, or why there is none. */
export type Choices<C> = { readonly choices: readonly C[] } | { readonly because: string };

/** Instances that a token comes back from change the attention side by little: what a search takes for them. */
const REACHED = 2;

/** Stage times of all layers, all micro-batches. */
const allLayers = ({ split, scenario }: AfdPlanner, times: readonly StageTime[]): number =>
  scenario.microBatches * split.groups.reduce((sum, { layers }, at) => sum + layers * (times[at] as StageTime).seconds, 0);

/** Time of a step within a time per output token. */
export const stepOf = ({ scenario }: AfdPlanner, tpot: number): number => tpot * mtpFactors(scenario).tokensPerStep;

/** Ways to split a replica that the model's heads allow. */
function waysOf({ split }: AfdPlanner, { acceleratorsPerServer }: Accelerator): readonly number[] {
  return Array.from({ length: acceleratorsPerServer }, (_, at) => at + 1).filter((tensorParallel) => {
    if (acceleratorsPerServer % tensorParallel !== 0) return false;
    try {
      validateDeployment(split.model, { ...singleChip, tensorParallel });
      return true;
    } catch (error) {
      if (error instanceof RangeError) return false;
      throw error;
    }
  });
}

export function attentionChoices(planner: AfdPlanner, { tpot }: SideLimits, chip: Accelerator): Choices<AttentionChoice> {
  const replicasOf = (tensorParallel: number): number => chip.acceleratorsPerServer / tensorParallel;
  const choices = waysOf(planner, chip).flatMap((tensorParallel): readonly AttentionChoice[] => {
    const seconds = (requests: number): number => allLayers(planner, planner.attention(chip, { requests, tensorParallel, replicas: replicasOf(tensorParallel), reached: REACHED }));
    const room = largest((requests) => fits(planner.attentionMemory(chip, tensorParallel, requests)), { to: MOST_REQUESTS });
    const most = largestWithin(seconds, stepOf(planner, tpot), { to: room });
    return most === 0 ? [] : [{ tensorParallel, most, seconds: seconds(most) }];
  });
  // the two ways that serve most requests on a server: the best, and one that may have shorter stages
  const best = [...choices].sort((a, b) => b.most * replicasOf(b.tensorParallel) - a.most * replicasOf(a.tensorParallel)).slice(0, 2);
  return best.length === 0 ? { because: attentionFailure(planner, tpot, chip) } : { choices: best };
}

export function ffnChoices(planner: AfdPlanner, query: SideLimits, chip: Accelerator): Choices<FfnChoice> {
  const size = chip.acceleratorsPerServer;
  const choices = layoutsOf(planner, query, chip).flatMap((side): readonly FfnChoice[] => {
    // in steps of the chips of an instance: smaller ones do not change what a chip does
    const seconds = (blocks: number): number => allLayers(planner, planner.ffn(chip, blocks * size, side));
    const room = largest((blocks) => fits(planner.ffnMemory(chip, blocks * size, side)), { to: MOST_REQUESTS });
    const most = largestWithin(seconds, stepOf(planner, query.tpot), { to: room });
    return most === 0 ? [] : [{ ...side, most: most * size, seconds: seconds(most) }];
  });
  return choices.length === 0 ? { because: ffnFailure(planner, query, chip) } : { choices };
}

function layoutsOf({ split }: AfdPlanner, { maxInstances }: SideLimits, chip: Accelerator): readonly Pick<AfdDeployment, 'ffnInstances' | 'layout'>[] {
  return LAYOUTS.flatMap((layout) =>
    Array.from({ length: maxInstances }, (_, at) => ({ ffnInstances: at + 1, layout })).filter(({ ffnInstances }) => {
      if (split.experts === null) return layout === 'tensor';
      return ffnInstances * (layout === 'expert' ? chip.acceleratorsPerServer : 1) <= split.experts;
    }),
  );
}

/** Requests of one replica, or blocks of requests of a side, in a micro-batch. */
const MOST_REQUESTS = 2 ** 13;

function attentionFailure(planner: AfdPlanner, tpot: number, chip: Accelerator): string {
  const needs = waysOf(planner, chip).map((tensorParallel) => ({ tensorParallel, memory: planner.attentionMemory(chip, tensorParallel, 1) }));
  const least = needs.reduce((a, b) => (b.memory.bytes < a.memory.bytes ? b : a));
  if (!fits(least.memory))
    return `attention memory: one request in each micro-batch takes ${gigabytes(least.memory.bytes)} of ${chip.id} with ${least.tensorParallel} chips each, ${gigabytes(least.memory.usable)} can be used: ${excess(least.memory.bytes, least.memory.usable)}`;
  const seconds = Math.min(
    ...needs
      .filter(({ memory }) => fits(memory))
      .map(({ tensorParallel }) => allLayers(planner, planner.attention(chip, { requests: 1, tensorParallel, replicas: chip.acceleratorsPerServer / tensorParallel, reached: REACHED }))),
  );
  return `attention: one request of a replica in each micro-batch takes ${milliseconds(seconds)} of ${milliseconds(stepOf(planner, tpot))} on ${chip.id}: ${excess(seconds, stepOf(planner, tpot))}`;
}

function ffnFailure(planner: AfdPlanner, query: SideLimits, chip: Accelerator): string {
  const { tpot, maxInstances } = query;
  const requests = chip.acceleratorsPerServer;
  const layouts = layoutsOf(planner, query, chip);
  const needs = layouts.map((layout) => ({ layout, memory: planner.ffnMemory(chip, requests, layout) }));
  const least = needs.reduce((a, b) => (b.memory.bytes < a.memory.bytes ? b : a));
  if (!fits(least.memory))
    return `ffn memory: ${least.layout.ffnInstances} instances (at most ${maxInstances}) need ${gigabytes(least.memory.bytes)} of ${chip.id}, ${gigabytes(least.memory.usable)} can be used: ${excess(least.memory.bytes, least.memory.usable)}`;
  const seconds = Math.min(...needs.filter(({ memory }) => fits(memory)).map(({ layout }) => allLayers(planner, planner.ffn(chip, requests, layout))));
  return `ffn: one request a chip in each micro-batch takes ${milliseconds(seconds)} of ${milliseconds(stepOf(planner, tpot))} on ${chip.id}: ${excess(seconds, stepOf(planner, tpot))}`;
}
