import type { AttentionSpec, FfnSpec } from '../layers/index.ts';
import { validateModel } from './lower.ts';
import type { Model } from './model.ts';

/** A change of a model: values by path, `layers.0.attention.queryHeads` or `layers.*.attention.queryHeads` for every group that has the field. */
export type ModelChanges = Readonly<Record<string, number | string | boolean | null>>;

/**
 * A model with some of its fields changed, validated; the original is untouched. The new model takes `id`.
 * @throws RangeError when a path does not name an existing field, changes its type, or gives a model that cannot exist
 */
export function overrideModel(model: Model, changes: ModelChanges, id = model.id): Model {
  const copy = structuredClone(model) as Model;
  for (const [path, value] of Object.entries(changes)) {
    if (set(copy, path.split('.'), value) === 0) throw new RangeError(`model ${model.id}: path ${path} names no field`);
  }
  return validateModel({ ...copy, id });
}

/** Changes fields of every attention layer that has them: `withAttention(step3, { queryHeads: 128 })`. */
export function withAttention(model: Model, changes: Readonly<Record<string, number>>, id = model.id): Model {
  return overrideModel(model, prefixed('layers.*.attention', changes), id);
}

/** Changes fields of every feed-forward layer that has them. */
export function withFfn(model: Model, changes: Readonly<Record<string, number>>, id = model.id): Model {
  return overrideModel(model, prefixed('layers.*.ffn', changes), id);
}

/** Replaces the attention of every layer, keeping counts and feed-forward parts. */
export function replaceAttention(model: Model, attention: AttentionSpec, id = model.id): Model {
  return validateModel({ ...model, id, layers: model.layers.map((group) => ({ ...group, attention })) });
}

/** Replaces the feed-forward part of every layer. */
export function replaceFfn(model: Model, ffn: FfnSpec, id = model.id): Model {
  return validateModel({ ...model, id, layers: model.layers.map((group) => ({ ...group, ffn })) });
}

const prefixed = (prefix: string, changes: Readonly<Record<string, number>>): ModelChanges => Object.fromEntries(Object.entries(changes).map(([key, value]) => [`${prefix}.${key}`, value]));

/** Sets a value at a path in a private copy; `*` stands for every index. Returns how many fields were set. */
function set(node: unknown, [key, ...rest]: readonly string[], value: number | string | boolean | null): number {
  if (typeof node !== 'object' || node === null || key === undefined) return 0;
  if (key === '*') return Object.values(node).reduce((count: number, item) => count + set(item, rest, value), 0);
  if (!Object.hasOwn(node, key)) return 0;
  const fields = node as Record<string, unknown>;
  if (rest.length > 0) return set(fields[key], rest, value);
  const old = fields[key];
  if (typeof old === 'object' && old !== null) return 0;
  if (typeof old !== typeof value && old !== null && value !== null) throw new RangeError(`model: ${key} ${String(value)} is not a ${typeof old}`);
  fields[key] = value;
  return 1;
}
