import type { Accelerator } from '../../accelerators/accelerator.ts';
import { mtpFactors } from '../../cost/variants.ts';
import { largestWithin } from '../../units/largest.ts';
import type { AfdDeployment } from './deployment.ts';
import { fits } from './memory-need.ts';
import { type AfdPlan, type AfdPlanner, STAGES } from './plan.ts';
import { excess, milliseconds } from './shortage.ts';
import { type AttentionChoice, attentionChoices, type FfnChoice, ffnChoices, type SideLimits } from './sides.ts';

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
 *   1. for each way to split the attention side, the most requests of a replica that keep its stage of all layers within 1 / M of the step and its memory,
 *      and those with which it does most for its time: a request more than fills the chip costs another wave
 *   2. the same for each number of feed-forward instances and each layout
 *   3. pairs of both with each number of attention instances, best bound first: the most requests with which the whole pipeline keeps the step
 * A pair is left out when its bound, of both sides and the network, is no better than a plan that was found, and when it does not keep the step with
 * as many requests as it needs to be better.
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

function bestOf(planner: AfdPlanner, query: AfdQuery, chips: PairOfChips, attention: readonly AttentionChoice[], ffn: readonly FfnChoice[]) {
  const rank = rankOf(query, chips);
  const candidates = ffn.flatMap((right) => attention.flatMap((left) => pairsOf(planner, query, chips, left, right)));
  let best: AfdPlan | null = null;
  let least = Number.POSITIVE_INFINITY;
  let fastest: { readonly deployment: AfdDeployment; readonly tpot: number } | null = null;
  for (const { bound, left, right, attentionInstances, requests } of bestFirst(candidates, () => least)) {
    if (bound >= least) break;
    const deployment: AfdDeployment = { ...chips, attentionInstances, ffnInstances: right.ffnInstances, tensorParallel: left.tensorParallel, layout: right.layout, requests };
    // with fewer requests than these it is no better even if it takes all the time that it may
    const from = best === null ? 1 : Math.min(requests, Math.floor((requests * rank(deployment, query.tpot)) / least) + 1);
    if (best !== null && planner.tpotBound({ ...deployment, requests: from }) > query.tpot) continue;
    const plan = fullPlan(planner, deployment, query.tpot, from);
    if (plan !== null && rank(plan, plan.tpot) < least) [best, least] = [plan, rank(plan, plan.tpot)];
    if (best !== null) continue;
    const one = { ...deployment, requests: 1 };
    const tpot = planner.tpotBound(one);
    if (fastest === null || tpot < fastest.tpot) fastest = { deployment: one, tpot };
  }
  if (best !== null) {
    const plan = withFewerRequests(planner, best, (requests, tpot) => rank({ ...chips, ...setupOf(best as AfdPlan), requests }, tpot));
    return { plan, binding: bindingOf(planner, query, plan) };
  }
  return { plan: null, because: tooSlow(fastest === null ? null : planner.plan(fastest.deployment), query.tpot) };
}

const setupOf = ({ attentionInstances, ffnInstances, tensorParallel, layout, requests }: AfdPlan) => ({ attentionInstances, ffnInstances, tensorParallel, layout, requests });

/** Fewer requests than those of a plan that are tried: a step of the kernels' tiles later, a time may have grown by more than in proportion. */
const FEWER = [15 / 16, 7 / 8, 3 / 4, 5 / 8, 1 / 2] as const;

function withFewerRequests(planner: AfdPlanner, plan: AfdPlan, rank: (requests: number, tpot: number) => number): AfdPlan {
  const { attentionChip, ffnChip } = plan;
  const deploymentWith = (requests: number): AfdDeployment => ({ attentionChip, ffnChip, ...setupOf(plan), requests });
  const rankWith = (requests: number): number => rank(requests, planner.tpotBound(deploymentWith(requests)));
  const tried = FEWER.map((share) => Math.floor(share * plan.requests)).filter((requests) => requests >= 1);
  const fewer = tried.reduce((best, each) => (rankWith(each) < rankWith(best) ? each : best), plan.requests);
  const other = fewer === plan.requests ? plan : planner.plan(deploymentWith(fewer));
  return rank(other.requests, other.tpot) < rank(plan.requests, plan.tpot) ? other : plan;
}

/** By bound: the first at once, as it leaves few of the others, those below a limit, which are sorted when they are asked for. */
function* bestFirst(candidates: readonly Candidate[], limit: () => number): Generator<Candidate> {
  if (candidates.length === 0) return;
  const first = candidates.reduce((a, b) => (b.bound < a.bound ? b : a));
  yield first;
  const most = limit();
  yield* candidates.filter((candidate) => candidate !== first && candidate.bound < most).sort((a, b) => a.bound - b.bound);
}

