import { InputError } from '../../io/input-error.ts';
import { distinct, names } from './names.ts';

const LARGEST = Number.MAX_SAFE_INTEGER;
const FACTORS: Readonly<Record<string, number>> = { '': 1, K: 1024, M: 1024 ** 2 };

/** A whole number of at least 1. */
export const count =
  (place: string, field: string, most = LARGEST) =>
  (text: string): number => {
    const value = /^\d+$/.test(text) ? Number(text) : 0;
    if (value < 1 || value > most) throw new InputError(`${place}: ${field} ${text || '""'} is not a whole number from 1 to ${most}`);
    return value;
  };

/** Whole numbers of at least 1, each once: `1,2,4`. */
export const counts =
  (place: string, field: string, most = LARGEST) =>
  (text: string, before: readonly number[] = []): readonly number[] =>
    distinct(place, field, [...before, ...names(place, field)(text).map(count(place, field, most))]);

/** A number of tokens: 8192, 8K (1024 each) or 1M (1048576 each). */
export const tokens =
  (place: string, field: string, most = LARGEST) =>
  (text: string): number => {
    const [, digits = '', suffix = ''] = text.match(/^(\d+)([km]?)$/i) ?? [];
    const value = Number(digits) * (FACTORS[suffix.toUpperCase()] as number);
    if (value < 1 || value > most) throw new InputError(`${place}: ${field} ${text || '""'} is not a whole number from 1 to ${most}, such as 8192, 8K or 1M`);
    return value;
  };

/** Context lengths `8192,32K,1K..1M`; `from..to` doubles from its first as far as its last. */
export const contexts =
  (place: string, field = 'contexts', most = LARGEST) =>
  (text: string, before: readonly number[] = []): readonly number[] => {
    const one = tokens(place, field, most);
    const each = names(
      place,
      field,
    )(text).flatMap((item) => {
      const [first = '', last, ...more] = item.split('..');
      if (last === undefined) return [one(first)];
      const [from, to] = [one(first), more.length > 0 ? 0 : one(last)];
      if (from > to) throw new InputError(`${place}: ${field} ${item} is not a range such as 1K..1M`);
      const doubled = [];
      for (let at = from; at <= to; at *= 2) doubled.push(at);
      return doubled;
    });
    return distinct(place, field, [...before, ...each]);
  };

/** A share above 0, or from 0 on, up to 1. */
export const shareOf =
  (place: string, field: string, from: 'above 0' | 'at least 0' = 'above 0') =>
  (text: string): number => {
    const value = /^(\d*\.\d+|\d+)$/.test(text) ? Number(text) : -1;
    if (!(value <= 1 && (from === 'above 0' ? value > 0 : value >= 0))) throw new InputError(`${place}: ${field} ${text || '""'} is not ${from} and at most 1`);
    return value;
  };

/** A whole number from 0 on. */
export const whole =
  (place: string, field: string, most = 999_999) =>
  (text: string): number => {
    if (!/^\d{1,6}$/.test(text) || Number(text) > most) throw new InputError(`${place}: ${field} ${text || '""'} is not a whole number from 0 to ${most}`);
    return Number(text);
  };

/** Times in milliseconds, in seconds. */
export const milliseconds =
  (place: string, field: string) =>
  (text: string, before: readonly number[] = []): readonly number[] => {
    const each = names(
      place,
      field,
    )(text).map((item) => {
      const value = /^\d+(\.\d+)?$/.test(item) ? Number(item) : 0;
      if (!(value > 0 && value <= 1e6)) throw new InputError(`${place}: ${field} ${item} is not a number of milliseconds up to 1000000`);
      return value;
    });
    // not value / 1e3, which is a digit off for some
    const secondsOf = (value: number): number => Number(`${value}e-3`);
    distinct(place, field, [...before.map((seconds) => Number((1e3 * seconds).toPrecision(15))), ...each]);
    return [...before, ...each.map(secondsOf)];
  };

/** A positive number of seconds. */
export const secondsOf =
  (place: string, field: string) =>
  (text: string): number => {
    const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : 0;
    if (!(value > 0 && value <= 86_400)) throw new InputError(`${place}: ${field} ${text || '""'} is not a number of seconds above 0 and up to 86400`);
    return value;
  };

/** Numbers above 0, each once: `0.5,1,2`. */
export const positives =
  (place: string, field: string, most = 1e6) =>
  (text: string, before: readonly number[] = []): readonly number[] => {
    const each = names(
      place,
      field,
    )(text).map((item) => {
      const value = /^(\d*\.\d+|\d+)$/.test(item) ? Number(item) : 0;
      if (!(value > 0 && value <= most)) throw new InputError(`${place}: ${field} ${item} is not a number above 0 and up to ${most}`);
      return value;
    });
    return distinct(place, field, [...before, ...each]);
  };

/** One number above 0. */
export const positive =
  (place: string, field: string, most = 1e6) =>
  (text: string): number => {
    const [value = 0, ...more] = positives(place, field, most)(text);
    if (more.length > 0) throw new InputError(`${place}: ${field} ${text} is more than one number`);
    return value;
  };
