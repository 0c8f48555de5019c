import { modelOf } from '../../src/models/index.ts';
import { layoutId } from '../../src/papers/fastswitch/today-numbers.ts';
import { claim } from '../../src/report/definition.ts';
import type { CellView, RowView, SectionView, TableBlock } from '../../src/report/view.ts';
import { EMPTY, type FastswitchContext, id, kib, MODEL_NAMES, mib, tokens, whole } from './context.ts';

/** Caches of one model of each kind, from many heads to one latent, then hybrids. */
export const ARCHITECTURES = [
  ['llama-2-7b', 'multi-head'],
  ['llama-3.1-8b', 'grouped heads'],
  ['qwen1.5-32b', 'grouped heads'],
  ['qwen3-30b-a3b', 'grouped heads'],
  ['step-3', 'multi-matrix (MFA)'],
  ['deepseek-v3', 'latent (MLA)'],
  ['deepseek-v3.2', 'latent, with index keys'],
  ['deepseek-v4-flash', 'compressed, with windows'],
  ['gemma-3-27b', 'windows and whole layers'],
  ['gpt-oss-120b', 'windows and whole layers'],
  ['minimax-m1', 'states and whole layers'],
  ['qwen3-next-80b-a3b', 'states and whole layers'],
] as const;
/** Contexts that move, tokens. */
const SHORT = 1000;
const LONG = 32_768;

function paperTable({ cite }: FastswitchContext): TableBlock {
  const models = ['llama-8b', 'qwen-32b'] as const;
  const row = (header: string, unit: string, what: string, format: (value: number) => string): RowView => ({
    header,
    cells: { unit: { text: unit }, ...Object.fromEntries(models.map((model) => [model, cite(`${what}/${model}`, format)])) },
  });
  return {
    kind: 'table',
    anchor: 'slices',
    label: 'Table A',
    caption: 'What one block of the models of the paper is',
    rowHeader: 'Of one block',
    columns: [{ id: 'unit', header: 'Unit', numeric: false }, ...models.map((model) => ({ id: model, header: MODEL_NAMES[model] }))],
    rows: [
      row('Bytes of a slice: keys, or values, of one layer', 'KiB', 'slice', kib),
      row('Slices, each a copy call', '', 'slices-per-block', whole),
      row('Bytes of all layers', 'MiB', 'block', mib),
      row('Bytes of one token', 'KiB', 'token', kib),
    ],
    note: 'Dimensions of Llama 3.1 8B and Qwen1.5 32B: the paper names neither a version nor a file.',
  };
}

function printedTable({ cell, cite }: FastswitchContext): TableBlock {
  const row = (header: string, unit: string, value: CellView): RowView => ({ header, cells: { value, unit: { text: unit } } });
  return {
    kind: 'table',
    anchor: 'pieces',
    label: 'Table B',
    caption: 'What the paper says of a call',
    rowHeader: 'Statement',
    columns: [
      { id: 'value', header: 'Our number' },
      { id: 'unit', header: 'Unit', numeric: false },
    ],
    rows: [
      row('Bytes of a call of LLaMA-8B', 'KiB', cell('text/piece')),
      row('The same, were it multi-head', 'KiB', cell('text/piece:multi-head')),
      row('Execution of such a call', 'µs', cell('text/piece-time')),
      row('Dispatch in a call, at least: one slice, dispatch as measured', '%', cell('text/dispatch-share')),
      row('The same, dispatch and rate as printed', '%', cell('text/dispatch-share:printed')),
      row('Bytes that use PCIe 4.0 best: printed rate times printed dispatch', 'kB', cell('text/best-piece')),
      row('The same in slices', '', cite('slices-of-best', whole)),
      row('PCIe 4.0 x16, one way', 'GB/s', cell('text/link')),
      row('PCIe 4.0 x16, both ways', 'GB/s', cell('text/link-both')),
      row('Blocks of a first group', '', cell('text/first-group')),
      row('The same later in the text', '', cell('text/first-group:later')),
    ],
  };
}

