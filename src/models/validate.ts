import { sides, validateLayer } from '../layers/index.ts';
import { PRECISION_BITS } from '../layers/precision.ts';
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
  for (const field of ['hidden', 'vocabulary'] as const) if (!Number.isSafeInteger(model[field]) || model[field] < 1) fail(field, model[field], 'is not a positive integer');
  if (model.maxContext !== null && (!Number.isSafeInteger(model.maxContext) || model.maxContext < 1)) fail('maxContext', model.maxContext, 'is not a positive integer or null');
  const { weights, activations, kv, kvByKind, state, math } = model.precision;
  for (const [path, formats] of Object.entries({ precision: { weights, activations, kv, state }, 'precision.kvByKind': kvByKind, 'precision.math': math }))
    for (const [field, format] of Object.entries(formats)) oneOf(`${path}.${field}`, format, PRECISION_BITS);
  if (model.layers.length === 0) fail('layers', '[]', 'is empty');
  model.layers.forEach((layer, group) => {
    if (!Number.isSafeInteger(layer.count) || layer.count < 1) fail(`layers.${group}.count`, layer.count, 'is not a positive integer');
    for (const side of ['attention', 'ffn'] as const) {
      oneOf(`layers.${group}.${side}.kind`, layer[side].kind, sides[side]);
      named(place, () => validateLayer(layer[side], model.hidden));
    }
  });
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
