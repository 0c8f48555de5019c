import { layerCount } from '../../models/lower.ts';
import type { Model } from '../../models/model.ts';
import { chipsOfPlacement, chipsOfSplit, type Placement, type Split } from './estimator.ts';

export const AFFINITIES = ['high', 'low'] as const;
/** Whether the KV cache goes between servers as fast as within one. Low: stages of prefill and decode stand in pairs in one server. */
export type Affinity = (typeof AFFINITIES)[number];

/** Servers of one kind. */
export interface Servers {
  readonly nodes: number;
  readonly gpusPerNode: number;
}

const divisorsOf = (count: number, most: number): readonly number[] => Array.from({ length: Math.min(count, most) }, (_, at) => at + 1).filter((part) => count % part === 0);

/** Query heads that tensor parallelism splits; all layers alike in the models that are placed by heads. */
function headsOf(model: Model): number {
  const attention = model.layers[0]?.attention;
  return attention !== undefined && 'queryHeads' in attention ? attention.queryHeads : attention !== undefined && 'heads' in attention ? attention.heads : 1;
}

/** Splits on at most so many chips: tensor parallelism divides the heads, stages divide the layers. */
export function splitsOf(model: Model, chips: number): readonly Split[] {
  const stages = divisorsOf(layerCount(model), chips);
  return divisorsOf(headsOf(model), chips).flatMap((tensorParallel) => stages.map((pipelineParallel) => ({ tensorParallel, pipelineParallel })).filter((split) => chipsOfSplit(split) <= chips));
}

/**
 * Pairs of one prefill and one decode instance, as the released search lists them. Low affinity: `cross` stages go over servers, each server holds a part of
 * prefill and the same part of decode.
 */
export function pairsOf(model: Model, { nodes, gpusPerNode }: Servers, affinity: Affinity): readonly (Extract<Placement, { kind: 'disaggregated' }> & { readonly cross: number })[] {
  const chips = nodes * gpusPerNode;
  const layers = layerCount(model);
  const segment = affinity === 'high' ? chips : gpusPerNode;
  const splits = splitsOf(model, segment);
  return (affinity === 'high' ? [1] : divisorsOf(layers, nodes)).flatMap((cross) =>
    splits.flatMap((prefill) =>
      splits
        .filter((decode) => chipsOfSplit(prefill) + chipsOfSplit(decode) <= segment && cross * (chipsOfSplit(prefill) + chipsOfSplit(decode)) <= chips)
        .filter((decode) => [prefill, decode].every(({ pipelineParallel }) => layers % (cross * pipelineParallel) === 0))
        .map((decode) => ({
          kind: 'disaggregated' as const,
          cross,
          prefill: { ...prefill, pipelineParallel: cross * prefill.pipelineParallel },
          decode: { ...decode, pipelineParallel: cross * decode.pipelineParallel },
          prefillInstances: 1,
          decodeInstances: 1,
        })),
    ),
  );
}

/** One prefill and one decode instance of every pair of splits. */
export const everyPair = (prefills: readonly Split[], decodes: readonly Split[]): readonly Placement[] =>
  prefills.flatMap((prefill) => decodes.map((decode): Placement => ({ kind: 'disaggregated', prefill, decode, prefillInstances: 1, decodeInstances: 1 })));

/** Those of them that stand in one server of so many chips. */
export const pairsInServer = (splits: readonly Split[], gpusPerNode: number): readonly Placement[] => everyPair(splits, splits).filter((pair) => chipsOfPlacement(pair) <= gpusPerNode);

/** Splits of a model of today on one kind of chip: dense over chips of a server; experts over one to four servers, attention in copies or split. */
export function modernSplits(model: Model, { scaleUpDomain }: { readonly scaleUpDomain: number }, chips: number): readonly Split[] {
  const experts = model.layers.some(({ ffn }) => ffn.kind === 'moe');
  const ways = [1, 2, 4, 8].filter((way) => way <= scaleUpDomain && headsOf(model) % way === 0);
  const dense = ways.map((tensorParallel): Split => ({ tensorParallel, pipelineParallel: 1 }));
  const shared = experts ? [8, 16, 32].map((dataParallel): Split => ({ tensorParallel: 1, pipelineParallel: 1, dataParallel })) : [];
  return [...dense, ...shared].filter((split) => chipsOfSplit(split) <= chips);
}
