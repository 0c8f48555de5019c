import { findOrNearest } from '../../units/nearest.ts';
import { RELEASED_PROFILES, type ReleasedCoefficients, type ReleasedEngine, SMALL_BATCH } from './released-profiles.ts';
import type { StageTimes } from './stage-times.ts';

/** Milliseconds that the first stage adds to each pass, and for each context token of it (simdistserve/base/worker.py). */
const SCHEDULING_MS = 2;
const SCHEDULING_MS_PER_TOKEN = 1e-4;

/** What the simulator adds to a prefill stage, for each stage of the pipeline. */
const PIPELINE_MS = 1;

/** The tensor-parallel degrees that an engine has coefficients for, of one model. */
export const releasedDegrees = (engine: ReleasedEngine, model: string): readonly number[] => Object.keys(RELEASED_PROFILES[engine][model] ?? {}).map(Number);

/**
 * Coefficients of one model and degree.
 * @throws RangeError that lists what there is
 */
export function releasedCoefficients(engine: ReleasedEngine, model: string, tensorParallel: number): ReleasedCoefficients {
  const models = Object.keys(RELEASED_PROFILES[engine]);
  findOrNearest('simdistserve', models, model, (id) => id);
  const found = RELEASED_PROFILES[engine][model]?.[tensorParallel];
  if (found === undefined) throw new RangeError(`simdistserve: tensor parallel ${tensorParallel} of ${model} was not profiled; known: ${releasedDegrees(engine, model).join(', ')}`);
  return found;
}

/**
 * Times of one stage as the released simulator has them, here in ms, given in seconds; p stages, B requests, l tokens of a prompt, s of a context.
 *   prefill = (a + b sum(l) + c sum(l^2)) / p + p
 *   decode  = (a + b sum(s + 1) + c B) / p, by coefficients of small or large batches
 *   first stage: + 2 + 0.0001 sum(l or s)
 * Source: github LLMServe/DistServe 82831f1, simdistserve/estimators/time_estimator.py and base/worker.py.
 */
export class ReleasedTimes implements StageTimes {
  readonly #coefficients: ReleasedCoefficients;
  readonly #stages: number;

  constructor(coefficients: ReleasedCoefficients, stages: number) {
    this.#coefficients = coefficients;
    this.#stages = stages;
  }

  prefill(_prompts: number, tokens: number, squares: number, isFirst: boolean): number {
    const [constant, perToken, perSquare] = this.#coefficients.prefill;
    const pass = (constant + perToken * tokens + perSquare * squares) / this.#stages + PIPELINE_MS * this.#stages;
    return 1e-3 * (pass + (isFirst ? SCHEDULING_MS + SCHEDULING_MS_PER_TOKEN * tokens : 0));
  }

  decode(requests: number, context: number, isFirst: boolean): number {
    const [constant, perToken, perRequest] = requests < SMALL_BATCH ? this.#coefficients.small : this.#coefficients.large;
    const pass = (constant + perToken * (context + requests) + perRequest * requests) / this.#stages;
    return 1e-3 * (pass + (isFirst ? SCHEDULING_MS + SCHEDULING_MS_PER_TOKEN * context : 0));
  }
}
