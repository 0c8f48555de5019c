import type { ModelPlace } from '../models/lower.ts';
import type { Model } from '../models/model.ts';

/** How tokens fall on experts: evenly, or as a power law of the expert's rank. */
export type ExpertLoad = { readonly kind: 'balanced' } | { readonly kind: 'power-law'; readonly exponent: number };

export const OVERLAPS = ['none', 'two-batch'] as const;
/** Whether exchanges hide behind computation: not at all, or behind the other half of the batch. */
export type Overlap = (typeof OVERLAPS)[number];

/**
 * How a model is spread over chips: t x d x p of them.
 *   tensorParallel    t: each attention and dense feed-forward layer is split in t
 *   dataParallel      d: copies of the attention, each with requests of its own
 *   expertParallel    e: routed experts are dealt out to e groups of t d / e chips, which split each expert
 *   pipelineParallel  p: the layers are dealt out to p stages
 */
export interface Deployment {
  readonly tensorParallel: number;
  readonly dataParallel: number;
  readonly expertParallel: number;
  readonly pipelineParallel: number;
  /** copies of busy experts, beside one of each */
  readonly redundantExperts: number;
  readonly expertLoad: ExpertLoad;
  readonly overlap: Overlap;
}

/** One chip that holds everything. */
export const singleChip: Deployment = Object.freeze<Deployment>({
  tensorParallel: 1,
  dataParallel: 1,
  expertParallel: 1,
  pipelineParallel: 1,
  redundantExperts: 0,
  expertLoad: { kind: 'balanced' },
  overlap: 'none',
});

/** Chips of a deployment. */
export const chipsOf = ({ tensorParallel, dataParallel, pipelineParallel }: Deployment): number => tensorParallel * dataParallel * pipelineParallel;

const COUNTS = ['tensorParallel', 'dataParallel', 'expertParallel', 'pipelineParallel'] as const;

/**
 * Whether a deployment fits a model, or those sides of it that the chips hold.
 * @throws RangeError when a degree is no positive integer, does not divide what it splits, or is set where the model has nothing to split
 */
export function validateDeployment(model: Model, deployment: Deployment, sides?: readonly ModelPlace['side'][]): void {
  const fail = (field: string, value: number, rule: string): never => {
    throw new RangeError(`deployment: ${field} ${value} ${rule}`);
  };
  for (const field of COUNTS) if (!Number.isSafeInteger(deployment[field]) || deployment[field] < 1) fail(field, deployment[field], 'is not a positive integer');
  const { tensorParallel, dataParallel, expertParallel, pipelineParallel, redundantExperts, expertLoad } = deployment;
  if (!Number.isSafeInteger(redundantExperts) || redundantExperts < 0) fail('redundantExperts', redundantExperts, 'is not an integer of at least 0');
  const layers = model.layers.reduce((sum, { count }) => sum + count, 0);
  if (pipelineParallel > layers) fail('pipelineParallel', pipelineParallel, `is more than the ${layers} layers of ${model.id}`);
  const experts = model.layers.flatMap(({ ffn }) => (ffn.kind === 'moe' ? [ffn.experts] : []));
  if (experts.length === 0 && expertParallel > 1) fail('expertParallel', expertParallel, `has no experts to deal out: ${model.id} is dense`);
  if (experts.length === 0 && redundantExperts > 0) fail('redundantExperts', redundantExperts, `has no experts to copy: ${model.id} is dense`);
  if ((tensorParallel * dataParallel) % expertParallel !== 0) fail('expertParallel', expertParallel, `does not divide tensorParallel ${tensorParallel} x dataParallel ${dataParallel}`);
  for (const count of experts) if (expertParallel > count + redundantExperts) fail('expertParallel', expertParallel, `is more than the ${count + redundantExperts} experts of ${model.id}`);
  for (const count of experts) if (redundantExperts > count) fail('redundantExperts', redundantExperts, `is more than the ${count} experts of ${model.id}`);
  if (expertLoad.kind === 'power-law' && !(expertLoad.exponent > 0 && expertLoad.exponent < 10)) fail('expertLoad.exponent', expertLoad.exponent, 'is not between 0 and 10');
  if (sides !== undefined && !sides.includes('attention')) return;
  for (const { attention } of model.layers) {
    const heads = 'queryHeads' in attention ? attention.queryHeads : 'heads' in attention ? attention.heads : 'valueHeads' in attention ? attention.valueHeads : tensorParallel;
    if (heads % tensorParallel !== 0) fail('tensorParallel', tensorParallel, `does not divide the ${heads} heads of ${model.id}`);
    const kvHeads = 'kvHeads' in attention ? attention.kvHeads : 1;
    if (kvHeads % tensorParallel !== 0 && tensorParallel % kvHeads !== 0)
      fail('tensorParallel', tensorParallel, `neither divides the ${kvHeads} key-value heads of ${model.id} nor is a multiple of them`);
  }
}
