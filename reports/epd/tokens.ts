import { type ImageTokenRow, imageTokenSteps } from '../../src/chart/index.ts';
import { imageOf, type Model, modelOf } from '../../src/models/index.ts';
import { table3 } from '../../src/papers/epd/data/tables.ts';
import { todayModels } from '../../src/papers/epd/today.ts';
import { claim } from '../../src/report/definition.ts';
import type { RowView, SectionView } from '../../src/report/view.ts';
import { type EpdContext, id, megabytes, ROWS, tokens, whole } from './context.ts';

/** Widths of the drawn images of 4 : 3: a thumbnail to beyond the photo of the paper, evenly on a log scale. */
const STEPS = 220;
const WIDTHS = Array.from({ length: STEPS + 1 }, (_, at) => Math.round(224 * (4608 / 224) ** (at / STEPS)));
const heightOf = (width: number): number => Math.round((3 * width) / 4);

/** A family without the sizes of its models: `Qwen3-VL`. */
const familyOf = ({ name }: Model): string => name.replace(/[- ]\d+B.*$/, '');

/** One line for models with the same rule. */
function families(): readonly { readonly models: readonly Model[]; readonly name: string }[] {
  const byRule = new Map<string, Model[]>();
  for (const model of todayModels()) {
    const key = JSON.stringify(model.images?.image);
    byRule.set(key, [...(byRule.get(key) ?? []), model]);
  }
  return [...byRule.values()].map((models) => ({ models, name: [...new Set(models.map(familyOf))].join(', ') }));
}

/** The staircase of a model: a row where its count changes, and one at the end. */
function stepsOf(model: Model, quantity: ImageTokenRow['quantity'], name: string): readonly ImageTokenRow[] {
  const all = WIDTHS.map((width) => {
    const shape = imageOf(model, { width, height: heightOf(width) });
    return { quantity, series: model.id, name, size: (width * heightOf(width)) / 1e6, count: quantity === 'tokens' ? shape.tokens : shape.tiles.length };
  });
  return all.filter(({ count }, at) => at === 0 || at === all.length - 1 || count !== all[at - 1]?.count);
}

/** How an image becomes tokens. */
export function tokensSection({ cells, numbers, cite, slot, peek }: EpdContext): SectionView {
  const rows = families().flatMap(({ models: [model], name }) => {
    if (model === undefined) return [];
    const cut = stepsOf(model, 'tiles', name);
    return [...stepsOf(model, 'tokens', name), ...(cut.some(({ count }) => count > 1) ? cut : [])];
  });
  const of = (model: string, media: string, what = 'image-tokens'): string => id(`today/shape/${model}/${media}/${what}`);
  const [thumbnail, photo] = ['313x234', '4032x3024'];
  const internvl = peek(of('internvl2-8b', thumbnail)) === peek(of('internvl2-8b', photo));
  const photoTokens = todayModels().map(({ id: model }) => peek(of(model, photo)));
  const [least, most] = ['gemma-3-27b', 'qwen3-vl-235b-a22b'];
  const spans = peek(of(least as string, photo)) === Math.min(...photoTokens) && peek(of(most as string, photo)) === Math.max(...photoTokens);
  const widest = 'table-2/internvl2-8b/787x444/distserve:largest-image';
  const capped = cells.compared(id(widest)).status === 'reproduced';
  return {
    anchor: 'tokens',
    heading: 'How an image becomes tokens',
    takeaway: `${claim('One photo', spans)} is ${slot(of(least as string, photo), tokens)} image tokens for ${modelOf(least as string).name} and ${slot(of(most as string, photo), tokens)} for ${modelOf(most as string).name}; ${claim('InternVL2 makes as many of a thumbnail as of the photo', internvl)}, ${slot(of('internvl2-8b', thumbnail), tokens)}.`,
    blocks: [
      {
        kind: 'figure',
        anchor: 'image-tokens',
        label: 'Figure B',
        chart: imageTokenSteps(rows, {
          id: 'image-tokens',
          title: claim('Rules differ more than models: tokens grow with the pixels, stop at a cap, or do not depend on the size at all', spans && internvl),
          description: 'Image tokens, and tiles where a model cuts images, of images of four by three against their size in megapixels, for the vision models of the catalogue.',
          size: 'megapixels',
        }),
        note: 'Images of four by three. Models of one family have one rule, and one line.',
        source: "Rules of the models' own image processors.",
      },
      {
        kind: 'table',
        anchor: 'image-table',
        label: 'Table A',
        caption: claim('What an image becomes in the models of the paper', internvl),
        rowHeader: 'Model, pixels',
        columns: [
          { id: 'tiles', header: 'Tiles' },
          { id: 'tokens', header: 'Image tokens' },
          { id: 'prompt', header: 'In the prompt', unit: 'tokens' },
          { id: 'cache', header: 'Multimedia cache', unit: 'MB' },
          { id: 'kv', header: 'KV cache', unit: 'MB' },
        ],
        rows: ROWS.map(({ model, resolution, header }): RowView => {
          const tiles = cite(`today/shape/${model}/${resolution}/tiles`, whole);
          const printed = String(table3[model][resolution].tiles);
          return {
            header,
            cells: {
              tiles: { ...tiles, printed, match: tiles.text === printed ? 'match' : 'deviation' },
              tokens: cite(`input/image-tokens/${model}/${resolution}`, tokens),
              prompt: cite(`input/prompt-tokens/${model}/${resolution}`, tokens),
              cache: cite(`image/${model}/${resolution}/cache-bytes`, megabytes),
              kv: cite(`image/${model}/${resolution}/kv-bytes`, megabytes),
            },
          };
        }),
        note: 'A tile is one input of the vision encoder; printed beside it is what Table 3 counts. In the prompt: with the markers around images and tiles. FP16.',
      },
      {
        kind: 'paragraph',
        text: claim('Context, not memory, is what stops InternVL2-8B in Table 2: its positions hold so many images of most tiles, and no more.', capped),
      },
      { kind: 'formula', formula: 'multimodal/images-by-tokens', number: numbers.reference(id(widest)) },
    ],
  };
}
