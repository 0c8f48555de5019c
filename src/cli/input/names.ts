import { InputError } from '../../io/input-error.ts';
import { nearest } from '../../units/nearest.ts';

/** `a,b` as a list; a second `--models` adds to the first. */
export const names =
  (place: string, field: string) =>
  (text: string, before: readonly string[] = []): readonly string[] => {
    if (text.trim() === '') throw new InputError(`${place}: ${field} [] is empty`);
    const items = text.split(',').map((item) => item.trim());
    if (items.includes('')) throw new InputError(`${place}: ${field} ${text} has an empty place between commas`);
    return [...before, ...items];
  };

/** One of some names. */
export const choice =
  <T extends string>(place: string, field: string, choices: readonly T[]) =>
  (text: string): T => {
    const found = choices.find((candidate) => candidate === text);
    if (found === undefined) throw new InputError(`${place}: ${field} ${text || '""'} is unknown; nearest: ${nearest(text, choices).join(', ')}`);
    return found;
  };

/** Refuses an item that is given twice. */
export function distinct<T>(place: string, field: string, items: readonly T[]): readonly T[] {
  const twice = items.find((item, at) => items.indexOf(item) !== at);
  if (twice !== undefined) throw new InputError(`${place}: ${field} ${String(twice)} is given twice`);
  return items;
}
