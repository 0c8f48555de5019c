import { formula } from '../../provenance/card.ts';
import { quantileOf } from '../disaggregation/attainment.ts';
import type { Conversations } from './conversations.ts';
import type { LogHistogram } from './log-histogram.ts';
import type { PreemptionOutcome, Swaps } from './outcome.ts';

const PERCENTILES = { p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99, p999: 0.999 } as const;
/** Mean and percentiles. */
export type Tails = Readonly<Record<'mean' | keyof typeof PERCENTILES, number>>;

/** How evenly conversations are served: 1 where all get as many tokens a second, 1 / n where one gets all. */
export const jainIndex = formula({
  id: 'preemption/jain-index',
  name: 'Fairness index of Jain',
  symbols: {
    sum: { unit: '1/s', meaning: 'sum of the rates of all conversations', tex: '\\Sigma x' },
    squares: { unit: '1/s^2', meaning: 'sum of their squares', tex: '\\Sigma x^2' },
    count: { unit: '1', meaning: 'conversations', tex: 'n' },
  },
  expression: 'sum^2 / (count * squares)',
  unit: '1',
  evaluate: ({ sum, squares, count }) => sum ** 2 / (count * squares),
  source: { kind: 'paper', id: 'arXiv:cs/9809099', at: 'the fairness index' },
});

/** One direction of swaps. */
export interface SwapSummary extends Readonly<Swaps> {
  /** mean blocks of a contiguous group; 0 where nothing was moved */
  readonly blocksPerGroup: number;
  /** bytes over the time of the copies, bytes/s; 0 where nothing was moved */
  readonly bytesPerSecond: number;
}

/** A run in short; times in seconds. */
export interface PreemptionSummary {
  readonly conversations: number;
  readonly turns: number;
  readonly makespan: number;
  readonly ttft: Tails;
  readonly tbt: Tails;
  readonly outputTokensPerSecond: number;
  /** of the makespan: iterations, waiting for copies, neither */
  readonly shares: { readonly busy: number; readonly stall: number; readonly idle: number };
  /** Jain's index of output tokens a second of each conversation, from the arrival of its turns to their end */
  readonly fairness: number;
  readonly iterations: number;
  readonly updates: number;
  readonly out: SwapSummary;
  readonly in: SwapSummary;
  readonly drops: number;
  readonly recomputedTokens: number;
  readonly givenUp: number;
}

export function preemptionSummary(conversations: Conversations, outcome: PreemptionOutcome): PreemptionSummary {
  const { arrival, firstToken, makespan, busySeconds, stallSeconds, iterations, updates, drops, recomputedTokens, givenUp } = outcome;
  const started = arrival[0] as number;
  const span = makespan - started;
  return {
    conversations: conversations.count,
    turns: conversations.turns,
    makespan: span,
    ttft: tailsOf(firstToken.map((time, turn) => time - (arrival[turn] as number))),
    tbt: histogramTails(outcome.tbt),
    outputTokensPerSecond: conversations.output.reduce((sum, output) => sum + output, 0) / span,
    shares: { busy: busySeconds / span, stall: stallSeconds / span, idle: Math.max(0, 1 - (busySeconds + stallSeconds) / span) },
    fairness: fairnessOf(conversations, outcome),
    iterations,
    updates,
    out: swapSummary(outcome.out),
    in: swapSummary(outcome.in),
    drops,
    recomputedTokens,
    givenUp,
  };
}

const swapSummary = (swaps: Swaps): SwapSummary => ({
  ...swaps,
  blocksPerGroup: swaps.groups === 0 ? 0 : swaps.blocks / swaps.groups,
  bytesPerSecond: swaps.seconds === 0 ? 0 : swaps.bytes / swaps.seconds,
});

function tailsOf(values: Float64Array): Tails {
  const sorted = values.slice().sort();
  const mean = sorted.reduce((sum, value) => sum + value, 0) / sorted.length;
  return { mean, ...eachPercentile((share) => quantileOf(sorted, share)) };
}

const histogramTails = (histogram: LogHistogram): Tails => ({ mean: histogram.mean, ...eachPercentile((share) => histogram.quantile(share)) });

const eachPercentile = (of: (share: number) => number): Omit<Tails, 'mean'> =>
  Object.fromEntries(Object.entries(PERCENTILES).map(([name, share]) => [name, of(share)])) as unknown as Omit<Tails, 'mean'>;

function fairnessOf({ count, firstTurn, output }: Conversations, { arrival, finish }: PreemptionOutcome): number {
  let [sum, squares] = [0, 0];
  for (let conversation = 0; conversation < count; conversation++) {
    let [tokens, seconds] = [0, 0];
    for (let turn = firstTurn[conversation] as number; turn < (firstTurn[conversation + 1] as number); turn++) {
      tokens += output[turn] as number;
      seconds += (finish[turn] as number) - (arrival[turn] as number);
    }
    const rate = tokens / seconds;
    sum += rate;
    squares += rate ** 2;
  }
  return jainIndex.evaluate({ sum, squares, count });
}
