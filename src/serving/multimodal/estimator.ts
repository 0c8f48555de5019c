import type { EncodePool } from '../disaggregation/cluster.ts';
import type { Estimator, InstanceOf } from '../disaggregation/estimator.ts';

/** Where times and memory of multimodal serving come from: with encode instances, and without. */
export interface MultimodalEstimator {
  /** one encode instance, which is one chip */
  readonly encode: Pick<EncodePool, 'seconds' | 'transferSeconds'> & { readonly usdPerHour: number | null };
  /** prefill and decode instances where others encode */
  readonly apart: Estimator;
  /** prefill and colocated instances that encode themselves */
  readonly together: Estimator;
  /** time of each request before it waits for anything: host, preprocessing; s */
  readonly entrySeconds: number;
}

/** An estimator whose prefill and colocated instances read the media of a batch first. */
export const withEncoding = (estimator: Estimator, seconds: EncodePool['seconds']): Estimator => ({
  ...estimator,
  instance: (role, split): InstanceOf => {
    const found = estimator.instance(role, split);
    if (role === 'decode') return found;
    const { times } = found;
    return {
      ...found,
      times: {
        // stages of a pipeline: the first encodes
        prefill: (prompts, tokens, squares, isFirst, media) => times.prefill(prompts, tokens, squares, isFirst, media) + (isFirst && media > 0 ? seconds(media) : 0),
        decode: (requests, context, isFirst) => times.decode(requests, context, isFirst),
      },
    };
  },
});
