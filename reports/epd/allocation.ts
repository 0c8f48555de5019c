import { type AllocationRow, allocationHeat } from '../../src/chart/index.ts';
import { allocations } from '../../src/papers/epd/allocations.ts';
import { IMAGES, SLO } from '../../src/papers/epd/data/latency.ts';
import { table5 } from '../../src/papers/epd/data/runs.ts';
import { EPD_MODELS } from '../../src/papers/epd/data/tables.ts';
import { claim } from '../../src/report/definition.ts';
import type { CellView, FigureBlock, RowView, SectionView, TableBlock } from '../../src/report/view.ts';
import { allocationText } from '../../src/serving/multimodal/allocation.ts';
import { type EpdContext, id, MODEL_NAMES, percent } from './context.ts';

const PRINTED = '6E1P1D';
const rate = (value: number): string => value.toFixed(2);

function heat({ numbers, peek, cells }: EpdContext): FigureBlock {
  const rows = allocations.flatMap((allocation): readonly AllocationRow[] => {
    const { encode, placement } = allocation;
    if (encode === 0 || placement.kind === 'colocated') return [];
    const number = id(`allocation/${allocationText(allocation)}`);
    return [{ panel: '', encode, prefill: placement.prefillInstances, decode: placement.decodeInstances, goodput: peek(number), number: numbers.reference(number) }];
  });
  const best = (['encode', 'prefill', 'decode'] as const).every((stage) => cells.compared(id(`text/best-allocation/${stage}`)).status === 'reproduced');
  return {
    kind: 'figure',
    anchor: 'allocations',
    label: 'Figure F',
    chart: allocationHeat(rows, {
      id: 'allocations',
      title: claim('The counts that the paper chose are the best of all: each encode worker less costs goodput', best),
      description: 'Goodput of every number of encode, prefill and decode workers on eight A100 for requests of six photos to MiniCPM-V 2.6, within the objectives of the paper.',
      marked: { ...table5.optimised.workers, name: 'Chosen by the paper' },
    }),
    note: 'Requests of six photos to MiniCPM-V 2.6, nine in ten within both objectives.',
    source: 'Simulated runs of the client of the paper; for its constants see {{#fitted}}.',
  };
}

/** EPD against workers that encode themselves. */
function systems({ cite, peek }: EpdContext): TableBlock {
  const row = (header: string, name: string, own: boolean): RowView => ({
    header,
    cells: { released: cite(`allocation/${name}`, rate), same: own ? cite(`allocation/apart-times/${name}`, rate) : cite(`allocation/${name}`, rate) },
  });
  const none = peek(id('allocation/7P1D')) === 0 && peek(id('allocation/8')) === 0;
  const near = peek(id('gain/8')) < 1.1 && peek(id('gain/7P1D')) < 1.1 && peek(id('gain/8')) > 1;
  return {
    kind: 'table',
    anchor: 'systems',
    label: 'Table F',
    caption: claim('With the time that an image took in its released run DistServe serves nothing within the objectives; with equal times nearly as much', none && near),
    rowHeader: 'Eight A100',
    columns: [
      { id: 'released', header: 'As released', unit: '1/s', group: 'Goodput, if an image takes' },
      { id: 'same', header: 'As on two workers', unit: '1/s', group: 'Goodput, if an image takes' },
    ],
    rows: [row('EPD: 6 encode, 1 prefill, 1 decode', PRINTED, false), row('DistServe: 7 encode and prefill, 1 decode', '7P1D', true), row('Together: 8 do all', '8', true)],
    note: 'On workers that encode and read. As released: the run of DistServe whose GPU is not recorded; six images alone take longer than the objective. As on two workers: encode and prefill take what they take of EPD, one after the other.',
  };
}

const table5Block = ({ cells }: EpdContext): TableBlock => {
  const row = (header: string, name: string): RowView => ({ header, cells: Object.fromEntries(['goodput', 'ttft', 'tpot'].map((what) => [what, cells.cell(id(`table-5/${name}/${what}`))])) });
  return {
    kind: 'table',
    anchor: 'table-5',
    label: 'Table 5',
    caption: 'The chosen configuration, and the mean of random ones',
    rowHeader: 'Configuration',
    columns: [
      { id: 'goodput', header: 'Goodput', unit: '1/s' },
      { id: 'ttft', header: 'First token', unit: 's' },
      { id: 'tpot', header: 'Per further token', unit: 's' },
    ],
    rows: [row('Optimised', 'optimised'), row('Random', 'random')],
    note: 'All but the time per further token of the optimised one are predictions.',
  };
};

const table9 = ({ cite }: EpdContext): TableBlock => {
  const shown = (model: string, images: number, what: 'ttft' | 'tpot'): CellView => cite(`slo/${model}/${images}/${what}`, (value) => value.toFixed(2));
  return {
    kind: 'table',
    anchor: 'table-9',
    label: 'Table 9',
    caption: 'Objectives, seconds to the first token and per further token, by images of a request',
    rowHeader: 'Model',
    columns: IMAGES.flatMap((images) => [
      { id: `ttft-${images}`, header: 'First', unit: 's', group: `${images} images` },
      { id: `tpot-${images}`, header: 'Further', unit: 's', group: `${images} images` },
    ]),
    rows: EPD_MODELS.map(
      (model): RowView => ({
        header: MODEL_NAMES[model],
        cells: Object.fromEntries(
          IMAGES.flatMap((images) => {
            const { note } = SLO[model][images];
            return [
              [`ttft-${images}`, shown(model, images, 'ttft')],
              [`tpot-${images}`, { ...shown(model, images, 'tpot'), ...(note === undefined ? {} : { footnote: `As printed, ${note}.` }) }],
            ];
          }),
        ),
      }),
    ),
    note: 'Inputs of the runs, as printed.',
  };
};

/** Allocation of chips: Table 5, and EPD against DistServe and all together. */
export function allocationSection(context: EpdContext): SectionView {
  const { cells, slot, peek } = context;
  const best = (['encode', 'prefill', 'decode'] as const).every((stage) => cells.compared(id(`text/best-allocation/${stage}`)).status === 'reproduced');
  const gain = peek(id('gain/8'));
  const hangs = peek(id('share-of-best/engine-2-8')) < 1 && peek(id('share-of-best/engine-table-5')) < 0.8;
  const off = cells.compared(id('table-5/optimised/goodput')).status === 'deviation';
  return {
    anchor: 'allocation',
    heading: 'Allocation: does a separate encode stage pay?',
    takeaway: `${claim('Our search finds the counts of the paper', best)}; ${claim('against eight workers that do all three stages they serve little more if an image takes as long on both', gain > 1 && gain < 1.1)}, ${slot(id('gain/8'), (ratio) => `${ratio.toFixed(2)} times`)} the requests: what pays is sharing the images of a request, for its first token.`,
    blocks: [
      heat(context),
      systems(context),
      table5Block(context),
      table9(context),
      {
        kind: 'list',
        items: [
          claim('Absolute goodput is not met: the constants that Table 6 asks for make prefill less busy than those that the time to the first token of Table 5 would.', off),
          `${claim('The best counts hang on the constants too', hangs)}: the chosen ones have ${slot(id('share-of-best/engine-2-8'), (share) => `${percent(share)} %`)} of the best goodput with constants of half of Table 4, and ${slot(id('share-of-best/engine-table-5'), (share) => `${percent(share)} %`)} with those of Table 5.`,
        ],
      },
    ],
  };
}
