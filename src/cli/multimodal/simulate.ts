import { InputError } from '../../io/input-error.ts';
import type { Slo } from '../../serving/disaggregation/attainment.ts';
import { type Load, requestsAt } from '../../serving/disaggregation/load.ts';
import { type Outcome, type RoleCounts, tpotOf, ttftOf } from '../../serving/disaggregation/outcome.ts';
import { simulate } from '../../serving/disaggregation/simulate.ts';
import { summaryOf } from '../../serving/disaggregation/summary.ts';
import { allocationText, chipsOfAllocation, clusterOfAllocation } from '../../serving/multimodal/allocation.ts';
import { orderKey } from '../../serving/multimodal/order.ts';
import { significant } from '../../units/format.ts';
import type { Catalogue } from '../catalogue.ts';
import type { Printout } from '../output/print.ts';
import type { TextTable } from '../output/text-table.ts';
import { type Run, runTable, timesTable } from '../serving/run-tables.ts';
import { asked, type Estimated, estimatorFor, hardwareOf, type LoadOptions } from './estimator.ts';
import { chipFor, told } from './options.ts';
import { allocationFor, type SchedulingOptions, splitsFor, type Workers } from './workers.ts';

export interface SimulateOptions extends LoadOptions, SchedulingOptions {
  readonly workers: Workers;
  readonly accelerator?: string;
  readonly rate?: number;
  readonly slo: Slo;
  readonly switchEvery?: number;
  readonly switchSeconds?: number;
}

/** Chips of all stages, where times are calibrated. */
const DEFAULT_CHIP = 'h100';
/** Changes of role take less: section 3.2.4 of arXiv:2501.05460. */
const SWITCH_SECONDS = 0.7;

/** Time that one request alone takes to be encoded and read, by which orders go. */
export const aloneSeconds =
  ({ estimator }: Estimated, prefillSeconds: (prompt: number) => number) =>
  (prompt: number, media: number): number =>
    (media > 0 ? estimator.encode.seconds(media) : 0) + prefillSeconds(prompt);

/** One run: a summary, and what each request took. */
export function simulated(options: SimulateOptions, catalogue: Catalogue): Printout {
  const { rate = 1, slo, workers, switchEvery, switchSeconds = SWITCH_SECONDS, estimator: name } = options;
  if (name === 'epd' && options.accelerator !== undefined) throw new InputError(`multimodal: accelerator ${options.accelerator} is used with --estimator calibrated only: EPD was timed on A100`);
  if (switchEvery !== undefined && workers.encode === 0) throw new InputError(`multimodal: switch-every ${switchEvery} needs encode instances, such as --workers 5E1P2D`);
  if (switchEvery === undefined && options.switchSeconds !== undefined) throw new InputError(`multimodal: switch-seconds ${switchSeconds} is used with --switch-every only`);
  const what = asked(options, catalogue, 1);
  const chip = chipFor(catalogue, name === 'epd' ? 'a100-80g' : (options.accelerator ?? DEFAULT_CHIP));
  const chips = { encode: chip, prefill: chip, decode: chip };
  const estimated = estimatorFor(what, options, chips);
  const { estimator } = estimated;
  const single = { tensorParallel: options.tp ?? 1, pipelineParallel: 1 };
  const splits = name === 'epd' ? { prefill: single, decode: single } : splitsFor(options.tp, workers.encode === 0, hardwareOf(what, options, chips));
  const allocation = allocationFor(workers, splits, options);
  const { times } = told(() => (workers.encode > 0 ? estimator.apart : estimator.together).instance(workers.prefill === null ? 'colocated' : 'prefill', splits.prefill), 'prefill');
  const key = orderKey(options.order, { ttft: slo.ttft - estimator.entrySeconds, seconds: aloneSeconds(estimated, (prompt) => times.prefill(1, prompt, prompt ** 2, true, 0)) });
  const switching = switchEvery === undefined ? undefined : { everySeconds: switchEvery, seconds: () => switchSeconds };
  const outcome = told(() => simulate(requestsAt(what.loads[0] as Load, rate), clusterOfAllocation(estimator, allocation, key, switching)));
  const entered = entering(outcome, estimator.entrySeconds);
  const run: Run & { readonly roles: readonly RoleCounts[] } = {
    model: what.model.id,
    estimator: name,
    placement: allocationText(allocation),
    chips: chipsOfAllocation(allocation),
    slo,
    ...summaryOf(entered, slo),
    roles: outcome.roles,
    notes: [
      ...what.notes,
      `chips: ${chip.id}`,
      ...estimated.notes,
      ...(estimator.entrySeconds > 0 ? [`time to first token counts ${significant(estimator.entrySeconds, 3)} s before a request waits for anything`] : []),
    ],
  };
  const rows = requestRows(entered);
  return { json: { summary: run, requests: rows }, rows, tables: [runTable(run), timesTable(run), ...(outcome.roles.length > 1 ? [rolesTable(outcome.roles)] : [])] };
}

/** The same run, as clients see it: each request arrives some time before it enters. */
function entering(outcome: Outcome, entrySeconds: number): Outcome {
  if (entrySeconds === 0) return outcome;
  const { requests } = outcome;
  return { ...outcome, requests: { ...requests, arrival: requests.arrival.map((time) => time - entrySeconds) } };
}

/** Times of each request, s from the start of the run; null where it has none. */
function requestRows(outcome: Outcome): readonly Readonly<Record<string, number | null>>[] {
  const { requests, encodeStart, encoded, prefillStart, firstToken, decodeStart, finish } = outcome;
  const [ttft, tpot] = [ttftOf(outcome), tpotOf(outcome)];
  const time = (column: Float64Array | null, at: number): number | null => (column === null || Number.isNaN(column[at]) ? null : (column[at] as number));
  return Array.from(requests.arrival, (arrival, at) => ({
    request: at + 1,
    arrival_s: arrival,
    images: requests.media?.[at] ?? 0,
    prompt_len: requests.prompt[at] as number,
    output_len: requests.output[at] as number,
    ttft_s: ttft[at] as number,
    tpot_s: tpot[at] as number,
    encode_start_s: time(encodeStart, at),
    encoded_s: time(encoded, at),
    prefill_start_s: time(prefillStart, at),
    first_token_s: time(firstToken, at),
    decode_start_s: time(decodeStart, at),
    finish_s: time(finish, at),
  }));
}

const rolesTable = (roles: readonly RoleCounts[]): TextTable => ({
  title: 'Instances that take work',
  columns: [{ header: 'from, s', number: true }, ...(['encode', 'prefill', 'decode'] as const).map((header) => ({ header, number: true }))],
  rows: roles.map(({ time, encode, prefill, decode }) => [significant(time, 4), String(encode), String(prefill), String(decode)]),
});
