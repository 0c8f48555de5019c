import type { Accelerator } from '../../accelerators/accelerator.ts';
import { peakFor } from '../../accelerators/peak.ts';
import { COMPUTE_SHARE, computeTime, family, kernelTime, LAUNCH, MEMORY_SHARE, memoryTime, smoothMax } from './family.ts';
import type { DecodeAttentionKernel } from './kernel.ts';
import { workOf } from './work.ts';

/** How a kernel deals its work out: rows of a query tile, tiles of queries that share a key-value head, parts into which a context is cut. */
interface Schedule {
  readonly tile: number;
  readonly queryTiles: number;
  readonly splits: number;
}

const groupOf = ({ heads, kvHeads }: DecodeAttentionKernel): number => heads / kvHeads;
const queryTiles = (kernel: DecodeAttentionKernel, tile: number): number => Math.ceil(groupOf(kernel) / tile);

/** Work with query rows padded to whole tiles. */
const paddedFlop = (kernel: DecodeAttentionKernel, { tile, queryTiles }: Schedule): number => (workOf(kernel).flop * queryTiles * tile) / groupOf(kernel);

/** Cache, queries and outputs, and where a context is split the partial outputs of its parts, written and read in 32 bit. */
function bytesOf(kernel: DecodeAttentionKernel, splits: number): number {
  const partial = splits > 1 ? 8 * kernel.batch * kernel.heads * splits * kernel.valueDim : 0;
  return workOf(kernel).bytes + partial;
}

/** Query rows of a tile of FlashInfer's FA2 kernels. */
function flashInferTile(kernel: DecodeAttentionKernel): number {
  const group = groupOf(kernel);
  return group > 64 && kernel.queryKeyDim < 256 ? 128 : group > 16 ? 64 : 16;
}

/** The FA2 decode plan of FlashInfer: contexts are cut so that two blocks a unit are busy, in parts of at least 128 tokens. */
function planFa2(kernel: DecodeAttentionKernel, chip: Accelerator, tile: number): Schedule {
  const { batch, context, kvHeads } = kernel;
  const tiles = queryTiles(kernel, tile);
  const parts = Math.floor(Math.floor((2 * chip.computeUnits) / kvHeads) / (batch * tiles));
  return { tile, queryTiles: tiles, splits: parts >= 2 ? Math.ceil(context / Math.max(128, Math.ceil(context / parts))) : 1 };
}

/** Share by which whole waves of blocks over the compute units exceed the blocks. */
const waves = (blocks: number, slots: number): number => (Math.ceil(blocks / slots) * slots) / blocks;

const HOST_FLOOR = { unit: 's', meaning: 'least time between launches from the host' } as const;
const SOFTMAX_RATE = { unit: '1/s', meaning: 'scores that one compute unit exponentiates a second; not hidden behind matrix work' } as const;
const UNIT_BANDWIDTH = { unit: 'B/s', meaning: 'what one compute unit can read' } as const;
const SPLIT = { unit: 's', meaning: 'time of adding up the parts of a split context' } as const;

/**
 * Decode attention over key-value heads as FlashInfer's FA2 kernels run it.
 *   t_c  = w (F_pad / (computeShare P) + scores / (U softmaxRate)),  scores = B n_kv q t S over padded rows, w = waves over U compute units
 *   t_m  = bytes / (memoryShare beta), and bytes / (U unitBandwidth)
 *   t    = max(hostFloor, launch + smooth maximum of the three)
 */
const split = (id: string, name: string, tileOf: (kernel: DecodeAttentionKernel) => number) =>
  family({
    id,
    name,
    kernel: 'decode-attention',
    constants: { launch: LAUNCH, hostFloor: HOST_FLOOR, computeShare: COMPUTE_SHARE, softmaxRate: SOFTMAX_RATE, memoryShare: MEMORY_SHARE, unitBandwidth: UNIT_BANDWIDTH },
    time: (kernel: DecodeAttentionKernel, chip, c) => {
      const plan = planFa2(kernel, chip, tileOf(kernel));
      const { batch, context, kvHeads } = kernel;
      const rows = batch * kvHeads * plan.queryTiles;
      const bytes = bytesOf(kernel, plan.splits);
      const { flopPerSecond: peak } = peakFor(chip, kernel.math);
      const compute = computeTime.evaluate({ flop: paddedFlop(kernel, plan), computeShare: c.computeShare, peak }) + (rows * plan.tile * context) / (chip.computeUnits * c.softmaxRate);
      return Math.max(
        c.hostFloor,
        c.launch +
          smoothMax(
            waves(rows * plan.splits, chip.computeUnits) * compute,
            memoryTime.evaluate({ bytes, memoryShare: c.memoryShare, memoryBandwidth: chip.memoryBandwidth }),
            bytes / (chip.computeUnits * c.unitBandwidth),
          ),
      );
    },
  });

