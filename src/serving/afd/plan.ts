import type { Accelerator } from '../../accelerators/accelerator.ts';
import { mtpFactors } from '../../cost/variants.ts';
import type { ContextMix } from './contexts.ts';
import { type AfdDeployment, chipsOfSides, nicOf, pricePerHour, validateAfdDeployment } from './deployment.ts';
import { attentionMemoryOf, ffnMemoryOf, type MemoryNeed, needOf } from './memory-need.ts';
import { COMBINE, DISPATCH, instancesReached, tokenBytes, transferTime } from './network.ts';
import { equalLayersPeriod, type LayerTimes, stepPeriod } from './pipeline.ts';
import { type AfdScenario, validateScenario } from './scenario.ts';
import type { SplitGroup, SplitModel } from './split-model.ts';
import { type AttentionWork, attentionTime, type FfnSide, ffnTime, headTime, innerExchange, type StageTime, sumTime, together } from './stage-times.ts';
import { batchThroughput, throughputCost } from './throughput.ts';

/** Stages of the pipeline, in the order in which a micro-batch passes them; each has a resource of its own. */
export const STAGES = ['attention', 'dispatch', 'gather', 'ffn', 'scatter', 'combine'] as const;
export type Stage = (typeof STAGES)[number];

/** What a deployment does: times, throughput, cost and memory. */
export interface AfdPlan extends AfdDeployment {
  readonly chips: number;
  /** requests of all replicas in one micro-batch, and in all of them */
  readonly microBatch: number;
  readonly batch: number;
  /** time of one step of a micro-batch, and per output token: shorter where drafts are accepted */
  readonly stepSeconds: number;
  readonly tpot: number;
  /** bounds of `tpot` where all stages are off alike, by 80 % of each kernel's residuals */
  readonly low: number;
  readonly high: number;
  readonly tokensPerSecond: number;
  readonly tokensPerGpuSecond: number;
  /** null where a chip has no price */
  readonly usdPerMillionTokens: number | null;
  /** mean time of each stage over the layers, without the head, one micro-batch */
  readonly stages: Readonly<Record<Stage, number>>;
  /** what sets the pace: the stage with most to do, or the way of one micro-batch through all of them where that takes longer */
  readonly pace: Stage | 'latency';
  readonly attentionMemory: MemoryNeed;
  readonly ffnMemory: MemoryNeed;
  readonly basis: 'measured' | 'assumed';
  /** stage times of each layer in nanoseconds, the head last: what a timeline draws */
  readonly layers: readonly LayerTimes[];
}

/** A model under a scenario: plans of one deployment after another, times of a side kept for the next. */
export interface AfdPlanner {
  readonly split: SplitModel;
  readonly scenario: AfdScenario;
  readonly plan: (deployment: AfdDeployment) => AfdPlan;
  /** time per output token where every group of layers keeps its own pace: close to that of the plan, and found in a fraction of the time */
  readonly tpotBound: (deployment: AfdDeployment) => number;
  /** longest stage times of the sides alone: what a search looks at first */
  readonly attention: (chip: Accelerator, work: Pick<AttentionWork, 'requests' | 'tensorParallel' | 'replicas'>) => readonly StageTime[];
  readonly ffn: (chip: Accelerator, requests: number, layout: Pick<AfdDeployment, 'ffnInstances' | 'layout'>) => readonly StageTime[];
  /** bytes of a request on either way, all layers, all instances that it goes to */
  readonly wayBytes: (ffnInstances: number) => { readonly dispatch: number; readonly combine: number };
  readonly attentionMemory: (chip: Accelerator, tensorParallel: number, requests: number) => MemoryNeed;
  readonly ffnMemory: (chip: Accelerator, requests: number, layout: Pick<AfdDeployment, 'ffnInstances' | 'layout'>) => MemoryNeed;
  /** keeps what depends on neither contexts nor deployments */
  readonly once: Remember;
  /** the same for other contexts: times that do not depend on them are found once */
  readonly at: (contexts: ContextMix) => AfdPlanner;
}

