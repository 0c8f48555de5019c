import { peakFor } from '../../accelerators/peak.ts';
import { formula } from '../../provenance/card.ts';
import { COMPUTE_SHARE, computeTime, family, kernelTime, LAUNCH, MEMORY_SHARE, memoryTime } from './family.ts';
import type { GroupedGemmKernel } from './kernel.ts';
import { workOf } from './work.ts';

/**
 * Rows that the tiles of the experts hit cover, real and padding: tiles of 64 rows where an expert has no more, else of 128. Rows are not
 * dealt out evenly, so an expert of several tiles leaves half of one empty on average.
 */
export const paddedRows = formula({
  id: 'timing/padded-rows',
  name: 'Rows of a grouped matrix multiply with padding',
  symbols: {
    hit: { unit: '1', meaning: 'experts that have rows', tex: 'E_h' },
    rowsOfExpert: { unit: '1', meaning: 'rows of one of them, on average', tex: 'm' },
    tile: { unit: '1', meaning: 'rows of a tile', tex: 't' },
  },
  expression: 'hit * max(tile, rowsOfExpert + tile / 2)',
  unit: '1',
  evaluate: ({ hit, rowsOfExpert, tile }) => hit * Math.max(tile, rowsOfExpert + tile / 2),
  source: { kind: 'derived', from: 'expectation of ceil(rows / tile) tile over experts with uneven rows; DeepGEMM and Triton kernels choose 64 or 128 rows' },
});

/** Extra depth of a tile: filling and emptying its pipeline costs about one block of 128. */
const PIPELINE_DEPTH = 128;

/**
 * Grouped GEMM of routed experts.
 *   m   = rows / hit, tile = 64 where m <= 64, else 128
 *   t_c = 2 paddedRows n (k + 128) / (computeShare P)
 *   t_m = bytes / (memoryShare beta)
 * Ignored: n of a tile, waves, order of the experts.
 */
export const groupedGemm = family({
  id: 'grouped-gemm',
  name: 'grouped GEMM of routed experts',
  kernel: 'grouped-gemm',
  constants: { launch: LAUNCH, computeShare: COMPUTE_SHARE, memoryShare: MEMORY_SHARE },
  time: (kernel: GroupedGemmKernel, chip, { launch, computeShare, memoryShare }) => {
    const { rows, hit, n, k, math } = kernel;
    if (rows === 0) return launch;
    const rowsOfExpert = rows / hit;
    const padded = paddedRows.evaluate({ hit, rowsOfExpert, tile: rowsOfExpert <= 64 ? 64 : 128 });
    const { flopPerSecond: peak } = peakFor(chip, math);
    return kernelTime.evaluate({
      launch,
      compute: computeTime.evaluate({ flop: 2 * padded * n * (k + PIPELINE_DEPTH), computeShare, peak }),
      memory: memoryTime.evaluate({ bytes: workOf(kernel).bytes, memoryShare, memoryBandwidth: chip.memoryBandwidth }),
    });
  },
});
