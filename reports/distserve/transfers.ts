import { type CumulativeRow, cumulativeShare, type TimeShareRow, timeShares } from '../../src/chart/index.ts';
import { modelCache } from '../../src/models/cache.ts';
import { modelOf } from '../../src/models/index.ts';
import { type EvaluationCase, evaluationCases, runOfPoint, SIMULATED } from '../../src/papers/distserve/curves.ts';
import { figure10Breakdown, figure10Transfer } from '../../src/papers/distserve/data/figure10.ts';
import { distserveLink } from '../../src/papers/distserve/link.ts';
import { loadOfSent, outcomeOf } from '../../src/papers/distserve/runs.ts';
import { claim } from '../../src/report/definition.ts';
import type { RowView, SectionView } from '../../src/report/view.ts';
import { phasesOf } from '../../src/serving/disaggregation/summary.ts';
import { type DistserveContext, id, SERIES, SYSTEMS } from './context.ts';

const PARTS = [
  { name: 'Waits for prefill', stage: 'prefill', waits: true },
  { name: 'Prefill', stage: 'prefill' },
  { name: 'Transfer', stage: 'transfer' },
  { name: 'Waits for decoding', stage: 'decode', waits: true },
  { name: 'Decoding', stage: 'decode' },
] as const;
const PHASES = { 'Waits for prefill': 'prefillQueue', Prefill: 'prefill', Transfer: 'transfer', 'Waits for decoding': 'decodeQueue', Decoding: 'decode' } as const;
const DRAWN = {
  'Waits for prefill': 'prefillQueuing',
  Prefill: 'prefillExecution',
  Transfer: 'transmission',
  'Waits for decoding': 'decodingQueuing',
  Decoding: 'decodingExecution',
} as const;
const MODELS = { 'opt-13b': 'OPT-13B', 'opt-66b': 'OPT-66B', 'opt-175b': 'OPT-175B' } as const;
const caseOf = (name: 'opt-13b' | 'opt-66b'): EvaluationCase => evaluationCases.find(({ id: each }) => each === name) as EvaluationCase;

/** Requests per second and GPU of OPT-13B that are taken apart: light, at the objectives of DistServe, and above them. */
const RATES = [0.5, 2, 3] as const;
const PARTS_OF = caseOf('opt-13b');

function ourShares(): readonly (TimeShareRow & { readonly system: (typeof SIMULATED)[number]; readonly rate: number })[] {
  return SIMULATED.flatMap((system) =>
    RATES.flatMap((rate) => {
      const phases = phasesOf(outcomeOf(runOfPoint(PARTS_OF, system, rate)));
      const total = Object.values(phases).reduce((sum, seconds) => sum + seconds, 0);
      return PARTS.filter(({ name }) => system === 'distserve' || name !== 'Transfer').map(({ name }) => {
        const seconds = phases[PHASES[name]];
        return { system, rate, panel: SYSTEMS[system], bar: `${rate} /s`, part: name, percent: (100 * seconds) / total, seconds };
      });
    }),
  );
}

/** Where a request's time goes. */
export function phasesSection(): SectionView {
  const rows = ourShares();
  const share = (system: string, rate: number, part: string): number => rows.find((row) => row.system === system && row.rate === rate && row.part === part)?.percent ?? Number.NaN;
  const decoding = SIMULATED.every((system) => RATES.every((rate) => share(system, rate, 'Decoding') > (system === 'distserve' && rate === 3 ? 80 : 95)));
  const full = share('distserve', 2, 'Transfer') < 1 && share('distserve', 3, 'Transfer') > 5;
  return {
    anchor: 'phases',
    label: 'Figure C',
    heading: "Where a request's time goes",
    takeaway: claim(
      'Almost all of the time of a request is decoding; above the rate that keeps the objectives, requests of DistServe wait until its one decode GPU has room for their keys and values, and that is where its curve falls.',
      decoding && full,
    ),
    blocks: [
      {
        kind: 'figure',
        anchor: 'phases',
        label: 'Figure C',
        chart: timeShares(
          rows.map(({ system: _, rate: __, ...row }) => row),
          {
            id: 'phases',
            title: claim('OPT-13B: what grows above the goal is the wait for memory where requests decode', decoding && full),
            description: 'Shares of the mean time of a request of OPT-13B at three rates per GPU, on DistServe and on vLLM, as simulated.',
            parts: PARTS,
          },
        ),
        note: 'Means over requests, at requests per second and GPU. Transfer: until keys and values lie where the request decodes, waiting for the end of a step and for room included. On vLLM prompts of others stop decoding, which counts as decoding.',
        source: 'Times of the engines, runs as in {{#figure-8}}.',
      },
    ],
  };
}

