import { createHash } from 'node:crypto';
import type { Accelerator, AcceleratorOverrides } from '../../accelerators/index.ts';
import { withOverrides } from '../../accelerators/index.ts';
import { InputError } from '../../io/input-error.ts';
import { readText } from '../../io/read.ts';
import type { Model } from '../../models/index.ts';
import { type ModelChanges, overrideModel } from '../../models/override.ts';
import { nearest } from '../../units/nearest.ts';
import type { Catalogue } from '../catalogue.ts';
import { parseStrictJson } from './strict-json.ts';

type Fields = Readonly<Record<string, unknown>>;

interface Change {
  readonly id: string;
  readonly base: string | undefined;
  readonly set: Fields;
}

/**
 * The catalogue with a JSON file applied to it:
 *   {"accelerators": {"h20": {"set": {"usdPerHour": 0.5}}, "my-chip": {"base": "h20", "set": {"memoryBandwidth": 4.8e12}}},
 *    "models": {"my-step": {"base": "step-3", "set": {"layers.*.attention.queryHeads": 128}}}}
 * An id of the catalogue is changed, any other is added from its `base`, which is the catalogue's own entry.
 * @throws InputError for a file that cannot be read or says what it cannot; RangeError for a figure that cannot be
 */
export async function applyOverrides({ models, accelerators, imported }: Catalogue, path: string): Promise<Catalogue> {
  const json = parseStrictJson(await readText(path, 'override'), path);
  const file = fields('file', path, json, ['models', 'accelerators']);
  return {
    models: changed(models, changesIn('models', file.models, models), (model: Model, { id, set }) => overrideModel(model, modelChanges(id, set), id)),
    accelerators: changed(accelerators, changesIn('accelerators', file.accelerators, accelerators), (chip: Accelerator, { id, set }) => {
      const variantOf = chip.id === id ? chip.variantOf : chip.id;
      return withOverrides({ ...chip, id, variantOf }, set as AcceleratorOverrides);
    }),
    imported,
    scenario: scenarioOf(json),
  };
}

/** The first 8 hex digits of the SHA-256 of the overrides, whatever the order and layout in which they are written. */
export const scenarioOf = (overrides: unknown): string => createHash('sha256').update(canonical(overrides)).digest('hex').slice(0, 8);

const canonical = (value: unknown): string =>
  typeof value !== 'object' || value === null
    ? JSON.stringify(value)
    : `{${Object.entries(value)
        .map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`)
        .sort()
        .join()}}`;

function changesIn(field: 'models' | 'accelerators', given: unknown, catalogue: readonly { readonly id: string }[]): readonly Change[] {
  if (given === undefined) return [];
  const ids = catalogue.map(({ id }) => id);
  return Object.entries(fields(field, '', given)).map(([id, body]) => {
    const place = `${field}.${id}`;
    if (!/^[A-Za-z0-9][\w.:-]*$/.test(id)) throw new InputError(`override: ${field} ${id || '""'} is not an id of letters, digits, dots, colons, - and _`);
    if (id === 'all') throw new InputError(`override: ${field} all stands for every id and cannot be one`);
    const { base, set } = fields(place, '', body, ['base', 'set']);
    const known = ids.includes(id);
    if (known && base !== undefined) throw new InputError(`override: ${place}.base ${text(base)} is not allowed for an id of the catalogue`);
    if (!known && !(typeof base === 'string' && ids.includes(base)))
      throw new InputError(`override: ${place}.base ${text(base)} is not an id of the catalogue; nearest: ${nearest(typeof base === 'string' ? base : id, ids).join(', ')}`);
    return { id, base: base as string | undefined, set: fields(`${place}.set`, '', set) };
  });
}

function changed<T extends { readonly id: string }>(catalogue: readonly T[], changes: readonly Change[], apply: (item: T, change: Change) => T): readonly T[] {
  const byId = new Map(catalogue.map((item) => [item.id, item]));
  for (const change of changes) {
    const original = catalogue.find(({ id }) => id === (change.base ?? change.id)) as T;
    byId.set(change.id, apply(original, change));
  }
  return [...byId.values()];
}

/** A JSON object with at least one field, of those known where they are. */
function fields(field: string, name: string, value: unknown, known?: readonly string[]): Fields {
  const place = name === '' ? field : `${field} ${name}`;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new InputError(`override: ${place} ${text(value)} is not an object`);
  const keys = Object.keys(value);
  if (keys.length === 0) throw new InputError(`override: ${place} {} is empty`);
  const unknown = known && keys.find((key) => !known.includes(key));
  if (unknown !== undefined) throw new InputError(`override: ${place} ${unknown} is unknown; known: ${known?.join(', ')}`);
  return value as Fields;
}

function modelChanges(id: string, set: Fields): ModelChanges {
  for (const [path, value] of Object.entries(set)) {
    if (path === 'id') throw new InputError(`override: models.${id}.set.id ${text(value)} is not to be set, the key is the id`);
    if (typeof value === 'object' && value !== null) throw new InputError(`override: models.${id}.set.${path} ${text(value)} is not a number, text, true, false or null`);
  }
  return set as ModelChanges;
}

const text = (value: unknown): string => (JSON.stringify(value) ?? 'undefined').slice(0, 60);
