import { peakFor } from '../../accelerators/peak.ts';
import { COMPUTE_SHARE, computeTime, family, kernelTime, LAUNCH, memoryTime } from './family.ts';
import type { PrefillAttentionKernel } from './kernel.ts';
import { workOf } from './work.ts';

/** Columns of keys that each row of queries pays beside its own: half of the masked tiles on the diagonal, prologue, epilogue, uneven last wave. */
const DIAGONAL = 256;
/** Nearly never reached: the cache of a prompt is small beside its work. */
const MEMORY_SHARE_OF_PREFILL = 0.8;

/**
 * Attention of a whole prompt: measured where each token attends those before it. Where each patch of a tile attends all, N^2 pairs, no tile of a kernel is masked,
 * so that the columns beside the pairs may be fewer; they are charged all the same, and the estimate says that it is beyond what was measured.
 *   t_c = 2 B n_q (d_qk + d_v) (pairs + 256 N) / (computeShare P)
 *   t_m = bytes / (0.8 beta)
 */
export const prefillAttention = family({
  id: 'prefill-attention',
  name: 'prefill attention',
  kernel: 'prefill-attention',
  constants: { launch: LAUNCH, computeShare: COMPUTE_SHARE },
  time: (kernel: PrefillAttentionKernel, chip, { launch, computeShare }) => {
    const { batch, context, pairs, heads, queryKeyDim, valueDim, math } = kernel;
    const { flopPerSecond: peak } = peakFor(chip, math);
    return kernelTime.evaluate({
      launch,
      compute: computeTime.evaluate({ flop: 2 * batch * heads * (queryKeyDim + valueDim) * (pairs + DIAGONAL * context), computeShare, peak }),
      memory: memoryTime.evaluate({ bytes: workOf(kernel).bytes, memoryShare: MEMORY_SHARE_OF_PREFILL, memoryBandwidth: chip.memoryBandwidth }),
    });
  },
});
