import { accelerators } from '../../accelerators/index.ts';
import type { NumberSpec } from '../../evidence/number.ts';
import { modelOf } from '../../models/index.ts';
import { chipTimeUsd, multimodalPrompt, requestUsd } from '../../serving/multimodal/cost-formulas.ts';
import type { MediaCost } from '../../serving/multimodal/media-cost.ts';
import { derived, ID } from './item.ts';
import { timesAsLong } from './simulated-formulas.ts';
import { TODAY, TODAY_MEDIA, type TodayMedia, todayCost, todayModels, todayShape } from './today.ts';
import { imagesUsd, mediaTimesProcedure } from './today-formulas.ts';

/** `epd/today/<model>/<chip>/<media>/<what>`. */
export const todayId = (model: string, chip: string, media: TodayMedia, what: string): string => `${ID}/today/${model}/${chip}/${media}/${what}`;

const own = (path: string): string => `${ID}/today/${path}`;
const setting = (name: string): string => own(`input/${name}`);
const leaf = (label: string, value: number, because: string, unit = '1'): NumberSpec => ({ kind: 'leaf', label, value, unit, source: { kind: 'assumed', because } });
const ASKED = 'the question asked';

const SETTINGS: Readonly<Record<string, NumberSpec>> = {
  'text-tokens': leaf('tokens of the text of a request', TODAY.textTokens, ASKED),
  'output-tokens': leaf('tokens of an answer', TODAY.outputTokens, ASKED),
  batch: leaf('requests that decode together, where memory has room', TODAY.batch, ASKED),
  one: leaf('images of a request', 1, ASKED),
  thousand: leaf('images that a price is of', 1000, ASKED),
  'video-seconds': leaf('length of a video', TODAY.video.seconds, ASKED, 's'),
  'frames-per-second': leaf('frames that are taken of a second', TODAY.video.framesPerSecond, ASKED, '1/s'),
  ...Object.fromEntries(
    [...Object.entries(TODAY.pictures), ['video-minute', TODAY.video] as const].flatMap(([media, { width, height }]) => [
      [`${media}/width`, leaf(`width of ${media}, pixels`, width, ASKED)],
      [`${media}/height`, leaf(`height of ${media}, pixels`, height, ASKED)],
    ]),
  ),
};

const SHAPES = {
  tiles: ['tiles', ({ tiles }) => tiles.length],
  patches: ['positions of the encoder', ({ patches }) => patches],
  'image-tokens': ['image tokens', ({ tokens }) => tokens],
  'prompt-tokens': ['tokens of the prompt, markers included', ({ promptTokens }) => promptTokens],
} as const satisfies Readonly<Record<string, readonly [string, (shape: ReturnType<typeof todayShape>) => number]>>;

/** `today/shape/<model>/<media>/<tiles|patches|image-tokens|prompt-tokens>` */
function shapeNumber([model = '', media = '', what = '', ...rest]: readonly string[]): NumberSpec | null {
  if (!isModel(model) || !isMedia(media) || !Object.hasOwn(SHAPES, what) || rest.length > 0) return null;
  const [meaning, of] = SHAPES[what as keyof typeof SHAPES];
  const inputs = {
    width: setting(`${media}/width`),
    height: setting(`${media}/height`),
    ...(media === 'video-minute' ? { seconds: setting('video-seconds'), framesPerSecond: setting('frames-per-second') } : {}),
  };
  return { kind: 'found', label: `${meaning} of ${media} in ${model}`, value: of(todayShape(modelOf(model), media)), unit: '1', card: mediaTimesProcedure, inputs };
}

const isModel = (id: string): boolean => todayModels().some((model) => model.id === id);
const isMedia = (media: string): media is TodayMedia => (TODAY_MEDIA as readonly string[]).includes(media);
const isChip = (id: string): boolean => accelerators.some(({ accelerator }) => accelerator.id === id);

