import { type AttainmentRow, attainmentLines } from '../../src/chart/index.ts';
import { measuredRunRows } from '../../src/papers/distserve/measured-runs.ts';
import { claim } from '../../src/report/definition.ts';
import type { RowView, SectionView } from '../../src/report/view.ts';
import { type DistserveContext, id, percentOf, points, SERIES, times } from './context.ts';

type Run = ReturnType<typeof measuredRunRows>[number];

const placementOf = ({ trace: { engine, splits } }: Run): string => (engine === 'vllm' ? 'vLLM' : `DistServe ${splits[3] === 1 ? '2+1' : '2+1×2'}`);
const FULL = { vLLM: 'vLLM, one GPU', 'DistServe 2+1': 'DistServe, TP 2 and TP 1', 'DistServe 2+1×2': 'DistServe, TP 2 and PP 2' } as Readonly<Record<string, string>>;
const nameOf = (run: Run): string => FULL[placementOf(run)] as string;
const gpusOf = ({ trace: { engine, splits } }: Run): number => (engine === 'vllm' ? 1 : (splits[0] as number) * (splits[1] as number) + (splits[2] as number) * (splits[3] as number));
const spanOf = ({ trace: { requests, rate } }: Run): number => Math.round(requests / rate);

/** Seconds of requests in the runs of most placements. */
const LONG = 100;

function panelOf(run: Run): string | null {
  if (spanOf(run) === LONG) return `${nameOf(run)}, ${LONG} s`;
  return run.trace.engine === 'distserve' && run.trace.requests === 300 ? `${nameOf(run)}, 300 requests` : null;
}