/**
 * Plans of a model. Each layer is a pass of a micro-batch through six stages:
 *   attention  the attention side of the slowest replica; sums what came back, norms and quantises what goes out
 *   dispatch   FP8 and scales to the instances, over the network cards of either side, whichever takes longer
 *   gather     tokens to the chips of an instance that need them; then every chip multiplies its part (ffn), and sums go back (scatter)
 *   combine    BF16 back from each instance
 * The step time is the period of that pipeline, see `stepPeriod`; the last norm and LM head come after the last layer on the attention side.
 * Gathering and scattering go on behind the computation of another micro-batch, as in StepMesh; what they take of each other and of the chip is
 * ignored, and so are latencies of the network, jitter, sampling, the drafter's own layers, and the order of layers of different groups.
 * @throws RangeError when a number is out of range
 */
export function afdPlanner(split: SplitModel, scenario: AfdScenario): AfdPlanner {
  return plannerOf(split, scenario, remembering());
}

function plannerOf(split: SplitModel, scenario: AfdScenario, kept: Remember): AfdPlanner {
  validateScenario(scenario);
  const { contexts, microBatches, nicShare, routing, expertLoad, draftTokens, acceptance, memoryShare } = scenario;
  const queries = 1 + draftTokens;
  const { tokensPerStep } = mtpFactors({ draftTokens, acceptance });
  const options = { times: scenario.times, ...(scenario.data === undefined ? {} : { data: scenario.data }) };
  const { hidden } = split.model;
  const dispatchBytes = tokenBytes.evaluate({ hidden, ...DISPATCH });
  const combineBytes = tokenBytes.evaluate({ hidden, ...COMBINE });
  const mix = contexts.map(({ context, share }) => `${context}:${share}`).join();

  const reachedOf = ({ activeExperts }: SplitGroup, instances: number): number =>
    routing === 'broadcast' ? instances : activeExperts === null ? 1 : instancesReached.evaluate({ instances, activeExperts });

  const sideOf = (chip: Accelerator, { ffnInstances, layout }: Pick<AfdDeployment, 'ffnInstances' | 'layout'>): FfnSide => ({
    instances: ffnInstances,
    size: chip.acceleratorsPerServer,
    layout,
    expertLoad,
    routing,
  });

  const attention: AfdPlanner['attention'] = (chip, { requests, tensorParallel, replicas }) =>
    kept(`a ${mix} ${serialOf(chip)} ${requests} ${tensorParallel} ${contexts.length === 1 ? 1 : replicas}`, () =>
      split.groups.map((group) => attentionTime(split, group, chip, { requests, queries, contexts, tensorParallel, replicas }, options)),
    );

  const sum = (chip: Accelerator, requests: number, tensorParallel: number, reached: number): StageTime =>
    kept(`s ${serialOf(chip)} ${requests} ${tensorParallel} ${reached}`, () => sumTime(split, chip, { requests, queries, tensorParallel }, reached, options));

  const ffn: AfdPlanner['ffn'] = (chip, requests, side) =>
    kept(`f ${serialOf(chip)} ${requests} ${side.ffnInstances} ${side.layout}`, () => split.groups.map((group) => ffnTime(split, group, chip, requests * queries, sideOf(chip, side), options)));

  const attentionMemory: AfdPlanner['attentionMemory'] = (chip, tensorParallel, requests) => {
    const of = kept(`am ${serialOf(chip)} ${tensorParallel}`, () => attentionMemoryOf(split, chip, tensorParallel, memoryShare));
    const cache = contexts.reduce((sum, { context, share }) => sum + share * of.cacheBytes(context), 0);
    return needOf(of, requests * queries, microBatches * requests * cache);
  };

  const ffnMemory: AfdPlanner['ffnMemory'] = (chip, requests, side) => {
    const of = kept(`fm ${serialOf(chip)} ${side.ffnInstances} ${side.layout}`, () => ffnMemoryOf(split, chip, sideOf(chip, side), memoryShare));
    return needOf(of, requests * queries, 0);
  };

  const inner = (direction: 'dispatch' | 'combine', group: SplitGroup, at: number, chip: Accelerator, tokens: number, reached: number, side: FfnSide): StageTime =>
    kept(`i ${direction} ${at} ${serialOf(chip)} ${tokens} ${reached} ${side.instances} ${side.layout}`, () => innerExchange(direction, split, group, chip, tokens, reached, side, options));

  /** Time of a way of one micro-batch for one layer, over the network cards of either side, whichever takes longer. */
  const transferOf = (deployment: AfdDeployment, group: SplitGroup, bytes: number): number => {
    const reached = group.ffn.length === 0 ? 0 : reachedOf(group, deployment.ffnInstances);
    const chips = chipsOfSides(deployment);
    const tokens = ((deployment.requests * chips.attention) / deployment.tensorParallel) * queries;
    const over = (side: 'attention' | 'ffn'): number => transferTime.evaluate({ tokens, reached, bytes, chips: chips[side], nicBandwidth: nicOf(deployment, side), nicShare });
    return Math.max(over('attention'), over('ffn'));
  };

  const wayBytes: AfdPlanner['wayBytes'] = (ffnInstances) => {
    const copies = split.groups.reduce((sum, group) => sum + (group.ffn.length === 0 ? 0 : group.layers * reachedOf(group, ffnInstances)), 0);
    return { dispatch: queries * copies * dispatchBytes, combine: queries * copies * combineBytes };
  };

  /** Stage times of a layer of each group, and of the head. */
  const timesOf = (deployment: AfdDeployment): { readonly groups: readonly Readonly<Record<Stage, StageTime>>[]; readonly head: StageTime } => {
    const { attentionChip, ffnChip, ffnInstances, tensorParallel, requests } = deployment;
    const replicas = chipsOfSides(deployment).attention / tensorParallel;
    const tokens = requests * replicas * queries;
    const side = sideOf(ffnChip, deployment);
    const groups = split.groups.map((group, at) => {
      const reached = group.ffn.length === 0 ? 0 : reachedOf(group, ffnInstances);
      return {
        attention: together(attention(attentionChip, { requests, tensorParallel, replicas })[at] as StageTime, sum(attentionChip, requests, tensorParallel, reached)),
        dispatch: exact(transferOf(deployment, group, dispatchBytes)),
        gather: inner('dispatch', group, at, ffnChip, tokens, reached, side),
        ffn: ffn(ffnChip, requests * replicas, deployment)[at] as StageTime,
        scatter: inner('combine', group, at, ffnChip, tokens, reached, side),
        combine: exact(transferOf(deployment, group, combineBytes)),
      };
    });
    return { groups, head: headOf(attentionChip, requests, tensorParallel) };
  };

  const headOf = (chip: Accelerator, requests: number, tensorParallel: number): StageTime =>
    kept(`h ${serialOf(chip)} ${requests} ${tensorParallel}`, () => headTime(split, chip, { requests, queries, tensorParallel }, options));

  const tpotBound = (deployment: AfdDeployment): number => {
    validateAfdDeployment(split, deployment);
    const { groups, head } = timesOf(deployment);
    const layers = groups.map((times, at) => {
      const stages = STAGES.map((stage) => times[stage].seconds);
      const sum = stages.reduce((total, time) => total + time, 0);
      return equalLayersPeriod.evaluate({ layers: (split.groups[at] as SplitGroup).layers, microBatches, sum, longest: Math.max(...stages) });
    });
    return (layers.reduce((total, time) => total + time, 0) + microBatches * head.seconds) / tokensPerStep;
  };

  const plan = (deployment: AfdDeployment): AfdPlan => {
    validateAfdDeployment(split, deployment);
    const { attentionChip, ffnChip, attentionInstances, ffnInstances, tensorParallel, layout, requests } = deployment;
    const { attention: attentionChips, ffn: ffnChips } = chipsOfSides(deployment);
    const chips = attentionChips + ffnChips;
    const microBatch = (requests * attentionChips) / tensorParallel;
    const { groups, head } = timesOf(deployment);
    const layersOf = (pick: (time: StageTime) => number): readonly LayerTimes[] => [
      ...split.groups.flatMap(({ layers }, at) => {
        const of = STAGES.map((stage) => nanoseconds(pick((groups[at] as Readonly<Record<Stage, StageTime>>)[stage])));
        return Array.from({ length: layers }, () => of);
      }),
      STAGES.map((stage) => (stage === 'attention' ? nanoseconds(pick(head)) : 0)),
    ];
    const tpotOf = (pick: (time: StageTime) => number): number => stepPeriod(layersOf(pick), microBatches) / 1e9 / tokensPerStep;
    const layers = layersOf(({ seconds }) => seconds);
    const tpot = tpotOf(({ seconds }) => seconds);
    const batch = microBatches * microBatch;
    const tokensPerGpuSecond = batchThroughput.evaluate({ microBatches, microBatch, chips, tpot });
    const usdPerHour = pricePerHour(deployment);
    return {
      attentionChip,
      ffnChip,
      attentionInstances,
      ffnInstances,
      tensorParallel,
      layout,
      requests,
      chips,
      microBatch,
      batch,
      stepSeconds: tpot * tokensPerStep,
      tpot,
      get low() {
        return tpotOf(({ bounds }) => bounds().low);
      },
      get high() {
        return tpotOf(({ bounds }) => bounds().high);
      },
      tokensPerSecond: chips * tokensPerGpuSecond,
      tokensPerGpuSecond,
      usdPerMillionTokens: usdPerHour === null ? null : throughputCost.evaluate({ usdPerHour, chips, throughput: tokensPerGpuSecond }),
      stages: Object.fromEntries(STAGES.map((stage, at) => [stage, layers.slice(0, -1).reduce((sum, of) => sum + (of[at] as number), 0) / 1e9 / (layers.length - 1)])) as Record<Stage, number>,
      pace: paceOf(layers, microBatches),
      attentionMemory: attentionMemory(attentionChip, tensorParallel, requests),
      ffnMemory: ffnMemory(ffnChip, microBatch, deployment),
      basis: groups.every(({ attention, ffn }) => attention.basis === 'measured' && ffn.basis === 'measured') ? 'measured' : 'assumed',
      layers,
    };
  };
  const at: AfdPlanner['at'] = (others) => plannerOf(split, { ...scenario, contexts: others }, kept);
  return { split, scenario, plan, tpotBound, attention, ffn, wayBytes, attentionMemory, ffnMemory, once: kept, at };
}

