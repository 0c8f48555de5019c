import { modelCache } from '../../models/cache.ts';
import { modelOf } from '../../models/index.ts';
import { attainmentOf, type Slo } from '../../serving/disaggregation/attainment.ts';
import { clusterOf, type Estimator, type Placement, type Split } from '../../serving/disaggregation/estimator.ts';
import { type Load, requestsAt } from '../../serving/disaggregation/load.ts';
import type { Outcome } from '../../serving/disaggregation/outcome.ts';
import { releasedEstimator } from '../../serving/disaggregation/released-estimator.ts';
import { simulate } from '../../serving/disaggregation/simulate.ts';
import { kept } from '../kept.ts';
import type { Splits } from './data/placements.ts';
import { distserveLink } from './link.ts';
import { histogramLoad, shareGptLoad } from './load.ts';

/**
 * How runs are simulated. `released`: as the released simulator does, no limit of memory. `limited`: its times, with the memory of the engines.
 * `engine`: times of the engines, fitted to calm measured runs, and their memory: our best.
 */
export type Mode = 'released' | 'limited' | 'engine';
export type DataSet = 'sharegpt' | 'humaneval' | 'longbench';

const OPTIONS = {
  released: { times: 'released', kvLimit: false },
  limited: { times: 'released', kvLimit: true },
  engine: { times: 'engine', kvLimit: true },
} as const;

/** Requests of a run: how many, of what lengths; whether the last comes after exactly as many mean gaps as there are requests. */
export interface Sent {
  readonly dataSet: DataSet;
  readonly requests: number;
  readonly spanIsExact: boolean;
}

export interface Run extends Splits {
  readonly model: string;
  readonly mode: Mode;
  readonly sent: Sent;
  /** requests per second of all GPUs */
  readonly rate: number;
}

const estimators = kept<Estimator>();
const loads = kept<Load>();
const outcomes = kept<Outcome>();

/** Times, memory and rules of a model in a mode. @throws RangeError for a model that was not profiled */
export const estimatorOf = (id: string, mode: Mode): Estimator =>
  estimators(`${id} ${mode}`, () => {
    const model = modelOf(id);
    return releasedEstimator(model, { ...OPTIONS[mode], linkBytesPerSecond: distserveLink(modelCache(model).perToken).bytesPerSecond, usdPerHour: null });
  });

export const loadOfSent = ({ dataSet, requests, spanIsExact }: Sent): Load =>
  loads(`${dataSet} ${requests} ${spanIsExact}`, () => (dataSet === 'sharegpt' ? shareGptLoad(requests, spanIsExact) : histogramLoad(dataSet, requests, spanIsExact)));

/** One instance of each role, or one that does both. */
export function placementOf({ engine, splits }: Splits): Placement {
  const split = (at: number): Split => ({ tensorParallel: splits[at] as number, pipelineParallel: splits[at + 1] as number });
  return engine === 'vllm' ? { kind: 'colocated', split: split(0), instances: 1 } : { kind: 'disaggregated', prefill: split(0), decode: split(2), prefillInstances: 1, decodeInstances: 1 };
}

/** What the requests of a run go through. @throws RangeError where the placement cannot run */
export const outcomeOf = ({ engine, splits, model, mode, sent, rate }: Run): Outcome =>
  outcomes(`${engine} ${splits} ${model} ${mode} ${sent.dataSet} ${sent.requests} ${sent.spanIsExact} ${rate}`, () =>
    simulate(requestsAt(loadOfSent(sent), rate), clusterOf(estimatorOf(model, mode), placementOf({ engine, splits }))),
  );

/** Share of the requests of a run that keep both times, scaled. */
export const attainmentOfRun = (run: Run, slo: Slo, scale = 1): number => attainmentOf(outcomeOf(run), slo, { scale }).both;