/** Measured runs on A100 beside ours and the released simulator. */
export function tracesSection({ numbers, ours, peek, slot }: DistserveContext): SectionView {
  const runs = [...measuredRunRows()].sort((a, b) => nameOf(a).localeCompare(nameOf(b)) || a.trace.rate - b.trace.rate || a.trace.requests - b.trace.requests);
  const number = (run: Run, what: 'ours' | 'measured' | 'released'): string => numbers.reference(id(what === 'ours' ? `traces/${run.trace.id}` : `trace/${run.trace.id}/${what}`));
  const signed = (value: number): string => `${value < -0.0005 ? '−' : value > 0.0005 ? '+' : ''}${points(Math.abs(value))}`;
  const rows = runs.map((run): RowView => {
    const { text, footnote } = ours(`traces/${run.trace.id}`);
    return {
      header: `${nameOf(run)}`,
      cells: {
        rate: { text: (run.trace.rate / gpusOf(run)).toFixed(2) },
        requests: { text: String(run.trace.requests) },
        measured: { text: points(run.measured), number: number(run, 'measured') },
        ours: { text: Number(text).toFixed(1), number: number(run, 'ours'), ...(footnote === undefined ? {} : { footnote }) },
        error: { text: signed(run.simulated - run.measured) },
        released: { text: points(run.released), number: number(run, 'released') },
        releasedError: { text: signed(run.released - run.measured) },
      },
    };
  });
  const panels = runs.flatMap((run): readonly AttainmentRow[] => {
    const panel = panelOf(run);
    if (panel === null) return [];
    const x = Number((run.trace.rate / gpusOf(run)).toFixed(4));
    return [
      { panel, series: 'distserve', name: 'Ours', x, percent: percentOf(run.simulated), number: number(run, 'ours') },
      { panel, series: 'released', name: 'Released', x, percent: percentOf(run.released), number: number(run, 'released') },
      { panel, series: 'paper', name: 'Measured', x, reference: percentOf(run.measured), number: number(run, 'measured') },
    ];
  });
  const [mean, released] = ['traces/mean-error', 'traces/released-mean-error'].map((path) => peek(id(path))) as [number, number];
  const full = runs.find(({ trace }) => trace.id === 'distserve-c21d12-1000-10');
  const within = runs.filter(({ simulated, measured }) => Math.abs(simulated - measured) <= 0.05).length;
  const constants = ['distserve', 'vllm'] as const;
  const constant = (what: string, header: string, unit: string, format: (value: number) => string): RowView => ({
    header,
    cells: {
      ...Object.fromEntries(constants.map((engine) => [engine, { text: format(peek(id(`engine/${engine}/${what}`))), number: numbers.reference(id(`engine/${engine}/${what}`)) }])),
      unit: { text: unit },
    },
  });
  const ms = (seconds: number): string => (1e3 * seconds).toFixed(2);
  return {
    anchor: 'traces',
    label: 'Table B',
    heading: 'Measured runs on A100',
    takeaway: `${claim('Ours is half as far off as the released simulator', mean < 0.55 * released)}: ${slot(id('traces/mean-error'), points)} percentage points in the mean over all measured runs whose placement is known, against ${slot(id('traces/released-mean-error'), points)}.`,
    blocks: [
      {
        kind: 'figure',
        anchor: 'traces-chart',
        label: 'Figure B',
        chart: attainmentLines(panels, {
          id: 'traces-chart',
          title: claim(
            'A full cache of the decode instance is what the released simulator misses',
            full !== undefined && full.released - full.measured > 0.5 && Math.abs(full.simulated - full.measured) < 0.1,
          ),
          description: 'Requests within both objectives, in per cent, against the rate: measured runs of OPT-13B, ours, and the released simulator.',
          valueName: 'Simulated',
          referenceName: 'Measured',
          allSeries: [...SERIES, 'released'],
          crossings: [],
          xTitle: 'Requests per second and GPU',
        }),
        note: 'Runs of the length that the head of the panel says; short runs end before queues have grown. Rates are those of one GPU.',
        source: 'Runs of the authors of the paper, from the history of their repository, April 2024.',
      },
      {
        kind: 'table',
        anchor: 'traces',
        label: 'Table B',
        caption: claim('Most runs come out within five points', within > 0.6 * runs.length),
        rowHeader: 'System',
        columns: [
          { id: 'rate', header: 'Rate', unit: '1/s a GPU' },
          { id: 'requests', header: 'Requests' },
          { id: 'measured', header: 'Measured', unit: '%' },
          { id: 'ours', header: 'Ours', unit: '%', group: 'Simulated here' },
          { id: 'error', header: 'Off by', group: 'Simulated here' },
          { id: 'released', header: 'Released', unit: '%', group: 'Released simulator' },
          { id: 'releasedError', header: 'Off by', group: 'Released simulator' },
        ],
        rows,
        note: 'Requests of OPT-13B on ShareGPT that keep the objectives of Table 1. TP: GPUs that share every operator, of prompts and of decoding; PP: stages of decoding. Off by: percentage points.',
      },
      {
        kind: 'table',
        anchor: 'constants',
        label: 'Table C',
        caption: 'What engines add to single passes, from calm runs',
        rowHeader: 'Constant',
        columns: [
          { id: 'distserve', header: 'DistServe' },
          { id: 'vllm', header: 'vLLM' },
          { id: 'unit', header: 'Unit', numeric: false },
        ],
        rows: [
          constant('prefillFactor', 'A prefill, against its single pass', 'times', (value) => value.toFixed(2)),
          constant('prefillSeconds', 'Host, each prefill', 'ms', ms),
          constant('stepSeconds', 'Host, each decode step', 'ms', ms),
          constant('requestSeconds', 'Host, each request of a step', 'ms', (seconds) => (1e3 * seconds).toFixed(3)),
          constant('stageSeconds', 'Each stage of a decode step', 'ms', ms),
          constant('keptBytes', 'Memory that the engine keeps from the cache', 'GB', (bytes) => times(bytes / 1e9)),
        ],
        note: 'Fitted to times to the first and per further token of runs in which no queue builds up, never to attainments. The single passes are those of the released profiles before they were raised by hand; memory is that of their engines.',
      },
    ],
  };
}
