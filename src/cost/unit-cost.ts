import type { Accelerator, PeakPrecision } from '../accelerators/accelerator.ts';
import { peakFor } from '../accelerators/peak.ts';
import type { Precision } from '../layers/precision.ts';
import { formula } from '../provenance/card.ts';

const table5 = { kind: 'paper', id: 'arXiv:2507.19427v1', at: 'Table 5' } as const;
const usdPerHour = { unit: 'USD/h', meaning: 'price of one card', tex: 'p' } as const;

/** What one FLOP costs on a chip that is always busy computing. */
export const usdPerFlop = formula({
  id: 'cost/usd-per-flop',
  name: 'Price of one FLOP',
  symbols: { usdPerHour, peak: { unit: 'FLOP/s', meaning: 'dense peak of the chip in the format of the arithmetic', tex: 'P' } },
  expression: 'usdPerHour / 3600 [s/h] / peak',
  unit: 'USD/FLOP',
  evaluate: ({ usdPerHour, peak }) => usdPerHour / 3600 / peak,
  source: table5,
});

/** What one byte of memory traffic costs on a chip that is always busy reading. */
export const usdPerByte = formula({
  id: 'cost/usd-per-byte',
  name: 'Price of one byte of memory traffic',
  symbols: { usdPerHour, memoryBandwidth: { unit: 'B/s', meaning: 'memory bandwidth of the chip', tex: '\\beta' } },
  expression: 'usdPerHour / 3600 [s/h] / memoryBandwidth',
  unit: 'USD/B',
  evaluate: ({ usdPerHour, memoryBandwidth }) => usdPerHour / 3600 / memoryBandwidth,
  source: table5,
});

/** Prices of work and traffic on one chip, for one format per part of a model. */
export interface UnitCosts {
  readonly attention: number;
  readonly linear: number;
  readonly ffn: number;
  readonly head: number;
  readonly byte: number;
  /** formats that the chip lacks, each once, with the format at whose peak their work is charged (see `peakFor`) */
  readonly fallbacks: readonly Fallback[];
}

export interface Fallback {
  readonly asked: Precision;
  readonly computesIn: PeakPrecision;
}

export type MathPrecisions = Readonly<Record<'attention' | 'linear' | 'ffn' | 'head', Precision>>;

/**
 * Unit costs of a chip for the formats in which the parts of a model compute.
 * @throws RangeError when the chip has no price in USD
 */
export function unitCosts(accelerator: Accelerator, math: MathPrecisions): UnitCosts {
  const price = accelerator.usdPerHour;
  if (price === null) throw new RangeError(`accelerator ${accelerator.id}: usdPerHour null has no price in USD; give one with an override`);
  const { attention: attentionMath, linear: linearMath, ffn: ffnMath, head: headMath } = math;
  const fallbacks: Fallback[] = [];
  const flop = (precision: Precision): number => {
    const { flopPerSecond, precision: computesIn, fallback } = peakFor(accelerator, precision);
    if (fallback && !fallbacks.some(({ asked }) => asked === precision)) fallbacks.push({ asked: precision, computesIn });
    return usdPerFlop.evaluate({ usdPerHour: price, peak: flopPerSecond });
  };
  const attention = flop(attentionMath);
  const linear = linearMath === attentionMath ? attention : flop(linearMath);
  const ffn = ffnMath === linearMath ? linear : flop(ffnMath);
  const head = headMath === ffnMath ? ffn : flop(headMath);
  return { attention, linear, ffn, head, byte: usdPerByte.evaluate({ usdPerHour: price, memoryBandwidth: accelerator.memoryBandwidth }), fallbacks };
}
