import type { Accelerator } from '../../accelerators/accelerator.ts';
import { compile } from '../../cost/compile.ts';
import { encoderMath } from '../../cost/encode.ts';
import { costAt } from '../../cost/evaluate.ts';
import { unitCosts } from '../../cost/unit-cost.ts';
import type { PrecisionPolicy } from '../../layers/precision.ts';
import type { ImageShape } from '../../models/images/index.ts';
import type { Model } from '../../models/model.ts';
import { memoryOf } from '../../timing/memory.ts';
import { passSeconds } from '../../timing/pass-time.ts';
import { deploymentOf } from '../disaggregation/calibrated-estimator.ts';
import { chipsOfSplit, type Split } from '../disaggregation/estimator.ts';
import { modernSplits } from '../disaggregation/splits.ts';
import { chipTimeUsd, multimodalPrompt, requestUsd } from './cost-formulas.ts';
import { type EncodeEstimate, encodeEstimate, idealEncodeCost, PASS_POSITIONS } from './shapes.ts';

/** What is asked of a model: images, or videos, that are alike, and a text. */
export interface MediaRequest {
  readonly shape: ImageShape;
  readonly images: number;
  /** tokens of the text, and of the answer */
  readonly prompt: number;
  readonly output: number;
}

export interface MediaCostOptions {
  /** the model's own policy unless given */
  readonly precision?: PrecisionPolicy;
  /** requests that decode together, as far as memory has room: 64 unless given */
  readonly batch?: number;
}

/** What a request takes on one kind of chip, and costs where the chip has a price; parts of one image apart. */
export interface MediaCost {
  /** chips that share the language model: as few as hold it and one request */
  readonly chips: number;
  /** one image on one chip */
  readonly encode: EncodeEstimate & { readonly usd: number | null };
  /** what the tokens of one image add to the prefill of a request, on all chips of the model */
  readonly imagePrefill: { readonly seconds: number; readonly usd: number | null };
  /** both: what an image costs */
  readonly imageUsd: number | null;
  /** the same by the price of work alone, on chips that are always busy, as the Step-3 paper counts */
  readonly idealImageUsd: number | null;
  readonly promptTokens: number;
  readonly prefill: { readonly seconds: number; readonly usd: number | null };
  /** requests of a decode step, and the time of one step */
  readonly decode: { readonly batch: number; readonly stepSeconds: number /** share of one request in all steps */; readonly seconds: number; readonly usd: number | null };
  readonly requestUsd: number | null;
}

const DEFAULT_BATCH = 64;

/** A vision-language model without its encoder: what prefill and decode instances hold where others encode. */
export function languageModelOf(model: Model): Model {
  const { vision: _, ...language } = model;
  return language;
}

/** As few chips as hold a model and one request of so many tokens, layers split over them. @throws RangeError where no number of linked chips does */
export function smallestSplit(model: Model, chip: Accelerator, contextLength: number, precision: PrecisionPolicy = model.precision): { readonly split: Split; readonly largestBatch: number } {
  const splits = modernSplits(model, chip, chip.scaleUpDomain).filter(({ dataParallel = 1 }) => dataParallel === 1);
  for (const split of splits) {
    const largestBatch = memoryOf(model, chip, { deployment: deploymentOf(model, split), precision, passTokens: PASS_POSITIONS }).largestBatch(contextLength);
    if (largestBatch > 0) return { split, largestBatch };
  }
  throw new RangeError(`multimodal: model ${model.id} with ${contextLength} tokens does not fit ${chipsOfSplit(splits.at(-1) as Split)} of ${chip.id}`);
}

