/** Printed values of the runs on eight A100 with MiniCPM-V 2.6 that are simulated, as printed: goodput in requests/s, times in s. Images are 4032 x 3024. */

/** Requests of the paper's clients: gaps of Gamma(1, 1 / rate) from numpy's generator of this seed (online.py of the released code), prompts of so many tokens beside images. */
export const CLIENT = { requests: 100, seed: 6, promptTokens: 22, outputTokens: 10 } as const;

/** Section 4.4, Table 5, and Appendix E.4: the optimised configuration, and the mean of ten random ones; times at 1.25 requests/s. */
export const table5 = {
  images: 6,
  rate: 1.25,
  optimised: { workers: { encode: 6, prefill: 1, decode: 1 }, batches: { encode: 2, prefill: 1, decode: 128 }, goodput: '1.25', ttft: '2.12', tpot: '0.031' },
  random: { goodput: '0.56', ttft: '4.48', tpot: '0.025' },
} as const;

/** Section 4.4, Table 6: the first requests ask for few tokens, the others for many. */
export const table6 = {
  images: 1,
  rate: 3,
  shortRequests: 10,
  shortOutput: 50,
  longOutput: 500,
  before: { encode: 5, prefill: 1, decode: 2 },
  after: { encode: 2, prefill: 1, decode: 5 },
  /** section 3.2.4: a switch takes less than so long */
  switchSeconds: 0.7,
  /** the released switcher decides so often */
  everySeconds: 5,
  switching: { latency: '28.01', ttft: '1.42', tpot: '0.05' },
  fixed: { latency: '61.10', ttft: '1.33', tpot: '0.12' },
} as const;
