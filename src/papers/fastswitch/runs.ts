import { accelerator } from '../../accelerators/index.ts';
import { modelOf } from '../../models/index.ts';
import { type Conversations, conversationsOf } from '../../serving/preemption/conversations.ts';
import { preemptionEngine } from '../../serving/preemption/engine.ts';
import { POLICIES, type PolicyName } from '../../serving/preemption/policy.ts';
import type { Engine } from '../../serving/preemption/simulate.ts';
import { simulatePreemption } from '../../serving/preemption/simulate.ts';
import { type PreemptionSummary, preemptionSummary } from '../../serving/preemption/summary.ts';
import { kept } from '../kept.ts';
import type { Model, Pattern, System } from './data/figure8.ts';
import { setup } from './data/text.ts';
import type { PERCENTILES } from './data/waiting.ts';
import { CATALOGUE, CHIPS, paperLink } from './settings.ts';

/** What the paper does not state, and the simulation needs. */
export const ASSUMED = {
  /** share of a chip's memory that the engine takes, and its limits: the defaults of vLLM */
  memoryShare: 0.9,
  maxRequests: 256,
  batchTokens: 2048,
  /** tokens of the longest conversation: the context of LLaMA 3 */
  longest: 8192,
  /** from an answer to the next prompt */
  thinkSeconds: 0,
  /** of Markov priorities; chosen after the results of 0, 0.2 and 0.5 had been seen */
  persistence: 0,
  conversationSeed: 0,
  prioritySeed: 1,
} as const;

/** The policy that a system of the paper is. */
export const POLICY: Readonly<Record<System, PolicyName>> = { vllm: 'vllm', dbg: 'groups', 'dbg-reuse': 'groups-reuse', fastswitch: 'fastswitch' };

/** A run: the paper's, but for what is said to differ. */
export interface RunOf {
  readonly model: Model;
  readonly pattern: Pattern;
  readonly system: System;
  /** priority updates an iteration; that of the end-to-end runs unless given */
  readonly frequency?: number;
  readonly hostGigabytes?: number;
  /** blocks of the first group */
  readonly initialGroup?: number;
  /** conversations a second */
  readonly rate?: number;
  /** how far seeds are moved */
  readonly seeds?: number;
  readonly persistence?: number;
  readonly thinkSeconds?: number;
}

/** What is kept of a run. */
export interface PaperRun extends PreemptionSummary {
  /** stall before an iteration over the time of the iteration, at percentiles of the iterations */
  readonly stalls: Readonly<Record<(typeof PERCENTILES)[number], number>>;
}

const runs = kept<PaperRun>();
const loads = kept<Conversations>();
const engines = kept<Engine>();

/** Iterations from one update to the next: a whole number. */
export const updateEvery = (frequency: number): number => Math.round(1 / frequency);

const loadOf = (rate: number, thinkSeconds: number, seeds: number): Conversations =>
  loads(`${rate} ${thinkSeconds} ${seeds}`, () =>
    conversationsOf({ count: setup.conversations, rate, thinkSeconds, multiTurnOnly: true, seed: ASSUMED.conversationSeed + seeds, longest: ASSUMED.longest }),
  );

/** The engine of a model; windows and states would be counted at the mean conversation, but neither model has any. */
function engineOf(model: Model, hostGigabytes: number, { count, prompt, output }: Conversations): Engine {
  const tokens = prompt.reduce((sum, each) => sum + each, 0) + output.reduce((sum, each) => sum + each, 0);
  const { memoryShare, maxRequests, batchTokens } = ASSUMED;
  const options = { link: paperLink, hostBytes: 1e9 * hostGigabytes, context: Math.round(tokens / count), memoryShare, maxRequests, batchTokens };
  return engines(JSON.stringify([model, options]), () => preemptionEngine(modelOf(CATALOGUE[model]), accelerator(CHIPS[model]).accelerator, options));
}

/**
 * A run of the paper: 1000 conversations on one GPU. Nothing is fitted to the figures of the paper. Its rate, frequencies, host memory and link are its own; assumed are
 * `ASSUMED`, the share of answers, that turns and tokens of a conversation are independent, and what Markov means. Kernels and copies were timed on other machines.
 */
export function paperRun(of: RunOf): PaperRun {
  const { model, pattern, system, frequency = setup.frequency[model], hostGigabytes = setup.hostGigabytes, initialGroup, seeds = 0 } = of;
  const { rate = setup.requestsPerSecond, persistence = ASSUMED.persistence, thinkSeconds = ASSUMED.thinkSeconds } = of;
  const known = POLICIES[POLICY[system]];
  const policy = initialGroup === undefined ? known : { ...known, initialGroup };
  const every = updateEvery(frequency);
  return runs(JSON.stringify([model, pattern, policy, every, hostGigabytes, rate, seeds, pattern === 'markov' ? persistence : null, thinkSeconds]), () => {
    const conversations = loadOf(rate, thinkSeconds, seeds);
    const priorities = { pattern, seed: ASSUMED.prioritySeed + seeds, ...(pattern === 'markov' ? { persistence } : {}) };
    const outcome = simulatePreemption(conversations, engineOf(model, hostGigabytes, conversations), { policy, priorities, updateEvery: every });
    const at = (share: number): number => outcome.stalls.quantile(share);
    return { ...preemptionSummary(conversations, outcome), stalls: { p50: at(0.5), p90: at(0.9), p95: at(0.95), p99: at(0.99), 'p99.9': at(0.999) } };
  });
}
