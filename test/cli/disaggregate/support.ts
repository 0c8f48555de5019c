import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { z } from 'zod';
import { modelCache } from '../../../src/models/cache.ts';
import { modelOf } from '../../../src/models/index.ts';
import { distserveLink } from '../../../src/papers/distserve/link.ts';
import type { Estimator, Placement, Split } from '../../../src/serving/disaggregation/estimator.ts';
import { releasedEstimator } from '../../../src/serving/disaggregation/released-estimator.ts';
import { chipOf } from '../../timing/support.ts';
import { cli, json } from '../support.ts';

const seconds = z.number().nonnegative();
const share = z.number().min(0).max(1);
const positive = z.number().positive();
const count = z.int().positive();
const events = z.int().nonnegative();
const slo = z.strictObject({ ttft: positive, tpot: positive });
const spread = z.strictObject({ mean: seconds, p50: seconds, p90: seconds, p99: seconds });
const percentiles = z.strictObject({ p50: seconds, p90: seconds, p99: seconds });

/** What `disaggregate simulate --help` says of its JSON. */
export const simulateShape = z.strictObject({
  summary: z.strictObject({
    model: z.string(),
    estimator: z.enum(['calibrated', 'engine', 'simdistserve']),
    placement: z.string(),
    chips: count,
    slo,
    requests: count,
    span: seconds,
    makespan: positive,
    attainment: z.strictObject({ both: share, ttft: share, tpot: share }),
    ttft: spread,
    tpot: spread,
    phases: z.strictObject({ prefillQueue: seconds, prefill: seconds, transfer: seconds, decodeQueue: seconds, decode: seconds }),
    outputTokensPerSecond: positive,
    putOut: events,
    events,
    notes: z.array(z.string()),
  }),
  requests: z.array(
    z.strictObject({
      request: count,
      arrival_s: seconds,
      prompt_len: count,
      output_len: count,
      ttft_s: positive,
      tpot_s: seconds,
      prefill_start_s: seconds.nullable(),
      first_token_s: positive.nullable(),
      decode_ready_s: positive.nullable(),
      decode_start_s: positive.nullable(),
      finish_s: positive.nullable(),
    }),
  ),
});
/** What `disaggregate goodput --help` says of its JSON. */
export const goodputShape = z.strictObject({
  model: z.string(),
  estimator: z.enum(['calibrated', 'engine', 'simdistserve']),
  placement: z.string(),
  chips: count,
  goal: z.strictObject({ slo, share, criterion: z.enum(['joint', 'separate']), warmup: events }),
  seeds: count,
  requests: count,
  leastSeconds: events,
  goodput: seconds,
  goodputPerChip: seconds,
  stops: z.enum(['ttft', 'tpot']).nullable(),
  usdPerRequest: positive.nullable(),
  usdPerMillionOutputTokens: positive.nullable(),
  points: z.array(
    z.strictObject({
      rate: positive,
      attainments: z.array(z.strictObject({ scale: positive, both: z.strictObject({ mean: share, low: share.nullable(), high: share.nullable() }), ttft: share, tpot: share })),
      ttft: percentiles,
      tpot: percentiles,
      events,
      putOut: events,
    }),
  ),
  notes: z.array(z.string()),
});
/** What `disaggregate place --help` says of its JSON. */
export const placeShape = z.strictObject({
  placements: z.array(
    z.strictObject({
      model: z.string(),
      kind: z.enum(['disaggregated', 'colocated', 'prefill', 'decode']),
      accelerators: z.string(),
      placement: z.string(),
      chips: count,
      rate: seconds,
      ratePerChip: seconds,
      usdPerRequest: positive.nullable(),
      usdPerMillionOutputTokens: positive.nullable(),
      because: z.string().min(1),
    }),
  ),
  notes: z.array(z.string()),
});
export type Simulated = z.infer<typeof simulateShape>;
export type Found = z.infer<typeof goodputShape>;
export type Placed = z.infer<typeof placeShape>;

/** Every field of a shape, those within others too. */
export function fieldsOf(schema: unknown): readonly string[] {
  if (schema instanceof z.ZodArray) return fieldsOf(schema.element);
  return schema instanceof z.ZodObject ? Object.entries(schema.shape).flatMap(([field, inner]) => [field, ...fieldsOf(inner)]) : [];
}

export const simulated = async (...argv: readonly string[]): Promise<Simulated> => simulateShape.parse(await json('disaggregate', 'simulate', ...argv));
export const found = async (...argv: readonly string[]): Promise<Found> => goodputShape.parse(await json('disaggregate', 'goodput', ...argv));
export const placed = async (...argv: readonly string[]): Promise<Placed> => placeShape.parse(await json('disaggregate', 'place', ...argv));

/** Columns and cells of what `--format csv` prints. */
export async function csvOf(...argv: readonly string[]): Promise<readonly (readonly string[])[]> {
  const { code, out, err } = await cli('disaggregate', ...argv, '--format', 'csv');
  if (code !== 0) throw new Error(err);
  return out
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','));
}

/** The estimators that are not calibrated, as the command makes them. */
export const released = (id: string, times: 'released' | 'engine', usdPerHour: number | null = chipOf('a100-80g').usdPerHour): Estimator =>
  releasedEstimator(modelOf(id), { times, kvLimit: times === 'engine', linkBytesPerSecond: distserveLink(modelCache(modelOf(id)).perToken).bytesPerSecond, usdPerHour });

export const splitOf = (tensorParallel: number, pipelineParallel = 1): Split => ({ tensorParallel, pipelineParallel, dataParallel: 1 });
export const apart = (prefill: Split, decode: Split, prefillInstances = 1, decodeInstances = 1): Placement => ({ kind: 'disaggregated', prefill, decode, prefillInstances, decodeInstances });

export const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value)) as unknown;

/** A folder for files that a test gives to the command; the function writes one and gives its path. */
export function files(): (name: string, text: string) => Promise<string> {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tokenroof-disaggregate-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  return async (name, text) => {
    await writeFile(join(folder, name), text);
    return join(folder, name);
  };
}

/** A trace file of requests. */
export const traceText = (arrival: ArrayLike<number>, prompt: ArrayLike<number>, output: ArrayLike<number>): string =>
  ['arrival_s,prompt_len,output_len', ...Array.from(arrival, (time, at) => `${time},${prompt[at]},${output[at]}`), ''].join('\n');
