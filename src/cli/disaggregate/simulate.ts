import { InputError } from '../../io/input-error.ts';
import type { Slo } from '../../serving/disaggregation/attainment.ts';
import { chipsOfPlacement } from '../../serving/disaggregation/estimator.ts';
import { loadOf, requestsAt } from '../../serving/disaggregation/load.ts';
import { type Outcome, tpotOf, ttftOf } from '../../serving/disaggregation/outcome.ts';
import { placementText } from '../../serving/disaggregation/placement.ts';
import { simulate } from '../../serving/disaggregation/simulate.ts';
import { summaryOf } from '../../serving/disaggregation/summary.ts';
import type { Catalogue } from '../catalogue.ts';
import type { Printout } from '../output/print.ts';
import { type Run, runTable, timesTable } from '../serving/run-tables.ts';
import { type EstimatorOptions, estimatorsFor, modelFor } from './estimator.ts';
import { type LoadOptions, loadOfSeed, readTrace, refuseUnusedLoad } from './load.ts';
import { chipsOf, clusterFor, type PlacementOptions, placementOf } from './placement.ts';
import { told } from './told.ts';

export interface SimulateOptions extends EstimatorOptions, LoadOptions, PlacementOptions {
  readonly rate?: number;
  readonly slo: Slo;
}

/** One run: a summary, and what each request took. */
export async function simulated(options: SimulateOptions, catalogue: Catalogue): Promise<Printout> {
  refuseUnusedLoad(options);
  const { rate, slo, trace } = options;
  if (trace !== undefined && rate !== undefined) throw new InputError('disaggregate: rate is not used with --trace');
  const requests = trace === undefined ? requestsAt(loadOfSeed(options, options.seed ?? 0), rate ?? 1) : await readTrace(trace);
  const model = modelFor(catalogue, options.model);
  const placement = placementOf(options, options.estimator);
  const { estimator, notes } = estimatorsFor(options, catalogue, model, [loadOf(requests, 1)])(chipsOf(options, catalogue, options.estimator));
  const cluster = clusterFor(estimator, placement, options);
  const outcome = told(() => simulate(requests, cluster));
  const run: Run = { model: model.id, estimator: options.estimator, placement: placementText(placement), chips: chipsOfPlacement(placement), slo, ...summaryOf(outcome, slo), notes };
  const rows = requestRows(outcome);
  return { json: { summary: run, requests: rows }, rows, tables: [runTable(run), timesTable(run)] };
}

/** Times of each request, s from the start of the run; null where it has none. */
function requestRows(outcome: Outcome): readonly Readonly<Record<string, number | null>>[] {
  const { requests, prefillStart, firstToken, decodeReady, decodeStart, finish } = outcome;
  const [ttft, tpot] = [ttftOf(outcome), tpotOf(outcome)];
  const time = (column: Float64Array, at: number): number | null => (Number.isNaN(column[at]) ? null : (column[at] as number));
  return Array.from(requests.arrival, (arrival, at) => ({
    request: at + 1,
    arrival_s: arrival,
    prompt_len: requests.prompt[at] as number,
    output_len: requests.output[at] as number,
    ttft_s: ttft[at] as number,
    tpot_s: tpot[at] as number,
    prefill_start_s: time(prefillStart, at),
    first_token_s: time(firstToken, at),
    decode_ready_s: time(decodeReady, at),
    decode_start_s: time(decodeStart, at),
    finish_s: time(finish, at),
  }));
}
