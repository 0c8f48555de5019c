import type { NumberSpec } from '../../evidence/number.ts';
import type { Source } from '../../provenance/source.ts';
import { engineRuns } from '../../serving/disaggregation/engine-constants.ts';
import { simulationProcedure } from '../../serving/disaggregation/procedures.ts';
import type { Aim } from '../printed.ts';
import type { Splits } from './data/placements.ts';
import { type Trace, traces } from './data/traces.ts';
import { meanErrorProcedure } from './formulas.ts';
import { found, ID, type Item, item } from './item.ts';
import { attainmentOfRun, type Run } from './runs.ts';
import { askedInputs, instanceInputs, setting } from './settings.ts';

const PERCENT = 0.01;
const MODEL = 'opt-13b';
const POINTS = 5;
const AIM: Aim = { kind: 'near', by: POINTS, predicts: true };
const SLO = { ttft: 0.25, tpot: 0.1 } as const;

/** A measured run whose placement is known. */
type Labelled = Trace & Splits & { readonly released: NonNullable<Trace['released']> };
export const labelledTraces: readonly Labelled[] = traces.filter((trace): trace is Labelled => trace.splits !== null && trace.released !== null);

/** A measured run as ours: times of the engines, arrivals as they were planned, which the requests that were sent follow to within a tenth of a second. */
export const runOfTrace = ({ engine, splits, requests, rate }: Labelled): Run => ({
  engine,
  splits,
  rate,
  model: MODEL,
  mode: 'engine',
  sent: { dataSet: 'sharegpt', requests, spanIsExact: true },
});

const fullCache =
  'a full cache of the decode instance decides, and the machine was not the same in each run: this placement was served faster at 16 than at 14 requests per second (median time per output token 178 against 236 ms); steps that are 2 % shorter give';
const BECAUSE: Readonly<Record<string, string>> = {
  'distserve-c21d12-1000-10': `${fullCache} 77 %`,
  'distserve-c21d12-1200-12': `${fullCache} 24 %`,
  'distserve-c21d12-1400-14': `${fullCache} 9 %`,
  'vllm-100-1': 'five of the seven requests that differ took within 10 % of 250 ms in both; times that are 2 % shorter give 84 %',
  'vllm-100-2': 'this run was slower than its neighbours: half of its requests waited 191 ms for the first token, 154 ms at 2.5 requests per second and 146 ms at 1.5',
  'vllm-250-2.5': 'ten of the 20 requests that differ took within 10 % of 250 ms in both; times that are 2 % shorter give 77 %',
  'vllm-350-3.5': 'just where queues begin to grow: times that are 2 % longer give 28 %, 5 % longer 18 %, 5 % shorter 53 %',
};

const fittedRuns: ReadonlySet<string> = new Set(engineRuns.filter(({ fitted }) => fitted).map(({ name }) => name));

/** What a run told the constants of its engine: its times where no queue builds up, the memory that vLLM keeps where one does, or nothing. Attainments were never fitted to. */
export const toldBy = ({ id, engine }: Trace): 'times' | 'memory' | 'nothing' => (fittedRuns.has(id) ? 'times' : engine === 'vllm' ? 'memory' : 'nothing');
const TOLD = {
  times: 'the constants of the engine were fitted to medians and ninetieth percentiles of times, this run among them',
  memory: 'the memory that vLLM keeps from the cache was read from this run or its neighbour',
  nothing: 'nothing was fitted to this run',
} as const;

const cellPath = (id: string): string => `traces/${id}`;
const traceItems: readonly Item[] = labelledTraces.map((trace) => {
  const { id, measured } = trace;
  const run = runOfTrace(trace);
  const inputs = { rate: setting('rate', run.rate), ...askedInputs(SLO, run.sent), ...instanceInputs(MODEL, run.mode, run) };
  const deviates = BECAUSE[id];
  return item(
    cellPath(id),
    measured.at250,
    `measured run ${id}, requests within 0.25 and 0.1 s, per cent`,
    found(`attainment, run ${id}`, '1', simulationProcedure, inputs, () => attainmentOfRun(run, SLO), `arrivals as planned, not as sent; ${TOLD[toldBy(trace)]}`),
    { scale: PERCENT, aim: AIM, ...(deviates === undefined ? {} : { deviates }) },
  );
});

