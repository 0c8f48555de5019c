import { InputError } from '../../io/input-error.ts';
import type { ImageShape, Resolution } from '../../models/images/index.ts';
import type { Model } from '../../models/index.ts';
import { engineForm } from '../../papers/epd/engine-fit.ts';
import { paperFormEstimator } from '../../papers/epd/paper-form.ts';
import type { Load } from '../../serving/disaggregation/load.ts';
import type { Arrivals } from '../../serving/engine/arrivals.ts';
import { gapsOf } from '../../serving/engine/arrivals.ts';
import { randomOf } from '../../serving/engine/random.ts';
import { LONGEST_REQUEST } from '../../serving/engine/requests.ts';
import { calibratedMultimodal, type StageChips } from '../../serving/multimodal/calibrated.ts';
import { multimodalPrompt } from '../../serving/multimodal/cost-formulas.ts';
import type { MultimodalEstimator } from '../../serving/multimodal/estimator.ts';
import { PASS_POSITIONS } from '../../serving/multimodal/shapes.ts';
import { type Catalogue, importNotes, scenarioNotes } from '../catalogue.ts';
import { type CatalogueOptions, DEFAULT_RESOLUTION, modelFor, PLACE, policyOf, type RequestOptions, requestText, resolutionText, shapeOf, told } from './options.ts';
import type { Hardware } from './workers.ts';

/** Where times come from. */
export const ESTIMATORS = ['calibrated', 'epd'] as const;
export type EstimatorName = (typeof ESTIMATORS)[number];

export interface LoadOptions extends CatalogueOptions, RequestOptions {
  readonly model?: string;
  readonly estimator: EstimatorName;
  readonly image?: Resolution;
  readonly requests: number;
  readonly arrivals?: Arrivals;
  readonly seed?: number;
  readonly linkShare?: number;
  readonly entrySeconds?: number;
}

/** What is asked of which model. */
export interface Asked {
  readonly model: Model;
  readonly shape: ImageShape;
  readonly promptTokens: number;
  readonly loads: readonly Load[];
  readonly notes: readonly string[];
}

/** The model and image that the paper's engine was timed with. */
const EPD = { model: 'minicpm-v-2.6', image: { width: 4032, height: 3024 } } as const;

/** Requests of consecutive seeds, all alike but for their arrivals. */
export function asked(options: LoadOptions, catalogue: Catalogue, seeds: number): Asked {
  const { images, prompt, output, requests, arrivals = { kind: 'poisson' }, seed = 0, estimator } = options;
  const model = modelFor(catalogue, options.model);
  const resolution = options.image ?? (estimator === 'epd' ? EPD.image : DEFAULT_RESOLUTION);
  if (estimator === 'epd') {
    if (model.id !== EPD.model) throw new InputError(`${PLACE}: model ${model.id} was not timed by EPD: --estimator epd knows ${EPD.model} only`);
    if (resolutionText(resolution) !== resolutionText(EPD.image))
      throw new InputError(`${PLACE}: image ${resolutionText(resolution)} was not timed by EPD: --estimator epd knows ${resolutionText(EPD.image)} only`);
    for (const [name, value] of [['precision', options.precision] as const, ['entry-seconds', options.entrySeconds] as const, ['link-share', options.linkShare] as const])
      if (value !== undefined) throw new InputError(`${PLACE}: ${name} ${value} is used with --estimator calibrated only`);
  }
  const shape = shapeOf(model, resolution);
  const promptTokens = multimodalPrompt.evaluate({ textTokens: prompt, images, imageTokens: shape.promptTokens });
  if (promptTokens + output > LONGEST_REQUEST) throw new InputError(`${PLACE}: images ${images} make a request of ${promptTokens + output} tokens, more than ${LONGEST_REQUEST}`);
  const context = model.maxContext !== null && promptTokens + output > model.maxContext ? [`context: ${promptTokens + output} is beyond the trained ${model.maxContext}`] : [];
  const filled = (value: number): Int32Array => new Int32Array(requests).fill(value);
  return {
    model,
    shape,
    promptTokens,
    loads: Array.from({ length: seeds }, (_, at): Load => ({ gaps: gapsOf(arrivals, requests, randomOf(seed + at)), prompt: filled(promptTokens), output: filled(output), media: filled(images) })),
    notes: [...importNotes(catalogue, model.id), ...scenarioNotes(catalogue), `each request: ${requestText(options, resolution, shape)}, ${output} of the answer`, ...context],
  };
}

export const hardwareOf = ({ model, promptTokens }: Asked, { output, precision }: LoadOptions, { prefill, decode }: StageChips): Hardware => ({
  model,
  prefill,
  decode,
  precision: policyOf(model, precision),
  context: promptTokens + output,
});

export interface Estimated {
  readonly estimator: MultimodalEstimator;
  readonly notes: readonly string[];
}

const DEFAULT_LINK_SHARE = 0.8;

/** Times and memory of what is asked, on chips of each stage. */
export function estimatorFor({ model, shape, promptTokens }: Asked, { estimator, output, precision, linkShare = DEFAULT_LINK_SHARE, entrySeconds = 0 }: LoadOptions, chips: StageChips): Estimated {
  if (estimator === 'epd') return { estimator: paperFormEstimator(engineForm('engine')), notes: ['times of the engine of EPD on A100, fitted to its Tables 4 to 6'] };
  const policy = policyOf(model, precision);
  return {
    estimator: told(() =>
      calibratedMultimodal(model, chips, {
        shape,
        entrySeconds,
        precision: policy,
        context: promptTokens + Math.floor(output / 2),
        batchTokens: Math.max(PASS_POSITIONS, promptTokens + output),
        kvLimit: true,
        hostSecondsPerSequence: 0,
        linkShare,
      }),
    ),
    notes: [`precision: ${policy.id}`, 'kernels only: no host time of an engine, none for cutting and resizing images beyond --entry-seconds'],
  };
}
