import type { Accelerator } from '../../accelerators/accelerator.ts';
import type { PrecisionPolicy } from '../../layers/precision.ts';
import type { Model } from '../../models/model.ts';
import type { Deployment } from '../../timing/deployment.ts';
import { passSeconds } from '../../timing/pass-time.ts';
import { LogGrid } from './log-grid.ts';
import type { StageTimes } from './stage-times.ts';

export interface CalibratedOptions {
  readonly deployment: Deployment;
  readonly precision?: PrecisionPolicy;
  /** host time of an engine for each sequence of a decode step, s; 0 unless given */
  readonly hostSecondsPerSequence?: number;
}

/**
 * Times of one stage from calibrated kernels: `passSeconds` on a grid of powers of two, between them linear in logarithms.
 *   prefill  n prompts of l tokens each, with n l = sum(l_i) and n l^2 = sum(l_i^2): as many tokens and as much attention as the batch has
 *   decode   B requests of the mean context, the token of the step included
 *   a stage takes 1 / p of a pass of p such batches, one in each stage; requests spread evenly over data-parallel replicas; first stage of decode: + host time of each sequence
 * The grid is off by few per cent between its points (within 4 % where it was looked at). A replica without a prompt takes as long as one with the mean prompt.
 * Ignored: how contexts within a batch differ, gaps between stages, uneven replicas.
 */
export class CalibratedTimes implements StageTimes {
  readonly #prefill: LogGrid;
  readonly #decode: LogGrid;
  readonly #stages: number;
  readonly #replicas: number;
  readonly #host: number;

  constructor(model: Model, chip: Accelerator, { deployment, precision, hostSecondsPerSequence = 0 }: CalibratedOptions) {
    const options = { deployment, ...(precision === undefined ? {} : { precision }) };
    this.#stages = deployment.pipelineParallel;
    this.#replicas = deployment.dataParallel;
    this.#host = hostSecondsPerSequence;
    this.#prefill = new LogGrid((prompts, prompt) => passSeconds(model, chip, { phase: 'prefill', prompts, prompt }, options).seconds / this.#stages);
    this.#decode = new LogGrid((batch, context) => passSeconds(model, chip, { phase: 'decode', batch: batch * this.#stages, context }, options).seconds / this.#stages);
  }

  prefill(_prompts: number, tokens: number, squares: number): number {
    const length = squares / tokens;
    return this.#prefill.at(Math.max(1, tokens / length / this.#replicas), length);
  }

  decode(requests: number, context: number, isFirst: boolean): number {
    return this.#decode.at(Math.max(1, requests / this.#replicas), (context + requests) / requests) + (isFirst ? this.#host * Math.max(1, requests / this.#replicas) : 0);
  }
}
