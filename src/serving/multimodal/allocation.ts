import type { Cluster, Dispatch, EncodePool, OrderKey, Switching } from '../disaggregation/cluster.ts';
import { chipsOfPlacement, chipsOfSplit, clusterOf, type Placement, priceOf, type Split, splitText } from '../disaggregation/estimator.ts';
import { placementText } from '../disaggregation/placement.ts';
import type { MultimodalEstimator } from './estimator.ts';
import type { Order } from './order.ts';

/** Most that one batch of a stage takes: encode jobs, prompts, and decoding requests. */
export interface StageBatches {
  readonly encode: number;
  readonly prefill: number;
  readonly decode: number;
}

/** Chips by what they do, and how: encode instances, and a placement of the rest. Without encode instances, those that read prompts encode. */
export interface Allocation {
  readonly encode: number;
  readonly placement: Placement;
  readonly batches: StageBatches;
  readonly share: EncodePool['share'];
  readonly dispatch: Dispatch;
  readonly order: Order;
}

export const ALLOCATION_KINDS = ['epd', 'pd', 'aggregated'] as const;
/** Encode, prefill and decode apart; encode and prefill together, decode apart; all together. */
export type AllocationKind = (typeof ALLOCATION_KINDS)[number];

export const kindOf = ({ encode, placement }: Pick<Allocation, 'encode' | 'placement'>): AllocationKind => (placement.kind === 'colocated' ? 'aggregated' : encode > 0 ? 'epd' : 'pd');

export const chipsOfAllocation = ({ encode, placement }: Allocation): number => encode + chipsOfPlacement(placement);

/** `6E1P1D`, `7P1D`, `8`; where instances have several chips, their splits: `2E1P1D (prefill TP 2, decode TP 4)`. */
export function allocationText({ encode, placement }: Allocation): string {
  if (placement.kind === 'colocated') return chipsOfPlacement(placement) === placement.instances ? `${placement.instances}` : placementText(placement);
  const { prefill, decode, prefillInstances, decodeInstances } = placement;
  const counts = `${encode > 0 ? `${encode}E` : ''}${prefillInstances}P${decodeInstances}D`;
  return chipsOfPlacement(placement) === prefillInstances + decodeInstances ? counts : `${counts} (prefill ${splitText(prefill)}, decode ${splitText(decode)})`;
}

/** Price of an allocation, USD/h; null where that of a chip is not known. */
export function priceOfAllocation({ encode, apart, together }: MultimodalEstimator, allocation: Allocation): number | null {
  const rest = priceOf(allocation.encode > 0 ? apart : together, allocation.placement);
  if (allocation.encode === 0) return rest;
  return rest === null || encode.usdPerHour === null ? null : rest + allocation.encode * encode.usdPerHour;
}

/** The cluster of an allocation. @throws RangeError where it cannot run: no memory, a split that is not possible, encode instances beside colocated ones */
export function clusterOfAllocation({ encode, apart, together }: MultimodalEstimator, allocation: Allocation, order?: OrderKey, switching?: Switching): Cluster {
  const { placement, batches, share, dispatch } = allocation;
  if (placement.kind === 'colocated' && allocation.encode > 0) throw new RangeError(`allocation: encode ${allocation.encode} instances stand beside colocated ones, which encode themselves`);
  const cluster = clusterOf(allocation.encode > 0 ? apart : together, placement, dispatch);
  const { batching, memory } = cluster.rules;
  const rules = {
    ...cluster.rules,
    batching: { ...batching, maxPrompts: Math.min(batching.maxPrompts, batches.prefill) },
    memory: memory === null ? null : { ...memory, maxRequests: Math.min(memory.maxRequests, batches.decode) },
    ...(order === undefined ? {} : { order }),
  };
  if (cluster.kind === 'colocated' || allocation.encode === 0) return { ...cluster, rules };
  const pool: EncodePool = { instances: allocation.encode, maxJobs: batches.encode, share, seconds: encode.seconds, transferSeconds: encode.transferSeconds };
  return { ...cluster, rules, encode: pool, ...(switching === undefined ? {} : { switching }) };
}

export interface AllocationSpace {
  /** chips in all */
  readonly chips: number;
  /** whether fewer may be used */
  readonly fewer: boolean;
  readonly prefill: readonly Split[];
  readonly decode: readonly Split[];
  readonly colocated: readonly Split[];
  readonly kinds: readonly AllocationKind[];
}

const upTo = (most: number): readonly number[] => Array.from({ length: Math.max(0, Math.floor(most)) }, (_, at) => at + 1);

/** Encode instances and placements of every kind that is asked for, on exactly so many chips, or on at most so many. */
export function allocationsOf({ chips, fewer, prefill, decode, colocated, kinds }: AllocationSpace): readonly Pick<Allocation, 'encode' | 'placement'>[] {
  const apart = prefill.flatMap((prefillSplit) =>
    decode.flatMap((decodeSplit) =>
      upTo(chips / chipsOfSplit(prefillSplit)).flatMap((prefillInstances) =>
        upTo((chips - prefillInstances * chipsOfSplit(prefillSplit)) / chipsOfSplit(decodeSplit)).map(
          (decodeInstances): Placement => ({ kind: 'disaggregated', prefill: prefillSplit, decode: decodeSplit, prefillInstances, decodeInstances }),
        ),
      ),
    ),
  );
  const all = [
    ...(kinds.includes('epd') ? apart.flatMap((placement) => upTo(chips - chipsOfPlacement(placement)).map((encode) => ({ encode, placement }))) : []),
    ...(kinds.includes('pd') ? apart.map((placement) => ({ encode: 0, placement })) : []),
    ...(kinds.includes('aggregated')
      ? colocated.flatMap((split) => upTo(chips / chipsOfSplit(split)).map((instances) => ({ encode: 0, placement: { kind: 'colocated' as const, split, instances } })))
      : []),
  ];
  const used = ({ encode, placement }: (typeof all)[number]): number => encode + chipsOfPlacement(placement);
  return fewer ? all : all.filter((allocation) => used(allocation) === chips);
}
