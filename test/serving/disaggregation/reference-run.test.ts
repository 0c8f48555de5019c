import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { attainmentOf, quantileOf } from '../../../src/serving/disaggregation/attainment.ts';
import type { Cluster } from '../../../src/serving/disaggregation/cluster.ts';
import { goodput } from '../../../src/serving/disaggregation/goodput.ts';
import { type Load, requestsAt } from '../../../src/serving/disaggregation/load.ts';
import { tpotOf, ttftOf } from '../../../src/serving/disaggregation/outcome.ts';
import { releasedDegrees } from '../../../src/serving/disaggregation/released-times.ts';
import { simulate } from '../../../src/serving/disaggregation/simulate.ts';
import { gapsOf } from '../../../src/serving/engine/arrivals.ts';
import { randomOf } from '../../../src/serving/engine/random.ts';
import { capacityOf, type Engine, hasRuns, lengthsOfRuns, type Part, RUNS, releasedCluster, runOf, textOf, WITHOUT_RUNS } from './released-run.ts';

interface Quantiles {
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  readonly mean: number;
}

interface Summary {
  readonly name: string;
  readonly backend: Engine;
  readonly model: string;
  readonly tp_prefill: number;
  readonly pp_prefill: number;
  readonly tp_decode: number | null;
  readonly pp_decode: number | null;
  readonly N: number;
  readonly total_rate_rps: number;
  readonly slo_ttft_ms: number;
  readonly slo_tpot_ms: number;
  readonly attain_both_pct: number;
  readonly attain_ttft_pct: number;
  readonly attain_tpot_pct: number;
  readonly ttft_ms: Quantiles;
  readonly tpot_ms: Quantiles;
}

const summaries = hasRuns ? (JSON.parse(textOf('summary.json')) as { readonly runs: readonly Summary[] }).runs : [];
const files = hasRuns ? readdirSync(RUNS).filter((file) => /^opt.*\.csv$/.test(file)) : [];

const idOf = (model: string): string => model.replace('_', '-');
function partOf(model: string, tensorParallel: number, stages: number): Part {
  const capacity = capacityOf(model, tensorParallel, stages);
  if (capacity === undefined) throw new Error(`no capacity of ${model} ${tensorParallel} x ${stages}`);
  return [tensorParallel, stages, capacity];
}

function clusterOf({ backend, model, tp_prefill, pp_prefill, tp_decode, pp_decode }: Summary): Cluster {
  const id = idOf(model);
  return releasedCluster(backend, id, partOf(id, tp_prefill, pp_prefill), backend === 'vllm' ? null : partOf(id, tp_decode as number, pp_decode as number));
}

/** The load of seed 0 that all runs have. */
const loadOfRuns = (count: number): Load => ({ gaps: gapsOf({ kind: 'poisson' }, count, randomOf(0)), ...lengthsOfRuns(count) });

const farthest = (seconds: Float64Array, ms: readonly number[]): number => Math.max(...ms.map((value, at) => Math.abs(1e3 * (seconds[at] as number) - value)));
const quantiles = (seconds: Float64Array): Quantiles => {
  const [p50, p90, p95, p99] = [0.5, 0.9, 0.95, 0.99].map((share) => 1e3 * quantileOf(seconds.slice(), share)) as [number, number, number, number];
  return { p50, p90, p95, p99, mean: (1e3 * seconds.reduce((a, b) => a + b, 0)) / seconds.length };
};

