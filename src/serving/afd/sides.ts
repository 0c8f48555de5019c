import type { Accelerator } from '../../accelerators/accelerator.ts';
import { mtpFactors } from '../../cost/variants.ts';
import { singleChip, validateDeployment } from '../../timing/deployment.ts';
import { largest, largestWithin, mostEfficient } from '../../units/largest.ts';
import type { AfdDeployment } from './deployment.ts';
import { fits } from './memory-need.ts';
import { type AfdPlanner, serialOf } from './plan.ts';
import { excess, gigabytes, milliseconds } from './shortage.ts';
import { LAYOUTS, type StageTime } from './stage-times.ts';

/** Limits of a search that both sides keep. */
export interface SideLimits {
  /** longest time per output token, seconds */
  readonly tpot: number;
  /** most instances of each side */
  readonly maxInstances: number;
}

/** A way to set up one side with so many requests at most in a micro-batch (of one replica, or of the whole side), and the least time of all layers for each of them. */
export interface SideChoice {
  readonly most: number;
  readonly perRequest: number;
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
  const choices: AttentionChoice[] = [];
  let best = 0;
  for (const tensorParallel of waysOf(planner, chip)) {
    const replicas = chip.acceleratorsPerServer / tensorParallel;
    const seconds = (requests: number): number => allLayers(planner, planner.attention(chip, { requests, tensorParallel, replicas }));
    const room = largest((requests) => fits(planner.attentionMemory(chip, tensorParallel, requests)), { to: MOST_REQUESTS });
    const most = largestWithin(seconds, stepOf(planner, tpot), { to: room });
    if (most === 0) continue;
    const rate = (replicas * most) / seconds(most);
    if (rate < WORTHWHILE * best) break;
    best = Math.max(best, rate);
    const efficient = mostEfficient(seconds, most, { most: TRIED });
    const perRequest = seconds(efficient[0] as number) / (efficient[0] as number);
    choices.push(...[...new Set([most, ...efficient])].map((each) => ({ tensorParallel, most: each, perRequest })));
  }
  return choices.length === 0 ? { because: attentionFailure(planner, tpot, chip) } : { choices };
}

/** From the first way to split a server that does less than this share of the best in the same time, wider ones are not tried. */
const WORTHWHILE = 0.6;

export function ffnChoices(planner: AfdPlanner, query: SideLimits, chip: Accelerator): Choices<FfnChoice> {
  const choices = layoutsOf(planner, query, chip).flatMap((side): readonly FfnChoice[] => {
    const key = `fc ${serialOf(chip)} ${query.tpot} ${side.ffnInstances} ${side.layout}`;
    return planner.once(key, () => ffnChoice(planner, query, chip, side));
  });
  return choices.length === 0 ? { because: ffnFailure(planner, query, chip) } : { choices };
}

function ffnChoice(planner: AfdPlanner, { tpot }: SideLimits, chip: Accelerator, side: FfnSetup): readonly FfnChoice[] {
  const block = blockOf(chip, side);
  const seconds = (blocks: number): number => allLayers(planner, planner.ffn(chip, blocks * block, side));
  const room = largest((blocks) => fits(planner.ffnMemory(chip, blocks * block, side)), { to: MOST_REQUESTS });
  const most = largestWithin(seconds, stepOf(planner, tpot), { to: room });
  if (most === 0) return [];
  const efficient = mostEfficient(seconds, most, { shares: 4 })[0] as number;
  return [...new Set([most, efficient])].map((blocks) => ({ ...side, most: blocks * block, perRequest: seconds(efficient) / efficient / block }));
}

/** Requests between which the time of a chip does not change: with whole experts on chips as many as an instance has chips, with split ones each counts. */
const blockOf = (chip: Accelerator, { layout }: FfnSetup): number => (layout === 'expert' ? chip.acceleratorsPerServer : 1);

/** Numbers of requests of a replica that are tried beside the most: fewer, with which it does more for its time. */
const TRIED = 3;

type FfnSetup = Pick<AfdDeployment, 'ffnInstances' | 'layout'>;

/** Numbers of feed-forward instances that are tried: every one up to 4, then every second, every fourth and so on. */
const tried = (instances: number): boolean => instances % 2 ** Math.max(0, Math.ceil(Math.log2(instances / 4))) === 0;

function layoutsOf({ split }: AfdPlanner, { maxInstances }: SideLimits, chip: Accelerator): readonly FfnSetup[] {
  return LAYOUTS.flatMap((layout) =>
    Array.from({ length: maxInstances }, (_, at) => ({ ffnInstances: at + 1, layout })).filter(({ ffnInstances }) => {
      if (!tried(ffnInstances)) return false;
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
      .map(({ tensorParallel }) => allLayers(planner, planner.attention(chip, { requests: 1, tensorParallel, replicas: chip.acceleratorsPerServer / tensorParallel }))),
  );
  return `attention: one request of a replica in each micro-batch takes ${milliseconds(seconds)} of ${milliseconds(stepOf(planner, tpot))} on ${chip.id}: ${excess(seconds, stepOf(planner, tpot))}`;
}

function ffnFailure(planner: AfdPlanner, query: SideLimits, chip: Accelerator): string {
  const { tpot, maxInstances } = query;
  const layouts = layoutsOf(planner, query, chip);
  const needs = layouts.map((layout) => ({ layout, memory: planner.ffnMemory(chip, blockOf(chip, layout), layout) }));
  const least = needs.reduce((a, b) => (b.memory.bytes < a.memory.bytes ? b : a));
  if (!fits(least.memory))
    return `ffn memory: ${least.layout.ffnInstances} instances (at most ${maxInstances}) need ${gigabytes(least.memory.bytes)} of ${chip.id}, ${gigabytes(least.memory.usable)} can be used: ${excess(least.memory.bytes, least.memory.usable)}`;
  const seconds = Math.min(...needs.filter(({ memory }) => fits(memory)).map(({ layout }) => allLayers(planner, planner.ffn(chip, blockOf(chip, layout), layout))));
  return `ffn: the fewest requests of a micro-batch take ${milliseconds(seconds)} of ${milliseconds(stepOf(planner, tpot))} on ${chip.id}: ${excess(seconds, stepOf(planner, tpot))}`;
}
