import fc from 'fast-check';
import type { Cluster, EncodePool, KvLink, Pool, Rules } from '../../../src/serving/disaggregation/cluster.ts';
import type { Outcome } from '../../../src/serving/disaggregation/outcome.ts';
import type { StageTimes } from '../../../src/serving/disaggregation/stage-times.ts';
import { type Requests, requestsOf } from '../../../src/serving/engine/requests.ts';
import { poolOf, requestsArbitrary, rulesOf, whole, wholeTimes } from '../disaggregation/support.ts';

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
