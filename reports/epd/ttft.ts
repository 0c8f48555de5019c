import { type TtftOverImagesRow, ttftOverImages } from '../../src/chart/index.ts';
import { FRAMES, IMAGES, SYSTEMS as TABLE_1_SYSTEMS } from '../../src/papers/epd/data/latency.ts';
import { latencyFit } from '../../src/papers/epd/latency-fits.ts';
import { todayId } from '../../src/papers/epd/today-numbers.ts';
import { claim } from '../../src/report/definition.ts';
import type { CellView, FigureBlock, RowView, SectionView, TableBlock } from '../../src/report/view.ts';
import { type EpdContext, id, percent, SERIES, SYSTEMS, times } from './context.ts';

const FIT = 'table-4/2-8';
const ROW_NAMES = { irp: 'EPD', 'no-irp': 'One encode worker' } as const;
const REDUCTION = 'text/ttft-reduction/minicpm-v-2.6';
const A100 = (what: string): string => todayId('minicpm-v-2.6', 'a100-80g', '4032x3024', what);

const isFitted = (fit: string, path: string): boolean => latencyFit(fit).fitted.some((cell) => cell.path === path);

function table4Figure({ numbers, peek, cells }: EpdContext): FigureBlock {
  const printed = (path: string): number => Number(cells.compared(id(path)).cell.printed);
  const rows = [
    ...(['irp', 'no-irp'] as const).flatMap((row) =>
      IMAGES.map((images): TtftOverImagesRow => {
        const path = `table-4/${row}/${images}`;
        return {
          panel: '',
          series: row === 'irp' ? 'epd' : 'no-irp',
          name: ROW_NAMES[row],
          images,
          seconds: peek(id(path)),
          reference: printed(path),
          fitted: isFitted(FIT, path),
          number: numbers.reference(id(path)),
        };
      }),
    ),
    ...IMAGES.map(
      (images): TtftOverImagesRow => ({
        panel: '',
        series: 'distserve',
        name: 'DistServe',
        images,
        seconds: peek(id(`ttft/distserve/${images}`)),
        number: numbers.reference(id(`ttft/distserve/${images}`)),
      }),
    ),
  ];
  const shortest = IMAGES.every((images) => peek(id(`table-4/irp/${images}`)) < Math.min(peek(id(`table-4/no-irp/${images}`)), peek(id(`ttft/distserve/${images}`)) * (images > 2 ? 1 : 2)));
  return {
    kind: 'figure',
    anchor: 'ttft-images',
    label: 'Figure D',
    chart: ttftOverImages(rows, {
      id: 'ttft-images',
      title: claim('Shared by six encode workers, more images barely delay the first token; on one they add up', shortest),
      description: 'Mean time to the first token of MiniCPM-V 2.6 against the photos of a request: encoding shared by all encode workers, on one encode worker, and DistServe.',
      valueName: 'Closed form',
      referenceName: 'Table 4',
      allSeries: SERIES,
    }),
    note: 'Of Table 4, the cells of the fewest and the most images gave the three constants, the others are predicted. The line of DistServe is its released run, whose GPU is not recorded.',
    source: 'Formulas of {{#table-4}}; released run of DistServe.',
  };
}

function table1Figure({ numbers, peek, cells }: EpdContext): FigureBlock {
  const rows = TABLE_1_SYSTEMS.flatMap((system) =>
    FRAMES.map((frames): TtftOverImagesRow => {
      const path = `table-1/${system}/${frames}`;
      const fit = system === 'epd' ? 'table-1/epd/8-64-queued' : `table-1/${system}/8-64`;
      const fitted = isFitted(fit, path);
      const number = id(system === 'epd' && !fitted ? `${path}:queued` : path);
      return {
        panel: '',
        series: system,
        name: SYSTEMS[system],
        images: frames,
        seconds: peek(number),
        reference: Number(cells.compared(id(path)).cell.printed),
        fitted,
        number: numbers.reference(number),
      };
    }),
  );
  const third = FRAMES.every((frames) => peek(id(`printed/table-1/epd/${frames}`)) < 0.6 * peek(id(`printed/table-1/distserve/${frames}`)));
  return {
    kind: 'figure',
    anchor: 'ttft-frames',
    label: 'Figure E',
    chart: ttftOverImages(rows, {
      id: 'ttft-frames',
      title: claim('Videos: the first token of EPD comes in less than three fifths of the time at any number of frames', third),
      description: 'Mean time to the first token of MiniCPM-V 2.6 against the frames of a video of Video-MME at one request per second, for vLLM, DistServe and EPD.',
      xTitle: 'Frames of the video',
      valueName: 'Line',
      referenceName: 'Table 1',
      allSeries: SERIES,
    }),
    note: 'Two constants a system, from the fewest and the most frames. The line of EPD bends as a queue does: all requests share its encode workers.',
    source: 'Formulas of {{#table-1}}.',
  };
}

