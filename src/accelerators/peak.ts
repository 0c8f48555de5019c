import type { Precision } from '../layers/precision.ts';
import type { FlopPerSecond } from '../units/quantity.ts';
import type { Accelerator, PeakPrecision } from './accelerator.ts';

export interface Peak {
  readonly flopPerSecond: FlopPerSecond;
  /** the format that the chip computes in */
  readonly precision: PeakPrecision;
  /** whether that is another format than the one asked for */
  readonly fallback: boolean;
}

const COMPUTES_IN: Readonly<Record<Precision, readonly PeakPrecision[]>> = {
  fp32: [],
  bf16: ['bf16'],
  fp16: ['bf16'],
  fp8: ['fp8', 'bf16'],
  int8: ['int8', 'bf16'],
  fp4: ['fp4', 'fp8', 'bf16'],
  int4: ['fp8', 'bf16'],
};

/**
 * The dense peak at which a chip multiplies operands of a format: its own, or the narrowest float that holds each of its
 * values exactly where the chip lacks it. FP8 is never computed as INT8, nor INT8 as FP8 (4 significant bits): chips of
 * arXiv:2507.19427v1, Table 4 without FP8 compute in 16 bit. FP4 cannot hold INT4's 5 and 7, FP8 can. FP16 has the BF16 peak.
 * @throws RangeError for fp32, which no entry has a peak for, and for a format that is none
 */
export function peakFor(accelerator: Accelerator, precision: Precision): Peak {
  if (!Object.hasOwn(COMPUTES_IN, precision)) throw new RangeError(`accelerators: precision ${String(precision)} is not one of ${Object.keys(COMPUTES_IN).join(', ')}`);
  for (const candidate of COMPUTES_IN[precision]) {
    const flopPerSecond = accelerator.peak[candidate];
    if (flopPerSecond !== null) return { flopPerSecond, precision: candidate, fallback: candidate !== precision && precision !== 'fp16' };
  }
  throw new RangeError(`accelerators: ${accelerator.id}.peak ${precision} is not catalogued`);
}
