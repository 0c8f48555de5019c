import type { Accelerator } from '../../accelerators/accelerator.ts';
import { mtpFactors } from '../../cost/variants.ts';
import { largestWithin } from '../../units/largest.ts';
import { type AfdDeployment, chipsOfSides, pricePerHour } from './deployment.ts';
import { fits } from './memory-need.ts';
import { type AfdPlan, type AfdPlanner, STAGES } from './plan.ts';
import { excess, milliseconds } from './shortage.ts';
import { type AttentionChoice, attentionChoices, type FfnChoice, ffnChoices, type SideLimits } from './sides.ts';
import { batchThroughput, throughputCost } from './throughput.ts';

/** What a search looks for. */
export interface AfdQuery extends SideLimits {
  readonly attentionChips: readonly Accelerator[];
  readonly ffnChips: readonly Accelerator[];
  /** what is best: least cost per token, most tokens per second and chip */
  readonly objective: AfdObjective;
}

export const AFD_OBJECTIVES = ['cost', 'throughput'] as const;
export type AfdObjective = (typeof AFD_OBJECTIVES)[number];

/** The best plan of a pair of chips with what stops one request more, or why there is none. */
export type AfdAnswer = { readonly attentionChip: Accelerator; readonly ffnChip: Accelerator } & (
  | { readonly plan: AfdPlan; readonly binding: string }
  | { readonly plan: null; readonly because: string }
);

/**
 * The best plan of each pair of chips within a time per output token.
 *   1. for each way to split the attention side, the most requests of a replica that keep its stage of all layers within 1 / M of the step and its memory
 *   2. the same for each number of feed-forward instances and each layout
 *   3. pairs of both, best bound first: attention instances to match, then the most requests with which the whole pipeline keeps the step
 * A pair of choices is left out when even its bound is no better than a plan that was found: throughput of the busier side alone, and then that with
 * most requests however long the step, as the time of a step grows by less than in proportion to requests.
 */
export function searchAfd(planner: AfdPlanner, query: AfdQuery): readonly AfdAnswer[] {
  validateQuery(query);
  const ffn = query.ffnChips.map((chip) => ({ chip, side: hasCard(chip) ?? ffnChoices(planner, query, chip) }));
  return query.attentionChips.flatMap((attentionChip) => {
    const left = hasCard(attentionChip) ?? attentionChoices(planner, query, attentionChip);
    return ffn.map(({ chip: ffnChip, side: right }): AfdAnswer => {
      const chips = { attentionChip, ffnChip };
      if ('because' in left) return { ...chips, plan: null, because: left.because };
      if ('because' in right) return { ...chips, plan: null, because: right.because };
      return { ...chips, ...bestOf(planner, query, chips, left.choices, right.choices) };
    });
  });
}

const hasCard = ({ id, nicPerAcceleratorPerDirection }: Accelerator): { readonly because: string } | null =>
  nicPerAcceleratorPerDirection === null ? { because: `network: nicPerAcceleratorPerDirection of ${id} is not catalogued` } : null;

function bestOf(planner: AfdPlanner, query: AfdQuery, chips: Pick<AfdDeployment, 'attentionChip' | 'ffnChip'>, attention: readonly AttentionChoice[], ffn: readonly FfnChoice[]) {
  const rank = ({ tokensPerGpuSecond, usdPerMillionTokens }: Pick<AfdPlan, 'tokensPerGpuSecond' | 'usdPerMillionTokens'>): number =>
    query.objective === 'cost' && usdPerMillionTokens !== null ? usdPerMillionTokens : 1 / tokensPerGpuSecond;
  const candidates = ffn
    .flatMap((right) => attention.flatMap((left) => pairsOf(planner, query, chips, left, right)))
    .map(({ deployment, seconds }) => ({ deployment, bound: rank(rateOf(planner, deployment, seconds)) }))
    .sort((a, b) => a.bound - b.bound);
  let best: AfdPlan | null = null;
  let fastest: { readonly deployment: AfdDeployment; readonly tpot: number } | null = null;
  for (const { bound, deployment } of candidates) {
    if (best !== null && bound >= rank(best)) break;
    if (best !== null && rank(rateOf(planner, deployment, planner.tpotBound(deployment))) >= rank(best)) continue;
    // with fewer requests than these it is no better even if it takes all the time that it may
    const least = best === null ? 1 : Math.min(deployment.requests, Math.floor((deployment.requests * rank(rateOf(planner, deployment, query.tpot))) / rank(best)) + 1);
    const plan = fullPlan(planner, deployment, query.tpot, least);
    if (plan !== null && (best === null || rank(plan) < rank(best))) best = plan;
    if (best !== null) continue;
    const one = { ...deployment, requests: 1 };
    const tpot = planner.tpotBound(one);
    if (fastest === null || tpot < fastest.tpot) fastest = { deployment: one, tpot };
  }
  if (best !== null) return { plan: best, binding: bindingOf(planner, query, best) };
  return { plan: null, because: tooSlow(fastest === null ? null : planner.plan(fastest.deployment), query.tpot) };
}

