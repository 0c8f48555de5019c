import { type BreakEvenBandRow, type BreakEvenMark, breakEvenBands, type SwapOrRecomputeRow, swapOrRecompute } from '../../src/chart/index.ts';
import { modelOf } from '../../src/models/index.ts';
import { TODAY, todayWay, type WayTimes } from '../../src/papers/fastswitch/today.ts';
import { layoutId, wayId } from '../../src/papers/fastswitch/today-numbers.ts';
import { claim } from '../../src/report/definition.ts';
import type { CellView, FigureBlock, RowView, SectionView, TableBlock } from '../../src/report/view.ts';
import { contextLabel } from '../../src/units/format.ts';
import { CHIP_NAMES, EMPTY, type FastswitchContext, id, LINK_NAMES, milli, times, tokens, whole } from './context.ts';

/** Links of the tables; the third of `TODAY` has no chip of these. */
const LINKS = ['pcie4-x16', 'pcie5-x16'] as const;
const [SINGLE, GROUPED] = TODAY.groups;
const CONTEXTS = [8192] as const;
/** Shorter contexts are not drawn: a block is the least that is copied. */
const SHORTEST = 16;
/** Drawn over contexts. */
const DRAWN = { chip: 'h800', link: 'pcie4-x16' } as const;
const WAYS = ['swap', 'recompute', 'swap-groups', 'bound'] as const;
const places = TODAY.models.flatMap((model) => TODAY.chips.map((chip) => ({ model, chip })));
const name = (model: string): string => modelOf(model).name;

const fits = (model: string, chip: string): boolean => todayWay(model, chip, LINKS[0], SINGLE).fits;
const range = (model: string, chip: string, link: string, group: number, of: WayTimes): { readonly from: number; readonly to: number } | null => todayWay(model, chip, link, group).recompute[of];

/** Figure E: which way is faster. */
function bands({ numbers, value }: FastswitchContext): FigureBlock {
  const rows = places.flatMap(({ model, chip }) =>
    LINKS.flatMap((link): readonly BreakEvenBandRow[] => {
      const found = range(model, chip, link, SINGLE, 'calibrated');
      const common = { panel: name(model), lane: `${CHIP_NAMES[chip]}, ${LINK_NAMES[link]}` };
      const cite = (what: string): string => {
        const number = wayId(model, chip, link, SINGLE, `calibrated/${what}`);
        value(number);
        return numbers.reference(number);
      };
      const swap = (from: number, to: number): readonly BreakEvenBandRow[] => (from > to ? [] : [{ ...common, series: 'swap', name: 'Swap', from, to }]);
      if (found === null) return swap(SHORTEST, TODAY.longest);
      const { from, to } = found;
      return [...swap(SHORTEST, from - 1), { ...common, series: 'recompute', name: 'Recompute', from, to, number: cite('from') }, ...swap(to + 1, TODAY.longest)];
    }),
  );
  const h20 = TODAY.models.every((model) => LINKS.every((link) => range(model, 'h20', link, SINGLE, 'calibrated') === null));
  const h800 = TODAY.models.filter((model) => LINKS.every((link) => range(model, 'h800', link, SINGLE, 'calibrated') !== null));
  return {
    kind: 'figure',
    anchor: 'bands',
    label: 'Figure E',
    chart: breakEvenBands(rows, {
      id: 'bands',
      title: claim('Copied block by block, most caches come back sooner by computing them again on H800 in a band of contexts, and none does on H20', h20 && h800.length > TODAY.models.length / 2),
      description: 'For five models, three chips and two links: the contexts at which swapping a cache out and in is faster, and those at which computing it again is.',
      allSeries: WAYS,
    }),
    note: 'Calibrated kernels, a prompt alone; a call a slice from C++. As few chips as hold the model, each with a link of its own.',
    source: 'Numbers of {{#way-back}}.',
  };
}

