import { type Command, Option } from 'commander';
import type { Accelerator } from '../../accelerators/index.ts';
import { InputError } from '../../io/input-error.ts';
import type { PrecisionPolicy } from '../../layers/precision.ts';
import { type ImageShape, imageOf, type Resolution } from '../../models/images/index.ts';
import { type Model, PRECISION_POLICY_IDS, type PrecisionPolicyId, precisionPolicies } from '../../models/index.ts';
import { findOrNearest } from '../../units/nearest.ts';
import { type Catalogue, pick } from '../catalogue.ts';
import { chosen, configOption, ignoreOption, listed, overrideOption } from '../command.ts';
import { distinct, names } from '../input/names.ts';
import { count } from '../input/numbers.ts';
import type { Given } from '../load-catalogue.ts';
import { toldBy } from '../serving/told.ts';

export const PLACE = 'multimodal';

export const told = toldBy(PLACE);

/** `4032x3024`. */
export function resolutionOf(text: string, field = 'image'): Resolution {
  const [, width = '', height = ''] = /^(\d{1,6})x(\d{1,6})$/i.exec(text) ?? [];
  if (width === '' || Number(width) === 0 || Number(height) === 0) throw new InputError(`${PLACE}: ${field} ${text || '""'} is not <width>x<height> in pixels, such as 1920x1080`);
  return { width: Number(width), height: Number(height) };
}

export const resolutionText = ({ width, height }: Resolution): string => `${width}x${height}`;

export const resolutionsOf = (text: string, before: readonly Resolution[] = []): readonly Resolution[] => {
  const each = [...before.map(resolutionText), ...names(PLACE, 'image')(text)];
  return distinct(PLACE, 'image', each).map((item) => resolutionOf(item));
};

export const DEFAULT_RESOLUTION: Resolution = { width: 1920, height: 1080 };

/** Adds the options that say what a request asks for. */
export const withRequest = (command: Command): Command =>
  command
    .addOption(new Option('--images <number>', 'images of a request, all alike').argParser(count(PLACE, 'images', 4096)).default(1))
    .addOption(new Option('--prompt <tokens>', 'tokens of the text').argParser(count(PLACE, 'prompt', 1_000_000)).default(64))
    .addOption(new Option('--output <tokens>', 'tokens of the answer').argParser(count(PLACE, 'output', 1_000_000)).default(128));

export const imageOption = (): Option => new Option('--image <WxH>', 'size of an image in pixels (default: 1920x1080)').argParser((text: string) => resolutionOf(text));

/** Adds the options that say where models and chips come from. */
export const withCatalogue = (command: Command): Command =>
  command
    .addOption(configOption())
    .addOption(ignoreOption(PLACE))
    .addOption(chosen(PLACE, '--precision <policy>', "formats; paper is the model's own (default: paper)", PRECISION_POLICY_IDS))
    .addOption(overrideOption());

export const modelOption = (): Option => new Option('--model <id>', 'a model with a vision encoder (default: minicpm-v-2.6, or that of --config)');
export const chipsOption = (): Option => listed(PLACE, '--accelerators <ids>', 'chips, or all (default: h100)');

export interface RequestOptions {
  readonly images: number;
  readonly prompt: number;
  readonly output: number;
}

export interface CatalogueOptions extends Given {
  readonly precision?: PrecisionPolicyId;
}

const DEFAULT_MODEL = 'minicpm-v-2.6';

/** Whether a model takes images, and how they become tokens. */
export const seesImages = ({ vision, images }: Model): boolean => vision !== undefined && images !== undefined;

/** The model that is asked for, or that of a config file. @throws InputError for one that takes no images */
export function modelFor({ models, imported }: Catalogue, id: string | undefined): Model {
  if (id === undefined && imported.length > 1) throw new InputError(`${PLACE}: config has ${imported.length} models, say which with --model`);
  const own = imported[0]?.entry.model.id;
  return checkImages(findOrNearest('models', models, id ?? own ?? DEFAULT_MODEL, (model) => model.id));
}

/** @throws InputError for a model that takes no images */
export function checkImages(model: Model): Model {
  if (model.vision === undefined) throw new InputError(`${PLACE}: model ${model.id} has no vision encoder; ${PLACE} cost lists those that have one`);
  if (model.images === undefined) throw new InputError(`${PLACE}: model ${model.id} has no image rule: how its images become tokens is not published`);
  return model;
}

export const policyOf = (model: Model, precision: PrecisionPolicyId | undefined): PrecisionPolicy =>
  precision === undefined || precision === 'paper' ? model.precision : precisionPolicies[precision];

/** One chip of the catalogue. */
export const chipFor = ({ accelerators }: Catalogue, id: string): Accelerator => findOrNearest('accelerators', accelerators, id, (each) => each.id);

export const chipsFor = ({ accelerators }: Catalogue, ids: readonly string[] | undefined, otherwise: readonly string[]): readonly Accelerator[] =>
  pick(PLACE, 'accelerators', accelerators, ids ?? otherwise);

/** The shape of an image of a model. */
export const shapeOf = (model: Model, resolution: Resolution): ImageShape => told(() => imageOf(model, resolution), `image ${resolutionText(resolution)} of ${model.id}:`);

/** `1 image`, `2 images`. */
export const counted = (number: number, one: string): string => `${number} ${one}${number === 1 ? '' : 's'}`;

/** Each request in words. */
export const requestText = ({ images, prompt }: Pick<RequestOptions, 'images' | 'prompt'>, resolution: Resolution, { tiles, promptTokens }: ImageShape): string =>
  `${counted(images, 'image')} of ${resolutionText(resolution)} (${counted(tiles.length, 'tile')}, ${promptTokens} tokens each) and ${counted(prompt, 'token')} of text`;
