import { computeTime, family, kernelTime, LAUNCH, MEMORY_SHARE, memoryTime } from './family.ts';
import type { ElementwiseKernel } from './kernel.ts';

/** The vector units of a chip do about a sixteenth of what its matrix units do. */
const VECTOR_SHARE = 1 / 16;

/** Norms, activations, quantisation, states: t_m = bytes / (memoryShare beta), t_c on the vector units. */
export const elementwise = family({
  id: 'elementwise',
  name: 'element-wise step',
  kernel: 'elementwise',
  constants: { launch: LAUNCH, memoryShare: MEMORY_SHARE },
  time: ({ bytes, flop }: ElementwiseKernel, chip, { launch, memoryShare }) =>
    kernelTime.evaluate({
      launch,
      compute: computeTime.evaluate({ flop, computeShare: VECTOR_SHARE, peak: chip.peak.bf16 }),
      memory: memoryTime.evaluate({ bytes, memoryShare, memoryBandwidth: chip.memoryBandwidth }),
    }),
});
