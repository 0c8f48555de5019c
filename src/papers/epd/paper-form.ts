import type { MemoryRules } from '../../serving/disaggregation/cluster.ts';
import type { Estimator } from '../../serving/disaggregation/estimator.ts';
import { type MultimodalEstimator, withEncoding } from '../../serving/multimodal/estimator.ts';
import { CLIENT } from './data/runs.ts';

/** What the paper's runs take, fitted to its tables: MiniCPM-V 2.6, images of 4032 x 3024. */
export interface PaperForm {
  /** of the closed form of the time to first token: a, t_e and t_p, s */
  readonly fixedSeconds: number;
  readonly encodeSeconds: number;
  readonly imageSeconds: number;
  /** part of a for which the prefill worker is busy; the rest passes before, s */
  readonly busySeconds: number;
  /** a decode step, and what each request adds to it, s */
  readonly stepSeconds: number;
  readonly requestSeconds: number;
  /** time of an image on a worker that encodes and reads prompts, s */
  readonly togetherSeconds: number;
  /** tokens of an image in a prompt */
  readonly imageTokens: number;
}

/** First come first served, and no limit of memory that these runs reach. */
const MEMORY: MemoryRules = { waitingShare: 1, reserve: 0, maxRequests: Number.MAX_SAFE_INTEGER, pulls: 'beside-steps' };
const ENOUGH = Number.MAX_SAFE_INTEGER;

/**
 * Times of the paper's engine on one A100 a worker:
 *   encode            t_e n
 *   prefill           b + t_p n, n images of a batch; a token costs 1 / (tokens of an image) of t_p, but for the text of the paper's client, which is in b
 *   encode + prefill  s n
 *   decode            d0 + d1 B
 * Ignored: transfers (a few ms of NVLink), limits of memory.
 */
export function paperFormEstimator({ fixedSeconds, encodeSeconds, imageSeconds, busySeconds, stepSeconds, requestSeconds, togetherSeconds, imageTokens }: PaperForm): MultimodalEstimator {
  const decode = (requests: number): number => stepSeconds + requestSeconds * requests;
  const estimator = (prefill: (prompts: number, tokens: number) => number): Estimator => ({
    instance: (_role, { tensorParallel, pipelineParallel }) => {
      if (tensorParallel * pipelineParallel !== 1) throw new RangeError(`epd: tp ${tensorParallel} pp ${pipelineParallel} was not measured: one chip a worker was`);
      return { times: { prefill, decode }, kvTokens: ENOUGH };
    },
    rules: () => ({ batching: { maxPrompts: ENOUGH, maxTokens: ENOUGH, padded: null }, decodeTokens: ENOUGH, memory: MEMORY, decodeSteps: 'output-1', dispatch: 'least-loaded' }),
    link: () => null,
    usdPerHour: () => null,
  });
  const images = (prompts: number, tokens: number): number => Math.max(0, tokens - CLIENT.promptTokens * prompts) / imageTokens;
  return {
    encode: { seconds: (media) => encodeSeconds * media, transferSeconds: 0, usdPerHour: null },
    apart: estimator((prompts, tokens) => busySeconds * prompts + imageSeconds * images(prompts, tokens)),
    together: withEncoding(
      estimator(() => 0),
      (media) => togetherSeconds * media,
    ),
    entrySeconds: fixedSeconds - busySeconds,
  };
}
