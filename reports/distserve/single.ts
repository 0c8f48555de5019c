import { type LatencyRow, latencyOverRate } from '../../src/chart/index.ts';
import { figure1 } from '../../src/papers/distserve/data/figure1.ts';
import { figure5 } from '../../src/papers/distserve/data/figure5.ts';
import { singleGpuPoint } from '../../src/papers/distserve/single-gpu.ts';
import { claim } from '../../src/report/definition.ts';
import type { RowView, SectionView } from '../../src/report/view.ts';
import { type DistserveContext, id, SERIES } from './context.ts';

const PANELS = { ttft: 'To the first token', tpot: 'Per further token' } as const;
const NAMES = { colocated: 'Both', prefill: 'Prefill alone', decode: 'Decode alone' } as const;
const COLOURS = { colocated: 'vllm', prefill: 'distserve', decode: 'deepspeed-mii' } as const;

/** Figure 1: what one GPU serves with both phases, and with one alone. */
export function figure1Section({ cells, peek, slot }: DistserveContext): SectionView {
  const rows = (['ttft', 'tpot'] as const).flatMap((what) =>
    Object.entries(figure1[`${what}Seconds`]).flatMap(([name, { x, y }]) => {
      const phase = name as keyof typeof NAMES;
      return x.map((rate, at): LatencyRow => ({ panel: PANELS[what], series: COLOURS[phase], name: NAMES[phase], rate, seconds: singleGpuPoint(phase, rate)[what].p90, reference: y[at] as number }));
    }),
  );
  const [both, prefill, decode] = (['colocated', 'prefill', 'decode'] as const).map((phase) => peek(id(`figure-1/${phase}`))) as [number, number, number];
  const apart = both < 0.2 * Math.min(prefill, decode);
  return {
    anchor: 'figure-1',
    label: 'Figure 1',
    heading: 'One GPU, both phases or one',
    takeaway: claim(
      'As in the paper, a GPU that does one phase alone serves several times the requests of one that does both; how many, ours has within a sixth for decoding, and far too many for prefill.',
      apart && Math.abs(decode / 10 - 1) < 1 / 6,
    ),
    blocks: [
      {
        kind: 'figure',
        anchor: 'figure-1-times',
        label: 'Figure 1',
        chart: latencyOverRate(rows, {
          id: 'figure-1',
          title: claim('Each phase alone holds its objective at rates where both together do not', apart),
          description: 'Ninetieth percentiles of the times to the first and per further token of OPT-13B on one A100 against the rate, with both phases on it and with one alone.',
          xTitle: 'Requests per second',
          valueName: 'Simulated',
          referenceName: 'Read from Figure 1',
          allSeries: SERIES,
          objectives: [
            { panel: PANELS.ttft, seconds: figure1.slo.ttftSeconds },
            { panel: PANELS.tpot, seconds: figure1.slo.tpotSeconds },
          ],
        }),
        note: 'Ninetieth percentiles over a thousand requests, all of the lengths of the paper, which does not say how many it sent.',
        source: 'Times of the engines; points read from Figure 1 of the paper.',
      },
      {
        kind: 'table',
        anchor: 'figure-1',
        label: 'Table F',
        caption: 'Requests per second that one GPU serves within the objectives',
        rowHeader: 'Phase',
        columns: [{ id: 'rate', header: 'Goodput', unit: '1/s' }],
        rows: (['colocated', 'prefill', 'decode'] as const).map((phase): RowView => ({ header: NAMES[phase], cells: { rate: cells.cell(id(`figure-1/${phase}`)) } })),
        note: `From the printed rates, two prefill GPUs and one decode GPU make ${slot(id('text/goodput-per-gpu'), (value) => value.toFixed(1))} a GPU, ${slot(id('text/goodput-gain'), (value) => value.toFixed(1))} times those of a GPU that does both, as the text says.`,
      },
    ],
  };
}

const WAYS = { 'intra-op': 'Every operator shared', 'inter-op': 'Stages' } as const;

/** Figure 5: a decode step on more GPUs. */
export function figure5Section({ cells, numbers, peek }: DistserveContext): SectionView {
  const ways = Object.keys(WAYS) as (keyof typeof WAYS)[];
  const known = (path: string): boolean => cells.compared(id(path)).status !== 'open';
  const rows = ways.flatMap((way) =>
    figure5[way].gpus.flatMap((gpus, at): readonly LatencyRow[] => {
      const engine = `figure-5/${way}/${gpus}`;
      const kernels = `${engine}:kernels`;
      const line = (path: string, series: string, name: string): LatencyRow => ({ panel: WAYS[way], series, name, rate: gpus, seconds: peek(id(path)), number: numbers.reference(id(path)) });
      return [
        { panel: WAYS[way], series: 'paper', name: 'Paper', rate: gpus, reference: (figure5[way].latencyMs[at] as number) / 1e3 },
        ...(known(engine) ? [line(engine, 'distserve', 'Engine')] : []),
        ...(way === 'intra-op' ? [line(kernels, 'kernels', 'Kernels')] : []),
      ];
    }),
  );
  const at = (path: string): number => peek(id(`figure-5/${path}`));
  const holds = at('intra-op/4') < 0.7 * at('intra-op/1') && at('inter-op/8') > at('inter-op/1');
  return {
    anchor: 'figure-5',
    label: 'Figure 5',
    heading: 'Decoding on more GPUs',
    takeaway: claim('Sharing every operator makes a decode step shorter, less and less so with more GPUs; stages leave it as long as it was, and serve as many times the requests.', holds),
    blocks: [
      {
        kind: 'figure',
        anchor: 'figure-5-times',
        label: 'Figure 5',
        chart: latencyOverRate(rows, {
          id: 'figure-5',
          title: claim('Shared operators shorten a decode step, stages do not', holds),
          description: 'Time of a decode step of 128 requests of OPT-13B against the number of GPUs, with every operator shared and in stages.',
          xTitle: 'GPUs',
          valueName: 'Computed',
          referenceName: 'Read from Figure 5',
          allSeries: SERIES,
          sameScale: true,
        }),
        source: 'Times of the engine, calibrated kernels of recent engines with the same host time; points read from Figure 5 of the paper.',
      },
      {
        kind: 'table',
        anchor: 'figure-5',
        label: 'Table G',
        caption: 'Milliseconds of a decode step',
        rowHeader: 'GPUs',
        columns: [
          { id: 'intra', header: 'Engine', unit: 'ms', group: 'Every operator shared' },
          { id: 'kernels', header: 'Kernels', unit: 'ms', group: 'Every operator shared' },
          { id: 'inter', header: 'Engine', unit: 'ms', group: 'Stages' },
        ],
        rows: figure5['intra-op'].gpus.map(
          (gpus): RowView => ({
            header: String(gpus),
            cells: { intra: cells.cell(id(`figure-5/intra-op/${gpus}`)), kernels: cells.cell(id(`figure-5/intra-op/${gpus}:kernels`)), inter: cells.cell(id(`figure-5/inter-op/${gpus}`)) },
          }),
        ),
        note: 'A batch of fixed size, so that throughput is what the time gives.',
      },
    ],
  };
}
