import { InputError } from '../../io/input-error.ts';
import { nearest } from '../../units/nearest.ts';

/** `tp=2,pp=1`: values by name, each name once and known. @param example for messages */
export const pairs =
  (place: string, field: string, known: readonly string[], example: string) =>
  (text: string): Readonly<Record<string, string>> => {
    const found: Record<string, string> = {};
    for (const item of text.split(',')) {
      const [, name = '', value = ''] = /^\s*([\w-]+)\s*=\s*(\S.*?)\s*$/.exec(item) ?? [];
      if (name === '') throw new InputError(`${place}: ${field} ${text || '""'} is not a list such as ${example}`);
      if (!known.includes(name)) throw new InputError(`${place}: ${field} ${name} is unknown; nearest: ${nearest(name, known).join(', ')}`);
      if (Object.hasOwn(found, name)) throw new InputError(`${place}: ${field} ${name} is given twice`);
      found[name] = value;
    }
    return found;
  };
