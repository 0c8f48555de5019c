/**
 * Figure 11 of arXiv:2411.18424: largest over smallest mean group (blocks of a copy) as the initial group goes from 64 to 3000 tokens, by priority updates an
 * iteration. Read from the vector paths of the authors' preprint of 22 November 2024.
 */
export const figure11 = { frequency: [0.005, 0.01, 0.013, 0.02, 0.03, 0.04], ratio: [1.0318, 1.1523, 1.1207, 1.1113, 1.0749, 1.0468] } as const;

/** Figure 12: tokens per second at percentiles, over the largest, with and without the adaptive strategy. Read from the vector paths of the authors' preprint of 22 November 2024; the text names the last two labels P99 and P99.9. */
export const figure12 = { percentile: [80, 90, 93, 95, 99], baseline: [0.3054, 0.3635, 0.4038, 0.4427, 0.8877], fastswitch: [0.3098, 0.3813, 0.4399, 0.5394, 1] } as const;

/** Figure 13: share of the time of a run that switches take, by GB of host memory for keys and values. Read from the vector paths of the authors' preprint of 22 November 2024. */
export const figure13 = { hostGigabytes: [10, 20, 30, 40, 50, 60, 70, 80, 100, 120], share: [0.04181, 0.04357, 0.03656, 0.01371, 0.01254, 0.01171, 0.01172, 0.01173, 0.01172, 0.01171] } as const;