/**
 * What an image, and a request with images, takes and costs: expected times of calibrated kernels on chips that are busy with other requests.
 *   encode        passes of about 8,192 positions, or of one image or video that has more, on one chip
 *   prefill       passes of about 8,192 tokens, or of one prompt that has more; of an image: the prompt with it less the prompt without
 *   decode        (output - 1) x step of a batch / batch, at a context of prompt + output / 2; the first token is that of prefill
 * Ignored: the longest context of the model, reading and cutting of images on the host, transfers, waiting, chips that are idle to keep objectives (see `searchAllocations`).
 * @throws RangeError where the model has no encoder, does not fit, or a count is not a whole number
 */
export function mediaCost(model: Model, chip: Accelerator, { shape, images, prompt, output }: MediaRequest, { precision = model.precision, batch = DEFAULT_BATCH }: MediaCostOptions = {}): MediaCost {
  for (const [field, value, least] of [
    ['images', images, 1],
    ['prompt', prompt, 1],
    ['output', output, 1],
    ['batch', batch, 1],
  ] as const)
    if (!(Number.isSafeInteger(value) && value >= least)) throw new RangeError(`multimodal: ${field} ${value} is not a whole number of at least ${least}`);
  const language = languageModelOf(model);
  const promptTokens = multimodalPrompt.evaluate({ textTokens: prompt, images, imageTokens: shape.promptTokens });
  const { split, largestBatch } = smallestSplit(language, chip, promptTokens + output, precision);
  const options = { deployment: deploymentOf(language, split), precision };
  const chips = split.tensorParallel;
  const usd = (seconds: number, count = chips): number | null => (chip.usdPerHour === null ? null : chipTimeUsd.evaluate({ chips: count, seconds, usdPerHour: chip.usdPerHour }));
  const prefillSeconds = (tokens: number): number => {
    const prompts = Math.max(1, Math.floor(PASS_POSITIONS / tokens));
    return passSeconds(language, chip, { phase: 'prefill', prompts, prompt: tokens }, options).seconds / prompts;
  };
  const encoded = encodeEstimate(model, chip, shape, { precision });
  const whole = prefillSeconds(promptTokens);
  const share = (whole - prefillSeconds(prompt)) / images;
  const together = Math.min(batch, largestBatch);
  const stepSeconds = passSeconds(language, chip, { phase: 'decode', batch: together, context: promptTokens + Math.max(1, Math.floor(output / 2)) }, options).seconds;
  const decodeSeconds = ((output - 1) * stepSeconds) / together;
  const [encodeUsd, imagePrefillUsd, prefillUsd, decodeUsd] = [usd(encoded.seconds, 1), usd(share), usd(whole), usd(decodeSeconds)];
  const priced = encodeUsd !== null && imagePrefillUsd !== null && prefillUsd !== null && decodeUsd !== null;
  return {
    chips,
    encode: { ...encoded, usd: encodeUsd },
    imagePrefill: { seconds: share, usd: imagePrefillUsd },
    imageUsd: priced ? encodeUsd + imagePrefillUsd : null,
    idealImageUsd: chip.usdPerHour === null ? null : idealUsd(model, language, chip, shape, { precision, prompt, promptTokens, images }),
    promptTokens,
    prefill: { seconds: whole, usd: prefillUsd },
    decode: { batch: together, stepSeconds, seconds: decodeSeconds, usd: decodeUsd },
    requestUsd: priced ? requestUsd.evaluate({ images, encodeUsd, prefillUsd, decodeUsd }) : null,
  };
}

function idealUsd(
  model: Model,
  language: Model,
  chip: Accelerator,
  shape: ImageShape,
  { precision, prompt, promptTokens, images }: { readonly precision: PrecisionPolicy; readonly prompt: number; readonly promptTokens: number; readonly images: number },
): number {
  const costs = unitCosts(chip, precision.math);
  const compiled = compile(language, { phase: 'prefill', precision });
  const ofPrompt = (tokens: number): number => (costAt(compiled, costs, tokens).totalUsdPerMtok * tokens) / 1e6;
  return idealEncodeCost(model, unitCosts(chip, encoderMath(precision)), shape, { precision }).usd + (ofPrompt(promptTokens) - ofPrompt(prompt)) / images;
}
