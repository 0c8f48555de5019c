import type { Accelerator } from '../../accelerators/accelerator.ts';
import { mtpFactors } from '../../cost/variants.ts';
import { chipsOf, type Deployment, singleChip, validateDeployment } from '../../timing/deployment.ts';
import { memoryOf } from '../../timing/memory.ts';
import { type PassEstimate, passSeconds, passTime } from '../../timing/pass-time.ts';
import type { Pass } from '../../timing/step/index.ts';
import { largest, largestWithin, mostEfficient } from '../../units/largest.ts';
import { expectedLargest, slowestReplica, spreadOf } from './contexts.ts';
import { fits, type MemoryNeed, needOf } from './memory-need.ts';
import type { AfdScenario } from './scenario.ts';
import { excess, gigabytes, milliseconds } from './shortage.ts';
import type { SplitModel } from './split-model.ts';
import { batchThroughput, throughputCost } from './throughput.ts';

/** Attention and feed-forward layers on the same chips: what a disaggregated deployment is compared with. */
export interface ColocatedPlan {
  readonly chip: Accelerator;
  readonly deployment: Deployment;
  readonly chips: number;
  /** requests of one replica, and of all */
  readonly requests: number;
  readonly batch: number;
  readonly tpot: number;
  readonly low: number;
  readonly high: number;
  readonly tokensPerSecond: number;
  readonly tokensPerGpuSecond: number;
  readonly usdPerMillionTokens: number | null;
  /** of each chip */
  readonly memory: MemoryNeed;
  readonly basis: 'measured' | 'assumed';
}

export type ColocatedAnswer = { readonly plan: ColocatedPlan; readonly binding: string } | { readonly plan: null; readonly because: string };

const WAYS = [1, 2, 4, 8] as const;
const REPLICAS = [256, 128, 64, 32, 16, 8] as const;

/** Deployments that are tried: a dense model split over chips of a server; experts over 256 to 8 chips, attention data parallel, halves of a batch overlapped or not; without a network card only what one server holds. */
function deploymentsOf({ model, experts }: SplitModel, chip: Accelerator): readonly Deployment[] {
  const tried =
    experts === null
      ? WAYS.map((tensorParallel): Deployment => ({ ...singleChip, tensorParallel }))
      : REPLICAS.flatMap((dataParallel) =>
          (['two-batch', 'none'] as const).map(
            (overlap): Deployment => ({ ...singleChip, dataParallel, expertParallel: Math.max(...[...REPLICAS, 4, 2, 1].filter((ways) => ways <= experts && dataParallel % ways === 0)), overlap }),
          ),
        );
  return tried.filter((deployment) => {
    if (chip.nicPerAcceleratorPerDirection === null && chipsOf(deployment) > chip.scaleUpDomain) return false;
    try {
      validateDeployment(model, deployment);
      return true;
    } catch (error) {
      if (error instanceof RangeError) return false;
      throw error;
    }
  });
}

/**
 * The best colocated deployment of a chip within a time per output token: of every deployment that is tried the number of requests of a replica that is most
 * efficient, up to the most that keep the step and fit in memory; not always the most, as one more may cost another wave of the chip. Where the step is too
 * long with one more and keeps it again with several more, those are not looked for.
 * Replicas wait for the slowest in every layer, as on the attention side of a disaggregated deployment.
 */
