/** The only place where numbers take prefixes: the core computes in SI base units. Every function throws a RangeError for NaN and infinity. */

const K = 1024;

/** `digits` significant digits without an exponent, trailing zeros kept: 1234.5 -> `1230`, 0.055 -> `0.0550` (3). */
export function significant(value: number, digits = 3): string {
  const rounded = Number(finite(value).toPrecision(counted(digits, 1)));
  return fixed(rounded, Math.min(100, Math.max(0, digits - 1 - exponentOf(rounded))));
}

/** `decimals` digits after the point, never `-0`: -0.0001 -> `0.00` (2). */
export function fixed(value: number, decimals: number): string {
  const text = Math.abs(finite(value)) < 1e21 ? value.toFixed(counted(decimals, 0)) : [BigInt(value), '0'.repeat(counted(decimals, 0))].filter((part) => part !== '').join('.');
  return Number(text) === 0 ? text.replace('-', '') : text;
}

/** `digits` significant digits as printed in papers: 789000000 -> `7.89e8` (3). */
export const scientific = (value: number, digits = 3): string =>
  finite(value)
    .toExponential(counted(digits, 1) - 1)
    .replace('e+', 'e');

/** SI prefixes of 1000, n to E, with a space: 1.48e14, `FLOP/s` -> `148 TFLOP/s`; 0.00005, `s` -> `50.0 µs`. */
export const si = (value: number, unit: string, digits = 3): string => prefixed(value, unit, digits, 1000, SI_PREFIXES, 3);

/** Binary prefixes of 1024, Ki to Ei, with a space: 103079215104, `B` -> `96.0 GiB`. */
export const binary = (value: number, unit = 'B', digits = 3): string => prefixed(value, unit, digits, K, BINARY_PREFIXES, 0);

/** A price of tokens, from USD per million tokens: 0.055 -> `0.0550 USD/Mtok`. */
export const usdPerMtok = (value: number, digits = 3): string => `${significant(value, digits)} USD/Mtok`;

/** A context length as people write it, K = 1024 and M = K^2, only where it is a whole multiple: 8192 -> `8K`, 1048576 -> `1M`, 1000 -> `1000`. */
export function contextLabel(contextLength: number): string {
  if (!Number.isSafeInteger(contextLength) || contextLength < 0) throw new RangeError(`format: context length ${contextLength} is not an integer of at least 0`);
  if (contextLength > 0 && contextLength % K ** 2 === 0) return `${contextLength / K ** 2}M`;
  return contextLength > 0 && contextLength % K === 0 ? `${contextLength / K}K` : `${contextLength}`;
}

const SI_PREFIXES = ['n', 'µ', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'] as const;
const BINARY_PREFIXES = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'] as const;

/** The largest prefix that leaves at least 1; 999.9 rounded to 1000 carries into the next. `plain` is the index of no prefix. */
function prefixed(value: number, unit: string, digits: number, base: number, prefixes: readonly string[], plain: number): string {
  counted(digits, 1);
  finite(value);
  const over = (index: number): number => (index < plain ? value * base ** (plain - index) : value / base ** (index - plain));
  let index = value === 0 ? plain : 0;
  while (index < prefixes.length - 1 && Math.abs(over(index)) >= base) index++;
  const rounded = Number(over(index).toPrecision(digits));
  const carries = index < prefixes.length - 1 && Math.abs(rounded) >= base;
  return `${significant(carries ? rounded / base : over(index), digits)} ${prefixes[carries ? index + 1 : index]}${unit}`.trimEnd();
}

const exponentOf = (value: number): number => Number(value.toExponential().split('e')[1]);

function finite(value: number): number {
  if (!Number.isFinite(value)) throw new RangeError(`format: value ${value} is not finite`);
  return value;
}

function counted(digits: number, least: number): number {
  if (!Number.isInteger(digits) || digits < least || digits > 100) throw new RangeError(`format: digits ${digits} is not an integer from ${least} to 100`);
  return digits;
}
