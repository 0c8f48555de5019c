import type { CopyConstants } from './copy-time.ts';

/**
 * How scattered pieces are copied between pinned host memory and a device:
 *   loop       a cudaMemcpyAsync for each, from C++
 *   framework  a torch Tensor.copy_ for each, from Python
 *   batch      one cudaMemcpyBatchAsync for all
 *   gather     a kernel of 32 blocks or more that reads and writes mapped host memory
 */
export const COPY_METHODS = ['loop', 'framework', 'batch', 'gather'] as const;
export type CopyMethod = (typeof COPY_METHODS)[number];

/** Host to device (swap-in) and device to host (swap-out). */
export const COPY_DIRECTIONS = ['h2d', 'd2h'] as const;
export type CopyDirection = (typeof COPY_DIRECTIONS)[number];

/** |predicted / measured - 1| of pieces whose size was left out of the fit. */
export interface CopyErrors {
  readonly points: number;
  readonly mean: number;
  readonly worst: number;
  /** bytes of the piece that is off most */
  readonly worstAt: number;
}

export const PIECE_CLASSES = ['below 64 KiB', 'from 64 KiB'] as const;

export type CopyForm = 'additive' | 'pipelined';

/** A fit of one method in one direction. */
export interface CopyEntry {
  readonly method: CopyMethod;
  readonly direction: CopyDirection;
  readonly constants: CopyConstants;
  /** which of them its rows determine; the others are those of `loop` in the same direction, 0, or 1 */
  readonly fitted: readonly (keyof CopyConstants)[];
  readonly form: CopyForm;
  readonly error: CopyErrors & {
    readonly inSample: number;
    readonly bySize: Readonly<Record<(typeof PIECE_CLASSES)[number], CopyErrors>>;
    /** of rows of several threads; null where there are none */
    readonly threads: CopyErrors | null;
  };
  /** the form that was not taken: pipelined has a constant more, unless it takes two from `loop` */
  readonly otherForm: { readonly form: CopyForm; readonly mean: number; readonly worst: number };
}

export interface CopyData {
  readonly file: string;
  /** the link that was measured, its line rate, and what the largest contiguous copy reached in the faster direction */
  readonly link: { readonly id: string; readonly rawPerDirection: number; readonly achievedPerDirection: number };
  /** bytes per second of both directions together, in the slowest and the fastest run */
  readonly bothDirections: { readonly slowest: number; readonly fastest: number };
  readonly entries: readonly CopyEntry[];
}
