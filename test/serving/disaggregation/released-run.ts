import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Cluster, Pool } from '../../../src/serving/disaggregation/cluster.ts';
import { ReleasedTimes, releasedCoefficients } from '../../../src/serving/disaggregation/released-times.ts';
import { releasedRules } from '../../../src/serving/disaggregation/rules.ts';
import { type Requests, requestsOf } from '../../../src/serving/engine/requests.ts';

const FOLDER = resolve(import.meta.dirname, '../../../../shared/papers/distserve');
export const RUNS = join(FOLDER, 'reference_run');
export const hasRuns = existsSync(RUNS);
/** Why tests of the runs are skipped. */
export const WITHOUT_RUNS = 'skipped where ../shared/papers/distserve is not beside the project: the runs are not part of it';

export const textOf = (file: string): string => readFileSync(join(RUNS, file), 'utf8');
const rowsOf = (file: string): readonly (readonly number[])[] =>
  textOf(file)
    .split('\n')
    .filter((line) => /^\d/.test(line))
    .map((line) => line.split(',').map(Number));
const columnOf = (rows: readonly (readonly number[])[], at: number): readonly number[] => rows.map((row) => row[at] as number);

/** A run of the released simulator: what went in, and the times that came out, ms. */
export interface ReleasedRun {
  readonly requests: Requests;
  readonly ttft: readonly number[];
  readonly tpot: readonly number[];
}

export function runOf(file: string): ReleasedRun {
  const rows = rowsOf(file);
  const requests = requestsOf(
    columnOf(rows, 1).map((ms) => ms / 1e3),
    columnOf(rows, 2),
    columnOf(rows, 3),
    file,
  );
  return { requests, ttft: columnOf(rows, 4), tpot: columnOf(rows, 7) };
}

/** Prompt and output of the first requests of the list that every run is a part of. */
export function lengthsOfRuns(count: number): { readonly prompt: Int32Array; readonly output: Int32Array } {
  const rows = rowsOf('sharegpt_lengths_first1600.csv').slice(0, count);
  return { prompt: Int32Array.from(columnOf(rows, 1)), output: Int32Array.from(columnOf(rows, 2)) };
}

interface Capacity {
  readonly model: string;
  readonly tp: number;
  readonly pp: number;
  readonly max_num_tokens: number;
}

/** Tokens that the cache of an instance holds; undefined where the released simulator does not know. */
export function capacityOf(model: string, tensorParallel: number, stages: number): number | undefined {
  const { rows } = JSON.parse(readFileSync(join(FOLDER, 'max_num_tokens.json'), 'utf8')) as { readonly rows: readonly Capacity[] };
  return rows.find(({ model: id, tp, pp }) => id === `facebook/${model}` && tp === tensorParallel && pp === stages)?.max_num_tokens;
}

export type Engine = 'distserve' | 'vllm';
/** Tensor parallelism, stages, and tokens of the cache. */
export type Part = readonly [number, number, number];

const poolOf = (engine: Engine, model: string, [tensorParallel, stages, kvTokens]: Part): Pool => ({
  instances: 1,
  stages,
  times: new ReleasedTimes(releasedCoefficients(engine, model, tensorParallel), stages),
  kvTokens,
});

/** One instance of each, or one of both, by the rules of the released simulator. */
export function releasedCluster(engine: Engine, model: string, prefill: Part, decode: Part | null): Cluster {
  const rules = releasedRules(prefill[2]);
  const pool = poolOf(engine, model, prefill);
  return decode === null ? { kind: 'colocated', pool, rules } : { kind: 'disaggregated', prefill: pool, decode: poolOf(engine, model, decode), rules, link: null };
}
