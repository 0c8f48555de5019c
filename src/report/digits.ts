/** A printed number in the two pieces in which it is set: `2.88e8` is the mantissa `2.88` and the exponent `8`. */
export interface Digits {
  readonly mantissa: string;
  readonly exponent: string;
}

const MINUS = '−';

/** Splits a number as it is printed; text that is no number stays whole, a hyphen before a digit becomes a minus sign. */
export function splitDigits(text: string): Digits {
  const [, mantissa = text, exponent = ''] = text.match(/^(-?[\d.,]+)e([+-]?\d+)$/i) ?? [];
  return {
    mantissa: mantissa.replace(/^-(?=[\d.])/, MINUS),
    exponent: exponent
      .replace('+', '')
      .replace(/^0+(?=\d)/, '')
      .replace('-', MINUS),
  };
}

const NUMBER = /^[−-]?[$€]?\d[\d,]*\.?\d*$/;
const FIGURE_SPACE = '\u2007';
const PUNCTUATION_SPACE = '\u2008';

/** A number of a column: its digits, and the blanks behind it that put its decimal point below the others. */
export interface AlignedDigits {
  readonly digits: Digits;
  readonly pad: string;
}

/** The numbers of a right-aligned column, decimal points below each other; a text that is no number is left alone. */
export function alignDigits(texts: readonly string[]): readonly AlignedDigits[] {
  const all = texts.map(splitDigits);
  const fractions = all.map(({ mantissa }) => (NUMBER.test(mantissa) ? (mantissa.split('.')[1]?.length ?? -1) : null));
  const longest = Math.max(-1, ...fractions.flatMap((length) => length ?? []));
  const exponent = Math.max(...all.map((digits) => digits.exponent.length));
  return all.map((digits, index) => {
    const length = fractions[index] ?? longest;
    const pad = `${length < 0 && longest >= 0 ? PUNCTUATION_SPACE : ''}${FIGURE_SPACE.repeat(Math.max(longest, 0) - Math.max(length, 0))}`;
    return { digits: digits.exponent === '' ? digits : { ...digits, exponent: digits.exponent.padEnd(exponent, FIGURE_SPACE) }, pad };
  });
}

/** The unit that stands behind a printed number: none where the text names its own (`256 MB`, `$0.05`, `1.6 times`). */
export const unitBehind = (text: string, unit: string): string => (/[A-Za-z$€%]/.test(splitDigits(text).mantissa) ? '' : unit);

/** A computed value at the 12 significant digits that reported numbers carry; text as it is. */
export const valueText = (value: number | string): string => (typeof value === 'number' ? String(Number(value.toPrecision(12))) : value);

const SUPERSCRIPTS: Readonly<Record<string, string>> = { 0: '⁰', 1: '¹', 2: '²', 3: '³', 4: '⁴', 5: '⁵', 6: '⁶', 7: '⁷', 8: '⁸', 9: '⁹', [MINUS]: '⁻' };

/** The number in one line of plain text: `2.88×10⁸`, `10⁶`. */
export function plainDigits(text: string): string {
  const { mantissa, exponent } = splitDigits(text);
  return exponent === '' ? mantissa : `${mantissa === '1' ? '' : `${mantissa}×`}10${[...exponent].map((each) => SUPERSCRIPTS[each] ?? each).join('')}`;
}
