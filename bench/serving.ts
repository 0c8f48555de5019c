/*
 * Event simulation against the simulator that DistServe released (Python, simpy), its goodput curve, and growth with the number of requests.
 * Baseline: wall time of each run of that simulator without start-up, measured apart from this run on a machine of two cores (python 3.11.2, simpy 3.0.8).
 */

import { modelOf } from '../src/models/index.ts';
import { referenceRuns } from '../src/papers/distserve/data/reference-runs.ts';
import { repeatedShareGpt, shareGptLoad } from '../src/papers/distserve/load.ts';
import { clusterOf, type Placement } from '../src/serving/disaggregation/estimator.ts';
import { requestsAt } from '../src/serving/disaggregation/load.ts';
import { releasedEstimator } from '../src/serving/disaggregation/released-estimator.ts';
import { simulate } from '../src/serving/disaggregation/simulate.ts';
import { gapsOf } from '../src/serving/engine/arrivals.ts';
import { randomOf } from '../src/serving/engine/random.ts';
import { median, milliseconds, sci } from './measure.ts';
import { pythonSeconds } from './python-simulator.ts';

const ROUNDS = 5;

const placementOf = (splits: readonly number[]): Placement => {
  const [tp = 1, pp = 1, decodeTp, decodePp = 1] = splits;
  const prefill = { tensorParallel: tp, pipelineParallel: pp };
  if (decodeTp === undefined) return { kind: 'colocated', split: prefill, instances: 1 };
  return { kind: 'disaggregated', prefill, decode: { tensorParallel: decodeTp, pipelineParallel: decodePp }, prefillInstances: 1, decodeInstances: 1 };
};
const clusterFor = (model: string, splits: readonly number[], times: 'released' | 'engine') =>
  clusterOf(releasedEstimator(modelOf(model), { times, kvLimit: times === 'engine', linkBytesPerSecond: 182e9, usdPerHour: null }), placementOf(splits));

const runs = referenceRuns.map(({ model, splits, requests, rate }) => ({ cluster: clusterFor(model, splits, 'released'), requests: requestsAt(shareGptLoad(requests), rate) }));
for (const { cluster, requests } of runs) simulate(requests, cluster);
const times = runs.map(({ cluster, requests }) => median(Array.from({ length: ROUNDS }, () => milliseconds(() => simulate(requests, cluster)))));
const ratio = Math.exp(times.reduce((sum, ms, at) => sum + Math.log((1e3 * (pythonSeconds[at] as number)) / ms), 0) / times.length);

const decode = clusterFor('opt-13b', [2, 1, 1, 1], 'released');
const load = (count: number, seed: number) => ({ gaps: gapsOf({ kind: 'poisson' }, count, randomOf(seed)), ...repeatedShareGpt(count) });
const curve = milliseconds(() => {
  for (let rate = 1; rate <= 20; rate++) for (let seed = 0; seed < 5; seed++) simulate(requestsAt(load(1000, seed), rate / 2), decode);
});

const grown = [100_000, 1_000_000].map((count) => {
  const requests = requestsAt(load(count, 0), 4);
  const before = process.memoryUsage().rss;
  let events = 0;
  const ms = milliseconds(() => {
    events = simulate(requests, decode).events;
  });
  return { count, ms, events, bytes: process.memoryUsage().rss - before };
});
const [small, large] = grown as [(typeof grown)[0], (typeof grown)[0]];
const perRequest = large.ms / large.count / (small.ms / small.count);
const eventRate = (1e3 * large.events) / large.ms;

for (const [name, value, baseline, result, aim, met] of [
  [
    '(g) 52 runs of the released simulator',
    `${median(times).toFixed(2)} ms a run`,
    `${(1e3 * median(pythonSeconds)).toFixed(0)} ms Python`,
    `${ratio.toFixed(0)} x faster (geometric mean)`,
    'at least 100 x',
    ratio >= 100,
  ],
  ['(h) goodput curve, 20 rates x 5 seeds x 1,000 requests', `${(curve / 1e3).toFixed(2)} s`, '', '', 'at most 2 s', curve <= 2000],
  ['(i) events of a million requests', `${sci(eventRate)} events/s`, '', '', '3.0e+6 events/s', eventRate >= 3e6],
  [
    '(j) a million requests against 100,000',
    `${(large.ms / 1e3).toFixed(2)} s, ${Math.round(large.bytes / 1e6)} MB`,
    `${(small.ms / 1e3).toFixed(2)} s`,
    `${perRequest.toFixed(2)} x as long a request`,
    'at most 1.5 x',
    perRequest <= 1.5,
  ],
] as const)
  console.log([name, value, baseline, result, aim, met ? 'yes' : 'no'].join(' | '));
