import type { Split } from './estimator.ts';
import { type ReleasedDimensions, releasedKvCapacity } from './kv-capacity.ts';
import { REALIGNED, type ReleasedCoefficients, type ReleasedEngine, SMALL_BATCH } from './released-profiles.ts';
import type { StageTimes } from './stage-times.ts';

/** What a real engine adds to measured single passes, fitted to whole serving runs. */
export interface EngineConstants {
  /** prefill against single passes */
  readonly prefillFactor: number;
  /** host time of a prefill, of a decode step, and of a decode step for each of its requests, s */
  readonly prefillSeconds: number;
  readonly stepSeconds: number;
  readonly requestSeconds: number;
  /** time of each stage of a decode step where there are several, s */
  readonly stageSeconds: number;
  /** memory of each chip that the engine keeps from the KV cache, beyond what the released formula does, bytes */
  readonly keptBytes: number;
}

/** Tokens that the KV cache of an instance holds: by the released formula, less what the engine keeps. */
export const engineKvTokens = (dimensions: ReleasedDimensions, split: Split, { keptBytes }: EngineConstants, bytesPerToken: number): number =>
  Math.max(0, releasedKvCapacity(dimensions, split).tokens - Math.floor((keptBytes * split.tensorParallel * split.pipelineParallel) / bytesPerToken));

/**
 * Times of one stage of a real engine: the single passes that the released coefficients were fitted to (before they were realigned), and host time.
 *   prefill = f (a + b sum(l) + c sum(l^2)) / p, first stage: + h
 *   decode  = (a + b sum(s + 1) + c B) / p, first stage: + h0 + h1 B, where p > 1: + hp
 * Ignored: swapping, network within an instance beyond `stageSeconds`.
 */
export class EngineTimes implements StageTimes {
  readonly #coefficients: ReleasedCoefficients;
  readonly #constants: EngineConstants;
  readonly #realigned: { readonly prefill: number; readonly decode: number };
  readonly #stages: number;

  constructor(engine: ReleasedEngine, coefficients: ReleasedCoefficients, stages: number, constants: EngineConstants) {
    this.#coefficients = coefficients;
    this.#constants = constants;
    this.#realigned = REALIGNED[engine];
    this.#stages = stages;
  }

  prefill(_prompts: number, tokens: number, squares: number, isFirst: boolean): number {
    const [constant, perToken, perSquare] = this.#coefficients.prefill;
    const { prefillFactor, prefillSeconds } = this.#constants;
    const pass = (1e-3 * (constant + perToken * tokens + perSquare * squares)) / this.#realigned.prefill / this.#stages;
    return prefillFactor * pass + (isFirst ? prefillSeconds : 0);
  }

  decode(requests: number, context: number, isFirst: boolean): number {
    const [constant, perToken, perRequest] = requests < SMALL_BATCH ? this.#coefficients.small : this.#coefficients.large;
    const { stepSeconds, requestSeconds, stageSeconds } = this.#constants;
    const pass = (1e-3 * (constant + perToken * (context + requests) + perRequest * requests)) / this.#realigned.decode / this.#stages;
    return pass + (isFirst ? stepSeconds + requestSeconds * requests : 0) + (this.#stages > 1 ? stageSeconds : 0);
  }
}
