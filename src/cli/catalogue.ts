import type { Accelerator } from '../accelerators/index.ts';
import type { Model } from '../models/index.ts';
import { findOrNearest } from '../units/nearest.ts';
import { distinct } from './input/names.ts';

/** What commands choose from; `scenario` names the overrides in force, null without any. */
export interface Catalogue {
  readonly models: readonly Model[];
  readonly accelerators: readonly Accelerator[];
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

export const hasPrice = ({ usdPerHour }: Accelerator): boolean => usdPerHour !== null;

/** The note that every row made with overrides carries. */
export const scenarioNotes = ({ scenario }: Catalogue): readonly string[] => (scenario === null ? [] : [`scenario: ${scenario}`]);
