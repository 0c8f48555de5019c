import type { Metric, Model, Pattern } from './figure8.ts';

/** What the text of arXiv:2411.18424 states, as printed. */

/** Table 1: swap-out of LLaMA-8B on A10, 1 request per second; an operation is one copy of a group of blocks. */
export interface SwapOut {
  readonly blocks: number;
  readonly operations: number;
  readonly granularity: string;
  readonly seconds: string;
}
export const RUNS = ['traditional', 'reuse'] as const;
export type Run = (typeof RUNS)[number];
export const table1: Readonly<Record<Run, SwapOut>> = {
  traditional: { blocks: 122_030, operations: 13_076, granularity: '9.3', seconds: '15.5' },
  reuse: { blocks: 58_187, operations: 10_713, granularity: '5.43', seconds: '6.7' },
};
/** Text on Table 1: per cent fewer blocks with reuse. */
export const fewerBlocks = '53';

/** Text on Figure 8: how many times shorter tail latencies are than those of vLLM. */
export const speedups: Readonly<Record<Model, Readonly<Record<Pattern, Readonly<Record<Metric, string>>>>>> = {
  'llama-8b': {
    markov: { 'p95-ttft': '5.8', 'p99-ttft': '4.1', 'p99.9-ttft': '3.7', 'p99.9-tbt': '2.0' },
    random: { 'p95-ttft': '4.3', 'p99-ttft': '3.7', 'p99.9-ttft': '2.5', 'p99.9-tbt': '2.7' },
  },
  'qwen-32b': {
    markov: { 'p95-ttft': '1.7', 'p99-ttft': '1.6', 'p99.9-ttft': '1.4', 'p99.9-tbt': '11.2' },
    random: { 'p95-ttft': '1.4', 'p99-ttft': '1.5', 'p99.9-ttft': '1.4', 'p99.9-tbt': '3.6' },
  },
};
/** Throughput over that of vLLM, up to. */
export const throughputGains: Readonly<Record<Model, string>> = { 'llama-8b': '1.334', 'qwen-32b': '1.444' };
/** Abstract: speedups from and to. */
export const abstractSpeedups = { least: '1.4', most: '11.2' } as const;

/** Sections 2.2, 3.1 and 4: copies and the link. */
export const copies = {
  /** KB of one copy of LLaMA-8B */
  pieceKilobytes: '128',
  /** about so many us does such a copy execute, and its dispatch takes longer */
  microseconds: '10',
  /** KB at which PCIe 4.0 x16 is used best */
  bestKilobytes: '320',
  /** per cent of a transmission that is dispatch, from and to */
  dispatchPercent: ['90', '95'],
  /** GB/s of PCIe 4.0 x16, one way and both */
  linkGigabytesPerSecond: { oneWay: '32', both: '64' },
  blockTokens: 16,
  /** blocks of a mean group, LLaMA-8B on A10 over seven frequencies (section 3.1) */
  groupBlocks: '20',
  /** blocks of a first group, sections 3.1 and 5.3.1, and its tokens */
  firstGroup: { blocks: '60', blocksLater: '70', tokens: 1000 },
} as const;

/** Other claims of the text, as printed. */
export const claims = {
  /** per cent of the P99 latency of a token that is a stall (section 2.2, Figure 1) */
  stallPercent: '59.9',
  /** times less overhead of switches by block groups (section 5.3.1, Figure 10) */
  groupGain: '3.11',
  /** per cent of a run that the call stack takes more than in vLLM, at most (Figure 9) */
  callStackPercent: '1',
  /** per cent between the largest and smallest mean group (Figure 11) */
  groupSpreadPercent: '15.13',
  /** per cent more tokens per second at P99 and P99.9 (Figure 12) */
  efficiencyPercent: { p99: '21.8', 'p99.9': '12.6' },
} as const;

/** The runs of sections 2.2, 4 and 5. */
export const setup = {
  requestsPerSecond: 1,
  conversations: 1000,
  /** per cent of the conversations of the data set that have several turns; those were sampled */
  multiTurnPercent: 78,
  meanTurns: 5.5,
  hostGigabytes: 60,
  /** priority updates an iteration */
  frequency: { 'llama-8b': 0.04, 'qwen-32b': 0.02, 'figure-1': 0.01, 'figure-2': 0.02 },
  gpus: { 'llama-8b': 'A10 (24 GB)', 'qwen-32b': 'A100 (80 GB)' },
} as const;
