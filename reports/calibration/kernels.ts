import { type ParityRow, parityPanels } from '../../src/chart/index.ts';
import { claim } from '../../src/report/definition.ts';
import type { Block, CellView, RowView, SectionView } from '../../src/report/view.ts';
import { quantile } from '../../src/timing/calibration-data.ts';
import { calibration } from '../../src/timing/choice.ts';
import { familyOf } from '../../src/timing/kernels/families.ts';
import { significant } from '../../src/units/format.ts';
import { type CalibrationContext, chipName, familyName, fitted, percent, percentNumber } from './context.ts';
import parity from './parity.json' with { type: 'json' };

/** Held-out errors asked of a family on a chip, per cent; none for the others. */
const AIMS: Readonly<Record<string, string>> = Object.fromEntries(
  [
    'decode-attention-h800-h20/h800',
    'decode-attention-h800-h20/h20',
    'decode-attention-h100/h100',
    'decode-attention-h100-fp8/h100',
    'decode-attention-a800/a800',
    'mla-decode-h20/h20',
    'mla-decode-h800/h800',
    'mla-decode-h100/h100',
  ]
    .concat(['gemm-h20/h20', 'gemm-h100/h100', 'gemm-h100-fp8/h100', 'gemm-h800/h800', 'grouped-gemm-h800/h800', 'grouped-gemm-h20/h20', 'grouped-gemm-h100/h100', 'collective-h100/h100'])
    .map((path) => [path, `timing/held-out/${path}`]),
);

/** Errors of every fit: in-sample, held out, and how often the interval holds. */
export function kernelsSection({ numbers, value, slot, cells }: CalibrationContext): SectionView {
  const cell = (id: string, format: (value: number) => string): CellView => ({ text: format(value(id)), number: numbers.reference(id) });
  const rows = fitted.flatMap((entry) =>
    Object.entries(entry.error.byAccelerator).map(([chip, { points, inSample, heldOut }]): RowView => {
      const aim = AIMS[`${entry.id}/${chip}`];
      const asked = aim === undefined ? undefined : cells.compared(aim).cell.printed;
      return {
        header: `${familyName(entry)}, ${chipName(chip)}`,
        cells: {
          constants: { text: String(entry.fitted.length) },
          points: { text: String(points) },
          groups: { text: String(entry.residuals.length) },
          inSample: { text: percentNumber(inSample) },
          heldOut: aim === undefined ? { text: percentNumber(heldOut) } : cell(aim, percentNumber),
          aim: { text: asked ?? '' },
          coverage: entry.error.coverage === null ? { text: '' } : cell(`timing/fit/${entry.id}/coverage`, percentNumber),
          leftOut: { text: entry.leftOut },
        },
      };
    }),
  );
  return {
    anchor: 'kernels',
    label: 'Table A',
    heading: 'Kernels: how far off, on shapes that the fit has not seen',
    takeaway: `Few constants a chip and family predict shapes that were left out: decode attention on H800 is off by ${slot('timing/held-out/decode-attention-h800-h20/h800', percent)}, dense GEMM on H100 by ${slot('timing/held-out/gemm-h100/h100', percent)}, grouped GEMM on H20 by ${slot('timing/held-out/grouped-gemm-h20/h20', percent)}; ${slot('timing/coverage/kernels', percent)} of held-out kernels lie in their interval.`,
    blocks: [
      {
        kind: 'table',
        anchor: 'kernels',
        label: 'Table A',
        caption: claim('Every held-out error that was aimed at is reached', cells.count('deviation', 'held-out') === 0),
        rowHeader: 'Family and chip',
        columns: [
          { id: 'constants', header: 'Constants' },
          { id: 'points', header: 'Points' },
          { id: 'groups', header: 'Groups' },
          { id: 'inSample', header: 'In-sample', unit: '%', group: 'Mean error' },
          { id: 'heldOut', header: 'Held out', unit: '%', group: 'Mean error' },
          { id: 'aim', header: 'Asked', unit: '%', group: 'Mean error' },
          { id: 'coverage', header: 'In interval', unit: '%' },
          { id: 'leftOut', header: 'Left out', numeric: false },
        ],
        rows,
        note: 'Mean error: by how much predictions differ from measured times, as a share of these. A group is what is left out at a time: a shape that models fix, or where only one was measured a batch, a context or a prompt length. In interval is the share of held-out points inside the interval that the residuals of the other groups give. An interval from fewer than five groups counts as assumed. Constants and groups are of the whole fit where it spans two chips.',
      },
      {
        kind: 'figure',
        anchor: 'parity',
        label: 'Figure B',
        chart: parityPanels(
          fitted.flatMap((entry) =>
            Object.entries((parity as unknown as Readonly<Record<string, Readonly<Record<string, readonly (readonly [number, number, number])[]>>>>)[entry.id] ?? {}).flatMap(([chip, points]) =>
              points.map(([group, predicted, ratio]): ParityRow => ({ panel: panelOf(entry, chip), chip, group: `group ${group}`, predicted, measured: predicted * ratio })),
            ),
          ),
          {
            id: 'parity',
            title: claim('Kernels below thirty microseconds are further off than long ones', missesAreShort()),
            description:
              'Measured over predicted time against predicted time, one panel for each family and chip, each point predicted while its shape was left out; a band shows the interval of four in five.',
          },
          {
            bands: fitted.flatMap((entry) =>
              Object.keys(entry.error.byAccelerator).map((chip) => ({ panel: panelOf(entry, chip), low: Math.exp(quantile(entry.residuals, 0.1)), high: Math.exp(quantile(entry.residuals, 0.9)) })),
            ),
          },
        ),
        note: 'At most nine points of a group stand for it.',
        source: 'Held-out predictions of {{#kernels}}.',
      },
      constantsTable({ numbers, value }),
      ...rejectedTable(),
      ...example(numbers, value),
    ],
  };
}

