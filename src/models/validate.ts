import { LARGEST_SIZE, positiveIntegers } from '../layers/checks.ts';
import { sides, validateLayer } from '../layers/index.ts';
import { COMPONENTS, PRECISION_BITS, STORAGE_BITS } from '../layers/precision.ts';
import { validateVision } from '../layers/vision.ts';
import { validateImages } from './images/rules.ts';
import type { Model } from './model.ts';

/**
 * Checks what a model's own type cannot: positive sizes, known formats, layers of the right kind whose heads divide.
 * @throws RangeError in one line that names the model, the field and its value
 */
export function validateModel(model: Model): Model {
  const place = `model ${model.id}`;
  const fail = (field: string, value: unknown, rule: string): never => {
    throw new RangeError(`${place}: ${field} ${String(value)} ${rule}`);
  };
  const oneOf = (field: string, value: unknown, known: object): void => {
    if (typeof value !== 'string' || !Object.hasOwn(known, value)) fail(field, value, `is not one of ${Object.keys(known).join(', ')}`);
  };
  const object = (field: string, value: unknown): void => {
    if (typeof value !== 'object' || value === null) fail(field, value, 'is not an object');
  };
  for (const field of ['hidden', 'vocabulary'] as const) {
    if (!Number.isSafeInteger(model[field]) || model[field] < 1) fail(field, model[field], 'is not a positive integer');
    if (model[field] > LARGEST_SIZE) fail(field, model[field], `is more than ${LARGEST_SIZE}`);
  }
  if (typeof model.tiedEmbeddings !== 'boolean') fail('tiedEmbeddings', model.tiedEmbeddings, 'is not true or false');
  if (model.maxContext !== null && (!Number.isSafeInteger(model.maxContext) || model.maxContext < 1)) fail('maxContext', model.maxContext, 'is not a positive integer or null');
  object('precision', model.precision);
  if (model.positions !== undefined) named(place, () => positiveIntegers('positions', model, ['positions']));
  const { weightsByComponent = {}, kvByKind, math } = model.precision;
  object('precision.weightsByComponent', weightsByComponent);
  object('precision.kvByKind', kvByKind);
  object('precision.math', math);
  for (const kind of Object.keys(kvByKind)) oneOf('precision.kvByKind', kind, sides.attention);
  for (const component of Object.keys(weightsByComponent))
    if (!(COMPONENTS as readonly string[]).includes(component)) fail('precision.weightsByComponent', component, `is not one of ${COMPONENTS.join(', ')}`);
  const formats = <K extends string>(path: string, given: Readonly<Partial<Record<K, unknown>>>, fields: readonly K[], known: object): void => {
    for (const field of fields) {
      const format = given[field];
      if (typeof format !== 'string' || !Object.hasOwn(known, format)) oneOf(`${path}.${field}`, format, known);
    }
  };
  formats('precision', model.precision, ['weights', 'kv', 'state'], STORAGE_BITS);
  formats<string>('precision.weightsByComponent', weightsByComponent, Object.keys(weightsByComponent), STORAGE_BITS);
  formats<string>('precision.kvByKind', kvByKind, Object.keys(kvByKind), STORAGE_BITS);
  formats('precision', model.precision, ['activations'], PRECISION_BITS);
  formats('precision.math', math, ['attention', 'linear', 'ffn', 'head'], PRECISION_BITS);
  if (!Array.isArray(model.layers)) fail('layers', model.layers, 'is not a list');
  if (model.layers.length === 0) fail('layers', '[]', 'is empty');
  const layerSides = (path: string, layer: Pick<Model['layers'][number], 'attention' | 'ffn'>): void => {
    for (const side of ['attention', 'ffn'] as const) {
      object(`${path}.${side}`, layer[side]);
      oneOf(`${path}.${side}.kind`, layer[side].kind, sides[side]);
      named(path === 'mtp' ? `${place}: mtp` : place, () => validateLayer(layer[side], model.hidden));
    }
  };
  model.layers.forEach((layer, group) => {
    object(`layers.${group}`, layer);
    if (!Number.isSafeInteger(layer.count) || layer.count < 1) fail(`layers.${group}.count`, layer.count, 'is not a positive integer');
    layerSides(`layers.${group}`, layer);
  });
  const { vision, images, mtp } = model;
  if (vision !== undefined) {
    object('vision', vision);
    named(place, () => validateVision(vision));
  }
  if (images !== undefined) {
    object('images', images);
    named(place, () => validateImages(images));
  }
  if (mtp !== undefined) {
    object('mtp', mtp);
    named(place, () => positiveIntegers('mtp', mtp, ['count']));
    layerSides('mtp', mtp);
  }
  return model;
}

/** Puts a place before what a check says. */
function named(place: string, check: () => void): void {
  try {
    check();
  } catch (error) {
    throw error instanceof RangeError ? new RangeError(`${place}: ${error.message}`, { cause: error }) : error;
  }
}
