import type { Accelerator } from '../../accelerators/accelerator.ts';
import type { Model } from '../../models/model.ts';
import { type CalibratedOptions, CalibratedTimes } from '../disaggregation/calibrated-times.ts';

/** Seconds of one iteration of an engine, whatever they come from. */
export interface PassTimes {
  /**
   * Prompts, of which some tokens may be in the cache.
   * @param prompts of the pass @param tokens that it reads, of all prompts together @param squares sum of the squares of those of each
   * @param pairs sum over prompts of tokens read x tokens that were in the cache
   */
  prefill(prompts: number, tokens: number, squares: number, pairs: number): number;
  /** One token for each request. @param context tokens that they have in the cache together, before the step */
  decode(requests: number, context: number): number;
}

/** Length at which the part of a prompt's time that grows with its square is read off. */
const LONG = 2 ** 13;

/**
 * Times of calibrated kernels, and a constant host time of every iteration.
 *   prefill  as of prompts of the tokens that are read, and for each pair of a read and a cached token 2 b, b being the second difference of a prompt's time:
 *            T(2 L) - 2 T(L) = 2 b L^2
 * Ignored: what `CalibratedTimes` ignores.
 */
export class CalibratedPassTimes implements PassTimes {
  readonly #times: CalibratedTimes;
  readonly #host: number;
  readonly #pair: number;

  constructor(model: Model, chip: Accelerator, { hostSeconds = 0, ...options }: Omit<CalibratedOptions, 'hostSecondsPerSequence'> & { readonly hostSeconds?: number }) {
    if (!(hostSeconds >= 0 && Number.isFinite(hostSeconds))) throw new RangeError(`preemption: hostSeconds ${hostSeconds} is not a finite number of at least 0`);
    this.#times = new CalibratedTimes(model, chip, options);
    this.#host = hostSeconds;
    const prompt = (tokens: number): number => this.#times.prefill(1, tokens, tokens ** 2);
    this.#pair = Math.max(0, (prompt(2 * LONG) - 2 * prompt(LONG)) / LONG ** 2);
  }

  prefill(prompts: number, tokens: number, squares: number, pairs: number): number {
    return this.#times.prefill(prompts, tokens, squares) + this.#pair * pairs + this.#host;
  }

  decode(requests: number, context: number): number {
    return this.#times.decode(requests, context, false) + this.#host;
  }
}
