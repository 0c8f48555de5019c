import { plainDigits } from './digits.ts';

const TOKEN = /(\d[\d.]*(?:e[+-]?\d+)?)|\[([^\]]*)\]|([A-Za-z_]\w*)|([*/^+-])/gi;
const SIGNS: Readonly<Record<string, string>> = { '*': '×', '/': '/', '+': '+', '-': '−' };

/**
 * The expression of a formula card with values in place of symbols, as one line of text: `2 [FLOP] * m * k` becomes
 * `2 FLOP × 8 × 7168`, and a million `10⁶`. A name without a value (a function, the index of a sum) stays.
 */
export function substitute(expression: string, values: Readonly<Record<string, string>>): string {
  return expression
    .replace(/\s+/g, '')
    .replace(TOKEN, (whole: string, number: string | undefined, unit: string | undefined, name: string | undefined, sign: string | undefined, at: number, text: string) => {
      if (number !== undefined) return plainDigits(number.replace(/^10{6,}$/, (power) => `1e${power.length - 1}`));
      if (unit !== undefined) return ` ${unit}`;
      if (name !== undefined) {
        const value = Object.hasOwn(values, name) ? (values[name] as string) : name;
        // a power of a value that is written as a product
        return text[at + whole.length] === '^' && value.includes('×') ? `(${value})` : value;
      }
      return sign === '^' ? '^' : ` ${SIGNS[sign ?? ''] ?? whole} `;
    })
    .replaceAll(',', ', ')
    .replace(/(^|\() − /g, '$1−');
}