const table4 = ({ cells }: EpdContext): TableBlock => ({
  kind: 'table',
  anchor: 'table-4',
  label: 'Table 4',
  caption: 'Mean time to the first token by images, with encoding shared and not',
  rowHeader: 'Images',
  columns: [
    { id: 'irp', header: 'EPD', unit: 's' },
    { id: 'no-irp', header: 'One encode worker', unit: 's' },
    { id: 'ratio', header: 'Times as long' },
  ],
  rows: IMAGES.map((images): RowView => ({ header: String(images), cells: Object.fromEntries(['irp', 'no-irp', 'ratio'].map((column) => [column, cells.cell(id(`table-4/${column}/${images}`))])) })),
  note: 'MiniCPM-V 2.6, photos, six encode workers. Cells without a mark are predictions. The ratio is of the printed times.',
});

const table1 = ({ cells }: EpdContext): TableBlock => ({
  kind: 'table',
  anchor: 'table-1',
  label: 'Table 1',
  caption: 'Mean time to the first token by frames of a video, one request per second',
  rowHeader: 'Frames',
  columns: [
    { id: 'vllm', header: 'vLLM', unit: 's' },
    { id: 'distserve', header: 'DistServe', unit: 's' },
    { id: 'epd', header: 'EPD', unit: 's' },
    { id: 'queued', header: 'EPD, with a queue', unit: 's' },
  ],
  rows: FRAMES.map((frames): RowView => {
    const queued = isFitted('table-1/epd/8-64-queued', `table-1/epd/${frames}`) ? { text: '' } : cells.cell(id(`table-1/epd/${frames}:queued`));
    return { header: String(frames), cells: { ...Object.fromEntries(TABLE_1_SYSTEMS.map((system) => [system, cells.cell(id(`table-1/${system}/${frames}`))])), queued } };
  }),
  note: 'A line for each system through the first and the last row, which the constants were fitted to; the rows between are predicted.',
});

/** What the paper's engine takes an image, and what kernels alone do. */
function kernels({ cite, slot, peek }: EpdContext): TableBlock {
  const row = (header: string, fitted: CellView, ours: CellView): RowView => ({ header, cells: { fitted, ours } });
  const constant = (symbol: string) => cite(`constant/${FIT}/${symbol}`, (value) => value.toFixed(3));
  const kernel = (what: string) => cite(A100(what).slice('epd/'.length), (value) => value.toFixed(3));
  const near = peek(id(`constant/${FIT}/prefillTime`)) < 1.5 * peek(A100('image-prefill-seconds'));
  const eighth = peek(id('today/encode-ratio')) > 7 && peek(id('today/encode-ratio')) < 9;
  return {
    kind: 'table',
    anchor: 'kernels',
    label: 'Table E',
    caption: claim('Kernels explain an eighth of the time that the paper takes to encode a photo', eighth),
    rowHeader: 'A photo in MiniCPM-V 2.6, one A100',
    columns: [
      { id: 'fitted', header: 'Fitted to Table 4', unit: 's' },
      { id: 'ours', header: 'Kernels', unit: 's' },
    ],
    rows: [
      row('Encoding', constant('encodeTime'), kernel('encode-seconds')),
      row('Prefill of its tokens', constant('prefillTime'), kernel('image-prefill-seconds')),
      row('What does not grow with images', constant('base'), { text: '' }),
    ],
    note: `Encoding takes the paper ${slot(id('today/encode-ratio'), (value) => `${times(value)} times`)} what calibrated kernels expect; ${claim('prefill of its tokens less than one and a half times', near)}.`,
  };
}

/** Time to first token: Tables 1 and 4, and the reduction of the abstract. */
export function ttftSection(context: EpdContext): SectionView {
  const { cells, numbers, slot, peek } = context;
  const meets = cells.compared(id(REDUCTION)).status === 'reproduced';
  const error = id(`error/${FIT}/held-out`);
  return {
    anchor: 'ttft',
    heading: 'Time to the first token',
    takeaway: `${claim('Three constants from half of Table 4 give its other half', peek(error) < 0.1)} within ${slot(error, (share) => `${percent(share)} %`)}, and ${claim('with the released run of DistServe they predict the largest gain of the text', meets)}: ${slot(id(REDUCTION), (share) => `${percent(share)} %`)} less time to the first token.`,
    blocks: [
      table4Figure(context),
      table4(context),
      { kind: 'formula', formula: 'epd/ttft-irp', number: numbers.reference(id('table-4/irp/6')) },
      kernels(context),
      {
        kind: 'paragraph',
        text: claim(
          'What the other seven eighths are is not known. The host reads, cuts and scales each photo, and the engine of the paper starts every kernel by itself, without graphs; no profile of either was released. It matters: were kernels all there is, encoding an image would take little longer than reading its tokens, and a separate stage would have far less to share.',
          peek(A100('encode-seconds')) / peek(A100('image-prefill-seconds')) < 1.5 && peek(id('today/encode-ratio')) > 7,
        ),
      },
      table1Figure(context),
      table1(context),
    ],
  };
}
