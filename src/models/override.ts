import type { AttentionSpec, FfnSpec } from '../layers/index.ts';
import type { Model } from './model.ts';
import { validateModel } from './validate.ts';

/** A change of a model: values by path, `layers.0.attention.queryHeads` or `layers.*.attention.queryHeads` for every group that has the field. */
export type ModelChanges = Readonly<Record<string, Value>>;
type Value = number | string | boolean | null;

/**
 * A model with some of its fields changed, validated; the original is untouched. The new model takes `id`.
 * Null is a value of `maxContext` and `queryRank` only. A changed precision policy says so in its id.
 * @throws RangeError when a path names no existing field or the id, changes a type, or gives a model that cannot exist
 */
export function overrideModel(model: Model, changes: ModelChanges, id = model.id): Model {
  const copy = structuredClone(model) as Model;
  for (const [path, value] of Object.entries(changes)) {
    if (path === 'id') throw new RangeError(`model ${model.id}: id ${String(value)} is not to be set, a new id is given apart`);
    if (set(copy, path.split('.'), value, `model ${model.id}: ${path}`) === 0) throw new RangeError(`model ${model.id}: path ${path} names no field`);
  }
  const { id: policy } = copy.precision;
  const changed = policy === model.precision.id && JSON.stringify(copy.precision) !== JSON.stringify(model.precision);
  const precision = changed ? { ...copy.precision, id: `${policy}, changed` } : copy.precision;
  return validateModel({ ...copy, id, precision });
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

/** Fields that may be null where they are not a number. */
const NULLABLE: readonly string[] = ['maxContext', 'queryRank'];

/** Sets a value at a path in a private copy; `*` stands for every index. Returns how many fields were set; `place` begins the error of a wrong type. */
function set(node: unknown, [key, ...rest]: readonly string[], value: Value, place: string): number {
  if (typeof node !== 'object' || node === null || key === undefined) return 0;
  if (key === '*') return Object.values(node).reduce((count: number, item) => count + set(item, rest, value, place), 0);
  if (!Object.keys(node).includes(key)) return 0;
  const fields = node as Record<string, unknown>;
  const old = fields[key];
  if (rest.length > 0) return set(old, rest, value, place);
  const nullable = NULLABLE.includes(key);
  if (typeof old === 'object' && !nullable) return 0;
  const type = nullable ? 'number' : typeof old;
  if (typeof value !== type && !(nullable && value === null)) throw new RangeError(`${place} ${String(value)} is not a ${type}${nullable ? ' or null' : ''}`);
  fields[key] = value;
  return 1;
}
