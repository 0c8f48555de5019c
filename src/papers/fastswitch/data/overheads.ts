/** A line over the frequency of priority updates, an iteration. */
export interface OverFrequency {
  readonly frequency: readonly number[];
  readonly share: readonly number[];
}

/** Figure 9 of arXiv:2411.18424: share of the time of a run that the call stack of the scheduler takes. Read from the vector paths of the authors' preprint of 22 November 2024. */
export const figure9: Readonly<Record<'vllm' | 'dbg' | 'dbg-reuse' | 'fastswitch', OverFrequency>> = {
  vllm: { frequency: [0.001, 0.002, 0.005, 0.01, 0.02, 0.0303, 0.04, 0.05], share: [0.00217, 0.0023, 0.00287, 0.00371, 0.00412, 0.00613, 0.0072, 0.00754] },
  dbg: { frequency: [0.001, 0.002, 0.005, 0.01, 0.02, 0.0303, 0.04, 0.05], share: [0.00212, 0.00234, 0.00297, 0.00415, 0.00581, 0.00847, 0.00963, 0.01021] },
  'dbg-reuse': { frequency: [0.005, 0.01, 0.02, 0.0303, 0.04, 0.05], share: [0.00285, 0.00395, 0.00555, 0.009, 0.01212, 0.01382] },
  fastswitch: { frequency: [0.005, 0.01, 0.02, 0.0303, 0.04, 0.05], share: [0.00343, 0.00426, 0.00581, 0.00847, 0.01997, 0.02808] },
};

/** Figure 10: share of the time of a run that switches of requests take, vLLM and block groups alone. Read from the vector paths of the authors' preprint of 22 November 2024. */
export const figure10: Readonly<Record<'vllm' | 'dbg', OverFrequency>> = {
  vllm: { frequency: [0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.04, 0.067], share: [0.00763, 0.00844, 0.01271, 0.02091, 0.0437, 0.21096, 0.28069, 0.40004] },
  dbg: { frequency: [0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.04, 0.067], share: [0.00247, 0.00297, 0.00466, 0.00894, 0.02458, 0.10691, 0.12683, 0.19548] },
};
