import { z } from 'zod';
import { cli, json } from '../support.ts';

const seconds = z.number().nonnegative();
const share = z.number().min(0).max(1);
const positive = z.number().positive();
const count = z.int().positive();
const events = z.int().nonnegative();
const spread = z.strictObject({ mean: seconds, p50: seconds, p90: seconds, p99: seconds });
const limit = z.union([z.number().nonnegative(), z.literal('OOM'), z.literal('OOCL')]);

/** What `multimodal cost --help` says of its JSON. */
export const costShape = z.array(
  z.strictObject({
    model: z.string(),
    accelerator: z.string(),
    media: z.enum(['image', 'video']),
    size: z.string(),
    seconds: positive.nullable(),
    frames: count.nullable(),
    tiles: count,
    patches: count,
    mediaTokens: count,
    promptTokens: count,
    chips: count.nullable(),
    encodeSeconds: positive.nullable(),
    encodeLow: positive.nullable(),
    encodeHigh: positive.nullable(),
    prefillSeconds: positive.nullable(),
    encodeUsd: positive.nullable(),
    prefillUsd: positive.nullable(),
    mediaUsd: positive.nullable(),
    idealMediaUsd: positive.nullable(),
    usdPerVideoMinute: positive.nullable(),
    requestUsd: positive.nullable(),
    decodeBatch: count.nullable(),
    basis: z.enum(['measured', 'assumed']).nullable(),
    infeasible: z.string().min(1).nullable(),
    notes: z.array(z.string()),
  }),
);
/** What `multimodal memory --help` says of its JSON. */
export const memoryShape = z.strictObject({
  model: z.string(),
  accelerator: z.string(),
  image: z.string(),
  images: count,
  prompt: count,
  batch: count,
  stages: z.array(
    z.strictObject({
      stage: z.enum(['encode', 'prefill', 'decode', 'encode-prefill', 'aggregated']),
      weightBytes: positive,
      multimediaCacheBytes: seconds,
      activationBytes: seconds,
      kvBytes: seconds,
      totalBytes: positive,
      capacityBytes: positive,
      fits: z.boolean(),
      imagesPerRequest: limit.nullable(),
      limitedBy: z.enum(['memory', 'context']).nullable(),
      largestBatch: limit,
      largestKvShare: limit.nullable(),
    }),
  ),
  notes: z.array(z.string()),
});
/** What `multimodal simulate --help` says of its JSON. */
export const simulateShape = z.strictObject({
  summary: z.strictObject({
    model: z.string(),
    estimator: z.enum(['calibrated', 'epd']),
    placement: z.string(),
    chips: count,
    slo: z.strictObject({ ttft: positive, tpot: positive }),
    requests: count,
    span: seconds,
    makespan: positive,
    attainment: z.strictObject({ both: share, ttft: share, tpot: share }),
    ttft: spread,
    tpot: spread,
    phases: z.strictObject({
      encodeQueue: seconds.optional(),
      encode: seconds.optional(),
      prefillQueue: seconds,
      prefill: seconds,
      transfer: seconds,
      decodeQueue: seconds,
      decode: seconds,
    }),
    outputTokensPerSecond: positive,
    putOut: events,
    events,
    roles: z.array(z.strictObject({ time: seconds, encode: events, prefill: events, decode: events })),
    notes: z.array(z.string()),
  }),
  requests: z.array(
    z.strictObject({
      request: count,
      arrival_s: z.number(),
      images: events,
      prompt_len: count,
      output_len: count,
      ttft_s: positive,
      tpot_s: seconds,
      encode_start_s: seconds.nullable(),
      encoded_s: positive.nullable(),
      prefill_start_s: seconds.nullable(),
      first_token_s: positive.nullable(),
      decode_start_s: positive.nullable(),
      finish_s: positive.nullable(),
    }),
  ),
});
/** What `multimodal place --help` says of its JSON. */
export const placeShape = z.strictObject({
  allocations: z.array(
    z.strictObject({
      model: z.string(),
      kind: z.enum(['epd', 'pd', 'aggregated']),
      accelerator: z.string(),
      workers: z.string(),
      encode: events,
      prefill: count,
      decode: events,
      chips: count,
      batches: z.strictObject({ encode: count, prefill: count, decode: count }),
      share: z.enum(['media', 'request']),
      dispatch: z.string(),
      order: z.string(),
      rate: seconds,
      ratePerChip: seconds,
      usdPerRequest: positive.nullable(),
      because: z.string().min(1),
    }),
  ),
  notes: z.array(z.string()),
});
export type CostRow = z.infer<typeof costShape>[number];
export type Memory = z.infer<typeof memoryShape>;
export type Simulated = z.infer<typeof simulateShape>;
export type Placed = z.infer<typeof placeShape>;

export const costs = async (...argv: readonly string[]): Promise<readonly CostRow[]> => costShape.parse(await json('multimodal', 'cost', ...argv));
export const memory = async (...argv: readonly string[]): Promise<Memory> => memoryShape.parse(await json('multimodal', 'memory', ...argv));
export const simulated = async (...argv: readonly string[]): Promise<Simulated> => simulateShape.parse(await json('multimodal', 'simulate', ...argv));
export const placed = async (...argv: readonly string[]): Promise<Placed> => placeShape.parse(await json('multimodal', 'place', ...argv));

export async function printed(...argv: readonly string[]): Promise<string> {
  const { code, out, err } = await cli('multimodal', ...argv);
  if (code !== 0) throw new Error(err);
  return out;
}

export async function csvOf(...argv: readonly string[]): Promise<readonly (readonly string[])[]> {
  return (await printed(...argv, '--format', 'csv'))
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','));
}