type PairOfChips = Pick<AfdDeployment, 'attentionChip' | 'ffnChip'>;

/** What is least for the best deployment: price, or chips where that is asked for or one has no price, for each token a second. */
function rankOf(
  { objective }: AfdQuery,
  { attentionChip, ffnChip }: PairOfChips,
): (deployment: Pick<AfdDeployment, 'attentionInstances' | 'ffnInstances' | 'tensorParallel' | 'requests'>, tpot: number) => number {
  const [sizeA, sizeF] = [attentionChip.acceleratorsPerServer, ffnChip.acceleratorsPerServer];
  const priced = objective === 'cost' && attentionChip.usdPerHour !== null && ffnChip.usdPerHour !== null;
  const [weightA, weightF] = priced ? [sizeA * (attentionChip.usdPerHour as number), sizeF * (ffnChip.usdPerHour as number)] : [sizeA, sizeF];
  return ({ attentionInstances, ffnInstances, tensorParallel, requests }, tpot) =>
    ((attentionInstances * weightA + ffnInstances * weightF) * tpot) / (requests * attentionInstances * (sizeA / tensorParallel));
}

/** The plan with the most requests of a replica, from `least` to those of the deployment, that keeps the time per token: close to it first, then one by one with the exact period. */
function fullPlan(planner: AfdPlanner, deployment: AfdDeployment, tpot: number, least: number): AfdPlan | null {
  const close = largestWithin((requests) => planner.tpotBound({ ...deployment, requests }), tpot, { from: least, to: deployment.requests });
  const planWith = (requests: number): AfdPlan => planner.plan({ ...deployment, requests });
  for (let requests = close; requests >= least; requests--) {
    let plan = planWith(requests);
    if (plan.tpot > tpot) continue;
    // what was close may have been a little too long
    for (let more = requests + 1; requests === close && more <= deployment.requests; more++) {
      const next = planWith(more);
      if (next.tpot > tpot) break;
      plan = next;
    }
    return plan;
  }
  return null;
}

interface Candidate {
  readonly left: AttentionChoice;
  readonly right: FfnChoice;
  readonly attentionInstances: number;
  readonly requests: number;
  /** it ranks no better than this */
  readonly bound: number;
}

/** Two choices with each number of attention instances, and the least time per token that both sides and the network allow. */
function pairsOf(planner: AfdPlanner, query: AfdQuery, chips: PairOfChips, left: AttentionChoice, right: FfnChoice): readonly Candidate[] {
  const { microBatches, nicShare } = planner.scenario;
  const { attentionChip, ffnChip } = chips;
  const { tensorParallel } = left;
  const { ffnInstances } = right;
  const { tokensPerStep } = mtpFactors(planner.scenario);
  const rank = rankOf(query, chips);
  const bytes = planner.wayBytes(ffnInstances);
  const [cardsA, cardsF] = [attentionChip, ffnChip].map((chip) => chip.acceleratorsPerServer * (chip.nicPerAcceleratorPerDirection as number)) as [number, number];
  const replicas = attentionChip.acceleratorsPerServer / tensorParallel;
  const candidates: Candidate[] = [];
  for (let attentionInstances = 1; attentionInstances <= query.maxInstances; attentionInstances++) {
    const requests = Math.min(left.most, Math.floor(right.most / (replicas * attentionInstances)));
    if (requests < 1) break;
    const microBatch = requests * replicas * attentionInstances;
    const way = microBatch / (nicShare * Math.min(attentionInstances * cardsA, ffnInstances * cardsF));
    const [dispatch, combine] = [way * bytes.dispatch, way * bytes.combine];
    const attention = (left.perRequest * requests) / microBatches;
    const ffn = (right.perRequest * microBatch) / microBatches;
    const seconds = Math.max(microBatches * Math.max(attention, dispatch, ffn, combine), attention + dispatch + ffn + combine);
    candidates.push({ left, right, attentionInstances, requests, bound: rank({ attentionInstances, ffnInstances, tensorParallel, requests }, seconds / tokensPerStep) });
  }
  return candidates;
}

/** What one request more in each replica runs into: memory, the stage that then takes too long, or less throughput for the time that it takes. */
function bindingOf(planner: AfdPlanner, { tpot }: AfdQuery, { attentionChip, ffnChip, attentionInstances, ffnInstances, tensorParallel, layout, requests }: AfdPlan): string {
  const next = planner.plan({ attentionChip, ffnChip, attentionInstances, ffnInstances, tensorParallel, layout, requests: requests + 1 });
  if (!fits(next.attentionMemory)) return 'attention memory';
  if (!fits(next.ffnMemory)) return 'ffn memory';
  return next.tpot > tpot ? next.pace : 'efficiency';
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
