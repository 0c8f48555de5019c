import type { Cluster, Dispatch, KvLink, Pool, Rules } from './cluster.ts';
import { placementPrice } from './cost.ts';

/** How an instance is split: chips that share a layer, stages that share the layers, and copies of the attention that share the experts (1 unless given). */
export interface Split {
  readonly tensorParallel: number;
  readonly pipelineParallel: number;
  readonly dataParallel?: number;
}

export const ROLES = ['prefill', 'decode', 'colocated'] as const;
export type Role = (typeof ROLES)[number];

/** What an estimator says of one instance. */
export type InstanceOf = Omit<Pool, 'instances' | 'stages'>;

/** Where the times and the memory of an instance come from, and by which rules it runs. */
export interface Estimator {
  /** times and cache of one instance. @throws RangeError where a split is not possible, not known, or leaves no room */
  readonly instance: (role: Role, split: Split) => InstanceOf;
  readonly rules: (prefill: Pick<Pool, 'kvTokens'>, kind: Cluster['kind']) => Rules;
  /** the way of the KV cache to one decode instance; null where it takes no time */
  readonly link: (placement: Apart) => KvLink | null;
  /** price of one chip, USD/h; null where it is not known */
  readonly usdPerHour: (role: Role) => number | null;
}

export const chipsOfSplit = ({ tensorParallel, pipelineParallel, dataParallel = 1 }: Split): number => tensorParallel * pipelineParallel * dataParallel;

/** `TP 2`, `TP 1 PP 2`, `TP 1 DP 8`. */
export const splitText = ({ tensorParallel, pipelineParallel, dataParallel = 1 }: Split): string =>
  [`TP ${tensorParallel}`, ...(pipelineParallel > 1 ? [`PP ${pipelineParallel}`] : []), ...(dataParallel > 1 ? [`DP ${dataParallel}`] : [])].join(' ');

/** Splits of both roles and instances of each. */
export interface Apart {
  readonly kind: 'disaggregated';
  readonly prefill: Split;
  readonly decode: Split;
  readonly prefillInstances: number;
  readonly decodeInstances: number;
}

/** Instances of both roles, or of one that does both. */
export type Placement = Apart | { readonly kind: 'colocated'; readonly split: Split; readonly instances: number };

/** Chips of a placement. */
export const chipsOfPlacement = (placement: Placement): number =>
  placement.kind === 'colocated'
    ? placement.instances * chipsOfSplit(placement.split)
    : placement.prefillInstances * chipsOfSplit(placement.prefill) + placement.decodeInstances * chipsOfSplit(placement.decode);

/** The cluster of a placement. @throws RangeError where an estimator does not know a split */
export function clusterOf({ instance, rules, link }: Estimator, placement: Placement, dispatch?: Dispatch): Cluster {
  const pool = (role: Role, split: Split, instances: number): Pool => ({ instances, stages: split.pipelineParallel, ...instance(role, split) });
  const ruled = (prefill: Pool): Rules => ({ ...rules(prefill, placement.kind), ...(dispatch === undefined ? {} : { dispatch }) });
  if (placement.kind === 'colocated') {
    const both = pool('colocated', placement.split, placement.instances);
    return { kind: 'colocated', pool: both, rules: ruled(both) };
  }
  const prefill = pool('prefill', placement.prefill, placement.prefillInstances);
  return {
    kind: 'disaggregated',
    prefill,
    decode: pool('decode', placement.decode, placement.decodeInstances),
    rules: ruled(prefill),
    link: link(placement),
  };
}

/** Price of a placement, USD/h; null where that of a chip is not known. */
export function priceOf({ usdPerHour }: Estimator, placement: Placement): number | null {
  const apart = placement.kind === 'disaggregated';
  const prefillPrice = apart ? usdPerHour('prefill') : 0;
  const decodePrice = usdPerHour(apart ? 'decode' : 'colocated');
  if (prefillPrice === null || decodePrice === null) return null;
  const prefillChips = apart ? placement.prefillInstances * chipsOfSplit(placement.prefill) : 0;
  return placementPrice.evaluate({ prefillChips, prefillPrice, decodeChips: chipsOfPlacement(placement) - prefillChips, decodePrice });
}
