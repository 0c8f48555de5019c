import { accelerator } from '../../src/accelerators/index.ts';
import { type GoodputRow, goodputBars } from '../../src/chart/index.ts';
import { modelOf } from '../../src/models/index.ts';
import { TODAY } from '../../src/papers/distserve/today.ts';
import { type TodayKind, todayBest, todayCheapest, todayId } from '../../src/papers/distserve/today-numbers.ts';
import { claim } from '../../src/report/definition.ts';
import type { CellView, FigureBlock, RowView, SectionView, TableBlock } from '../../src/report/view.ts';
import { type DistserveContext, SERIES, usd, whole } from './context.ts';

export const SHOWN = 'qwen3-32b';
const KINDS = { apart: 'Apart', together: 'Together' } as const;
const COLOURS = { apart: 'distserve', together: 'vllm' } as const;
const chipName = (chip: string): string => chip.toUpperCase();
const onText = (on: string): string => on.split('+').map(chipName).join(' + ');
/** Breaks only between the two phases. */
const placementText = (text: string): string => text.replaceAll(' x ', ' × ').replaceAll(' ', '\u00a0').replaceAll('\u00a0+\u00a0', ' +\u00a0');

/** The best placement of a kind on any chips. */
export const cheapest = (model: string, kind: TodayKind): { readonly on: string; readonly id: string } => {
  const row = todayCheapest(model, kind);
  if (row === null) throw new RangeError(`report: ${model} has no placement ${kind}`);
  const on = row.on.join('+');
  return { on, id: todayId(model, kind, on, 'usd-per-mtok') };
};

/** Pairs of different chips that are drawn. */
const MIXED = 4;
const PAIRS = TODAY.chips.flatMap((prefill) => TODAY.chips.map((decode) => (prefill === decode ? prefill : `${prefill}+${decode}`)));

/** Figure A: what a million output tokens cost, apart on every pair of chips and together on every chip. */
export function lead({ numbers, value }: DistserveContext): FigureBlock {
  const rows = PAIRS.flatMap((on) =>
    (Object.keys(KINDS) as TodayKind[]).flatMap((kind): readonly GoodputRow[] => {
      const row = todayBest(SHOWN, kind, on);
      const number = todayId(SHOWN, kind, on, 'usd-per-mtok');
      return row === null ? [] : [{ group: onText(on), series: COLOURS[kind], name: KINDS[kind], placement: placementText(row.text), value: value(number), number: numbers.reference(number) }];
    }),
  );
  const [apart, together] = [cheapest(SHOWN, 'apart'), cheapest(SHOWN, 'together')];
  const cheapestMixed = rows
    .filter(({ group }) => group.includes('+'))
    .sort((a, b) => a.value - b.value)
    .slice(0, MIXED)
    .map(({ group }) => group);
  return {
    kind: 'figure',
    anchor: 'today-costs',
    label: 'Figure A',
    chart: goodputBars(
      rows.filter(({ group }) => !group.includes('+') || cheapestMixed.includes(group)),
      {
        id: 'today-costs',
        title: claim(`${modelOf(SHOWN).name}: on H800 prompts and decoding apart cost less than together on any chip`, apart.on === 'h800' && value(apart.id) < value(together.id)),
        description: `Cost of a million output tokens of ${modelOf(SHOWN).name} within the objectives: prompts and decoding apart on pairs of chips, and together on each chip.`,
        quantity: 'cost',
        ranked: true,
        allSeries: SERIES,
      },
    ),
    note: 'Each chip with itself, and the four cheapest pairs; all are in {{#pairs}}. Of a pair, the first reads prompts and the second decodes. How an instance is split stands above its bar: TP chips share every operator.',
    source: 'Found by the search of {{#today}}; prices of the papers.',
  };
}