/** Times and counts that `mediaCost` finds. */
const FOUND = {
  chips: ['chips that hold the language model', '1', ({ chips }) => chips],
  'encode-seconds': ['time to encode it on one chip', 's', ({ encode }) => encode.seconds],
  'encode-low': ['the same, low end of 80 %', 's', ({ encode }) => encode.low],
  'encode-high': ['the same, high end of 80 %', 's', ({ encode }) => encode.high],
  'image-prefill-seconds': ['time by which its tokens lengthen prefill', 's', ({ imagePrefill }) => imagePrefill.seconds],
  'prefill-seconds': ['time of prefill of the whole prompt', 's', ({ prefill }) => prefill.seconds],
  'decode-batch': ['requests of a decode step', '1', ({ decode }) => decode.batch],
  'decode-seconds': ['time of decoding, its share of the steps', 's', ({ decode }) => decode.seconds],
} as const satisfies Readonly<Record<string, readonly [string, string, (cost: MediaCost) => number]>>;

/**
 * `epd/today/<model>/<chip>/<media>/<what>`: what an image, or a minute of video, takes and costs, for every chip of the catalogue that holds the model. Times and counts by the
 * names of `FOUND`; costs `encode-usd`, `image-prefill-usd`, `image-usd`, `thousand-usd` (of a thousand), `prefill-usd`, `decode-usd`, `request-usd`; `prompt` tokens.
 * `epd/today/shape/<model>/<media>/<...>`, `epd/today/input/<...>` and `epd/today/encode-ratio`: what Table 4 takes to encode an image over what kernels take on an A100.
 */
export function todayNumber([head = '', ...path]: readonly string[]): NumberSpec | null {
  if (head !== 'today') return null;
  if (path[0] === 'shape') return shapeNumber(path.slice(1));
  if (path[0] === 'input') return SETTINGS[path.slice(1).join('/')] ?? null;
  if (path.join('/') === 'encode-ratio')
    return derived('time to encode an image, fitted to Table 4, over that of kernels', timesAsLong, {
      value: `${ID}/constant/table-4/2-8/encodeTime`,
      other: todayId('minicpm-v-2.6', 'a100-80g', '4032x3024', 'encode-seconds'),
    });
  const [model = '', chip = '', media = '', what = '', ...rest] = path;
  if (!isModel(model) || !isChip(chip) || !isMedia(media) || rest.length > 0) return null;
  const cost = todayCost(model, chip, media);
  if (cost === null) return null;
  const id = (name: string): string => todayId(model, chip, media, name);
  const where = `${model}, ${media}, ${chip}`;
  if (Object.hasOwn(FOUND, what)) {
    const [meaning, unit, value] = FOUND[what as keyof typeof FOUND];
    const inputs = {
      patches: own(`shape/${model}/${media}/patches`),
      imageTokens: own(`shape/${model}/${media}/prompt-tokens`),
      textTokens: setting('text-tokens'),
      outputTokens: setting('output-tokens'),
      batch: setting('batch'),
    };
    return { kind: 'found', label: `${meaning}: ${where}`, value: value(cost), unit, card: mediaTimesProcedure, inputs };
  }
  const onChips = (label: string, seconds: string, chips = id('chips')): NumberSpec =>
    derived(`${label}: ${where}`, chipTimeUsd, { chips, seconds: id(seconds), usdPerHour: `accelerator/${chip}/usdPerHour` });
  if (what === 'prompt')
    return derived(`tokens of the prompt: ${where}`, multimodalPrompt, { textTokens: setting('text-tokens'), images: setting('one'), imageTokens: own(`shape/${model}/${media}/prompt-tokens`) });
  if (cost.imageUsd === null) return null;
  switch (what) {
    case 'encode-usd':
      return onChips('cost of encoding', 'encode-seconds', setting('one'));
    case 'image-prefill-usd':
      return onChips('cost of the prefill of its tokens', 'image-prefill-seconds');
    case 'prefill-usd':
      return onChips('cost of prefill', 'prefill-seconds');
    case 'decode-usd':
      return onChips('cost of decoding', 'decode-seconds');
    case 'image-usd':
    case 'thousand-usd':
      return derived(`cost of ${what === 'image-usd' ? 'one' : 'a thousand'}: ${where}`, imagesUsd, {
        images: setting(what === 'image-usd' ? 'one' : 'thousand'),
        encodeUsd: id('encode-usd'),
        prefillUsd: id('image-prefill-usd'),
      });
    case 'request-usd':
      return derived(`cost of a request: ${where}`, requestUsd, { images: setting('one'), encodeUsd: id('encode-usd'), prefillUsd: id('prefill-usd'), decodeUsd: id('decode-usd') });
    default:
      return null;
  }
}
