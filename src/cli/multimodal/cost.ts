import { InputError } from '../../io/input-error.ts';
import { type ImageShape, imageOf, type Resolution, videoOf } from '../../models/images/index.ts';
import type { Model } from '../../models/index.ts';
import { type MediaCost, mediaCost } from '../../serving/multimodal/media-cost.ts';
import { significant } from '../../units/format.ts';
import { type Catalogue, importNotes, pick, scenarioNotes } from '../catalogue.ts';
import { footnotes } from '../output/footnotes.ts';
import type { Printout } from '../output/print.ts';
import { type CatalogueOptions, checkImages, chipsFor, counted, DEFAULT_RESOLUTION, policyOf, type RequestOptions, resolutionText, seesImages, told } from './options.ts';

export interface CostOptions extends CatalogueOptions, RequestOptions {
  readonly models?: readonly string[];
  readonly accelerators?: readonly string[];
  readonly image?: readonly Resolution[];
  readonly video?: Resolution;
  readonly seconds?: number;
  readonly fps?: number;
  readonly batch: number;
}

/** An image, or a video, of a model on a chip. */
export interface CostRow {
  readonly model: string;
  readonly accelerator: string;
  readonly media: 'image' | 'video';
  readonly size: string;
  /** of a video */
  readonly seconds: number | null;
  readonly frames: number | null;
  readonly tiles: number;
  readonly patches: number;
  readonly mediaTokens: number;
  readonly promptTokens: number;
  /** null where the model does not fit, with the reason in `infeasible` */
  readonly chips: number | null;
  readonly encodeSeconds: number | null;
  readonly encodeLow: number | null;
  readonly encodeHigh: number | null;
  readonly prefillSeconds: number | null;
  readonly encodeUsd: number | null;
  readonly prefillUsd: number | null;
  readonly mediaUsd: number | null;
  readonly idealMediaUsd: number | null;
  readonly usdPerVideoMinute: number | null;
  readonly requestUsd: number | null;
  readonly decodeBatch: number | null;
  readonly basis: 'measured' | 'assumed' | null;
  readonly infeasible: string | null;
  readonly notes: readonly string[];
}

const DEFAULT_CHIPS = ['h100', 'h20'];

interface Media {
  readonly media: CostRow['media'];
  readonly size: string;
  readonly seconds: number | null;
  readonly of: (model: Model) => ImageShape & { readonly frames?: number };
}

/** What an image, or a video, costs on each chip. */
export function costed(options: CostOptions, catalogue: Catalogue): Printout {
  const { images, prompt, output, batch } = options;
  if (options.video !== undefined && options.image !== undefined) throw new InputError('multimodal: image and video are given together: one of them');
  for (const field of ['seconds', 'fps'] as const)
    if (options.video === undefined && options[field] !== undefined) throw new InputError(`multimodal: ${field} ${options[field]} is used with --video only`);
  const own = catalogue.imported.map(({ entry }) => entry.model.id);
  const ids = options.models ?? own;
  const models =
    ids.length === 0 || (ids.length === 1 && ids[0] === 'all') ? catalogue.models.filter(seesImages) : pick('multimodal', 'models', catalogue.models, [...new Set([...ids, ...own])]).map(checkImages);
  const chips = chipsFor(catalogue, options.accelerators, DEFAULT_CHIPS);
  const media = mediaOf(options);
  const rows = models.flatMap((model) => {
    const precision = policyOf(model, options.precision);
    const notes = [...importNotes(catalogue, model.id), ...scenarioNotes(catalogue), `precision: ${precision.id}`];
    return media.flatMap(({ of, ...what }) => {
      const shape = told(() => of(model), `${what.media} ${what.size} of ${model.id}:`);
      return chips.map((chip): CostRow => {
        const known = {
          model: model.id,
          accelerator: chip.id,
          ...what,
          frames: shape.frames ?? null,
          tiles: shape.tiles.length,
          patches: shape.patches,
          mediaTokens: shape.tokens,
          promptTokens: prompt + images * shape.promptTokens,
        };
        try {
          const cost = mediaCost(model, chip, { shape, images, prompt, output }, { precision, batch });
          const context = model.maxContext !== null && cost.promptTokens + output > model.maxContext ? [`context: ${cost.promptTokens + output} is beyond the trained ${model.maxContext}`] : [];
          return { ...known, ...numbersOf(cost, what.seconds), infeasible: null, notes: [...notes, ...context] };
        } catch (error) {
          if (!(error instanceof RangeError)) throw error;
          return { ...known, ...nothing, infeasible: error.message.replace(/^[a-z]+: /, ''), notes };
        }
      });
    });
  });
  return { json: rows, rows: rows.map(({ notes, ...row }) => ({ ...row, notes: notes.join('; ') })), tables: [tableOf(rows, options)] };
}

