import { type ImageCostRow, imageCostBars } from '../../src/chart/index.ts';
import { modelOf } from '../../src/models/index.ts';
import { type TodayMedia, todayCheapest, todayChips, todayCost, todayModels } from '../../src/papers/epd/today.ts';
import { todayId } from '../../src/papers/epd/today-numbers.ts';
import { claim } from '../../src/report/definition.ts';
import type { CellView, FigureBlock, RowView, SectionView, TableBlock } from '../../src/report/view.ts';
import { type EpdContext, tokens, whole } from './context.ts';

const PHOTO: TodayMedia = '4032x3024';
const VIDEO: TodayMedia = 'video-minute';
/** Chips that are drawn; all that have a price stand in the table. */
const DRAWN = ['a800', 'h20', 'h800', 'h100'];
const EMPTY: CellView = { text: '' };

const usd = (value: number): string => value.toFixed(3);
const cents = (value: number): string => (100 * value).toFixed(4);
/** in prose: two significant digits below ten cents */
export const dollars = (value: number): string => `$${value < 0.1 ? value.toPrecision(2) : value.toFixed(2)}`;
export const chipName = (chip: string): string => (chip === 'ascend-910b' ? '910B' : chip === 'a100-80g' ? 'A100' : chip.toUpperCase());
export const priced = todayModels().filter(({ id }) => todayCheapest(id, PHOTO) !== null);
const unpriced = todayModels().filter(({ id }) => todayCheapest(id, PHOTO) === null);

/** The cheapest chip of a model for a picture, and the number of what it costs there. */
export function cheapestOf(model: string, media: TodayMedia, what = 'thousand-usd'): string {
  const best = todayCheapest(model, media);
  if (best === null) throw new RangeError(`report: no chip holds ${model}`);
  return todayId(model, best.chip, media, what);
}

/** The models of which a picture costs least and most, each on its cheapest chip. */
export function extremes({ peek }: Pick<EpdContext, 'peek'>, media: TodayMedia): { readonly least: string; readonly most: string } {
  const sorted = [...priced].sort((a, b) => peek(cheapestOf(a.id, media)) - peek(cheapestOf(b.id, media)));
  return { least: sorted[0]?.id as string, most: sorted.at(-1)?.id as string };
}

/** Figure A: what a photo costs each model. */
export function lead(context: EpdContext): FigureBlock {
  const { numbers, value, peek } = context;
  const rows = priced.flatMap(({ id: model, name }) =>
    DRAWN.flatMap((chip): readonly ImageCostRow[] => {
      if (todayCost(model, chip, PHOTO) === null) return [];
      const number = todayId(model, chip, PHOTO, 'image-usd');
      value(number);
      return [
        {
          model: name,
          chip: chipName(chip),
          encodeUsd: peek(todayId(model, chip, PHOTO, 'encode-usd')),
          prefillUsd: peek(todayId(model, chip, PHOTO, 'image-prefill-usd')),
          number: numbers.reference(number),
        },
      ];
    }),
  );
  const { least, most } = extremes(context, PHOTO);
  const ratio = peek(cheapestOf(most, PHOTO)) / peek(cheapestOf(least, PHOTO));
  return {
    kind: 'figure',
    anchor: 'image-costs',
    label: 'Figure A',
    chart: imageCostBars(rows, {
      id: 'image-costs',
      title: claim('The same photo costs dozens of times as much with one model as with another', ratio > 50),
      description: 'Cost of a thousand photos by model and chip: encoding them, and the prefill of the tokens that they become.',
    }),
    note: 'Photos of the paper, twelve megapixels each. Chips are always busy with other requests; prices of the catalogue.',
    source: 'Calibrated kernels of encoder and language model; {{#today-photo}} and {{#today-small}} have all chips and a smaller picture.',
  };
}

const perThousand = ({ numbers, value }: EpdContext, media: TodayMedia, { anchor, label, caption }: Pick<TableBlock, 'anchor' | 'label' | 'caption'>): TableBlock => ({
  kind: 'table',
  anchor,
  label,
  caption,
  rowHeader: 'Model',
  columns: todayChips().map(({ id }) => ({ id, header: chipName(id) })),
  rows: priced.map(({ id: model, name }): RowView => {
    const cellOf = (chip: string): CellView => {
      if (todayCost(model, chip, media) === null) return EMPTY;
      const number = todayId(model, chip, media, 'thousand-usd');
      return { text: usd(value(number)), number: numbers.reference(number) };
    };
    return { header: name, cells: Object.fromEntries(todayChips().map(({ id }) => [id, cellOf(id)])) };
  }),
  note: 'USD for a thousand pictures. Empty: the model does not fit a server of these chips.',
});

