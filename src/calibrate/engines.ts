import { attainmentOf, quantileOf, type Slo } from '../serving/disaggregation/attainment.ts';
import type { Cluster, KvLink, Pool } from '../serving/disaggregation/cluster.ts';
import { type EngineConstants, EngineTimes, engineKvTokens } from '../serving/disaggregation/engine-times.ts';
import type { Split } from '../serving/disaggregation/estimator.ts';
import { type ReleasedDimensions, releasedKvCapacity } from '../serving/disaggregation/kv-capacity.ts';
import { type Outcome, tpotOf, ttftOf } from '../serving/disaggregation/outcome.ts';
import { HOST_BYTES_PER_SECOND } from '../serving/disaggregation/released-estimator.ts';
import type { ReleasedEngine } from '../serving/disaggregation/released-profiles.ts';
import { releasedCoefficients } from '../serving/disaggregation/released-times.ts';
import { distserveRules, vllmRules } from '../serving/disaggregation/rules.ts';
import { simulate } from '../serving/disaggregation/simulate.ts';
import type { Requests } from '../serving/engine/requests.ts';
import { minimise } from './nelder-mead.ts';

/** A run of a real engine: what came when, and the times that each request took, s. */
export interface MeasuredRun {
  readonly name: string;
  readonly engine: ReleasedEngine;
  readonly prefill: Split;
  readonly decode: Split;
  readonly requests: Requests;
  readonly ttft: Float64Array;
  readonly tpot: Float64Array;
}

/** What is the same in all runs. */
export interface EngineSetting {
  readonly model: string;
  readonly dimensions: ReleasedDimensions;
  readonly link: KvLink;
}

const NAMES = ['prefillFactor', 'prefillSeconds', 'stepSeconds', 'requestSeconds', 'stageSeconds'] as const;
const START: EngineConstants = { prefillFactor: 1, prefillSeconds: 5e-3, stepSeconds: 4e-3, requestSeconds: 1e-4, stageSeconds: 2e-3, keptBytes: 0 };

/** Runs in which no queue builds up: nine of ten requests within these times. Only they are fitted to. */
const CALM = { ttft: 0.5, tpot: 0.1 } as const;
const SHARES = [0.5, 0.9] as const;

export const isCalm = ({ ttft, tpot }: MeasuredRun): boolean => quantileOf(ttft.slice(), 0.9) < CALM.ttft && quantileOf(tpot.slice(), 0.9) < CALM.tpot;

/** A measured run through the simulator. */
export function rerun({ engine, prefill, decode, requests }: MeasuredRun, { model, dimensions, link }: EngineSetting, constants: EngineConstants): Outcome {
  const pool = (split: Split): Pool => ({
    instances: 1,
    stages: split.pipelineParallel,
    kvTokens: engineKvTokens(dimensions, split, constants, link.bytesPerToken),
    swapSecondsPerToken: link.bytesPerToken / (split.tensorParallel * split.pipelineParallel * HOST_BYTES_PER_SECOND),
    times: new EngineTimes(engine, releasedCoefficients(engine, model, split.tensorParallel), split.pipelineParallel, constants),
  });
  const cluster: Cluster =
    engine === 'vllm' ? { kind: 'colocated', pool: pool(prefill), rules: vllmRules } : { kind: 'disaggregated', prefill: pool(prefill), decode: pool(decode), rules: distserveRules, link };
  return simulate(requests, cluster);
}

/**
 * Fits what an engine adds to single passes: the squared logarithms of simulated over measured times, of the median and the ninetieth percentile of both times,
 * in calm runs. @throws RangeError where there is none
 */
export function fitEngine(runs: readonly MeasuredRun[], setting: EngineSetting): EngineConstants {
  const keptBytes = keptBytesOf(runs, setting);
  const calm = runs.filter(isCalm).map((run) => ({ run, ttft: SHARES.map((share) => quantileOf(run.ttft.slice(), share)), tpot: SHARES.map((share) => quantileOf(run.tpot.slice(), share)) }));
  if (calm.length === 0) throw new RangeError('calibrate: engine runs 0 are not at least 1');
  const staged = calm.some(({ run }) => run.prefill.pipelineParallel > 1 || run.decode.pipelineParallel > 1);
  const names = staged ? NAMES : NAMES.filter((name) => name !== 'stageSeconds');
  const constantsAt = (point: readonly number[]): EngineConstants => ({
    ...START,
    keptBytes,
    ...(staged ? {} : { stageSeconds: 0 }),
    ...Object.fromEntries(names.map((name, at) => [name, START[name] * Math.exp(point[at] as number)])),
  });
  const loss = (point: readonly number[]): number => {
    const constants = constantsAt(point);
    let sum = 0;
    for (const { run, ttft, tpot } of calm) {
      const outcome = rerun(run, setting, constants);
      const [first, each] = [ttftOf(outcome), tpotOf(outcome)];
      SHARES.forEach((share, at) => {
        sum += Math.log(quantileOf(first, share) / (ttft[at] as number)) ** 2 + Math.log(quantileOf(each, share) / (tpot[at] as number)) ** 2;
      });
    }
    return sum;
  };
  const best = minimise(
    loss,
    names.map(() => 0),
    { iterations: 200, restarts: 4 },
  );
  const fitted = constantsAt(best);
  return Object.fromEntries(Object.entries(fitted).map(([name, value]) => [name, Number(value.toPrecision(3))])) as unknown as EngineConstants;
}

/** Most tokens of context that were in flight at once, each request's growing evenly from its first token to its last. */
export function peakContext({ requests: { arrival, prompt, output }, ttft, tpot }: MeasuredRun): number {
  const first = arrival.map((time, at) => time + (ttft[at] as number));
  const last = first.map((time, at) => time + (tpot[at] as number) * ((output[at] as number) - 1));
  let peak = 0;
  for (const now of first) {
    let context = 0;
    for (let at = 0; at < first.length; at++) {
      const [from, to] = [first[at] as number, last[at] as number];
      if (from <= now && now < to) context += (prompt[at] as number) + ((output[at] as number) * (now - from)) / (to - from);
    }
    peak = Math.max(peak, context);
  }
  return peak;
}

/** Colocated runs, all of one split, show what the cache holds: the peak of those whose queues build up. What is missing to the released formula each chip keeps from it. */
function keptBytesOf(runs: readonly MeasuredRun[], { dimensions, link }: EngineSetting): number {
  const full = runs.filter((run) => run.engine === 'vllm' && !isCalm(run));
  if (full.length === 0) return 0;
  const { prefill } = full[0] as MeasuredRun;
  const missing = Math.max(0, releasedKvCapacity(dimensions, prefill).tokens - Math.max(...full.map(peakContext)));
  return (missing * link.bytesPerToken) / (prefill.tensorParallel * prefill.pipelineParallel);
}

/** Measured and simulated share of requests that keep an objective. */
export function attainments(run: MeasuredRun, outcome: Outcome, slo: Slo): { readonly measured: number; readonly simulated: number } {
  let kept = 0;
  for (let at = 0; at < run.ttft.length; at++) if ((run.ttft[at] as number) <= slo.ttft && (run.tpot[at] as number) <= slo.tpot) kept++;
  return { measured: kept / run.ttft.length, simulated: attainmentOf(outcome, slo).both };
}
