import { check } from './check.ts';
import type { AfdDeployment } from './deployment.ts';
import type { AfdPlan, AfdPlanner } from './plan.ts';
import { excess, memoryShortage, milliseconds } from './shortage.ts';

/** A feed-forward side and a micro-batch for it: what attention instances are added to. */
export interface ScaledDeployment extends Pick<AfdDeployment, 'attentionChip' | 'ffnChip' | 'ffnInstances' | 'tensorParallel' | 'layout'> {
  /** requests of a micro-batch, whatever the context */
  readonly microBatch: number;
  /** longest time per output token, seconds */
  readonly tpot: number;
  readonly maxInstances: number;
}

/** The plan with the fewest instances, or what even the most instances lack. */
export type ScaledAnswer = { readonly plan: AfdPlan } | { readonly plan: null; readonly because: string };

/**
 * The fewest attention instances with which a micro-batch keeps the time per token and the memory: as contexts grow, instances are added to the
 * attention side while the feed-forward side stays as it is (arXiv:2507.19427v1, section 7.3: 2A2F at 4K, 4A2F at 8K). Each replica has the micro-batch's
 * share of requests, rounded up.
 * @throws RangeError when a number is out of range
 */
export function attentionInstancesFor(planner: AfdPlanner, { microBatch, tpot, maxInstances, ...rest }: ScaledDeployment): ScaledAnswer {
  check('microBatch', microBatch, Number.isSafeInteger(microBatch) && microBatch >= 1, 'is not a positive integer');
  check('maxInstances', maxInstances, Number.isSafeInteger(maxInstances) && maxInstances >= 1 && maxInstances <= 1024, 'is not an integer from 1 to 1024');
  check('tpot', tpot, tpot > 0 && Number.isFinite(tpot), 'is not a positive number of seconds');
  const replicas = rest.attentionChip.acceleratorsPerServer / rest.tensorParallel;
  const planWith = (attentionInstances: number): AfdPlan => planner.plan({ ...rest, attentionInstances, requests: Math.ceil(microBatch / (attentionInstances * replicas)) });
  const lacks = (plan: AfdPlan): string | null => memoryShortage(plan) ?? (plan.tpot <= tpot ? null : `${plan.pace}: ${milliseconds(plan.tpot)} of ${milliseconds(tpot)}: ${excess(plan.tpot, tpot)}`);
  let nearest: AfdPlan | null = null;
  // one by one: as requests are rounded up, one instance more may take longer
  for (let attentionInstances = 1; attentionInstances <= maxInstances; attentionInstances++) {
    const plan = planWith(attentionInstances);
    if (lacks(plan) === null) return { plan };
    if (nearest === null || memoryShortage(nearest) !== null || (memoryShortage(plan) === null && plan.tpot < nearest.tpot)) nearest = plan;
  }
  const { attentionInstances } = nearest as AfdPlan;
  return { plan: null, because: `${lacks(nearest as AfdPlan)}, with ${attentionInstances} of at most ${maxInstances} attention instances` };
}