/** Figure F: both times over the context. */
function curves({ peek, numbers }: FastswitchContext): FigureBlock {
  const { chip, link } = DRAWN;
  const contexts = Array.from({ length: 14 }, (_, at) => 16 * 2 ** at);
  const rows = TODAY.models.flatMap((model) => {
    const [single, grouped] = TODAY.groups.map((group) => todayWay(model, chip, link, group)) as [ReturnType<typeof todayWay>, ReturnType<typeof todayWay>];
    const line = (series: (typeof WAYS)[number], label: string, seconds: (context: number) => number, dashed = false): readonly SwapOrRecomputeRow[] =>
      contexts.map((context) => ({ panel: name(model), series, name: label, context, seconds: seconds(context), ...(dashed ? { dashed } : {}) }));
    return [
      ...line('swap', 'Swap, block by block', single.swapSeconds),
      ...line('swap-groups', 'Swap, groups of twenty', grouped.swapSeconds),
      ...line('recompute', 'Recompute', single.recomputeSeconds.calibrated),
      ...line('bound', 'Recompute, data sheet', single.recomputeSeconds.bound, true),
    ];
  });
  const marks = TODAY.models.flatMap((model): readonly BreakEvenMark[] => {
    const found = range(model, chip, link, SINGLE, 'calibrated');
    if (found === null) return [];
    return (['from', 'to'] as const)
      .filter((end) => found[end] < TODAY.longest)
      .map((end) => ({ panel: name(model), series: 'recompute', context: found[end], number: numbers.reference(wayId(model, chip, link, SINGLE, `calibrated/${end}`)) }));
  });
  const group = TODAY.models.every((model) => peek(wayId(model, chip, link, GROUPED, '32768/swap')) < peek(wayId(model, chip, link, SINGLE, '32768/swap')));
  const below = TODAY.models.filter((model) =>
    CONTEXTS.every((context) => peek(wayId(model, chip, link, GROUPED, `${context}/swap`)) < peek(wayId(model, chip, link, SINGLE, `${context}/calibrated`))),
  );
  return {
    kind: 'figure',
    anchor: 'curves',
    label: 'Figure F',
    chart: swapOrRecompute(rows, {
      id: 'curves',
      title: claim(
        'In groups of twenty blocks a swap over PCIe 4.0 is faster than an H800 computes again, with every model but one that has many heads',
        group && below.length === TODAY.models.length - 1 && !below.includes('llama-2-7b'),
      ),
      description: 'Time to swap a cache out and in over PCIe 4.0, block by block and in groups, and time to compute it again on H800, over the context, for five models.',
      breakEvens: marks,
      allSeries: WAYS,
    }),
    note: 'Out and in, one after the other. Dots: the faster way changes, block by block. The data sheet gives the least time to compute.',
    source: 'Exact functions of the context for copies and the data sheet, calibrated kernels for the expected time.',
  };
}

const ends = (context: FastswitchContext, model: string, chip: string, link: string, group: number, of: WayTimes): { readonly from: CellView; readonly to: CellView } => {
  if (range(model, chip, link, group, of) === null) return { from: { text: 'never' }, to: EMPTY };
  const cell = (end: string): CellView => {
    const number = wayId(model, chip, link, group, `${of}/${end}`);
    return { text: tokens(context.value(number)), number: context.numbers.reference(number) };
  };
  return { from: cell('from'), to: cell('to') };
};

function ranges(
  context: FastswitchContext,
  table: Pick<TableBlock, 'anchor' | 'label' | 'caption' | 'note'>,
  columns: readonly { readonly id: string; readonly group: string; readonly link: string; readonly blocks: number; readonly of: WayTimes }[],
): TableBlock {
  const { numbers, value } = context;
  return {
    kind: 'table',
    ...table,
    rowHeader: 'Model, chip',
    columns: [
      { id: 'chips', header: 'Chips' },
      ...columns.flatMap(({ id: column, group }) => [
        { id: `${column}-from`, header: 'From', group },
        { id: `${column}-to`, header: 'to', group },
      ]),
    ],
    rows: places.map(({ model, chip }): RowView => {
      const chips = wayId(model, chip, LINKS[0], SINGLE, 'chips');
      return {
        header: `${name(model)}, ${CHIP_NAMES[chip]}`,
        cells: {
          chips: { text: whole(value(chips)), number: numbers.reference(chips), ...(fits(model, chip) ? {} : { footnote: 'These chips do not hold the model: as if they did.' }) },
          ...Object.fromEntries(
            columns.flatMap(({ id: column, link, blocks, of }) => {
              const { from, to } = ends(context, model, chip, link, blocks, of);
              return [
                [`${column}-from`, from],
                [`${column}-to`, to],
              ];
            }),
          ),
        },
      };
    }),
  };
}

function timesTable({ numbers, value }: FastswitchContext): TableBlock {
  const { link } = DRAWN;
  return {
    kind: 'table',
    anchor: 'way-times',
    label: 'Table N',
    caption: 'Both ways in time over PCIe 4.0',
    rowHeader: 'Model, chip',
    columns: CONTEXTS.flatMap((context) => [
      { id: `${context}-swap`, header: 'Swap', unit: 'ms', group: contextLabel(context) },
      { id: `${context}-group`, header: 'in groups', unit: 'ms', group: contextLabel(context) },
      { id: `${context}-calibrated`, header: 'Recompute', unit: 'ms', group: contextLabel(context) },
    ]),
    rows: places.map(({ model, chip }): RowView => {
      const cell = (group: number, what: string): CellView => {
        const number = wayId(model, chip, link, group, what);
        return { text: milli(value(number)), number: numbers.reference(number) };
      };
      return {
        header: `${name(model)}, ${CHIP_NAMES[chip]}`,
        cells: Object.fromEntries(
          CONTEXTS.flatMap((context) => [
            [`${context}-swap`, cell(SINGLE, `${context}/swap`)],
            [`${context}-group`, cell(GROUPED, `${context}/swap`)],
            [`${context}-calibrated`, cell(SINGLE, `${context}/calibrated`)],
          ]),
        ),
      };
    }),
    note: 'Swap: out and in, the whole cache. Recompute: expected time of the prompt alone.',
  };
}

