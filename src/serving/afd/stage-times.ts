import type { Accelerator } from '../../accelerators/accelerator.ts';
import type { Operator } from '../../layers/operator.ts';
import type { CalibrationData } from '../../timing/calibration-data.ts';
import { type Deployment, type ExpertLoad, singleChip } from '../../timing/deployment.ts';
import { basisOf, estimateOf, kernelTime } from '../../timing/estimate.ts';
import type { ExpertExchangeKernel } from '../../timing/kernels/kernel.ts';
import { attentionRuns, elementwise, exchange, feedForwardRuns, headRuns, type KernelRun, norm, quantise, RESIDUAL_BYTES, type StepContext, stepContext } from '../../timing/step/index.ts';
import { type ContextMix, expectedLargest, slowestReplica, spreadOf } from './contexts.ts';
import { COMBINE, DISPATCH, tokenBytes } from './network.ts';
import type { SplitGroup, SplitModel } from './split-model.ts';

/** Expected times with the calibrated kernels, or the roofline bound of each. */
export type TimeModel = 'calibrated' | 'ideal';

/** What is expected of some kernels together. */
export interface StageTime {
  readonly seconds: number;
  /** where all kernels are off alike, by 80 % of the residuals of each: found when it is asked for, as searches do not */
  readonly bounds: () => { readonly low: number; readonly high: number };
  readonly basis: 'measured' | 'assumed';
}

export interface StageOptions {
  readonly times: TimeModel;
  readonly data?: CalibrationData;
}

/** What the attention side works on: a micro-batch of one replica of `tensorParallel` chips. */
export interface AttentionWork {
  readonly requests: number;
  /** query tokens of a request in a step: 1, and one more for each draft token */
  readonly queries: number;
  readonly contexts: ContextMix;
  readonly tensorParallel: number;
  /** all replicas of the attention side, which wait for each other in every layer */
  readonly replicas: number;
}

type HeadWork = Pick<AttentionWork, 'requests' | 'queries' | 'tensorParallel'>;

export const LAYOUTS = ['tensor', 'expert'] as const;
/**
 * How the chips of the feed-forward side share a layer.
 *   tensor  routed experts are dealt out to instances; the chips of one split each of its experts, all chips shared experts and dense layers
 *   expert  routed experts are dealt out to chips; shared experts and dense layers are on each chip, for the tokens that it received
 */
export type Layout = (typeof LAYOUTS)[number];

/** The feed-forward side: `instances` of `size` chips. */
export interface FfnSide {
  readonly instances: number;
  readonly size: number;
  readonly layout: Layout;
  readonly expertLoad: ExpertLoad;
  /** broadcast: every token goes to every instance; routed: to those that hold its experts */
  readonly routing: 'broadcast' | 'routed';
}

/** The attention side of one layer of a group: its attention, the router, norm and quantisation of what goes out; without `sumTime`. */
export function attentionTime(split: SplitModel, group: SplitGroup, chip: Accelerator, work: AttentionWork, options: StageOptions): StageTime {
  const { requests, queries, contexts, tensorParallel, replicas } = work;
  const { hidden } = split.model;
  const deployment: Deployment = { ...singleChip, tensorParallel };
  const at = (context: number): StageTime => {
    const step = stepContext(hidden, { phase: 'decode', batch: requests, context }, deployment, split.precision, queries);
    const share = step.tokens / tensorParallel;
    const exchanged = group.ffn.length === 0 ? [] : [...routerRuns(group, step), ...quantise('dispatch', group.layers, share * hidden, 'fp8')];
    return timeOf([...attentionRuns(group.attention, step), ...exchanged], group.layers, chip, options);
  };
  const times = new Map(contexts.map(({ context }) => [context, at(context)]));
  const slowest = (pick: (time: StageTime) => number): number => {
    const { mean, deviation } = spreadOf(contexts, (context) => pick(times.get(context) as StageTime));
    return deviation === 0 ? mean : slowestReplica.evaluate({ mean, deviation, requests, z: expectedLargest(replicas) });
  };
  return {
    seconds: slowest(({ seconds }) => seconds),
    bounds: () => ({ low: slowest(({ bounds }) => bounds().low), high: slowest(({ bounds }) => bounds().high) }),
    basis: [...times.values()].every(({ basis }) => basis === 'measured') ? 'measured' : 'assumed',
  };
}

/** Adding up what comes back from the feed-forward instances that a token went to, each with a part of its sum. */
export function sumTime({ model }: SplitModel, chip: Accelerator, { requests, queries, tensorParallel }: HeadWork, reached: number, options: StageOptions): StageTime {
  const bytes = ((reached + 1) * requests * queries * model.hidden * RESIDUAL_BYTES) / tensorParallel;
  return timeOf(reached > 1 ? [elementwise('sum-instances', 1, bytes)] : [], 1, chip, options);
}

/** One stage of two parts. */
export const together = (a: StageTime, b: StageTime): StageTime => ({
  seconds: a.seconds + b.seconds,
  bounds: () => ({ low: a.bounds().low + b.bounds().low, high: a.bounds().high + b.bounds().high }),
  basis: b.seconds < MINOR * a.seconds || b.basis === 'measured' ? a.basis : 'assumed',
});

/** The norm before the feed-forward side, and the choice of experts, which goes along with the tokens. */
function routerRuns({ ffn, layers }: SplitGroup, step: StepContext): readonly KernelRun[] {
  const router = ffn.filter(isRouter);
  if (router.length === 0) return [norm(step, 'ffn-norm', layers)];
  const experts = router.reduce((sum, { shape }) => sum + (shape.kind === 'gemm' ? shape.n : 0), 0);
  return [...feedForwardRuns(router, step).filter(({ part }) => part !== 'network'), elementwise(ROUTE, layers, step.tokens * experts * 4)];
}

