import { METRICS, MODELS, PATTERNS } from '../../src/papers/fastswitch/data/figure8.ts';
import { claim } from '../../src/report/definition.ts';
import type { RowView, SectionView } from '../../src/report/view.ts';
import { type FastswitchContext, id, METRIC_NAMES, MODEL_NAMES, PATTERN_NAMES } from './context.ts';

const ABSTRACT = ['least', 'most'] as const;
const drawnOf = (which: (typeof ABSTRACT)[number]): string => id(`abstract/speedup/${which}:drawn`);
const simulatedOf = (which: (typeof ABSTRACT)[number]): string => id(`abstract/speedup/${which}`);

/** Cells of the claims of the abstract. */
export const claimCells: readonly string[] = ABSTRACT.flatMap((which) => [drawnOf(which), simulatedOf(which)]);

/** The headline claims of FastSwitch: from the bars that it draws, and simulated. */
export function fastswitchClaims({ cells }: Pick<FastswitchContext, 'cells'>): SectionView {
  const stateOf = (cell: string): string => {
    const { status, cell: printed } = cells.compared(cell);
    if (status === 'open') return 'open';
    if (printed.aim !== undefined) return status === 'reproduced' ? 'predicted' : 'missed';
    return status === 'reproduced' ? 'reproduced' : 'deviates';
  };
  const row = (header: string, cell: string): RowView => ({ header, cells: { status: { text: stateOf(cell) }, value: cells.cell(cell), unit: { text: 'times' } } });
  const drawn = ABSTRACT.every((which) => cells.compared(drawnOf(which)).status === 'reproduced');
  return {
    anchor: 'fastswitch',
    heading: 'FastSwitch: both ends of its range are in its figure',
    takeaway: claim('The smallest and the largest speedup of the abstract come out of the bars that it draws; no latency is printed in seconds, and no code is public.', drawn),
    blocks: [
      {
        kind: 'table',
        anchor: 'fastswitch-claims',
        label: 'FastSwitch',
        caption: claim('Claims of the abstract of FastSwitch', drawn),
        rowHeader: 'Claim',
        columns: [
          { id: 'status', header: 'Status', numeric: false },
          { id: 'value', header: 'Our number' },
          { id: 'unit', header: 'Unit', numeric: false },
        ],
        rows: [
          row('Shorter tails, at least, from the bars', drawnOf('least')),
          row('Shorter tails, at most, from the bars', drawnOf('most')),
          row('The least, simulated', simulatedOf('least')),
          row('The most, simulated', simulatedOf('most')),
        ],
        note: 'From the bars: the heights of Figure 8 divided by each other. Simulated: both systems run on conversations of the same kind, with measured copies; predicted: within a quarter of print, missed: not.',
      },
    ],
  };
}

/** Every speedup of the text, and what else it claims. */
export function claimsSection(context: FastswitchContext): SectionView {
  const { cell, cells } = context;
  const { takeaway, blocks } = fastswitchClaims(context);
  const cases = MODELS.flatMap((model) => PATTERNS.map((pattern) => ({ model, pattern })));
  const speedup = (suffix: string): readonly RowView[] =>
    cases.map(
      ({ model, pattern }): RowView => ({
        header: `${MODEL_NAMES[model]}, ${PATTERN_NAMES[pattern]}`,
        cells: Object.fromEntries(METRICS.map((metric) => [metric, cell(`text/speedup/${model}/${pattern}/${metric}${suffix}`)])),
      }),
    );
  const columns = METRICS.map((metric) => ({ id: metric, header: METRIC_NAMES[metric] }));
  const near = cases.flatMap(({ model, pattern }) => METRICS.map((metric) => cells.compared(id(`text/speedup/${model}/${pattern}/${metric}`)).status));
  const most = near.filter((status) => status === 'reproduced').length > near.length / 2;
  const row = (header: string, path: string, unit: string): RowView => ({ header, cells: { value: cell(path), unit: { text: unit } } });
  return {
    anchor: 'claims',
    heading: 'Headline claims',
    takeaway,
    blocks: [
      ...blocks,
      {
        kind: 'table',
        anchor: 'speedups',
        label: 'Table O',
        caption: claim('Most speedups of the text are the bars of its figure; some are cut, not rounded', most),
        rowHeader: 'From the bars',
        columns,
        rows: speedup(''),
      },
      { kind: 'table', anchor: 'speedups-simulated', label: 'Table P', caption: 'The same speedups, simulated', rowHeader: 'Simulated', columns, rows: speedup(':simulated') },
      {
        kind: 'table',
        anchor: 'statements',
        label: 'Table Q',
        caption: 'What else the text says of its figures',
        rowHeader: 'Statement',
        columns: [
          { id: 'value', header: 'Our number' },
          { id: 'unit', header: 'Unit', numeric: false },
        ],
        rows: [
          ...MODELS.flatMap((model) => [
            row(`Throughput of ${MODEL_NAMES[model]}, up to, from the bars`, `text/throughput/${model}`, 'times'),
            row('The same, simulated', `text/throughput/${model}:simulated`, 'times'),
          ]),
          row('Stall in the P99 latency', 'text/stall', '%'),
          row('The same stall over the time of inference', 'text/stall:of-inference', '%'),
          row('Largest mean group above the smallest, from the line', 'text/group-spread', '%'),
          row('The same, simulated', 'text/group-spread:simulated', '%'),
          ...(['p99', 'p99.9'] as const).flatMap((name) => [
            row(`More tokens per second at ${name.toUpperCase()}, from the bars`, `text/efficiency/${name}`, '%'),
            row('The same, simulated', `text/efficiency/${name}:simulated`, '%'),
          ]),
        ],
      },
    ],
  };
}
