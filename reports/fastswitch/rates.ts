import { type CopyBandwidthRow, copyBandwidth } from '../../src/chart/index.ts';
import { modelOf } from '../../src/models/index.ts';
import { TODAY } from '../../src/papers/fastswitch/today.ts';
import { copyId, linkId } from '../../src/papers/fastswitch/today-numbers.ts';
import { claim } from '../../src/report/definition.ts';
import type { CellView, FigureBlock, RowView, SectionView, TableBlock } from '../../src/report/view.ts';
import { effectiveBandwidth } from '../../src/timing/copies.ts';
import { COPY_METHODS, type CopyMethod } from '../../src/timing/copy-data.ts';
import { type FastswitchContext, gigabytesPerSecond, id, kib, LINK_NAMES, micro, percent, times } from './context.ts';

const METHOD_NAMES: Readonly<Record<CopyMethod, string>> = { loop: 'Loop of calls, C++', framework: 'Loop of calls, Python', batch: 'One call, batch', gather: 'Kernel' };
const SIZES = Array.from({ length: 13 }, (_, at) => 2 ** (12 + at));
/** the measured link */
const MEASURED = 'pcie5-x16';
const SLICE = 2 ** 15;
const GROUP = 20 * SLICE;
const SHOWN_MODELS = ['llama-2-7b', 'llama-3.1-8b', 'qwen3-30b-a3b', 'deepseek-v3', 'step-3'];

function figure(context: FastswitchContext): FigureBlock {
  const rows = (['h2d', 'd2h'] as const).flatMap((direction) =>
    COPY_METHODS.flatMap((method) =>
      SIZES.map((pieceBytes): CopyBandwidthRow => {
        return {
          panel: direction === 'h2d' ? 'Host to device, swap-in' : 'Device to host, swap-out',
          series: method,
          name: METHOD_NAMES[method],
          pieceBytes,
          bytesPerSecond: effectiveBandwidth({ method, direction, pieceBytes }),
        };
      }),
    ),
  );
  const { peek } = context;
  const reach = (method: CopyMethod, bytes: number): number => effectiveBandwidth({ method, direction: 'h2d', pieceBytes: bytes });
  const holds = reach('loop', SLICE) < 0.2 * reach('gather', SLICE) && reach('loop', GROUP) > 0.75 * peek(linkId(MEASURED, 'loop', 'h2d', 'rate'));
  return {
    kind: 'figure',
    anchor: 'bandwidth',
    label: 'Figure B',
    chart: copyBandwidth(rows, {
      id: 'bandwidth',
      title: claim('Slices of one block reach a fifth of what the link carries where each is a call; groups of the size of the paper reach more than three quarters', holds),
      description: 'Rate of copies between pinned host memory and an H100 over the size of the pieces, four methods, both directions, from constants that were fitted to measured copies.',
      pieces: [
        { pieceBytes: SLICE, name: 'slice of LLaMA-8B' },
        { pieceBytes: GROUP, name: 'group of twenty' },
      ],
      lineRate: { bytesPerSecond: peek(linkRaw), name: 'line rate of PCIe 5.0 x16' },
      allSeries: COPY_METHODS,
    }),
    note: 'One direction busy. Batch: one call that takes a list of pieces; kernel: threads of the device read and write host memory.',
    source: 'Constants of {{#methods}}.',
  };
}

const linkRaw = id(`today/link/${MEASURED}/raw`);

function methods({ numbers, value }: FastswitchContext): TableBlock {
  const ref = (number: string, format: (value: number) => string): CellView => ({ text: format(value(number)), number: numbers.reference(number) });
  return {
    kind: 'table',
    anchor: 'methods',
    label: 'Table D',
    caption: 'What a piece takes beside its bytes, by method: fitted to measured copies',
    rowHeader: 'Method, direction',
    columns: [
      { id: 'call', header: 'A piece', unit: 'µs' },
      { id: 'dispatch', header: 'At least', unit: 'µs' },
      { id: 'rate', header: 'Large pieces', unit: 'GB/s' },
      { id: 'mean', header: 'Mean', unit: '%', group: 'Error held out' },
      { id: 'worst', header: 'Largest', unit: '%', group: 'Error held out' },
      { id: 'at', header: 'at', unit: 'KiB', group: 'Error held out' },
    ],
    rows: COPY_METHODS.flatMap((method) =>
      (['h2d', 'd2h'] as const).map((direction): RowView => {
        const of = (what: string, format: (value: number) => string): CellView => ref(copyId(method, direction, what), format);
        const call = value(copyId(method, direction, 'call'));
        return {
          header: `${METHOD_NAMES[method]}, ${direction === 'h2d' ? 'in' : 'out'}`,
          cells: {
            call: of('call', call < 1e-8 ? (seconds) => (1e6 * seconds).toFixed(4) : micro),
            dispatch: value(copyId(method, direction, 'dispatch')) === 0 ? { text: '' } : of('dispatch', micro),
            rate: of('rate', gigabytesPerSecond),
            mean: of('error-mean', percent),
            worst: of('error-worst', percent),
            at: of('error-worst-at', kib),
          },
        };
      }),
    ),
    note: 'An H100 on PCIe 5.0. A piece takes its time beside its bytes and no less than the second column; an empty cell: calls do not hide behind copies. Held out: pieces of a size that the constants were not fitted to.',
  };
}