/** The plan with the most requests of a replica, from `least` to those of the deployment, that keeps the time per token: close to it first, then one by one with the exact period. */
function fullPlan(planner: AfdPlanner, deployment: AfdDeployment, tpot: number, least: number): AfdPlan | null {
  const close = largestWithin((requests) => planner.tpotBound({ ...deployment, requests }), tpot, { from: least, to: deployment.requests });
  for (let requests = close; requests >= least; requests--) {
    const plan = planner.plan({ ...deployment, requests });
    if (plan.tpot <= tpot) return plan;
  }
  return null;
}

/** What a deployment earns where a token takes `tpot`. */
function rateOf({ scenario }: AfdPlanner, deployment: AfdDeployment, tpot: number): Pick<AfdPlan, 'tokensPerGpuSecond' | 'usdPerMillionTokens'> {
  const of = chipsOfSides(deployment);
  const chips = of.attention + of.ffn;
  const throughput = batchThroughput.evaluate({ microBatches: scenario.microBatches, microBatch: (deployment.requests * of.attention) / deployment.tensorParallel, chips, tpot });
  const usdPerHour = pricePerHour(deployment);
  return { tokensPerGpuSecond: throughput, usdPerMillionTokens: usdPerHour === null ? null : throughputCost.evaluate({ usdPerHour, chips, throughput }) };
}

/** Deployments of two choices: as many attention instances as fit the feed-forward side from below and from above; and the least time per token that the busier side allows. */
function pairsOf({ scenario }: AfdPlanner, { maxInstances }: AfdQuery, chips: Pick<AfdDeployment, 'attentionChip' | 'ffnChip'>, left: AttentionChoice, right: FfnChoice) {
  const replicas = chips.attentionChip.acceleratorsPerServer / left.tensorParallel;
  const instances = right.most / (left.most * replicas);
  const { tokensPerStep } = mtpFactors(scenario);
  return [...new Set([Math.floor(instances), Math.ceil(instances)])]
    .map((attentionInstances) => Math.max(1, Math.min(maxInstances, attentionInstances)))
    .flatMap((attentionInstances) => {
      const requests = Math.min(left.most, Math.floor(right.most / (replicas * attentionInstances)));
      if (requests < 1) return [];
      const deployment: AfdDeployment = { ...chips, attentionInstances, ffnInstances: right.ffnInstances, tensorParallel: left.tensorParallel, layout: right.layout, requests };
      // a side takes the longer the more requests it has, and at least the same share of its most
      const seconds = Math.max(left.seconds * (requests / left.most), right.seconds * ((requests * replicas * attentionInstances) / right.most));
      return [{ deployment, seconds: seconds / tokensPerStep }];
    });
}

/** What one request more in each replica runs into. */
function bindingOf(planner: AfdPlanner, { tpot }: AfdQuery, { attentionChip, ffnChip, attentionInstances, ffnInstances, tensorParallel, layout, requests }: AfdPlan): string {
  const next = planner.plan({ attentionChip, ffnChip, attentionInstances, ffnInstances, tensorParallel, layout, requests: requests + 1 });
  if (!fits(next.attentionMemory)) return 'attention memory';
  if (!fits(next.ffnMemory)) return 'ffn memory';
  return next.tpot > tpot ? next.pace : 'instances';
}

function tooSlow(fastest: AfdPlan | null, tpot: number): string {
  if (fastest === null) return 'instances: no number of attention instances matches the feed-forward side';
  const longest = STAGES.reduce((a, b) => (fastest.stages[b] > fastest.stages[a] ? b : a));
  return `${fastest.pace}: even one request a replica takes ${milliseconds(fastest.tpot)} of ${milliseconds(tpot)} (longest stage: ${longest}): ${excess(fastest.tpot, tpot)}`;
}

function validateQuery({ attentionChips, ffnChips, tpot, maxInstances }: AfdQuery): void {
  if (attentionChips.length === 0 || ffnChips.length === 0) throw new RangeError('afd: chips [] is empty');
  if (!(tpot > 0 && Number.isFinite(tpot))) throw new RangeError(`afd: tpot ${tpot} is not a positive number of seconds`);
  if (!Number.isSafeInteger(maxInstances) || maxInstances < 1 || maxInstances > 256) throw new RangeError(`afd: maxInstances ${maxInstances} is not an integer from 1 to 256`);
}