function mediaOf({ image, video, seconds = 60, fps = 1 }: CostOptions): readonly Media[] {
  if (video !== undefined) return [{ media: 'video', size: resolutionText(video), seconds, of: (model) => videoOf(model, { ...video, seconds, framesPerSecond: fps }) }];
  return (image ?? [DEFAULT_RESOLUTION]).map((size) => ({ media: 'image', size: resolutionText(size), seconds: null, of: (model) => imageOf(model, size) }));
}

const nothing = {
  chips: null,
  encodeSeconds: null,
  encodeLow: null,
  encodeHigh: null,
  prefillSeconds: null,
  encodeUsd: null,
  prefillUsd: null,
  mediaUsd: null,
  idealMediaUsd: null,
  usdPerVideoMinute: null,
  requestUsd: null,
  decodeBatch: null,
  basis: null,
} as const;

const numbersOf = ({ chips, encode, imagePrefill, imageUsd, idealImageUsd, requestUsd, decode }: MediaCost, seconds: number | null) => ({
  chips,
  encodeSeconds: encode.seconds,
  encodeLow: encode.low,
  encodeHigh: encode.high,
  prefillSeconds: imagePrefill.seconds,
  encodeUsd: encode.usd,
  prefillUsd: imagePrefill.usd,
  mediaUsd: imageUsd,
  idealMediaUsd: idealImageUsd,
  usdPerVideoMinute: seconds === null || imageUsd === null ? null : (60 * imageUsd) / seconds,
  requestUsd,
  decodeBatch: decode.batch,
  basis: encode.basis,
});

function tableOf(rows: readonly CostRow[], { images, prompt, output, video }: CostOptions): Printout['tables'][number] {
  const number = true;
  const dash = (value: number | null, scale = 1): string => (value === null ? '–' : significant(scale * value, 3));
  const what = video === undefined ? 'image' : 'video';
  const encode = { number, group: 'encode, ms' };
  const usd = { number, group: `USD/1,000 ${what}s` };
  const each = { number, group: 'USD/1,000' };
  const { marks, lines } = footnotes(rows.map(({ infeasible, notes }) => [...(infeasible === null ? [] : [infeasible]), ...notes]));
  return {
    title: `What ${what === 'image' ? 'an image' : 'a video'} costs`,
    columns: [
      { header: 'model' },
      { header: 'size' },
      { header: 'chips' },
      { header: 'tiles', number },
      { header: 'tokens', number },
      { header: 'expected', ...encode },
      { header: 'low', ...encode },
      { header: 'high', ...encode },
      { header: 'prefill', number, group: 'ms' },
      { header: 'encode', ...usd },
      { header: 'prefill', ...usd },
      { header: 'both', ...usd },
      { header: 'ideal', ...usd },
      ...(video === undefined ? [] : [{ header: 'minutes', ...each }]),
      { header: 'requests', ...each },
      { header: 'notes' },
    ],
    rows: rows.map((row, at) => [
      row.model,
      row.size,
      row.chips === null ? row.accelerator : `${row.chips} x ${row.accelerator}`,
      String(row.tiles),
      String(row.mediaTokens),
      dash(row.encodeSeconds, 1e3),
      dash(row.encodeLow, 1e3),
      dash(row.encodeHigh, 1e3),
      dash(row.prefillSeconds, 1e3),
      dash(row.encodeUsd, 1e3),
      dash(row.prefillUsd, 1e3),
      dash(row.mediaUsd, 1e3),
      dash(row.idealMediaUsd, 1e3),
      ...(video === undefined ? [] : [dash(row.usdPerVideoMinute, 1e3)]),
      dash(row.requestUsd, 1e3),
      marks[at] as string,
    ]),
    notes: [
      `request: ${counted(images, what)}, ${counted(prompt, 'token')} of text, ${output} of the answer`,
      `chips: as few as hold the language model and one request; tokens: of the ${what}, without markers`,
      `encode: on one of the chips, in passes of about 8,192 positions, or of one that has more, low to high the 80 % interval; prefill: what the tokens of one ${what} add on all of them`,
      'ideal: price of the work alone on chips that are always busy; not counted: cutting and resizing on the host, transfers, waiting',
      ...lines,
    ],
  };
}
