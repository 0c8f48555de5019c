import fc from 'fast-check';
import type { Cluster, EncodePool, KvLink, Pool, Rules } from '../../../src/serving/disaggregation/cluster.ts';
import type { Estimator, Split } from '../../../src/serving/disaggregation/estimator.ts';
import type { Outcome } from '../../../src/serving/disaggregation/outcome.ts';
import type { StageTimes } from '../../../src/serving/disaggregation/stage-times.ts';
import { type Requests, requestsOf } from '../../../src/serving/engine/requests.ts';
import type { Allocation } from '../../../src/serving/multimodal/allocation.ts';
import { type MultimodalEstimator, withEncoding } from '../../../src/serving/multimodal/estimator.ts';
import { constantTimes, MEMORY, poolOf, requestsArbitrary, rulesOf, whole, wholeTimes } from '../disaggregation/support.ts';

/** Requests as [arrival, prompt, output, media]. */
export const requestsFrom = (rows: readonly (readonly [number, number, number, number])[]): Requests =>
  requestsOf(
    rows.map(([arrival]) => arrival),
    rows.map(([, prompt]) => prompt),
    rows.map(([, , output]) => output),
    'requests',
    rows.map(([, , , media]) => media),
  );

/** Requests of which some have media, and some are text alone. */
export const mediaArbitrary = (longestPrompt: number, longestOutput: number, most: number, mostMedia = 6): fc.Arbitrary<Requests> =>
  fc
    .tuple(requestsArbitrary(longestPrompt, longestOutput, most), fc.array(fc.oneof(fc.constant(0), whole(1, mostMedia)), { minLength: most, maxLength: most }))
    .map(([requests, media]) => ({ ...requests, media: Int32Array.from(media.slice(0, requests.arrival.length)) }));

/** Whole seconds, longer for larger batches, and for media where the instance reads them: much happens at the same time. */
export const wholeMedia: StageTimes = { ...wholeTimes, prefill: (prompts, tokens, squares, isFirst, media) => wholeTimes.prefill(prompts, tokens, squares, isFirst, media) + media };
/** Hardly anything at the same time. */
export const unevenMedia: StageTimes = {
  prefill: (prompts, tokens, _squares, isFirst, media) => 0.1 * prompts + 0.013 * tokens + (isFirst ? 0.0011 : 0) + 0.37 * media,
  decode: (requests, context) => 0.05 + 0.007 * requests + 0.0003 * context,
};

export const encodeOf = (changes: Partial<EncodePool> = {}): EncodePool => ({ instances: 1, maxJobs: 1, share: 'media', seconds: (media) => 2 * media, transferSeconds: 0, ...changes });

/** Encode, prefill and decode instances, by the rules of the released simulator unless said otherwise. */
export const epd = (
  encode: Partial<EncodePool> = {},
  prefill: Partial<Pool> = {},
  decode: Partial<Pool> = {},
  rules: Partial<Rules> = {},
  link: KvLink | null = null,
): Extract<Cluster, { kind: 'disaggregated' }> => ({ kind: 'disaggregated', encode: encodeOf(encode), prefill: poolOf(prefill), decode: poolOf(decode), rules: rulesOf(rules), link });

export const TIMES = ['prefillStart', 'firstToken', 'decodeReady', 'decodeStart', 'finish'] as const;
export const timesOf = (outcome: Outcome): Readonly<Record<string, readonly number[]>> => Object.fromEntries(TIMES.map((field) => [field, Array.from(outcome[field])]));

export const split = (tensorParallel: number, pipelineParallel = 1, dataParallel?: number): Split => ({ tensorParallel, pipelineParallel, ...(dataParallel === undefined ? {} : { dataParallel }) });
export const SINGLE = split(1);

/** Encode instances, and a placement of the rest. */
export const placed = (encode: number, prefillInstances: number, decodeInstances: number, prefill = SINGLE, decode = SINGLE): Pick<Allocation, 'encode' | 'placement'> => ({
  encode,
  placement: { kind: 'disaggregated', prefill, decode, prefillInstances, decodeInstances },
});
export const together = (instances: number, of = SINGLE): Pick<Allocation, 'encode' | 'placement'> => ({ encode: 0, placement: { kind: 'colocated', split: of, instances } });
export const allocationOf = (counts: Pick<Allocation, 'encode' | 'placement'>): Allocation => ({
  ...counts,
  batches: { encode: 1, prefill: 1, decode: 8 },
  share: 'media',
  dispatch: 'least-loaded',
  order: 'fcfs',
});

const PRICES = { prefill: 10, decode: 100, colocated: 1000 } as const;
/** Prompts 1 s, steps 0.5 s, on splits of up to 8 chips; `dearer` times the prices. */
export const estimatorOf = (dearer = 1): Estimator => ({
  instance: (_role, { tensorParallel }) => {
    if (tensorParallel > 8) throw new RangeError(`estimator: tensorParallel ${tensorParallel} is not known`);
    return { times: constantTimes(1, 0.5), kvTokens: 10_000 };
  },
  rules: () => rulesOf({ batching: { maxPrompts: 50, maxTokens: 10_000, padded: null }, memory: MEMORY, decodeSteps: 'output-1' }),
  link: () => null,
  usdPerHour: (role) => dearer * PRICES[role],
});
/** Encoding 1 s for each of the media, 0.25 s on their way; what encodes itself is dearer. */
export const multimodalOf = ({ encodePrice = 1, entrySeconds = 0 }: { readonly encodePrice?: number | null; readonly entrySeconds?: number } = {}): MultimodalEstimator => ({
  encode: { seconds: (media) => media, transferSeconds: 0.25, usdPerHour: encodePrice },
  apart: estimatorOf(),
  together: withEncoding(estimatorOf(1.1), (media) => media),
  entrySeconds,
});