/** A request with one picture, and a minute of video, each on the cheapest chip. */
const requests = ({ numbers, value, peek, slot }: EpdContext): TableBlock => ({
  kind: 'table',
  anchor: 'requests',
  label: 'Table K',
  caption: 'A photo, and a minute of video, on the cheapest chip of each model',
  rowHeader: 'Model',
  columns: [
    { id: 'tokens', header: 'Tokens', group: 'A photo' },
    { id: 'chip', header: 'Chip', numeric: false, group: 'A photo' },
    { id: 'image', header: 'Cost', unit: 'ct', group: 'A photo' },
    { id: 'share', header: 'Of its request', unit: '%', group: 'A photo' },
    { id: 'videoTokens', header: 'Tokens', group: 'A minute of video' },
    { id: 'videoChip', header: 'Chip', numeric: false, group: 'A minute of video' },
    { id: 'video', header: 'Cost', unit: 'ct', group: 'A minute of video' },
  ],
  rows: priced.map(({ id: model, name }): RowView => {
    const chipOf = (media: TodayMedia): CellView => ({ text: chipName(todayCheapest(model, media)?.chip ?? '') });
    const tokensOf = (media: TodayMedia): CellView => {
      const number = `epd/today/shape/${model}/${media}/prompt-tokens`;
      return { text: tokens(value(number)), number: numbers.reference(number) };
    };
    const cost = (media: TodayMedia): CellView => {
      const number = cheapestOf(model, media, 'image-usd');
      return { text: cents(value(number)), number: numbers.reference(number) };
    };
    return {
      header: name,
      cells: {
        tokens: tokensOf(PHOTO),
        chip: chipOf(PHOTO),
        image: cost(PHOTO),
        share: { text: whole((100 * peek(cheapestOf(model, PHOTO, 'image-usd'))) / peek(cheapestOf(model, PHOTO, 'request-usd'))) },
        videoTokens: tokensOf(VIDEO),
        videoChip: chipOf(VIDEO),
        video: cost(VIDEO),
      },
    };
  }),
  note: `Hundredths of a dollar. A request has ${slot('epd/today/input/text-tokens', whole)} tokens of text and an answer of ${slot('epd/today/input/output-tokens', whole)}. The video is ${slot('epd/today/input/video-minute/height', (lines) => `${whole(lines)} lines`)} high and gives ${slot('epd/today/input/frames-per-second', (count) => `${whole(count)} frame`)} a second, each under the rule that the model has for frames.`,
});

/** What an image costs today. */
export function todaySection(context: EpdContext): SectionView {
  const { slot, peek } = context;
  const { least, most } = extremes(context, PHOTO);
  const name = (model: string): string => modelOf(model).name;
  const cost = (model: string, media: TodayMedia): string => slot(cheapestOf(model, media), dollars);
  const read = priced.filter(({ id }) => peek(cheapestOf(id, PHOTO, 'encode-usd')) < peek(cheapestOf(id, PHOTO, 'image-prefill-usd')));
  const share = (model: string): number => peek(cheapestOf(model, PHOTO, 'image-usd')) / peek(cheapestOf(model, PHOTO, 'request-usd'));
  const half = priced.filter(({ id }) => share(id) > 0.5).length;
  const cheap = priced.every(({ id }) => ['a800', 'h800'].includes(todayCheapest(id, PHOTO)?.chip ?? ''));
  return {
    anchor: 'today',
    heading: 'Today: what an image costs',
    takeaway: `A thousand photos cost ${cost(least, PHOTO)} with ${name(least)} and ${cost(most, PHOTO)} with ${name(most)}, each on its cheapest chip; ${claim('what decides is the number of tokens, and for most models that of reading them, not of encoding', read.length > priced.length / 2)}.`,
    blocks: [
      perThousand(context, PHOTO, { anchor: 'today-photo', label: 'Table I', caption: claim('A thousand photos cost least on A800 or H800 with every model', cheap) }),
      perThousand(context, '1024x1024', { anchor: 'today-small', label: 'Table J', caption: 'A thousand square pictures of a megapixel' }),
      requests(context),
      {
        kind: 'list',
        items: [
          claim('For most models the photo costs more than the text and the answer together.', half > priced.length / 2),
          `${unpriced.length === 0 ? 'Every model of the catalogue with an encoder is here.' : `Not here: ${unpriced.map((model) => model.name).join(', ')}, which no server of eight of these chips holds in its own format.`} ${claim('Of each other model the language model has as few chips as hold it, up to a server.', priced.length > 0)}`,
          'Kernels alone are timed, on chips that always have other requests to work on: what the host takes, and idle chips that keep objectives, come on top. The encode times that were fitted to the paper show how much that can be.',
        ],
      },
      { kind: 'formula', formula: 'epd/images-usd', number: context.numbers.reference(cheapestOf(least, PHOTO)) },
    ],
  };
}