const leaf = (id: string, what: 'measured' | 'released'): string => `${ID}/trace/${id}/${what}`;
const measuredShare = ({ measured }: Labelled): number => PERCENT * Number(measured.at250);

function errorItem(name: string, where: string, runs: readonly Labelled[], by: 'ours' | 'released', deviates?: string): Item {
  const simulated = (run: Labelled): number => (by === 'ours' ? attainmentOfRun(runOfTrace(run), SLO) : PERCENT * Number(run.released.at250));
  const inputs = Object.fromEntries(
    runs.flatMap(({ id }, at) => [
      [`simulated${at + 1}`, by === 'ours' ? `${ID}/${cellPath(id)}` : leaf(id, 'released')],
      [`measured${at + 1}`, leaf(id, 'measured')],
    ]),
  );
  const value = (): number => runs.reduce((sum, run) => sum + Math.abs(simulated(run) - measuredShare(run)), 0) / runs.length;
  return item(`traces/${name}`, POINTS.toFixed(1), where, found(where, '1', meanErrorProcedure, inputs, value), {
    scale: PERCENT,
    aim: { kind: 'at-most' },
    ...(deviates === undefined ? {} : { deviates }),
  });
}

const heldOut = labelledTraces.filter((trace) => toldBy(trace) === 'nothing');
const errorItems: readonly Item[] = [
  errorItem('mean-error', 'mean absolute error of these runs, points', labelledTraces, 'ours'),
  errorItem('held-out-mean-error', 'mean absolute error of the runs that nothing was fitted to, points', heldOut, 'ours'),
  errorItem(
    'released-mean-error',
    'mean absolute error that the released simulator has in these runs, points',
    labelledTraces,
    'released',
    'it limits no memory, and its times were realigned after they were fitted; beside it stands ours, from the single passes, host times of calm runs, and memory',
  ),
];

export const measuredRunItems: readonly Item[] = [...traceItems, ...errorItems];

const SOURCES: Readonly<Record<'measured' | 'released', Source>> = {
  measured: { kind: 'measured', what: 'LLMServe/DistServe 20a1633, OPT-13B on A100', date: '2024-04' },
  released: { kind: 'repository', repo: 'LLMServe/DistServe', file: 'simdistserve', revision: '82831f1604cc6b10bebd360f6c437a07790dde9f', read: '2026-11-23' },
};

/** `distserve/trace/<run>/<measured|released>`: share of requests that keep 0.25 and 0.1 s, as measured, and as the released simulator has it. */
export function traceNumber([kind = '', id = '', what = '', ...more]: readonly string[]): NumberSpec | null {
  const trace = labelledTraces.find((each) => each.id === id);
  if (kind !== 'trace' || trace === undefined || (what !== 'measured' && what !== 'released') || more.length > 0) return null;
  return { kind: 'leaf', label: `attainment of run ${id}, ${what}`, value: Number((PERCENT * Number(trace[what].at250)).toPrecision(12)), unit: '1', source: SOURCES[what] };
}

/** Every measured run whose placement is known, with what ours and the released simulator make of it: shares within 0.25 and 0.1 s. */
export const measuredRunRows = (): readonly { readonly trace: Labelled; readonly measured: number; readonly simulated: number; readonly released: number }[] =>
  labelledTraces.map((trace) => ({
    trace,
    measured: measuredShare(trace),
    simulated: attainmentOfRun(runOfTrace(trace), SLO),
    released: PERCENT * Number(trace.released.at250),
  }));