describe.skipIf(!hasRuns)(`runs of the released simulator (${WITHOUT_RUNS})`, () => {
  it('are 24 with the times of each request, and 52 with a summary', () => expect([files.length, summaries.length]).toEqual([24, 52]));

  it.each(files)('%s has the time to first token and the time per token of each request, to 0.001 ms', (file) => {
    const { requests, ttft, tpot } = runOf(file);
    const summary = summaries.find(({ name }) => `${name}.csv` === file) as Summary;
    const outcome = simulate(requests, clusterOf(summary));
    expect(farthest(ttftOf(outcome), ttft)).toBeLessThan(1e-3);
    expect(farthest(tpotOf(outcome), tpot)).toBeLessThan(1e-3);
  });

  it.each(summaries.map((summary) => [summary.name, summary] as const))('%s has its attainments and quantiles, with arrivals of seed 0', (_, summary) => {
    const outcome = simulate(requestsAt(loadOfRuns(summary.N), summary.total_rate_rps), clusterOf(summary));
    const { both, ttft, tpot } = attainmentOf(outcome, { ttft: summary.slo_ttft_ms / 1e3, tpot: summary.slo_tpot_ms / 1e3 });
    expect([both, ttft, tpot].map((share) => Math.round(1e4 * share) / 100)).toEqual(
      [summary.attain_both_pct, summary.attain_ttft_pct, summary.attain_tpot_pct].map((share) => Math.round(100 * share) / 100),
    );
    for (const [got, expected] of [
      [quantiles(ttftOf(outcome)), summary.ttft_ms],
      [quantiles(tpotOf(outcome)), summary.tpot_ms],
    ] as const)
      for (const [key, value] of Object.entries(expected)) expect(Math.abs(got[key as keyof Quantiles] - value), key).toBeLessThan(1e-3);
  });
});

interface Search {
  readonly file: string;
  readonly model: string;
  readonly requests: number;
  readonly slo: { readonly ttft: number; readonly tpot: number };
  readonly highest: number;
  readonly within: number;
}

const SEARCHES: readonly Search[] = [
  { file: 'search_13b.json', model: 'opt-13b', requests: 300, slo: { ttft: 0.2, tpot: 0.1 }, highest: 5, within: 0.25 },
  { file: 'search_13b_v3slo.json', model: 'opt-13b', requests: 300, slo: { ttft: 0.25, tpot: 0.1 }, highest: 5, within: 0.125 },
  { file: 'search_66b.json', model: 'opt-66b', requests: 200, slo: { ttft: 2.5, tpot: 0.15 }, highest: 2, within: 0.0625 },
];

/** Rate per GPU by the search; null where a part was not profiled or does not fit. */
function rateOf(key: string, { model, requests, slo, highest, within }: Search): number | null {
  const [engine, numbers] = key.split(':') as [Engine, string];
  const [a = 0, b = 0, c = 0, d = 0, e = 0] = (numbers.match(/\d+/g) ?? []).map(Number);
  const parts: readonly (readonly [number, number])[] =
    engine === 'vllm'
      ? [[a, b]]
      : [
          [b, a * c],
          [d, a * e],
        ];
  if (parts.some(([degree, stages]) => !releasedDegrees(engine, model).includes(degree) || capacityOf(model, degree, stages) === undefined)) return null;
  const [prefill, decode] = parts.map(([degree, stages]) => partOf(model, degree, stages));
  const gpus = parts.reduce((sum, [degree, stages]) => sum + degree * stages, 0);
  const cluster = releasedCluster(engine, model, prefill as Part, decode ?? null);
  return goodput(cluster, [loadOfRuns(requests)], { slo, criterion: 'separate', share: 0.9 }, { highest: highest * gpus, within: within * gpus }).rate / gpus;
}

describe.skipIf(!hasRuns)(`searches of the released simulator (${WITHOUT_RUNS})`, () => {
  it.each(SEARCHES.map((search) => [search.file, search] as const))('%s has the rate of every configuration, and none where it has none', (file, search) => {
    const { results } = JSON.parse(textOf(file)) as { readonly results: Readonly<Record<string, { readonly best_per_gpu_rate: number | null }>> };
    const got = Object.keys(results).map((key) => [key, rateOf(key, search)]);
    expect(got).toEqual(Object.entries(results).map(([key, { best_per_gpu_rate: rate }]) => [key, rate]));
  });
});
