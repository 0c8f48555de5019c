import type { Curve } from './curve.ts';

type Phase = 'colocated' | 'prefill' | 'decode';

/** Figure 1, see `figure1`. */
export interface Figure1 {
  readonly ttftSeconds: Readonly<Record<'colocated' | 'prefill', Curve>>;
  readonly tpotSeconds: Readonly<Record<'colocated' | 'decode', Curve>>;
  readonly slo: { readonly ttftSeconds: number; readonly tpotSeconds: number };
  /** requests per second, as annotated */
  readonly goodput: Readonly<Record<Phase, string>>;
}

/**
 * Figure 1 of arXiv:2401.09670v3: P90 of TTFT and TPOT over requests per second, OPT-13B on one A100, prompts of 512 and outputs of 64 tokens, with both
 * phases on the GPU or one alone. Digitised from the vector paths to the digits given; objectives and goodput as annotated.
 */
export const figure1: Figure1 = {
  ttftSeconds: { colocated: { x: [1, 2, 3, 4, 5], y: [0.19, 0.28, 0.41, 0.6, 0.83] }, prefill: { x: [1, 2, 3, 4, 5, 6, 7, 8], y: [0.12, 0.13, 0.16, 0.2, 0.31, 0.46, 0.61, 0.83] } },
  tpotSeconds: {
    colocated: { x: [1, 2, 3, 4], y: [0.036, 0.043, 0.052, 0.063] },
    decode: { x: [1, 2, 3, 4, 6, 7, 8, 9, 10, 11], y: [0.021, 0.0214, 0.022, 0.023, 0.027, 0.03, 0.033, 0.036, 0.04, 0.044] },
  },
  slo: { ttftSeconds: 0.4, tpotSeconds: 0.04 },
  goodput: { colocated: '1.6', prefill: '5.6', decode: '10' },
};

/** What the text makes of it: two prefill GPUs and one decode GPU serve so many requests per second and GPU, so many times those of a colocated one. */
export const figure1Text = { goodputPerGpu: '3.3', gain: '2.1' } as const;