export const splitAttention = split('decode-attention/fa2', 'decode attention, FlashInfer with split contexts', flashInferTile);
/** The FlashAttention-2 library pads query heads to 64 rows. */
export const split64Attention = split('decode-attention/fa2-tile64', 'decode attention, FlashAttention-2 with split contexts and tiles of 64 query rows', () => 64);

/** Parts of a context are at least this long, and contexts are cut only below this share of busy units. */
const SHORTEST_PART = 256;
const BUSY = 0.45;

/**
 * Decode attention as the best of Triton split-KV and FlashAttention-3 kernels run it from a graph: tiles of 16 or 64 query rows (128 for an
 * 8-bit cache), contexts cut where fewer than 0.45 U blocks are there.
 *   t = launch + splitTime [if cut] + smooth maximum of F_pad / (computeShare P), bytes / (memoryShare beta), bytes / (U unitBandwidth)
 */
export const tunedAttention = family({
  id: 'decode-attention/tuned',
  name: 'decode attention, best of Triton and FA3',
  kernel: 'decode-attention',
  constants: { launch: LAUNCH, splitTime: SPLIT, computeShare: COMPUTE_SHARE, memoryShare: MEMORY_SHARE, unitBandwidth: UNIT_BANDWIDTH },
  time: (kernel: DecodeAttentionKernel, chip, c) => {
    const { batch, context, kvHeads, math } = kernel;
    const blocks = batch * kvHeads;
    const { flopPerSecond: peak, precision } = peakFor(chip, math);
    const splits = blocks >= BUSY * chip.computeUnits ? 1 : Math.max(1, Math.min(Math.floor(chip.computeUnits / blocks), Math.ceil(context / SHORTEST_PART)));
    const tile = precision === 'bf16' ? (groupOf(kernel) > 16 ? 64 : 16) : 128;
    const bytes = bytesOf(kernel, splits);
    return (
      c.launch +
      (splits > 1 ? c.splitTime : 0) +
      smoothMax(
        computeTime.evaluate({ flop: paddedFlop(kernel, { tile, queryTiles: queryTiles(kernel, tile), splits }), computeShare: c.computeShare, peak }),
        memoryTime.evaluate({ bytes, memoryShare: c.memoryShare, memoryBandwidth: chip.memoryBandwidth }),
        bytes / (chip.computeUnits * c.unitBandwidth),
      )
    );
  },
});

/**
 * Decode attention that never cuts a context: one block for each request, key-value head and tile of `rows` query rows.
 *   t_c = ceil(blocks / U) x 2 rows (d_qk + d_v) S / (computeShare P / U)
 */
const unsplit = (id: string, name: string, tileOf: (kernel: DecodeAttentionKernel) => number) =>
  family({
    id,
    name,
    kernel: 'decode-attention',
    constants: { launch: LAUNCH, computeShare: COMPUTE_SHARE, memoryShare: MEMORY_SHARE },
    time: (kernel: DecodeAttentionKernel, chip, c) => {
      const { batch, context, kvHeads, queryKeyDim, valueDim, math } = kernel;
      const tile = tileOf(kernel);
      const blocks = batch * kvHeads * queryTiles(kernel, tile);
      const { flopPerSecond: peak } = peakFor(chip, math);
      const flop = Math.ceil(blocks / chip.computeUnits) * chip.computeUnits * 2 * tile * (queryKeyDim + valueDim) * context;
      return (
        c.launch +
        smoothMax(
          computeTime.evaluate({ flop, computeShare: c.computeShare, peak }),
          memoryTime.evaluate({ bytes: workOf(kernel).bytes, memoryShare: c.memoryShare, memoryBandwidth: chip.memoryBandwidth }),
        )
      );
    },
  });

export const tile64Attention = unsplit('decode-attention/tile64', 'decode attention, FA3 with tiles of 64 query rows', () => 64);
export const unpaddedAttention = unsplit('decode-attention/unpadded', 'decode attention without padding of query rows', groupOf);

/** Attention over a chosen set of tokens, or index scores of all of them: t = launch + smooth maximum of F / (computeShare P) and bytes / (memoryShare beta). */
const plain = (id: string, name: string) =>
  family({
    id,
    name,
    kernel: 'decode-attention',
    constants: { launch: LAUNCH, computeShare: COMPUTE_SHARE, memoryShare: MEMORY_SHARE },
    time: (kernel: DecodeAttentionKernel, chip, { launch, computeShare, memoryShare }) => {
      const { flop, bytes } = workOf(kernel);
      return kernelTime.evaluate({
        launch,
        compute: computeTime.evaluate({ flop, computeShare, peak: peakFor(chip, kernel.math).flopPerSecond }),
        memory: memoryTime.evaluate({ bytes, memoryShare, memoryBandwidth: chip.memoryBandwidth }),
      });
    },
  });

export const sparseMla = plain('sparse-mla', 'latent attention over chosen tokens, FlashMLA sparse');
export const indexer = plain('indexer', 'index scores of sparse attention');
