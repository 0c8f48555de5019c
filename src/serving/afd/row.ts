import type { ColocatedAnswer } from './colocated.ts';
import type { AfdPlan, Stage } from './plan.ts';
import type { AfdAnswer } from './search.ts';

/** A deployment, or why there is none, in plain numbers: what a command prints and a report shows. */
export interface AfdRow {
  readonly model: string;
  readonly kind: 'disaggregated' | 'colocated';
  readonly attentionChip: string;
  readonly ffnChip: string;
  /** `3A2F`, or the chips of one colocated deployment: `DP 32` */
  readonly deployment: string | null;
  readonly chips: number | null;
  readonly tensorParallel: number | null;
  readonly layout: string | null;
  /** requests of a replica in a micro-batch, of all replicas in one, and in all micro-batches */
  readonly requests: number | null;
  readonly microBatch: number | null;
  readonly batch: number | null;
  readonly tpot: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly tokensPerGpuSecond: number | null;
  readonly usdPerMillionTokens: number | null;
  /** what stops one request more */
  readonly binding: string | null;
  /** the stage that sets the pace, or latency */
  readonly pace: string | null;
  /** mean seconds of each stage over the layers, one micro-batch */
  readonly stages: Readonly<Record<Stage, number>> | null;
  /** bytes of one chip of each side, and those that can be used */
  readonly attentionBytes: number | null;
  readonly attentionUsableBytes: number | null;
  readonly ffnBytes: number | null;
  readonly ffnUsableBytes: number | null;
  readonly basis: 'measured' | 'assumed' | null;
  /** the constraint that no deployment keeps, and by how much */
  readonly infeasible: string | null;
}

const nothing = {
  deployment: null,
  chips: null,
  tensorParallel: null,
  layout: null,
  requests: null,
  microBatch: null,
  batch: null,
  tpot: null,
  low: null,
  high: null,
  tokensPerGpuSecond: null,
  usdPerMillionTokens: null,
  binding: null,
  pace: null,
  stages: null,
  attentionBytes: null,
  attentionUsableBytes: null,
  ffnBytes: null,
  ffnUsableBytes: null,
  basis: null,
} as const;

export const deploymentName = ({ attentionInstances, ffnInstances }: Pick<AfdPlan, 'attentionInstances' | 'ffnInstances'>): string => `${attentionInstances}A${ffnInstances}F`;

/** A row of a plan that somebody chose, or that a search found. */
export function planRow(model: string, plan: AfdPlan, binding: string | null): AfdRow {
  const { attentionChip, ffnChip, chips, tensorParallel, layout, requests, microBatch, batch, tpot, low, high, tokensPerGpuSecond, usdPerMillionTokens, pace, stages, basis } = plan;
  return {
    model,
    kind: 'disaggregated',
    attentionChip: attentionChip.id,
    ffnChip: ffnChip.id,
    deployment: deploymentName(plan),
    chips,
    tensorParallel,
    layout,
    requests,
    microBatch,
    batch,
    tpot,
    low,
    high,
    tokensPerGpuSecond,
    usdPerMillionTokens,
    binding,
    pace,
    stages,
    attentionBytes: plan.attentionMemory.bytes,
    attentionUsableBytes: plan.attentionMemory.usable,
    ffnBytes: plan.ffnMemory.bytes,
    ffnUsableBytes: plan.ffnMemory.usable,
    basis,
    infeasible: null,
  };
}

export const answerRow = (model: string, answer: AfdAnswer): AfdRow =>
  answer.plan === null
    ? { model, kind: 'disaggregated', attentionChip: answer.attentionChip.id, ffnChip: answer.ffnChip.id, ...nothing, infeasible: answer.because }
    : planRow(model, answer.plan, answer.binding);

export function colocatedRow(model: string, chip: string, answer: ColocatedAnswer): AfdRow {
  const row = { model, kind: 'colocated', attentionChip: chip, ffnChip: chip } as const;
  if (answer.plan === null) return { ...row, ...nothing, infeasible: answer.because };
  const { deployment, chips, requests, batch, tpot, low, high, tokensPerGpuSecond, usdPerMillionTokens, basis, memory } = answer.plan;
  const { tensorParallel, dataParallel, expertParallel, overlap } = deployment;
  return {
    ...row,
    ...nothing,
    deployment: [`TP ${tensorParallel}`, `DP ${dataParallel}`, `EP ${expertParallel}`].filter((each) => !each.endsWith(' 1')).join(' ') + (overlap === 'two-batch' ? ', two-batch' : '') || 'one chip',
    chips,
    tensorParallel,
    requests,
    microBatch: batch,
    batch,
    tpot,
    low,
    high,
    tokensPerGpuSecond,
    usdPerMillionTokens,
    binding: answer.binding,
    attentionBytes: memory.bytes,
    attentionUsableBytes: memory.usable,
    ffnBytes: memory.bytes,
    ffnUsableBytes: memory.usable,
    basis,
    infeasible: null,
  };
}
