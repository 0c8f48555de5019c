import type { Accelerator } from '../../accelerators/accelerator.ts';
import { encodeCost } from '../../cost/encode.ts';
import type { UnitCosts } from '../../cost/unit-cost.ts';
import type { EncoderInput } from '../../layers/encoder.ts';
import type { ImageShape } from '../../models/images/index.ts';
import type { Model } from '../../models/model.ts';
import { type EncodeOptions, encodeSeconds, encodeTime } from '../../timing/encode-time.ts';

/** Positions of an encoder, or tokens of a language model, that one pass takes at a time where there is enough to do. */
export const PASS_POSITIONS = 8192;

/** The passes of the encoder for some images that are alike: tiles of one size run together. */
export function encoderPasses({ tiles }: Pick<ImageShape, 'tiles'>, images = 1): readonly EncoderInput[] {
  const counts = new Map<string, EncoderInput>();
  for (const { patches, tokens } of tiles) {
    const key = `${patches} ${tokens}`;
    counts.set(key, { tiles: (counts.get(key)?.tiles ?? 0) + images, patches, tokens });
  }
  return [...counts.values()];
}

/** What encoding takes on one chip, s. */
export interface EncodeEstimate {
  readonly seconds: number;
  /** 80 % interval of each pass, added up */
  readonly low: number;
  readonly high: number;
  readonly idealSeconds: number;
  readonly basis: 'measured' | 'assumed';
}

/** Expected time of an image, where enough of them come to fill passes. */
export function encodeEstimate(model: Model, chip: Accelerator, shape: Pick<ImageShape, 'tiles' | 'patches'>, options: EncodeOptions = {}): EncodeEstimate {
  const images = imagesOfPass(shape);
  const passes = encoderPasses(shape, images).map((input) => encodeTime(model, chip, input, options));
  const each = (of: (pass: (typeof passes)[number]) => number): number => passes.reduce((sum, pass) => sum + of(pass), 0) / images;
  return {
    seconds: each(({ seconds }) => seconds),
    low: each(({ low }) => low),
    high: each(({ high }) => high),
    idealSeconds: each(({ idealSeconds }) => idealSeconds),
    basis: passes.every(({ basis }) => basis === 'measured') ? 'measured' : 'assumed',
  };
}

const imagesOfPass = ({ patches }: Pick<ImageShape, 'patches'>): number => Math.max(1, Math.floor(PASS_POSITIONS / patches));

/** Expected time of so many images in one batch, s. */
export const batchSeconds = (model: Model, chip: Accelerator, shape: Pick<ImageShape, 'tiles'>, images: number, options: EncodeOptions = {}): number =>
  encoderPasses(shape, images).reduce((sum, input) => sum + encodeSeconds(model, chip, input, options).seconds, 0);

/** Work of an image, and what it costs on a chip that is always busy. */
export function idealEncodeCost(model: Model, costs: UnitCosts, shape: Pick<ImageShape, 'tiles'>, options: Pick<EncodeOptions, 'precision'> = {}): { readonly flop: number; readonly usd: number } {
  const all = encoderPasses(shape).map((input) => encodeCost(model, costs, input, options));
  return { flop: all.reduce((sum, { flop }) => sum + flop, 0), usd: all.reduce((sum, { usd }) => sum + usd, 0) };
}
