/**
 * A number in the form and with the digits of a printed one: `7.89e8`, `2.80e-19`, `0.040`, `591`, `4,039`.
 * @throws RangeError for a text that is none of these
 */
export function asPrinted(actual: number, printed: string): string {
  const form = /^-?(?<whole>\d{1,3}(?:,\d{3})+|\d+)(?:\.(?<decimals>\d+))?(?<exponent>e-?\d+)?$/.exec(printed)?.groups;
  if (form === undefined) throw new RangeError(`printed: ${printed} is not a number as papers print it`);
  const digits = form.decimals?.length ?? 0;
  if (form.exponent !== undefined) return actual.toExponential(digits).replace('e+', 'e');
  const fixed = actual.toFixed(digits);
  return form.whole?.includes(',') ? fixed.replace(/\B(?=(\d{3})+(?!\d))/g, ',') : fixed;
}

/** Compares at the printed digits: `actual` is rounded as the paper rounds, and the texts must be equal. */
export function assertPrinted(actual: number, printed: string, where: string): void {
  const rounded = asPrinted(actual, printed);
  if (rounded !== printed) throw new Error(`${where}: printed ${printed}, computed ${rounded} (${actual})`);
}