export function bestColocated(split: SplitModel, scenario: AfdScenario, chip: Accelerator, tpot: number): ColocatedAnswer {
  const { tokensPerStep } = mtpFactors(scenario);
  let best: { readonly candidate: Colocated; readonly requests: number; readonly rate: number; readonly binding: string } | null = null;
  const failures: { readonly by: number; readonly because: string }[] = [];
  const fail = (value: number, limit: number, because: string): void => void failures.push({ by: value / limit, because: `${because}: ${excess(value, limit)}` });
  for (const deployment of deploymentsOf(split, chip)) {
    const candidate = colocated(split, scenario, chip, deployment);
    const { chips, perChip, step } = candidate;
    const room = largest((requests) => fits(candidate.memory(requests)), { to: MOST_REQUESTS });
    if (room === 0) {
      const { bytes, usable } = candidate.memory(1);
      fail(bytes, usable, `memory: one request takes ${gigabytes(bytes)} of ${chip.id} on ${chips} chips, ${gigabytes(usable)} can be used`);
      continue;
    }
    const most = largestWithin(step, tpot * tokensPerStep, { to: room });
    if (most === 0) {
      const one = step(1) / tokensPerStep;
      fail(one, tpot, `tpot: one request takes ${milliseconds(one)} of ${milliseconds(tpot)} on ${chips} ${chip.id}`);
      continue;
    }
    const requests = mostEfficient(step, most, { shares: 16 })[0] as number;
    const rate = (requests * perChip) / step(requests);
    if (best === null || rate > best.rate) best = { candidate, requests, rate, binding: requests < most ? 'efficiency' : most === room ? 'memory' : 'tpot' };
  }
  if (best !== null) return { plan: best.candidate.plan(best.requests), binding: best.binding };
  if (failures.length === 0)
    return {
      plan: null,
      because: chip.nicPerAcceleratorPerDirection === null ? `network: nicPerAcceleratorPerDirection of ${chip.id} is not catalogued` : `deployment: none that is tried splits ${split.model.id}`,
    };
  return { plan: null, because: failures.reduce((a, b) => (b.by < a.by ? b : a)).because };
}

const MOST_REQUESTS = 2 ** 13;

interface Colocated {
  readonly chips: number;
  /** replicas for each chip */
  readonly perChip: number;
  /** memory of a chip with so many requests a replica */
  readonly memory: (requests: number) => MemoryNeed;
  /** time of a step with so many requests a replica */
  readonly step: (requests: number) => number;
  readonly plan: (requests: number) => ColocatedPlan;
}

function colocated({ model, precision }: SplitModel, { contexts, draftTokens, acceptance, memoryShare, expertLoad, times, data }: AfdScenario, chip: Accelerator, tried: Deployment): Colocated {
  const deployment = { ...tried, expertLoad };
  const queries = 1 + draftTokens;
  const options = { deployment, precision, queries, ...(data === undefined ? {} : { data }) };
  const memory = memoryOf(model, chip, { deployment, precision, passTokens: 1, memoryShare });
  const cache = contexts.reduce((sum, { context, share }) => sum + share * memory.cacheBytes(context), 0);
  const replicas = deployment.dataParallel;
  const chips = deployment.tensorParallel * replicas;
  const slowest = (requests: number, of: (context: number) => number): number => {
    const { mean, deviation } = spreadOf(contexts, of);
    return deviation === 0 ? mean : slowestReplica.evaluate({ mean, deviation, requests, z: expectedLargest(replicas) });
  };
  const expected = ({ seconds, idealSeconds }: Pick<PassEstimate, 'seconds' | 'idealSeconds'>): number => (times === 'ideal' ? idealSeconds : seconds);
  const memoryWith = (requests: number): MemoryNeed => needOf(memory, requests * queries, requests * cache);
  const passOf = (batch: number, context: number): Pass => ({ phase: 'decode', batch, context });
  return {
    chips,
    perChip: replicas / chips,
    memory: memoryWith,
    step: (requests) => slowest(requests, (context) => expected(passSeconds(model, chip, passOf(requests, context), options))),
    plan: (requests) => {
      const passes = new Map(contexts.map(({ context }) => [context, passTime(model, chip, passOf(requests, context), options)]));
      const { tokensPerStep } = mtpFactors({ draftTokens, acceptance });
      const perToken = (pick: (pass: PassEstimate) => number): number => slowest(requests, (context) => pick(passes.get(context) as PassEstimate)) / tokensPerStep;
      const tpot = perToken(expected);
      const throughput = batchThroughput.evaluate({ microBatches: 1, microBatch: requests * replicas, chips, tpot });
      return {
        chip,
        deployment,
        chips,
        requests,
        batch: requests * replicas,
        tpot,
        get low() {
          return times === 'ideal' ? tpot : perToken(({ low }) => low);
        },
        get high() {
          return times === 'ideal' ? tpot : perToken(({ high }) => high);
        },
        tokensPerSecond: chips * throughput,
        tokensPerGpuSecond: throughput,
        usdPerMillionTokens: chip.usdPerHour === null ? null : throughputCost.evaluate({ usdPerHour: chips * chip.usdPerHour, chips, throughput }),
        memory: memoryWith(requests),
        basis: [...passes.values()].every(({ basis }) => basis === 'measured') ? 'measured' : 'assumed',
      };
    },
  };
}
