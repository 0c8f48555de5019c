import { type OverheadRow, overheadLines } from '../../src/chart/index.ts';
import { figure11, figure12, figure13 } from '../../src/papers/fastswitch/data/sensitivity.ts';
import { figure2, PERCENTILES } from '../../src/papers/fastswitch/data/waiting.ts';
import { claim } from '../../src/report/definition.ts';
import type { FigureBlock, RowView, SectionView, TableBlock } from '../../src/report/view.ts';
import { type FastswitchContext, id, SERIES } from './context.ts';

const HOST = figure13.hostGigabytes;
const hostCell = (gigabytes: number): string => `figure-13/share/${gigabytes}`;

const simple = (anchor: string, label: string, caption: string, rowHeader: string, column: string, rows: readonly RowView[], note?: string): TableBlock => ({
  kind: 'table',
  anchor,
  label,
  caption,
  rowHeader,
  columns: [{ id: 'value', header: column }],
  rows,
  ...(note === undefined ? {} : { note }),
});

function host({ simulated, cells, numbers, answered, look }: FastswitchContext): FigureBlock {
  const drawn = (gigabytes: number): number => Number(cells.compared(id(hostCell(gigabytes))).cell.printed);
  const rows = HOST.map((gigabytes): OverheadRow => {
    const ours = simulated(hostCell(gigabytes));
    return {
      panel: '',
      series: 'fastswitch',
      name: 'FastSwitch',
      x: gigabytes,
      ...(ours === undefined ? {} : { percent: Number((100 * ours).toPrecision(6)), number: numbers.reference(id(hostCell(gigabytes))) }),
      reference: Number((100 * drawn(gigabytes)).toPrecision(6)),
    };
  });
  const less = look(hostCell(10)) < look(hostCell(60)) / 5 && Math.abs(look(hostCell(120)) / look(hostCell(60)) - 1) < 0.1;
  const third = drawn(60) < drawn(20) / 3 && drawn(120) > 0.95 * drawn(60);
  return {
    kind: 'figure',
    anchor: 'host-memory',
    label: 'Figure D',
    chart: overheadLines(rows, {
      id: 'host-memory',
      title: claim('More than sixty gigabytes of host memory change nothing, drawn or simulated; less costs stalls only as drawn', third && less),
      description: 'Share of the time that context switches take over the host memory for caches.',
      x: 'host-memory',
      valueName: 'Simulated',
      referenceName: 'Read from Figure 13',
      allSeries: SERIES,
    }),
    source: answered(HOST.map(hostCell)) ? 'Simulated runs of {{#figure-13}}; marks read from the drawing.' : 'Marks read from the drawing.',
  };
}

/** Figures 1, 2, 11, 12 and 13. */
export function figuresSection(context: FastswitchContext): SectionView {
  const { cell, own, cells, look } = context;
  const larger = look('figure-1/stall/p99') > 2 * Number(cells.compared(id('figure-1/stall/p99')).cell.printed);
  const less = look(hostCell(10)) < look(hostCell(60)) / 5 && Math.abs(look(hostCell(120)) / look(hostCell(60)) - 1) < 0.1;
  const spreads = figure11.frequency.every((f, at) => at === 0 || look(`figure-11/spread/${f}`) > look(`figure-11/spread/${figure11.frequency[at - 1]}`));
  const apart = look('text/stall') < 0.4 && cells.compared(id('text/stall:of-inference')).status === 'reproduced';
  return {
    anchor: 'figures',
    heading: 'Stalls, waiting, group sizes and host memory',
    takeaway: `${claim('The text takes the stall of Figure 1 over the time of inference for its share of the latency', apart)}: of the whole P99 latency it is ${own('text/stall', (share) => `${(100 * share).toFixed(1)} %`)}.`,
    blocks: [
      simple(
        'figure-1',
        'Figure 1',
        'Stall by swaps over the time of inference, by percentile of the latency',
        'Percentile',
        'Stall',
        PERCENTILES.map((percentile) => ({ header: percentile.toUpperCase(), cells: { value: cell(`figure-1/stall/${percentile}`) } })),
        'LLaMA-8B on A10.',
      ),
      simple(
        'figure-2',
        'Figure 2',
        'Share of the requests that wait for their keys and values',
        'Percentile of iterations',
        'Share',
        figure2.percentile.map((percentile) => ({ header: `P${percentile}`, cells: { value: cell(`figure-2/waiting/p${percentile}`) } })),
        'Markov priorities, half of the conversations.',
      ),
      simple(
        'figure-11',
        'Figure 11',
        'Largest over smallest mean group, over sizes of the first group',
        'Updates an iteration',
        'Ratio',
        figure11.frequency.map((f) => ({ header: String(f), cells: { value: cell(`figure-11/spread/${f}`) } })),
      ),
      simple(
        'figure-12',
        'Figure 12',
        'Tokens per second over those of the baseline',
        'Label of the bar',
        'Ratio',
        figure12.percentile.map((label) => ({ header: `P${label}`, cells: { value: cell(`figure-12/gain/${label}`) } })),
        'The text calls the last two bars P99 and P99.9, one label above those that are drawn.',
      ),
      host(context),
      simple(
        'figure-13',
        'Figure 13',
        'Share of the time that switches take, by host memory',
        'Host memory, GB',
        'Share',
        HOST.map((gigabytes) => ({ header: String(gigabytes), cells: { value: cell(hostCell(gigabytes)) } })),
      ),
      {
        kind: 'list',
        items: [
          claim('Simulated stalls are longer than drawn: where memory is full, a single update moves many requests, and the iteration after it waits for all of them.', larger),
          claim('Where the paper says that the mean group hardly depends on the first one, the simulation has it depend more the more often priorities change.', spreads),
          claim(
            'With less host memory the simulation stalls less, not more: what does not fit on the host is dropped and computed again, which costs time but no copies. More than the printed memory changes nothing in both.',
            less,
          ),
        ],
      },
    ],
  };
}