function architectures({ numbers, value }: FastswitchContext): TableBlock {
  const ref = (number: string, format: (value: number) => string): CellView => ({ text: format(value(number)), number: numbers.reference(number) });
  return {
    kind: 'table',
    anchor: 'architectures',
    label: 'Table C',
    caption: 'What the cache of a request is cut into, by kind of attention',
    rowHeader: 'Model',
    columns: [
      { id: 'kind', header: 'Attention', numeric: false },
      { id: 'block', header: 'Bytes', unit: 'KiB', group: 'One block' },
      { id: 'pieces', header: 'Pieces', group: 'One block' },
      { id: 'slice', header: 'Mean piece', unit: 'KiB', group: 'One block' },
      { id: 'calls', header: 'Calls', group: 'A thousand tokens' },
      { id: 'bytes', header: 'Bytes', unit: 'MiB', group: 'A thousand tokens' },
      { id: 'longCalls', header: 'Calls', group: '32K tokens' },
      { id: 'longBytes', header: 'Bytes', unit: 'MiB', group: '32K tokens' },
      { id: 'state', header: 'States', unit: 'MiB' },
    ],
    rows: ARCHITECTURES.map(([model, kind]): RowView => {
      const of = (what: string, format: (value: number) => string): CellView => ref(layoutId(model, what), format);
      return {
        header: modelOf(model).name,
        cells: {
          kind: { text: kind },
          block: of('block-bytes', kib),
          pieces: of('pieces', whole),
          slice: of('slice-bytes', kib),
          calls: of(`${SHORT}/1/calls`, tokens),
          bytes: of(`${SHORT}/1/bytes`, (bytes) => (bytes / 2 ** 20).toFixed(1)),
          longCalls: of(`${LONG}/1/calls`, tokens),
          longBytes: of(`${LONG}/1/bytes`, (bytes) => tokens(bytes / 2 ** 20)),
          state: value(layoutId(model, 'state-bytes')) === 0 ? EMPTY : of('state-bytes', (bytes) => (bytes / 2 ** 20).toFixed(1)),
        },
      };
    }),
    note: 'One way, block by block, one chip, each model in its own format of keys and values. Bytes of a block: what every layer keeps of it, before a window forgets; states move whole at any context.',
  };
}

/** What a context switch moves. */
export function movesSection(context: FastswitchContext): SectionView {
  const { own, slot, look, peek, cells } = context;
  const hidden = look('slice/llama-8b/multi-head') === look('input/piece-printed') && look('slice/llama-8b') * 4 === look('slice/llama-8b/multi-head');
  const contradicts = look('swap-out/traditional/rate-multi-head') > 2 * look('input/link-raw') && cells.compared(id('text/piece')).status === 'deviation';
  const [latent, one] = [layoutId('deepseek-v3', 'slice-bytes'), layoutId('step-3', 'slice-bytes')];
  const heads = layoutId('llama-3.1-8b', 'slice-bytes');
  const smaller = peek(latent) < peek(heads) / 3 && peek(one) < peek(latent);
  const more =
    peek(layoutId('step-3', `${SHORT}/1/bytes`)) < peek(layoutId('llama-3.1-8b', `${SHORT}/1/bytes`)) / 4 &&
    peek(layoutId('step-3', `${SHORT}/1/calls`)) > peek(layoutId('llama-3.1-8b', `${SHORT}/1/calls`));
  return {
    anchor: 'moves',
    heading: 'What a context switch moves',
    takeaway: `A block of LLaMA-8B leaves the GPU in ${own('slices-per-block/llama-8b', whole)} copies of ${own('slice/llama-8b', (bytes) => `${kib(bytes)} KiB`)}; ${claim('models whose cache is small are cut into even smaller pieces, so that they have more calls for fewer bytes', smaller && more)}.`,
    blocks: [
      paperTable(context),
      { kind: 'formula', formula: 'preemption/slice-bytes', number: context.numbers.reference(id('slice/llama-8b')) },
      {
        kind: 'paragraph',
        text: `${claim('The printed size of a call is four of these slices', hidden)}: it is what a layer would keep if each of the query heads had keys and values of its own. ${claim('The runs cannot have moved that much', contradicts)}: Table 1 would then need ${own('swap-out/traditional/rate-multi-head', (rate) => `${gb(rate)} GB/s`)} of a link that carries ${own('input/link-raw', (rate) => `${gb(rate)} GB/s`)}. All times below use the slices of {{#slices}}.`,
      },
      printedTable(context),
      architectures(context),
      {
        kind: 'paragraph',
        text: `${claim('Step-3 keeps a quarter of the bytes of Llama 3.1 8B, or less, and needs more calls for them', more)}: pieces of ${slot(one, (bytes) => `${kib(bytes)} KiB`)} instead of ${slot(heads, (bytes) => `${kib(bytes)} KiB`)}. Groups matter more for such models than for the one that the paper measures.`,
      },
    ],
  };
}

const gb = (rate: number): string => (rate / 1e9).toFixed(0);