function crossovers({ numbers, value }: FastswitchContext): TableBlock {
  const ref = (number: string, format: (value: number) => string): CellView => ({ text: format(value(number)), number: numbers.reference(number) });
  return {
    kind: 'table',
    anchor: 'crossovers',
    label: 'Table E',
    caption: 'Blocks that have to lie together before a call takes no longer than its bytes, swap-in',
    rowHeader: 'Of the link, and by model',
    columns: TODAY.links.map((link) => ({ id: link, header: LINK_NAMES[link] as string })),
    rows: [
      { header: 'Rate of large pieces, GB/s', cells: Object.fromEntries(TODAY.links.map((link) => [link, ref(linkId(link, TODAY.method, 'h2d', 'rate'), gigabytesPerSecond)])) },
      { header: 'Piece that takes as long as its call, KiB', cells: Object.fromEntries(TODAY.links.map((link) => [link, ref(linkId(link, TODAY.method, 'h2d', 'half'), kib)])) },
      ...SHOWN_MODELS.map(
        (model): RowView => ({ header: modelOf(model).name, cells: Object.fromEntries(TODAY.links.map((link) => [link, ref(linkId(link, TODAY.method, 'h2d', `crossover/${model}`), times)])) }),
      ),
    ],
    note: 'Loop of calls in C++, slices of {{#architectures}}. Only PCIe 5.0 was measured: the other links carry what large copies are known to reach there, with calls that take as long as on the measured host.',
  };
}

/** How fast copies are. */
export function ratesSection(context: FastswitchContext): SectionView {
  const { slot, peek, own, look } = context;
  const at = (link: string, bytes: number): string => linkId(link, 'loop', 'h2d', `piece/${bytes}/rate`);
  const faster = peek(at('pcie5-x16', SLICE)) / peek(at('pcie4-x16', SLICE)) < 1.3 && peek(id('today/link/pcie5-x16/rate')) / peek(id('today/link/pcie4-x16/rate')) > 2;
  const fraction = peek(copyId('loop', 'd2h', 'call')) < look('input/dispatch-printed') / 3;
  const grows = SHOWN_MODELS.every((model) => peek(linkId('nvlink-c2c', 'loop', 'h2d', `crossover/${model}`)) > 5 * peek(linkId('pcie5-x16', 'loop', 'h2d', `crossover/${model}`)));
  return {
    anchor: 'rates',
    heading: 'How fast copies are',
    takeaway: `${claim('A faster link hardly helps small pieces', faster)}: slices of LLaMA-8B are copied at ${slot(at('pcie4-x16', SLICE), (rate) => `${gigabytesPerSecond(rate)} GB/s`)} over PCIe 4.0 and at ${slot(at('pcie5-x16', SLICE), (rate) => `${gigabytesPerSecond(rate)} GB/s`)} over PCIe 5.0, whose large copies are more than twice as fast.`,
    blocks: [
      figure(context),
      methods(context),
      { kind: 'formula', formula: 'timing/copy-time', number: context.numbers.reference(linkId('pcie5-x16', 'loop', 'h2d', `piece/${SLICE}/time`)) },
      {
        kind: 'paragraph',
        text: `${claim('A call from a loop in C++ takes less than a third of the time that the paper states', fraction)}, ${slot(copyId('loop', 'd2h', 'call'), (seconds) => `${micro(seconds)} µs`)} to the host. From Python it takes ${slot(copyId('framework', 'd2h', 'dispatch'), (seconds) => `${micro(seconds)} µs`)} or more. The host of the paper is not described, and its GPU has another link than the measured one; with its own dispatch, calls of one slice would move ${own('slice-rate/printed', (rate) => `${gigabytesPerSecond(rate)} GB/s`)}.`,
      },
      crossovers(context),
      {
        kind: 'paragraph',
        text: claim(
          'The faster the link, the larger the groups have to be: over NVLink-C2C several times the blocks that PCIe 5.0 asks for. A kernel that gathers pieces does without groups; one call for all pieces still takes most of a microsecond for each.',
          grows && peek(copyId('gather', 'h2d', 'call')) < 1e-8 && peek(copyId('batch', 'h2d', 'call')) > 5e-7,
        ),
      },
    ],
  };
}
