import type { Accelerator } from '../../accelerators/accelerator.ts';
import type { PrecisionPolicy } from '../../layers/precision.ts';
import type { Model } from '../../models/model.ts';
import type { Deployment } from '../../timing/deployment.ts';
import { passSeconds, passTime } from '../../timing/pass-time.ts';
import { LogGrid } from './log-grid.ts';
import type { StageTimes } from './stage-times.ts';

export interface CalibratedOptions {
  readonly deployment: Deployment;
  readonly precision?: PrecisionPolicy;
  /** host time of an engine for each sequence of a decode step, s; 0 unless given */
  readonly hostSecondsPerSequence?: number;
}

/** Parts of a pass that all copies of the attention share. */
const SHARED: readonly string[] = ['ffn', 'network'];

/**
 * Times of one stage from calibrated kernels: `passSeconds` on a grid of powers of two, between them linear in logarithms.
 *   prefill  n prompts of l tokens each, with n l = sum(l_i) and n l^2 = sum(l_i^2): as many tokens and as much attention as the batch has
 *   decode   B requests of the mean context, the token of the step included
 *   a stage takes 1 / p of a pass of p such batches, one in each stage; requests spread evenly over data-parallel replicas; first stage of decode: + host time of each sequence
 *   fewer prompts than replicas: attention side of a replica with one prompt, feed-forward and exchanges of all tokens spread over the replicas
 * The grid is off by few per cent between its points (within 4 % where it was looked at).
 * Ignored: how contexts within a batch differ, gaps between stages, uneven replicas.
 */
export class CalibratedTimes implements StageTimes {
  readonly #prefill: LogGrid;
  /** a prompt alone on its copy of the attention: what that copy does, and what all of them share */
  readonly #own: LogGrid;
  readonly #shared: LogGrid;
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
    const parts = (isShared: boolean) => (prompts: number, prompt: number) =>
      passTime(model, chip, { phase: 'prefill', prompts, prompt }, options).parts.reduce((sum, { part, seconds }) => sum + (SHARED.includes(part) === isShared ? seconds : 0), 0) / this.#stages;
    this.#own = new LogGrid(parts(false));
    this.#shared = new LogGrid(parts(true));
    this.#decode = new LogGrid((batch, context) => passSeconds(model, chip, { phase: 'decode', batch: batch * this.#stages, context }, options).seconds / this.#stages);
  }

  prefill(_prompts: number, tokens: number, squares: number): number {
    const length = squares / tokens;
    const ofReplica = tokens / length / this.#replicas;
    if (ofReplica >= 1) return this.#prefill.at(ofReplica, length);
    return this.#own.at(1, length) + this.#shared.at(1, Math.max(1, ofReplica * length));
  }

  decode(requests: number, context: number, isFirst: boolean): number {
    return this.#decode.at(Math.max(1, requests / this.#replicas), (context + requests) / requests) + (isFirst ? this.#host * Math.max(1, requests / this.#replicas) : 0);
  }
}