const exact = (seconds: number): StageTime => ({ seconds, bounds: () => ({ low: seconds, high: seconds }), basis: 'measured' });
const nanoseconds = (seconds: number): number => Math.round(seconds * 1e9);

/** The stage with most to do, unless even one micro-batch alone takes longer on its way. */
function paceOf(layers: readonly LayerTimes[], microBatches: number): Stage | 'latency' {
  const busy = STAGES.map((_, at) => layers.reduce((sum, times) => sum + (times[at] as number), 0));
  const most = Math.max(...busy);
  return microBatches * most >= busy.reduce((sum, time) => sum + time, 0) ? (STAGES[busy.indexOf(most)] as Stage) : 'latency';
}

const serials = new WeakMap<Accelerator, number>();
let serial = 0;

/** A number of a chip's own: overridden chips keep their id. */
export function serialOf(chip: Accelerator): number {
  const known = serials.get(chip);
  if (known !== undefined) return known;
  serials.set(chip, ++serial);
  return serial;
}

type Remember = <T>(key: string, make: () => T) => T;

function remembering(): Remember {
  const known = new Map<string, unknown>();
  return <T>(key: string, make: () => T): T => {
    if (known.has(key)) return known.get(key) as T;
    const made = make();
    known.set(key, made);
    return made;
  };
}