/** Share of the requests of the paper's runs whose keys and values take at most a time by themselves. */
function transferShares(name: 'opt-13b' | 'opt-66b'): (seconds: number) => number {
  const evaluated = caseOf(name);
  const { prompt } = loadOfSent(runOfPoint(evaluated, 'distserve', evaluated.drawn.rate.x[0] as number).sent);
  const { bytesPerToken, bytesPerSecond } = distserveLink(modelCache(modelOf(evaluated.model)).perToken);
  return (seconds) => (100 * prompt.filter((tokens) => (tokens * bytesPerToken) / bytesPerSecond <= seconds).length) / prompt.length;
}

const GRID = Array.from({ length: 33 }, (_, at) => 1e-4 * 10 ** (at / 8));
const QUANTILES = { p10: 10, p25: 25, p50: 50, p70: 70, p75: 75, p90: 90, p95: 95, p99: 99 } as const;

/** Figure 10: shares of the latency of OPT-175B as drawn, and transfers. */
export function figure10Section({ cells, numbers, peek }: DistserveContext): SectionView {
  const breakdown = figure10Breakdown.ratePerGpu.flatMap((rate, at) =>
    PARTS.map(({ name }): TimeShareRow => ({ panel: '', bar: `${rate} /s`, part: name, percent: figure10Breakdown.percent[DRAWN[name]][at] as number })),
  );
  const models = Object.keys(MODELS) as (keyof typeof MODELS)[];
  const transfers = models.flatMap((model, at): readonly CumulativeRow[] => {
    const line = { panel: '', series: SERIES[at] as string, name: MODELS[model] };
    const simulated = model === 'opt-175b' ? null : transferShares(model);
    return [
      ...(simulated === null ? [] : GRID.filter((seconds) => seconds >= 4e-4 && seconds <= 0.16).map((seconds): CumulativeRow => ({ ...line, seconds, percent: simulated(seconds) }))),
      ...Object.entries(QUANTILES).map(([name, reference]): CumulativeRow => ({ ...line, seconds: figure10Transfer[model].quantileSeconds[name as keyof typeof QUANTILES], reference })),
    ];
  });
  const share = (model: string): number => peek(id(`figure-10/${model}/below-30-ms`));
  const disagrees = cells.compared(id('figure-10/transmission-share')).status === 'deviation' && share('opt-175b') < 0.95;
  const row = (header: string, path: string, unit: string): RowView => ({ header, cells: { ours: cells.cell(id(`figure-10/${path}`)), unit: { text: unit } } });
  numbers.reference(id('input/link'));
  return {
    anchor: 'figure-10',
    label: 'Figure 10',
    heading: 'Transfers of keys and values',
    takeaway: claim(
      'Moving keys and values costs next to nothing; two sentences of the text make it even less than its own figure does.',
      disagrees && share('opt-13b') > 0.95 && share('opt-66b') > 0.95,
    ),
    blocks: [
      {
        kind: 'figure',
        anchor: 'figure-10-shares',
        label: 'Figure 10a',
        chart: timeShares(breakdown, {
          id: 'figure-10-shares',
          title: claim('OPT-175B as drawn: decoding takes most of the time, transmission less than a hundredth', Math.max(...figure10Breakdown.percent.transmission) < 1),
          description: 'Shares of the latency of OPT-175B over the rate per GPU, read from the bars of Figure 10a.',
          parts: PARTS,
        }),
        note: 'As the paper has it; no times of OPT-175B were released, so nothing here simulates it. Ours of OPT-13B is {{#phases}}.',
        source: 'Read from Figure 10 of the paper.',
      },
      {
        kind: 'figure',
        anchor: 'figure-10-transfers',
        label: 'Figure 10b',
        chart: cumulativeShare(transfers, {
          id: 'figure-10-transfers',
          title: claim('A transfer takes milliseconds; the rate of the way is what that of OPT-13B reached', peek(id('figure-10/opt-13b/median-transfer')) < 0.01),
          description: 'Share of requests against the time that their keys and values take to the decode instance, computed for OPT-13B and OPT-66B, measured hollow.',
          xTitle: 'Transfer of keys and values',
          valueName: 'Computed',
          referenceName: 'Read from Figure 10b',
          allSeries: SERIES,
        }),
        note: 'Of the prompts of {{#figure-8}}, each transfer alone: the lengths spread the times. Of OPT-175B only the measured quantiles.',
        source: 'Bytes of each prompt over the rate of the way; quantiles read from Figure 10 of the paper.',
      },
      {
        kind: 'table',
        anchor: 'figure-10',
        label: 'Table H',
        caption: claim('What the figure and the text of the paper say', disagrees),
        rowHeader: 'Quantity',
        columns: [
          { id: 'ours', header: 'Value' },
          { id: 'unit', header: 'Unit', numeric: false },
        ],
        rows: [
          ...models.map((model) => row(`Median transfer, ${MODELS[model]}`, `${model}/median-transfer`, 'ms')),
          ...models.map((model) => row(`Transfers below 30 ms, ${MODELS[model]}, as drawn`, `${model}/below-30-ms`, '%')),
          row('Smallest share of transmission, as drawn', 'transmission-share', '%'),
        ],
        note: 'Medians are computed from the mean prompt; the other rows set what the text says beside what its own figure shows.',
      },
    ],
  };
}
