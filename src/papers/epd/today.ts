import { type Accelerator, accelerator, accelerators } from '../../accelerators/index.ts';
import { type ImageShape, imageOf, type Model, modelEntries, modelOf, type Video, videoOf } from '../../models/index.ts';
import { type MediaCost, mediaCost } from '../../serving/multimodal/media-cost.ts';
import { kept } from '../kept.ts';

/** What a request of today asks: one picture or one video, a text, an answer; requests that decode together. */
export const TODAY = {
  pictures: { '313x234': { width: 313, height: 234 }, '787x444': { width: 787, height: 444 }, '1024x1024': { width: 1024, height: 1024 }, '4032x3024': { width: 4032, height: 3024 } },
  video: { width: 1280, height: 720, seconds: 60, framesPerSecond: 1 } satisfies Video,
  textTokens: 100,
  outputTokens: 300,
  batch: 64,
} as const;

export type TodayMedia = keyof typeof TODAY.pictures | 'video-minute';
export const TODAY_MEDIA: readonly TodayMedia[] = [...(Object.keys(TODAY.pictures) as (keyof typeof TODAY.pictures)[]), 'video-minute'];

/** Models of the catalogue that have an encoder and say how it sees an image. */
export const todayModels = (): readonly Model[] => modelEntries.flatMap(({ model }) => (model.vision !== undefined && model.images !== undefined ? [model] : []));

/** Chips that have a price, without their variants; the cheapest hour first. */
export const todayChips = (): readonly Accelerator[] =>
  accelerators.flatMap(({ accelerator: chip }) => (chip.usdPerHour !== null && !chip.id.includes(':') ? [chip] : [])).sort((a, b) => (a.usdPerHour as number) - (b.usdPerHour as number));

/** A picture, or a minute of video, as a model sees it. @throws RangeError for a model without an image rule */
export const todayShape = (model: Model, media: TodayMedia): ImageShape => (media === 'video-minute' ? videoOf(model, TODAY.video) : imageOf(model, TODAY.pictures[media]));

const keptCosts = kept<MediaCost | null>();

/** What it takes and costs; null where the model does not fit the chips of a server. @throws RangeError for an unknown model or chip */
export const todayCost = (model: string, chip: string, media: TodayMedia): MediaCost | null =>
  keptCosts(`${model} ${chip} ${media}`, () => {
    const asked = { shape: todayShape(modelOf(model), media), images: 1, prompt: TODAY.textTokens, output: TODAY.outputTokens };
    try {
      return mediaCost(modelOf(model), accelerator(chip).accelerator, asked, { batch: TODAY.batch });
    } catch (error) {
      if (error instanceof RangeError && error.message.includes(' does not fit ')) return null;
      throw error;
    }
  });

/** The chip on which a picture, or a minute of video, costs a model least; null where none holds it. */
export function todayCheapest(model: string, media: TodayMedia): { readonly chip: string; readonly cost: MediaCost } | null {
  const all = todayChips().flatMap(({ id }) => {
    const cost = todayCost(model, id, media);
    return cost === null || cost.imageUsd === null ? [] : [{ chip: id, cost, usd: cost.imageUsd }];
  });
  return all.reduce<(typeof all)[number] | null>((best, each) => (best === null || each.usd < best.usd ? each : best), null);
}
