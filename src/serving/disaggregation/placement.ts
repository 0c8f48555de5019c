import type { Goal } from './attainment.ts';
import type { Cluster, Pool } from './cluster.ts';
import { requestCost } from './cost.ts';
import { type Apart, chipsOfPlacement, chipsOfSplit, clusterOf, type Estimator, type Placement, priceOf, type Role, type Split, splitText } from './estimator.ts';
import { type Goodput, goodput, type RateSearch, shortOf } from './goodput.ts';
import type { Load } from './load.ts';

export const OBJECTIVES = ['rate', 'cost'] as const;
/** What is best: requests per second and chip, or the price of a request. */
export type Objective = (typeof OBJECTIVES)[number];

export interface SearchOptions {
  readonly loads: readonly Load[];
  readonly goal: Goal;
  /** rates of one chip that are looked at */
  readonly rates: RateSearch;
  readonly objective: Objective;
  /** candidates that miss the goal at this share of the best rate so far are left there, unless null */
  readonly prune: number | null;
  /** whether rates are looked for from that on which is as good as the best so far, where they are searched to within a share: unless given from one that all candidates share */
  readonly follow?: boolean;
  /** called for each candidate */
  readonly progress?: (what: string) => void;
}

/** One candidate, and what became of it. */
export interface Evaluated<T> {
  readonly candidate: T;
  readonly chips: number;
  /** requests/s of all its chips, and of one */
  readonly rate: number;
  readonly ratePerChip: number;
  /** price of a request at that rate, USD; null where that of a chip is not known */
  readonly usdPerRequest: number | null;
  /** why it is not better: what stops it, or why it cannot run */
  readonly because: string;
}

/** Best first; candidates that cannot run or were left come last. */
export type Ranking<T> = readonly Evaluated<T>[];

const LABEL = { ttft: 'time to first token', tpot: 'time per output token' } as const;
export const stopText = ({ rate, stops }: Goodput): string =>
  stops === null ? 'reaches the goal at the highest rate that was looked at' : `${LABEL[stops]} misses the goal at ${rate === 0 ? 'every rate that was looked at' : 'a higher rate'}`;

/** Price of a request: USD/h of what serves it over its rate. */
export const perRequest = (usdPerHour: number | null, rate: number): number | null => (usdPerHour === null || rate === 0 ? null : requestCost.evaluate({ usdPerHour, rate }));

/** What an objective makes as large as possible; 0 where nothing is served, or the price is not known. */
export const meritOf =
  (objective: Objective) =>
  ({ ratePerChip, usdPerRequest }: Pick<Evaluated<unknown>, 'ratePerChip' | 'usdPerRequest'>): number =>
    objective === 'rate' ? ratePerChip : usdPerRequest === null ? 0 : 1 / usdPerRequest;

/** Evaluates candidates one by one, and ranks them. */
export function rank<T>(
  candidates: readonly T[],
  { text, chips, cluster, usdPerHour }: { readonly text: (of: T) => string; readonly chips: (of: T) => number; readonly cluster: (of: T) => Cluster; readonly usdPerHour: (of: T) => number | null },
  { loads, goal, rates, objective, prune, follow = false, progress }: SearchOptions,
): Ranking<T> {
  let best = 0;
  const merit = meritOf(objective);
  const evaluate = (candidate: T): Evaluated<T> => {
    progress?.(text(candidate));
    const count = chips(candidate);
    const none = (because: string): Evaluated<T> => ({ candidate, chips: count, rate: 0, ratePerChip: 0, usdPerRequest: null, because });
    let built: Cluster;
    try {
      built = cluster(candidate);
      const price = usdPerHour(candidate);
      const asGood = objective === 'rate' ? best * count : price === null ? 0 : (best * price) / 3600;
      if (prune !== null && best > 0) {
        const rate = prune * asGood;
        const short = rate === 0 ? null : shortOf(built, loads, goal, rate);
        if (short !== null) return none(`${LABEL[short]} misses the goal at ${prune} of the best`);
      }
      const scaled = 'highest' in rates ? { highest: rates.highest * count, within: rates.within * count } : follow && asGood > 0 ? { ...rates, near: asGood } : rates;
      const { rate, stops } = goodput(built, loads, goal, scaled);
      const found: Evaluated<T> = { candidate, chips: count, rate, ratePerChip: rate / count, usdPerRequest: perRequest(price, rate), because: stopText({ rate, stops }) };
      best = Math.max(best, merit(found));
      return found;
    } catch (error) {
      if (error instanceof RangeError) return none(error.message);
      throw error;
    }
  };
  // a stable sort: of equals, fewer chips, then the order of the candidates
  return candidates.map(evaluate).sort((a, b) => merit(b) - merit(a) || a.chips - b.chips);
}

export const placementText = (placement: Placement): string =>
  placement.kind === 'colocated'
    ? `${placement.instances} x ${splitText(placement.split)}`
    : `${placement.prefillInstances} x ${splitText(placement.prefill)} + ${placement.decodeInstances} x ${splitText(placement.decode)}`;