/** Swap or recompute, with models and chips of today. */
export function todaySection(context: FastswitchContext): SectionView {
  const { slot } = context;
  const at = (model: string, chip: string, group: number, what: string, link: string = LINKS[0]): string => wayId(model, chip, link, group, what);
  const never = (group: number, of: WayTimes, link: string, chips: readonly string[] = TODAY.chips): boolean =>
    TODAY.models.every((model) => chips.every((chip) => range(model, chip, link, group, of) === null));
  const example = range('llama-3.1-8b', 'h800', LINKS[0], SINGLE, 'calibrated') !== null && range('llama-3.1-8b', 'h800', LINKS[0], GROUPED, 'calibrated') === null;
  const groupsWin =
    never(GROUPED, 'calibrated', 'pcie5-x16') &&
    TODAY.chips.every((chip) => TODAY.models.filter((model) => range(model, chip, 'pcie4-x16', GROUPED, 'calibrated') !== null).join() === (chip === 'h800' ? 'llama-2-7b' : ''));
  const once = TODAY.models.every((model) =>
    TODAY.chips.every((chip) =>
      LINKS.every((link) => TODAY.groups.every((group) => todayWay(model, chip, link, group).changes.calibrated <= 2 && todayWay(model, chip, link, group).changes.trend <= 2)),
    ),
  );
  const kernels = places.every(({ model, chip }) =>
    LINKS.every((link) => {
      const [exact, calibrated] = [range(model, chip, link, SINGLE, 'trend'), range(model, chip, link, SINGLE, 'calibrated')];
      return calibrated === null || (exact !== null && exact.from <= calibrated.from && exact.to >= calibrated.to);
    }),
  );
  return {
    anchor: 'today',
    heading: 'Today: swap or recompute',
    takeaway: `${claim('Copied block by block, a cache of Llama 3.1 8B comes back to an H800 sooner by computing it again in a band of contexts, and in groups of twenty blocks nowhere', example)}: over PCIe 4.0 the band is from ${slot(at('llama-3.1-8b', 'h800', SINGLE, 'calibrated/from'), tokens)} to ${slot(at('llama-3.1-8b', 'h800', SINGLE, 'calibrated/to'), tokens)} tokens.`,
    blocks: [
      bands(context),
      ranges(
        context,
        {
          anchor: 'way-back',
          label: 'Table L',
          caption: claim('Contexts at which computing again is the faster way, with calibrated kernels', once),
          note: `Up to ${contextLabel(TODAY.longest)}, which for some models is beyond the context that they were trained for. Below and above the band swapping is faster: short prompts wait for the weights, and work grows with the square of the context where bytes grow with the context.`,
        },
        [
          { id: 'p4', group: 'PCIe 4.0', link: 'pcie4-x16', blocks: SINGLE, of: 'calibrated' },
          { id: 'p5', group: 'PCIe 5.0', link: 'pcie5-x16', blocks: SINGLE, of: 'calibrated' },
          { id: 'g4', group: 'PCIe 4.0, groups', link: 'pcie4-x16', blocks: GROUPED, of: 'calibrated' },
        ],
      ),
      ranges(
        context,
        {
          anchor: 'way-back-bound',
          label: 'Table M',
          caption: claim('The same at data-sheet rates, solved exactly', once),
          note: 'Blocks are copied whole, so that near a break-even the faster way changes with every block: the exact band is from the first to the last context at which computing is faster, that of means goes through the steps.',
        },
        [
          { id: 't4', group: 'PCIe 4.0, means', link: 'pcie4-x16', blocks: SINGLE, of: 'trend' },
          { id: 'e4', group: 'PCIe 4.0, exact', link: 'pcie4-x16', blocks: SINGLE, of: 'exact' },
          { id: 'e5', group: 'PCIe 5.0, exact', link: 'pcie5-x16', blocks: SINGLE, of: 'exact' },
        ],
      ),
      curves(context),
      timesTable(context),
      {
        kind: 'list',
        items: [
          claim(
            'In groups swapping is the faster way at every context over PCIe 5.0, and over PCIe 4.0 with one exception, Llama 2 7B on H800, which keeps keys and values for every head.',
            groupsWin,
          ),
          claim('An expected prompt is slower than the data sheet allows, so that the bands of calibrated kernels lie within those of data-sheet rates.', kernels),
          `Pieces decide: a thousand tokens of Step-3 go out and back ${slot(id(`today/group-gain/step-3/1000/pcie5-x16`), (value) => `${times(value)} times`)} as fast in groups over PCIe 5.0, of Llama 2 7B ${slot(id(`today/group-gain/llama-2-7b/1000/pcie5-x16`), (value) => `${times(value)} times`)}; ${claim('smaller pieces gain more', context.peek(id('today/group-gain/step-3/1000/pcie5-x16')) > 2 * context.peek(id('today/group-gain/llama-2-7b/1000/pcie5-x16')) && context.peek(layoutId('step-3', 'slice-bytes')) < context.peek(layoutId('llama-2-7b', 'slice-bytes')))}.`,
          'The two ways are not alike in what they hold up: copies can run beside kernels of other requests, a prompt that is computed again takes the chip from them. Where times are near each other, that speaks for swapping; memory of the host speaks against it.',
        ],
      },
    ],
  };
}
