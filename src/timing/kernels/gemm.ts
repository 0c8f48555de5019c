import { peakFor } from '../../accelerators/peak.ts';
import { formula } from '../../provenance/card.ts';
import { COMPUTE_SHARE, computeTime, family, kernelTime, LAUNCH, MEMORY_SHARE, memoryTime } from './family.ts';
import type { GemmKernel } from './kernel.ts';
import { workOf } from './work.ts';

const ROWS = 64;
const COLUMNS = 16;
/** Edge of the tile that `tileTime` is counted for, and depth of the step that `stepTime` is counted for. */
const TILE = 128;

/** Share of the compute units that a matrix multiply can keep busy: its output is cut into tiles of 64 x 16 at the smallest. */
export const busyShare = formula({
  id: 'timing/busy-share',
  name: 'Share of the compute units that a matrix multiply keeps busy',
  symbols: {
    m: { unit: '1', meaning: 'rows' },
    n: { unit: '1', meaning: 'columns of the output' },
    computeUnits: { unit: '1', meaning: 'compute units of the chip', tex: 'U' },
  },
  expression: 'min(1, ceil(m / 64) * ceil(n / 16) / computeUnits)',
  unit: '1',
  evaluate: ({ m, n, computeUnits }) => Math.min(1, (Math.ceil(m / ROWS) * Math.ceil(n / COLUMNS)) / computeUnits),
  source: { kind: 'derived', from: 'smallest output tile of the tensor cores of Hopper, 64 rows, and of the libraries, 16 columns' },
});

/**
 * Dense matrix multiply [m, k] x [k, n] on U compute units; rows padded to 64, columns to 16, u = busyShare.
 *   t_c = 2 m_pad n_pad k / (computeShare P u) + m_pad n_pad / 128^2 tileTime / (U u)
 *   t_m = bytes / (memoryShare beta)
 *   t   = launch + stepTime k / 128 + (t_c^4 + t_m^4)^(1/4)
 * Ignored: choice of tiles, whole waves, split k; a clock that falls in kernels of more than 50 ms (see `sustained`).
 */
const dense = (id: string, name: string) =>
  family({
    id,
    name,
    kernel: 'gemm',
    constants: {
      launch: LAUNCH,
      stepTime: { unit: 's', meaning: 'time of one step of 128 along k, which follow one another' },
      tileTime: { unit: 's', meaning: 'filling, emptying and storing a tile of 128 x 128' },
      computeShare: COMPUTE_SHARE,
      memoryShare: MEMORY_SHARE,
    },
    time: (kernel: GemmKernel, chip, { launch, stepTime, tileTime, computeShare, memoryShare }) => {
      const { m, n, k, math } = kernel;
      const { computeUnits, memoryBandwidth } = chip;
      const busy = busyShare.evaluate({ m, n, computeUnits });
      const [rows, columns] = [Math.ceil(m / ROWS) * ROWS, Math.ceil(n / COLUMNS) * COLUMNS];
      const work = computeTime.evaluate({ flop: 2 * rows * columns * k, computeShare, peak: peakFor(chip, math).flopPerSecond * busy });
      const tiles = ((rows * columns) / TILE ** 2) * (tileTime / (computeUnits * busy));
      return kernelTime.evaluate({
        launch: launch + (stepTime * k) / TILE,
        compute: work + tiles,
        memory: memoryTime.evaluate({ bytes: workOf(kernel).bytes, memoryShare, memoryBandwidth }),
      });
    },
  });

export const gemm = dense('gemm', 'dense GEMM');
/** A scale for each block of an operand costs time of its own on chips without such scales in hardware. */
export const blockScaledGemm = dense('gemm/block-scaled', 'dense GEMM with scales for blocks');