/** Prefill and decode simulated together, pair by pair: Algorithm 2 of the paper (low node affinity), and for both affinities what its released search does. */
export const searchTogether = <T extends Placement>(estimator: Estimator, placements: readonly T[], options: SearchOptions): Ranking<T> =>
  rank(placements, { text: placementText, chips: chipsOfPlacement, cluster: (placement) => clusterOf(estimator, placement), usdPerHour: (placement) => priceOf(estimator, placement) }, options);

const INSTANT: Pool = Object.freeze<Pool>({ instances: 1, stages: 1, times: { prefill: () => 0, decode: () => 0 }, kvTokens: Number.MAX_SAFE_INTEGER });

type Phase = Extract<Role, 'prefill' | 'decode'>;

/** One instance of one phase, the other taking no time. */
export function phaseCluster(estimator: Estimator, role: Phase, split: Split): Cluster {
  const pool: Pool = { instances: 1, stages: split.pipelineParallel, ...estimator.instance(role, split) };
  const rules = estimator.rules(role === 'prefill' ? pool : INSTANT, 'disaggregated');
  if (role === 'prefill') return { kind: 'disaggregated', prefill: pool, decode: INSTANT, rules: { ...rules, decodeSteps: 'output-1' }, link: null };
  const batching = { ...rules.batching, maxPrompts: Number.MAX_SAFE_INTEGER, maxTokens: Number.MAX_SAFE_INTEGER };
  return { kind: 'disaggregated', prefill: INSTANT, decode: pool, rules: { ...rules, batching }, link: null };
}

/** What a phase alone is sent: a request that ends with its first token needs no decode. */
export const phaseLoad = (load: Load, role: Phase): Load => (role === 'prefill' ? { ...load, output: new Int32Array(load.output.length).fill(1) } : load);

/** One phase alone, the other taking no time: the split with the highest goodput per chip, as Algorithm 1 (high node affinity) chooses each. */
export function searchPhase(estimator: Estimator, role: Phase, splits: readonly Split[], options: SearchOptions): Ranking<Split> {
  const { goal, loads } = options;
  const slo = role === 'prefill' ? { ...goal.slo, tpot: Number.POSITIVE_INFINITY } : { ...goal.slo, ttft: Number.POSITIVE_INFINITY };
  const alone = loads.map((load) => phaseLoad(load, role));
  const price = estimator.usdPerHour(role);
  return rank(
    splits,
    {
      text: (split) => `${role} ${splitText(split)}`,
      chips: chipsOfSplit,
      cluster: (split) => phaseCluster(estimator, role, split),
      usdPerHour: (split) => (price === null ? null : price * chipsOfSplit(split)),
    },
    { ...options, goal: { ...goal, slo }, loads: alone },
  );
}

/** As many instances of each phase as a rate needs: ceil(rate / goodput) each. @throws RangeError where a phase serves nothing, or the rate is none */
export function replicated(prefill: Evaluated<Split>, decode: Evaluated<Split>, rate: number): Apart {
  if (!(rate > 0 && rate < Number.POSITIVE_INFINITY)) throw new RangeError(`placement: rate ${rate} is not above 0`);
  checkPhases(prefill, decode);
  return apartOf(prefill, decode, Math.ceil(rate / prefill.rate), Math.ceil(rate / decode.rate));
}

/** Instances of one phase where no rate is asked for. */
const MOST_INSTANCES = 4;
/** A larger deployment has to be better than this, times the smaller. */
const WORTH = 1.05;

/**
 * Instances of each phase where no rate is asked for: of all numbers up to 4 of each those that are best by what each phase serves alone, min(n goodput, m goodput), the
 * smallest deployment within 5 % of the best. @throws RangeError where a phase serves nothing
 */
export function balanced(estimator: Estimator, prefill: Evaluated<Split>, decode: Evaluated<Split>, objective: Objective): Apart {
  checkPhases(prefill, decode);
  const counts = Array.from({ length: MOST_INSTANCES }, (_, at) => at + 1);
  const all = counts.flatMap((prefillInstances) =>
    counts.map((decodeInstances) => {
      const placement = apartOf(prefill, decode, prefillInstances, decodeInstances);
      const rate = Math.min(prefillInstances * prefill.rate, decodeInstances * decode.rate);
      return { placement, merit: rate / (objective === 'rate' ? chipsOfPlacement(placement) : (priceOf(estimator, placement) ?? chipsOfPlacement(placement))) };
    }),
  );
  const best = Math.max(...all.map(({ merit }) => merit));
  const good = all.filter(({ merit }) => WORTH * merit >= best);
  return good.reduce((a, b) => (chipsOfPlacement(b.placement) < chipsOfPlacement(a.placement) ? b : a)).placement;
}

const apartOf = ({ candidate: prefill }: Evaluated<Split>, { candidate: decode }: Evaluated<Split>, prefillInstances: number, decodeInstances: number): Apart => ({
  kind: 'disaggregated',
  prefill,
  decode,
  prefillInstances,
  decodeInstances,
});

function checkPhases(prefill: Evaluated<Split>, decode: Evaluated<Split>): void {
  for (const [role, { rate }] of [['prefill', prefill] as const, ['decode', decode] as const]) if (rate === 0) throw new RangeError(`placement: ${role} rate 0 reaches no goal`);
}