const EMPTY: CellView = { text: '' };
export function todaySection({ numbers, value, peek, slot }: DistserveContext): SectionView {
  const ratioOf = (model: string, on: string): number | null =>
    todayBest(model, 'apart', on) === null || todayBest(model, 'together', on) === null
      ? null
      : peek(todayId(model, 'together', on, 'usd-per-mtok')) / peek(todayId(model, 'apart', on, 'usd-per-mtok'));
  const cell = (model: string, kind: TodayKind, on: string, what: string, format: (value: number) => string): CellView => {
    if (todayBest(model, kind, on) === null) return EMPTY;
    const id = todayId(model, kind, on, what);
    return { text: format(value(id)), number: numbers.reference(id) };
  };
  const rowOf = (model: string, header: string, apart: string, together: string): RowView => {
    const [split, both] = [todayBest(model, 'apart', apart), todayBest(model, 'together', together)];
    const ratio = split === null || both === null ? null : value(todayId(model, 'together', together, 'usd-per-mtok')) / value(todayId(model, 'apart', apart, 'usd-per-mtok'));
    return {
      header,
      model,
      cells: {
        apart: split === null ? { text: '', footnote: 'No placement keeps the objectives.' } : { text: placementText(split.text) },
        apartChips: cell(model, 'apart', apart, 'chips', whole),
        apartCost: cell(model, 'apart', apart, 'usd-per-mtok', usd),
        together: both === null ? { text: '', footnote: 'No placement keeps the objectives.' } : { text: placementText(both.text) },
        togetherChips: cell(model, 'together', together, 'chips', whole),
        togetherCost: cell(model, 'together', together, 'usd-per-mtok', usd),
        ratio: ratio === null ? EMPTY : { text: ratio.toFixed(2) },
      },
    };
  };
  const rows = TODAY.models.flatMap((model) => {
    const [apart, together] = [cheapest(model, 'apart').on, cheapest(model, 'together').on];
    const { name } = modelOf(model);
    const chips = TODAY.chips.map((chip) => rowOf(model, `${name}, ${chipName(chip)}`, chip, chip));
    return apart === together ? chips : [...chips, rowOf(model, `${name}, ${onText(apart)} or ${onText(together)}`, apart, together)];
  });
  const ratios = (model: string): readonly number[] => TODAY.chips.flatMap((chip) => ratioOf(model, chip) ?? []);
  const experts = TODAY.models.filter((model) => model !== SHOWN);
  const pays = experts.every((model) => ratios(model).every((ratio) => ratio > 2));
  const saves = ratios(SHOWN).every((ratio) => ratio > 4 / 3);
  const cost = (kind: TodayKind): string => slot(cheapest(SHOWN, kind).id, (dollars) => `$${usd(dollars)}`);
  return {
    anchor: 'today',
    label: 'Table L',
    heading: 'Today: where it pays, and by how much',
    takeaway: `${claim('Apart costs less than half for the mixture of experts on every chip, and for dense Qwen3-32B it saves more than a quarter on each', pays && saves)}: at best ${cost('apart')} a million output tokens apart and ${cost('together')} together.`,
    blocks: [
      {
        kind: 'table',
        anchor: 'today',
        label: 'Table L',
        caption: claim('The cheapest placements within the objectives, apart and together', pays),
        rowHeader: 'Model, chips',
        columns: [
          { id: 'apart', header: 'Prefill + decode', numeric: false, group: 'Apart' },
          { id: 'apartChips', header: 'Chips', group: 'Apart' },
          { id: 'apartCost', header: 'Cost', unit: 'USD/Mtok', group: 'Apart' },
          { id: 'together', header: 'Instance', numeric: false, group: 'Together' },
          { id: 'togetherChips', header: 'Chips', group: 'Together' },
          { id: 'togetherCost', header: 'Cost', unit: 'USD/Mtok', group: 'Together' },
          { id: 'ratio', header: 'Ratio' },
        ],
        rows,
        note: `Cost of output tokens, those of prompts in it. Nine in ten requests of ShareGPT lengths have their first token after ${slot(id('ttft'), (seconds) => `${whole(seconds)} s`)} at most and each further one after ${slot(id('tpot'), (seconds) => `${whole(1e3 * seconds)} ms`)}. Ratio: together over apart. TP: chips that share every operator; DP: groups of chips that share experts. Instances of up to thirty-two chips, up to four of each phase: the smallest deployment near the best.`,
      },
      pairs({ numbers, value }),
      prices({ numbers, value }),
      {
        kind: 'list',
        items: [
          'Together means the scheduler of the paper: waiting prompts are read first, whole, and decoding stops for them. Engines of today split prompts and mix them with decoding, which keeps tokens coming: that is not modelled here, so that these numbers favour apart. How much of its lead remains is open.',
          claim('The lead is largest for the mixture of experts, whose instances are large: a prompt stops all requests of the instance that reads it.', pays),
          'Kernels alone are timed, as recent engines run them; the host takes nothing. Network between instances at four fifths of its rate.',
          claim(
            'A800 has no FP8 arithmetic: DeepSeek-V3 in its own format costs more there than on H800, though an hour of it costs less than half.',
            accelerator('a800').accelerator.peak.fp8 === null &&
              peek(todayId('deepseek-v3', 'apart', 'a800', 'usd-per-mtok')) > peek(todayId('deepseek-v3', 'apart', 'h800', 'usd-per-mtok')) &&
              2 * peek('accelerator/a800/usdPerHour') < peek('accelerator/h800/usdPerHour'),
          ),
        ],
      },
    ],
  };
}

const id = (what: 'ttft' | 'tpot'): string => `distserve/setting/${what}/${TODAY.slo[what]}`;

type Cited = Pick<DistserveContext, 'numbers' | 'value'>;
const costCell = ({ numbers, value }: Cited, kind: TodayKind, on: string): CellView => {
  if (todayBest(SHOWN, kind, on) === null) return EMPTY;
  const number = todayId(SHOWN, kind, on, 'usd-per-mtok');
  return { text: usd(value(number)), number: numbers.reference(number) };
};

/** Every pair of chips for one model. */
const pairs = (cited: Cited): TableBlock => ({
  kind: 'table',
  anchor: 'pairs',
  label: 'Table M',
  caption: `${modelOf(SHOWN).name}: cost of every pair of chips, USD per million output tokens`,
  rowHeader: 'Prefill on',
  columns: [...TODAY.chips.map((chip) => ({ id: chip, header: chipName(chip), group: 'Decoding on' })), { id: 'together', header: 'Together' }],
  rows: TODAY.chips.map(
    (prefill): RowView => ({
      header: chipName(prefill),
      cells: {
        ...Object.fromEntries(TODAY.chips.map((decode) => [decode, costCell(cited, 'apart', prefill === decode ? prefill : `${prefill}+${decode}`)])),
        together: costCell(cited, 'together', prefill),
      },
    }),
  ),
});

const prices = ({ numbers, value }: Cited): TableBlock => ({
  kind: 'table',
  anchor: 'prices',
  label: 'Table N',
  caption: 'Prices of the chips, by the papers',
  rowHeader: 'Chip',
  columns: [{ id: 'price', header: 'Price', unit: 'USD/h' }],
  rows: TODAY.chips.map(
    (chip): RowView => ({ header: chipName(chip), cells: { price: { text: usd(value(`accelerator/${chip}/usdPerHour`)), number: numbers.reference(`accelerator/${chip}/usdPerHour`) } } }),
  ),
});
