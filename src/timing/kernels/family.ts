import type { Accelerator } from '../../accelerators/accelerator.ts';
import { formula } from '../../provenance/card.ts';
import type { Kernel } from './kernel.ts';

/** One constant of a family. `share` lies between 0 and 1; the others are positive amounts in their unit. */
export interface ConstantSpec {
  readonly unit: 's' | 'B/s' | 'B' | '1' | 'share' | '1/s';
  readonly meaning: string;
}

export type Constants<C extends string> = Readonly<Record<C, number>>;

/**
 * How long a kind of kernel takes on a chip: a formula with a few constants, which a calibration fits for a chip.
 * Every time is at least the roofline bound of the kernel, since shares are at most 1 and padding only adds.
 */
export interface Family<K extends Kernel = Kernel, C extends string = string> {
  /** kind of kernel and, where several libraries differ, which */
  readonly id: string;
  readonly name: string;
  /** the kind of kernel that it times */
  readonly kernel: Kernel['kind'];
  readonly constants: Readonly<Record<C, ConstantSpec>>;
  readonly time: (kernel: K, chip: Accelerator, constants: Constants<C>) => number;
}

export const family = <K extends Kernel, C extends string>(definition: Family<K, C>): Family<K, C> => Object.freeze(definition);

const calibration = { kind: 'derived', from: 'form chosen by held-out error over the measured kernels; see the report calibration' } as const;

/** Time of work at a share of the dense peak. */
export const computeTime = formula({
  id: 'timing/compute-time',
  name: 'Compute time of a kernel',
  symbols: {
    flop: { unit: 'FLOP', meaning: 'work, padding included', tex: 'F' },
    computeShare: { unit: '1', meaning: 'share of the peak that the family reaches', tex: '\\eta_c' },
    peak: { unit: 'FLOP/s', meaning: 'dense peak of the chip in the format of the arithmetic', tex: 'P' },
  },
  expression: 'flop / (computeShare * peak)',
  unit: 's',
  evaluate: ({ flop, computeShare, peak }) => flop / (computeShare * peak),
  source: calibration,
});

/** Time of traffic at a share of the memory bandwidth. */
export const memoryTime = formula({
  id: 'timing/memory-time',
  name: 'Memory time of a kernel',
  symbols: {
    bytes: { unit: 'B', meaning: 'bytes moved', tex: 'M' },
    memoryShare: { unit: '1', meaning: 'share of the bandwidth that the family reaches', tex: '\\eta_m' },
    memoryBandwidth: { unit: 'B/s', meaning: 'memory bandwidth of the chip', tex: '\\beta' },
  },
  expression: 'bytes / (memoryShare * memoryBandwidth)',
  unit: 's',
  evaluate: ({ bytes, memoryShare, memoryBandwidth }) => bytes / (memoryShare * memoryBandwidth),
  source: calibration,
});

/** What a kernel takes: its launch, and the smooth maximum of its compute and its memory time, which overlap but not perfectly where they are alike. */
export const kernelTime = formula({
  id: 'timing/kernel-time',
  name: 'Expected time of a kernel',
  symbols: {
    launch: { unit: 's', meaning: 'time beside work and traffic: launch, first loads, last stores', tex: 't_0' },
    compute: { unit: 's', meaning: 'compute time', tex: 't_c' },
    memory: { unit: 's', meaning: 'memory time', tex: 't_m' },
  },
  expression: 'launch + (compute ^ 4 + memory ^ 4) ^ 0.25',
  unit: 's',
  evaluate: ({ launch, compute, memory }) => launch + smoothMax(compute, memory),
  source: calibration,
});

/** (a^4 + b^4 + ...)^(1/4): at most 19 % above the larger of two. */
export function smoothMax(...times: readonly number[]): number {
  const most = Math.max(...times);
  return most === 0 ? 0 : most * times.reduce((sum, time) => sum + (time / most) ** 4, 0) ** 0.25;
}

/** The constants that most families have. */
export const LAUNCH: ConstantSpec = { unit: 's', meaning: 'time beside work and traffic' };
export const COMPUTE_SHARE: ConstantSpec = { unit: 'share', meaning: 'share of the dense peak' };
export const MEMORY_SHARE: ConstantSpec = { unit: 'share', meaning: 'share of the memory bandwidth' };
