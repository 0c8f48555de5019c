/** One way to parallelise decoding, over the number of GPUs. */
export interface DecodeScaling {
  readonly gpus: readonly number[];
  readonly latencyMs: readonly number[];
  readonly tokensPerSecond: readonly number[];
}

/**
 * Figure 5 of arXiv:2401.09670v3: time of a decoding step in ms and tokens per second of OPT-13B over the number of GPUs, 128 requests of 256 tokens.
 * Digitised from the vector paths; the origin of the axes, which is drawn as a point, is left out.
 */
export const figure5: Readonly<Record<'intra-op' | 'inter-op', DecodeScaling>> = {
  'intra-op': { gpus: [1, 2, 4, 8], latencyMs: [61, 40, 35, 31.3], tokensPerSecond: [2094.1, 3161.4, 3682.7, 4095.6] },
  'inter-op': { gpus: [1, 2, 4, 8], latencyMs: [61, 61.5, 62, 62.3], tokensPerSecond: [2094.1, 3978.3, 7538.9, 15078] },
};
