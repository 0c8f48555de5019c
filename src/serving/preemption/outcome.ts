import { LogHistogram } from './log-histogram.ts';

/** What all copies of one direction moved. */
export interface Swaps {
  operations: number;
  blocks: number;
  /** contiguous groups of blocks */
  groups: number;
  calls: number;
  bytes: number;
  /** time that the copies took, whoever waited for them */
  seconds: number;
}

/** A run: what each turn took, and what the engine did. Times in seconds from the start. */
export interface PreemptionOutcome {
  /** by turn */
  readonly arrival: Float64Array;
  readonly firstToken: Float64Array;
  readonly finish: Float64Array;
  /** gaps between the tokens of a turn, from its first on */
  readonly tbt: LogHistogram;
  /** stall since the iteration before over the time of the iteration */
  readonly stalls: LogHistogram;
  /** share of the active conversations whose cache is on its way in, or came in since the iteration before while nothing ran, by iteration */
  readonly waiting: LogHistogram;
  readonly out: Swaps;
  readonly in: Swaps;
  iterations: number;
  updates: number;
  /** time of iterations, without stalls */
  busySeconds: number;
  /** time in which no iteration ran because of copies */
  stallSeconds: number;
  /** end of the last turn */
  makespan: number;
  /** caches that were dropped, and the tokens that had to be read again for it */
  drops: number;
  recomputedTokens: number;
  /** copies on the host that were given up for others */
  givenUp: number;
}

const noSwaps = (): Swaps => ({ operations: 0, blocks: 0, groups: 0, calls: 0, bytes: 0, seconds: 0 });

export const emptyOutcome = (turns: number): PreemptionOutcome => ({
  arrival: new Float64Array(turns),
  firstToken: new Float64Array(turns).fill(Number.NaN),
  finish: new Float64Array(turns).fill(Number.NaN),
  tbt: new LogHistogram(),
  stalls: new LogHistogram(),
  waiting: new LogHistogram(),
  out: noSwaps(),
  in: noSwaps(),
  iterations: 0,
  updates: 0,
  busySeconds: 0,
  stallSeconds: 0,
  makespan: 0,
  drops: 0,
  recomputedTokens: 0,
  givenUp: 0,
});