const panelOf = (entry: (typeof fitted)[number], chip: string): string => `${familyName(entry)}, ${chipName(chip)}`;

/** Over all fits, kernels below 30 us are further off than those from 100 us. */
function missesAreShort(): boolean {
  const mean = (size: string): number => {
    const classes = fitted.flatMap(({ error }) => (error.bySize[size] === undefined ? [] : [error.bySize[size]]));
    return classes.reduce((sum, { points, heldOut }) => sum + points * heldOut, 0) / classes.reduce((sum, { points }) => sum + points, 0);
  };
  return mean('below 30 us') > mean('from 100 us');
}

/** Every constant with its basis. */
function constantsTable({ numbers, value }: Pick<CalibrationContext, 'numbers' | 'value'>) {
  const rows = calibration.entries.flatMap((entry) =>
    Object.keys(entry.constants).map((name): RowView => {
      const id = `timing/constant/${entry.id}/${name}`;
      const spec = familyOf(entry.family).constants[name];
      const [scale, unit] = spec?.unit === 's' ? [1e6, 'us'] : spec?.unit === 'B/s' ? [1e-9, 'GB/s'] : spec?.unit === 'B' ? [1e-3, 'kB'] : spec?.unit === '1/s' ? [1e-9, '1e9/s'] : [1, 'share'];
      return {
        header: `${entry.id}: ${spec?.meaning ?? name}`,
        cells: { value: { text: significant(value(id) * scale, 4), number: numbers.reference(id) }, unit: { text: unit }, basis: { text: entry.fitted.includes(name) ? 'fitted' : 'taken over' } },
      };
    }),
  );
  return {
    kind: 'details' as const,
    summary: 'All constants',
    blocks: [
      {
        kind: 'table' as const,
        anchor: 'constants',
        label: 'Table B',
        caption: 'Constants of the time model, each with where it comes from',
        rowHeader: 'Constant',
        columns: [
          { id: 'value', header: 'Value' },
          { id: 'unit', header: 'Unit', numeric: false },
          { id: 'basis', header: 'How', numeric: false },
        ],
        rows,
      },
    ],
  };
}

/** Shapes that were left out whole; nothing where there are none. */
function rejectedTable(): readonly Block[] {
  if (calibration.rejected.length === 0) return [];
  return [
    {
      kind: 'table',
      anchor: 'rejected',
      label: 'Table I',
      caption: 'Shapes left out whole, because a large kernel of theirs was faster than the chip can be',
      rowHeader: 'Shape',
      columns: [
        { id: 'file', header: 'Table', numeric: false },
        { id: 'rows', header: 'Rows' },
        { id: 'utilisation', header: 'Bound over measured' },
      ],
      rows: calibration.rejected.map(
        ({ file, shape, rows, utilisation }): RowView => ({ header: shape, cells: { file: { text: file }, rows: { text: String(rows) }, utilisation: { text: utilisation.toFixed(2) } } }),
      ),
      note: 'Rows of experts are drawn at random in that benchmark; with one expert a draw can fall well below what the table names.',
    },
  ];
}

/** The formulas, with one grouped GEMM substituted. */
function example(numbers: CalibrationContext['numbers'], value: CalibrationContext['value']): readonly Block[] {
  return (['kernel', 'compute', 'memory', 'padded-rows'] as const).map((what) => {
    const id = `timing/example/${what}`;
    value(id);
    return {
      kind: 'formula',
      formula: { kernel: 'timing/kernel-time', compute: 'timing/compute-time', memory: 'timing/memory-time', 'padded-rows': 'timing/padded-rows' }[what],
      number: numbers.reference(id),
    };
  });
}