const isRouter = ({ component }: Operator): boolean => component === 'router';
const isRouted = ({ kind, scales }: Operator): boolean => kind === 'grouped-gemm' && scales.kind === 'perExpertHit';
const ROUTE = 'route';

/** The feed-forward side of one layer of a group: its matrices on one chip, for `tokens` tokens of a micro-batch. */
export function ffnTime(split: SplitModel, group: SplitGroup, chip: Accelerator, tokens: number, side: FfnSide, options: StageOptions): StageTime {
  const { instances, size, layout, expertLoad, routing } = side;
  const chips = instances * size;
  const contextOf = (rows: number, deployment: Partial<Deployment>): StepContext =>
    stepContext(split.model.hidden, { phase: 'decode', batch: rows, context: 1 }, { ...singleChip, expertLoad, ...deployment }, split.precision);
  const own = Math.ceil(tokens / chips);
  const [shared, experts] =
    layout === 'expert'
      ? [contextOf(own, {}), contextOf(own, { dataParallel: chips, expertParallel: chips })]
      : [
          routing === 'broadcast' ? contextOf(tokens, { tensorParallel: chips }) : contextOf(Math.ceil(tokens / instances), { tensorParallel: size }),
          contextOf(tokens, { tensorParallel: chips, expertParallel: instances }),
        ];
  const everyToken = group.ffn.filter((operator) => !isRouted(operator) && !isRouter(operator));
  const runs = [...feedForwardRuns(everyToken, shared), ...feedForwardRuns(group.ffn.filter(isRouted), experts)];
  // the attention side norms, routes and quantises what it sends; what goes on between chips is the gather and the scatter stage
  const elsewhere = new Set(['ffn-norm', ROUTE, 'routed-input-quantise', ...everyToken.filter(({ shardBy }) => shardBy !== 'rows').map(({ id }) => `${id}-quantise`)]);
  return timeOf(
    runs.filter(({ part, id }) => part !== 'network' && !elsewhere.has(id)),
    group.layers,
    chip,
    options,
  );
}

/**
 * What the chips of one instance exchange before and after the experts, for the tokens of a micro-batch that reach it, each of which goes to `reached`.
 *   tensor  every chip gets all tokens (all-gather), and partial sums are added up where a token came from (reduce-scatter)
 *   expert  tokens go to the chips of their experts and back, by DeepEP's kernels; nothing in dense layers
 */
export function innerExchange(
  direction: 'dispatch' | 'combine',
  split: SplitModel,
  { activeExperts }: SplitGroup,
  chip: Accelerator,
  tokens: number,
  reached: number,
  side: FfnSide,
  options: StageOptions,
): StageTime {
  const { instances, size, layout } = side;
  const gathered = (tokens * reached) / instances;
  const { hidden } = split.model;
  const format = direction === 'dispatch' ? DISPATCH : COMBINE;
  const bytes = gathered * tokenBytes.evaluate({ hidden, ...format });
  if (size === 1 || gathered === 0 || (layout === 'expert' && activeExperts === null)) return timeOf([], 1, chip, options);
  if (layout === 'tensor') return timeOf([exchange(direction, 1, direction === 'dispatch' ? 'all-gather' : 'reduce-scatter', size, bytes)], 1, chip, options);
  const kernel: ExpertExchangeKernel = {
    kind: 'expert-exchange',
    direction,
    mode: 'low-latency',
    gpus: size,
    tokens: Math.ceil(gathered / size),
    topK: (activeExperts as number) / reached,
    experts: (split.experts as number) / instances,
    hidden,
    elementBytes: format.elementBytes,
  };
  return timeOf([{ id: direction, part: 'network', kernel, count: 1 }], 1, chip, options);
}

/** Last norm and LM head of a micro-batch, on the attention side. */
export function headTime(
  split: SplitModel,
  chip: Accelerator,
  { requests, queries, tensorParallel }: Pick<AttentionWork, 'requests' | 'queries' | 'tensorParallel'>,
  options: StageOptions,
): StageTime {
  const step = stepContext(split.model.hidden, { phase: 'decode', batch: requests, context: 1 }, { ...singleChip, tensorParallel }, split.precision, queries);
  return timeOf(headRuns(split.vocabulary, step), 1, chip, options);
}

/** Kernels one after the other, of one of `layers` layers. */
function timeOf(runs: readonly KernelRun[], layers: number, chip: Accelerator, { times, data }: StageOptions): StageTime {
  const options = { launch: 'graph', ...(data === undefined ? {} : { data }) } as const;
  const parts = runs.map(({ kernel, count }) => {
    const time = kernelTime(kernel, chip, options);
    return { share: count / layers, seconds: times === 'ideal' ? time.idealSeconds : time.seconds, time };
  });
  const sum = (pick: (part: (typeof parts)[number]) => number): number => parts.reduce((total, part) => total + part.share * pick(part), 0);
  const seconds = sum((part) => part.seconds);
  return {
    seconds,
    bounds: () => (times === 'ideal' ? { low: seconds, high: seconds } : { low: sum(({ time }) => estimateOf(time).low), high: sum(({ time }) => estimateOf(time).high) }),
    // kernels that take little do not decide how well the stage is known
    basis: parts.every((part) => basisOf(part.time.choice) === 'measured' || part.share * part.seconds < MINOR * seconds) ? 'measured' : 'assumed',
  };
}

const MINOR = 0.1;
