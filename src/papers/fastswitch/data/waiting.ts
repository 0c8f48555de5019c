/**
 * Figure 1 of arXiv:2411.18424: stalls by swaps at percentiles of the latency of a token, LLaMA-8B on A10, 0.01 priority updates an iteration. The time of
 * inference is drawn as 1. Read from the vector paths of the authors' preprint of 22 November 2024.
 */
export const figure1 = { execution: 0.9998, stall: { p50: 0, p90: 0.0002, p95: 0.2499, p99: 0.5996, 'p99.9': 1.9066 } } as const;
export const PERCENTILES = ['p50', 'p90', 'p95', 'p99', 'p99.9'] as const satisfies readonly (keyof typeof figure1.stall)[];

/** Figure 2: share of the requests that wait for their keys and values, by percentile of the iterations. Read from the vector paths of the authors' preprint of 22 November 2024. */
export const figure2 = { percentile: [90, 93, 95, 97, 99], waiting: [0.0344, 0.0416, 0.0714, 0.4779, 0.7667] } as const;
