import { type EncoderInput, lowerEncoder, validateEncoderInput } from '../layers/encoder.ts';
import type { Operator } from '../layers/operator.ts';
import { PRECISION_BITS, type Precision, type PrecisionPolicy, STORAGE_BITS, weightFormat } from '../layers/precision.ts';
import { encoderOf } from '../models/encoder.ts';
import type { Model } from '../models/model.ts';
import { attentionCoreUsd, gemmUsd } from './formulas.ts';
import type { MathPrecisions, UnitCosts } from './unit-cost.ts';

/** Work and cost of encoding some tiles. */
export interface EncodeCost {
  readonly flop: number;
  readonly usd: number;
}

/** The formats in which an encoder computes: those of the policy, but 16 bit in matrices that are stored in no fewer, as encoders of quantised models are. */
export function encoderMath(precision: PrecisionPolicy): MathPrecisions {
  const { math } = precision;
  const wide = STORAGE_BITS[weightFormat(precision, 'vision')] >= 16;
  const of = (asked: Precision): Precision => (wide && PRECISION_BITS[asked] < 16 ? 'bf16' : asked);
  return { ...math, linear: of(math.linear), ffn: of(math.ffn) };
}

/**
 * What encoding costs on a chip, as the Step-3 paper prices a language model: an ideal batch, so that weights are read for nothing.
 *   core     max(F u_F, M u_B), M the keys and values of a tile, read once
 *   matrices F u_F, feed-forward layers at the price of their format, all others at that of projections; `costs` are those of `encoderMath`
 * Ignored: weight traffic, element-wise work, what `lowerEncoder` ignores.
 * @throws RangeError `encode: model <id> has no vision encoder`, or when a count is not a positive integer
 */
export function encodeCost(model: Model, costs: UnitCosts, input: EncoderInput, { precision = model.precision }: { readonly precision?: PrecisionPolicy } = {}): EncodeCost {
  const spec = encoderOf(model);
  validateEncoderInput(input);
  const { tiles, patches, tokens } = input;
  let [flop, usd] = [0, 0];
  for (const operator of lowerEncoder(spec, { precision, tokens })) {
    const times = tiles * operator.repeat;
    flop += times * operator.flop.evaluate(patches);
    usd += times * usdOf(operator, costs, patches);
  }
  return { flop, usd };
}

/** What one operator costs for one tile. */
function usdOf({ part, flop, bytes }: Operator, costs: UnitCosts, patches: number): number {
  const work = flop.evaluate(patches);
  if (part === 'core') return attentionCoreUsd.evaluate({ coreFlop: work, coreBytes: bytes.kvRead.evaluate(patches), usdPerFlop: costs.attention, usdPerByte: costs.byte });
  return gemmUsd.evaluate({ flop: work, usdPerFlop: part === 'ffn' ? costs.ffn : costs.linear });
}
