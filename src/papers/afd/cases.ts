import { accelerator } from '../../accelerators/index.ts';
import { modelOf, type PrecisionPolicyId, precisionPolicies } from '../../models/index.ts';
import type { ProcedureCard } from '../../provenance/card.ts';
import { oneContext } from '../../serving/afd/contexts.ts';
import { type AfdPlan, afdPlanner } from '../../serving/afd/plan.ts';
import { planProcedure } from '../../serving/afd/procedures.ts';
import { afdDefaults } from '../../serving/afd/scenario.ts';
import { splitModel } from '../../serving/afd/split-model.ts';
import type { Layout } from '../../serving/afd/stage-times.ts';
import { singleChip } from '../../timing/deployment.ts';
import { passSeconds } from '../../timing/pass-time.ts';
import { largestWithin } from '../../units/largest.ts';
import { passProcedure } from '../timing/index.ts';

/** A row of Table 8 of arXiv:2507.19427v1: tokens per second and chip, measured. */
export interface ThroughputCase {
  readonly id: string;
  readonly printed: string;
  readonly where: string;
}

/** A row with attention and feed-forward layers apart: instances of 8 H800, three micro-batches. */
export interface SplitCase extends ThroughputCase {
  readonly precision: PrecisionPolicyId & keyof typeof precisionPolicies;
  readonly context: number;
  readonly attentionInstances: number;
  readonly ffnInstances: number;
  /** requests of one attention chip in a micro-batch: the printed total batch over micro-batches and chips */
  readonly requests: number;
}

const CHIPS = 8;
const TABLE_8 = 'arXiv:2507.19427v1, Table 8';

/** The printed total batch is that of three micro-batches. */
const step3 = (id: string, precision: SplitCase['precision'], context: number, [attentionInstances, ffnInstances]: readonly [number, number], totalBatch: number, printed: string): SplitCase => ({
  id,
  printed,
  where: `${TABLE_8}, Step-3, ${attentionInstances}A${ffnInstances}F at ${context}, total batch ${totalBatch}`,
  precision,
  context,
  attentionInstances,
  ffnInstances,
  requests: totalBatch / afdDefaults.microBatches / (attentionInstances * CHIPS),
});

export const splitCases: readonly SplitCase[] = [
  step3('step-3/bf16-attention/3a2f/4k', 'w8a8kv16', 4096, [3, 2], 6048, '3321'),
  step3('step-3/fp8-attention/2a2f/4k', 'w8a8kv8', 4096, [2, 2], 6144, '4039'),
  step3('step-3/fp8-attention/4a2f/8k', 'w8a8kv8', 8192, [4, 2], 6144, '2643'),
];

/** The plan of a row: what the calibrated kernels and the network make of it. */
export function planOf({ precision, context, attentionInstances, ffnInstances, requests }: SplitCase, layout: Layout): AfdPlan {
  const chip = accelerator('h800').accelerator;
  const planner = afdPlanner(splitModel(modelOf('step-3'), precisionPolicies[precision]), { ...afdDefaults, contexts: oneContext(context) });
  return planner.plan({ attentionChip: chip, ffnChip: chip, attentionInstances, ffnInstances, tensorParallel: 1, layout, requests });
}

/** Rows with experts on all chips and halves of a batch overlapped, as DeepSeek serves its model. */
export interface ColocatedCase extends ThroughputCase {
  readonly chips: number;
  readonly redundantExperts: number;
  readonly context: number;
  /** requests of a chip, or the time per output token that users had, which the largest batch keeps */
  readonly load: { readonly requests: number } | { readonly tpot: number };
}

/** Of the published 20 to 22 tokens per second of a user (open-infra-index, day 6), the middle. */
const USER_SPEED = 21;

export const colocatedCases: readonly ColocatedCase[] = [
  {
    id: 'deepseek-v3/profile/4k',
    printed: '2324',
    where: `${TABLE_8}, DSv3-profile: deepseek-ai/profile-data, 128 H800, 128 requests a chip at 4096`,
    chips: 128,
    redundantExperts: 0,
    context: 4096,
    load: { requests: 128 },
  },
  {
    id: 'deepseek-v3/blog/5k',
    printed: '1850',
    where: `${TABLE_8}, DSv3-blog: deepseek-ai/open-infra-index, day 6, 144 H800, 32 redundant experts, mean context 4989, 20 to 22 tokens per second of a user`,
    chips: 144,
    redundantExperts: 32,
    context: 4989,
    load: { tpot: 1 / USER_SPEED },
  },
];

/** Tokens per second and chip of a colocated row. */
export function colocatedThroughput({ chips, redundantExperts, context, load }: ColocatedCase): number {
  const deployment = { ...singleChip, dataParallel: chips, expertParallel: chips, redundantExperts, overlap: 'two-batch' } as const;
  const step = (batch: number): number =>
    passSeconds(modelOf('deepseek-v3'), accelerator('h800').accelerator, { phase: 'decode', batch, context }, { deployment, precision: precisionPolicies.w8a8kv16 }).seconds;
  const requests = 'requests' in load ? load.requests : largestWithin(step, load.tpot, { to: 1024 });
  return requests / step(requests);
}

/** The two rows that the abstract of the paper names, by its own cells. */
export const abstractThroughput: Readonly<Record<string, { readonly label: string; readonly value: () => number; readonly card: ProcedureCard }>> = {
  'tokens-per-gpu-second': { label: 'predicted throughput of Step-3 on 2A2F', value: () => planOf(splitCases[1] as SplitCase, 'expert').tokensPerGpuSecond, card: planProcedure },
  'tokens-per-gpu-second-dsv3': { label: 'predicted throughput of DeepSeek-V3 on 128 H800', value: () => colocatedThroughput(colocatedCases[0] as ColocatedCase), card: passProcedure },
};
