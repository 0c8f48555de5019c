import type { Accelerator } from '../accelerators/index.ts';
import { InputError } from '../io/input-error.ts';
import type { ImportedModel } from '../models/huggingface/index.ts';
import type { Model } from '../models/index.ts';
import { findOrNearest } from '../units/nearest.ts';
import { distinct } from './input/names.ts';

/** What commands choose from; `scenario` names the overrides in force, null without any. */
export interface Catalogue {
  readonly models: readonly Model[];
  readonly accelerators: readonly Accelerator[];
  /** models read from config files, which are among `models` */
  readonly imported: readonly ImportedModel[];
  readonly scenario: string | null;
}

/** Items by their ids, in the order asked for; `all` alone is every one that `usable` admits. */
export function pick<T extends { readonly id: string }>(
  place: string,
  field: 'models' | 'accelerators',
  items: readonly T[],
  ids: readonly string[],
  usable: (item: T) => boolean = () => true,
): readonly T[] {
  if (ids.length === 1 && ids[0] === 'all') return items.filter(usable);
  return distinct(place, field, ids).map((id) => findOrNearest(field, items, id, (item) => item.id));
}

/** The models asked for by name, and those read from config files; `otherwise` where neither is given. */
export function pickModels(place: string, { models, imported }: Catalogue, ids: readonly string[] | undefined, otherwise: readonly string[]): readonly Model[] {
  const own = imported.map(({ entry }) => entry.model.id);
  const asked = ids ?? (own.length > 0 ? [] : otherwise);
  if (asked.length === 0 && own.length === 0) throw new InputError(`${place}: models [] is empty: name a model, or give a config file with --config`);
  return asked.length === 1 && asked[0] === 'all' ? pick(place, 'models', models, asked) : pick(place, 'models', models, [...asked, ...own]);
}

/** What was found out while a model was read from a config: what it leaves out, what it takes for absent keys. */
export function importNotes({ imported }: Catalogue, id: string): readonly string[] {
  const found = imported.find(({ entry }) => entry.model.id === id);
  if (found === undefined) return [];
  return [...found.notes, ...found.defaults.map((text) => `absent: ${text}`)];
}

export const hasPrice = ({ usdPerHour }: Accelerator): boolean => usdPerHour !== null;

/** The note that every row made with overrides carries. */
export const scenarioNotes = ({ scenario }: Catalogue): readonly string[] => (scenario === null ? [] : [`scenario: ${scenario}`]);
