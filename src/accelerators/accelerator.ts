import type { Source } from '../provenance/source.ts';
import type { Bytes, BytesPerSecond, FlopPerSecond, UsdPerHour } from '../units/quantity.ts';

/** Arithmetic formats that a chip can have a dense peak for. */
export const PEAK_PRECISIONS = ['bf16', 'fp8', 'int8', 'fp4'] as const;
export type PeakPrecision = (typeof PEAK_PRECISIONS)[number];

export const ARCHITECTURES = ['ampere', 'ada', 'hopper', 'davinci'] as const;
export type Architecture = (typeof ARCHITECTURES)[number];

/**
 * One accelerator card. Peaks are dense (never with structured sparsity), `null` where the chip lacks the format.
 * Bandwidths are decimal bytes per second; `...PerDirection` is one way.
 */
export interface Accelerator {
  readonly id: string;
  readonly name: string;
  readonly vendor: string;
  /** the id of the entry that this one is a variant of (`a800:datasheet` is a variant of `a800`) */
  readonly variantOf: string | null;
  readonly peak: Readonly<Record<PeakPrecision, FlopPerSecond | null>> & { readonly bf16: FlopPerSecond };
  readonly memoryBandwidth: BytesPerSecond;
  readonly memoryCapacity: Bytes;
  /** links inside a node */
  readonly scaleUpPerDirection: BytesPerSecond | null;
  readonly scaleUpDomain: number;
  /** network cards: nominal rate per accelerator and how many accelerators a server has */
  readonly nicPerAcceleratorPerDirection: BytesPerSecond | null;
  readonly acceleratorsPerServer: number;
  /** processors that take work apart from each other: streaming multiprocessors, cube cores */
  readonly computeUnits: number;
  /** generation whose kernels run on it: a chip without measurements borrows the constants of its relatives */
  readonly architecture: Architecture;
  /** the price that is used unless another is asked for; `null` where no price in USD was found */
  readonly usdPerHour: UsdPerHour | null;
}

/** A price with its date. The three kinds must not be mixed: a list price, modelled ownership cost, an assumption in a paper. */
export interface Price {
  readonly usdPerHour: UsdPerHour;
  readonly kind: 'list' | 'ownership' | 'assumption';
  readonly provider: string;
  readonly date: string;
  readonly source: Source;
  readonly note?: string;
}
