import type { CompiledModel } from './compile.ts';
import { mtpTokensPerStep } from './formulas.ts';

/** Multi-token prediction: `draftTokens` more query tokens in every step, each accepted with probability `acceptance` after those before it. */
export interface MultiTokenPrediction {
  readonly draftTokens: number;
  readonly acceptance: number;
}

/** What multiplies work and traffic per accepted token. */
export interface MtpFactors {
  readonly tokensPerStep: number;
  /** work of every part: all query tokens of the step are computed, accepted or not */
  readonly flop: number;
  /** KV traffic: the cache is read once for all query tokens of the step */
  readonly kvBytes: number;
  /** arithmetic intensity of the attention core */
  readonly intensity: number;
}

/**
 * Section 5.2 of arXiv:2507.19427v1: with d draft tokens a step computes 1 + d query tokens over one read of the KV cache, so
 * the intensity of the attention core grows by 1 + d; the feed-forward work grows by 1 + d whether drafts are accepted or not.
 *   per accepted token: flop x (1 + d) / n, KV bytes x 1 / n, with n = 1 + a + ... + a^d tokens a step
 * Ignored: the draft head itself; the context grows by at most d within a step.
 * @throws RangeError when draftTokens is not an integer of at least 0 or acceptance is outside 0 to 1
 */
export function mtpFactors({ draftTokens, acceptance }: MultiTokenPrediction): MtpFactors {
  if (!Number.isSafeInteger(draftTokens) || draftTokens < 0) throw new RangeError(`mtp: draftTokens ${draftTokens} is not an integer of at least 0`);
  if (!(acceptance >= 0 && acceptance <= 1)) throw new RangeError(`mtp: acceptance ${acceptance} is not between 0 and 1`);
  const tokensPerStep = mtpTokensPerStep.evaluate({ acceptance, draftTokens });
  return { tokensPerStep, flop: (1 + draftTokens) / tokensPerStep, kvBytes: 1 / tokensPerStep, intensity: 1 + draftTokens };
}

/**
 * Arithmetic intensity of a model's attention cores at one context, FLOP per byte of KV and state traffic.
 * It does not depend on the context for a model of one full-attention kind (section 5.1) where `kvWrite` is not counted; the
 * write of the new token lowers it, the less the longer the context.
 */
export function attentionIntensity(compiled: CompiledModel, contextLength: number, mtp?: MultiTokenPrediction): number {
  const bytes = compiled.cores.reduce((sum, core) => sum + core.bytes.evaluate(contextLength), 0);
  return (compiled.coreFlop.evaluate(contextLength) / bytes) * (mtp ? mtpFactors(mtp).intensity : 1);
}
