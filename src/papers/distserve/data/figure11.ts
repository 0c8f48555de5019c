type Simulated = 'distserve-high' | 'distserve-low' | 'vllm++' | 'vllm';

/** One panel of Figure 11. */
export interface AblationPanel {
  readonly x: readonly number[];
  readonly attainmentPercent: Readonly<Record<Simulated, readonly number[]>>;
}

/**
 * Figure 11 of arXiv:2401.09670v3: attainment as simulated, OPT-66B on ShareGPT, 0.4 s to the first and 0.1 s per further token, over requests per second and
 * GPU, and over the scale of both objectives at 0.375 of them. Digitised from the vector paths. vLLM and vLLM++ are drawn on top of each other.
 */
export const figure11: Readonly<Record<'rate' | 'sloScale', AblationPanel>> = {
  rate: {
    x: [0.0625, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75],
    attainmentPercent: {
      'distserve-high': [100, 100, 99.11, 95.11, 91.33, 81.77, 74.66],
      'distserve-low': [100, 99.2, 95.6, 93.2, 85.6, 80, 67.6],
      'vllm++': [99, 92.5, 81.5, 65, 31.5, 17.5, 11.5],
      vllm: [99, 92.5, 81.5, 65, 31.5, 17.5, 11.5],
    },
  },
  sloScale: {
    x: [1.2, 1, 0.8, 0.6, 0.4],
    attainmentPercent: { 'distserve-high': [96.8, 90.8, 85.2, 78.4, 56], 'distserve-low': [91.33, 86, 80, 64.66, 29.33], 'vllm++': [73.5, 65, 29, 13, 1.5], vllm: [73.5, 65, 29, 13, 1.5] },
  },
};

/** Conditions of Figure 11. */
export const figure11Conditions = { ttftSeconds: 0.4, tpotSeconds: 0.1, sloScaleRate: 0.375, gpus: 32, requestsPerGpu: 25 } as const;
