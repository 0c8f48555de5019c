export { booleans, positiveIntegers } from '../../layers/checks.ts';

/** @throws RangeError `<place>: <field> <value> is not an integer of at least 0` */
export function wholeNumbers<K extends string>(place: string, fields: Readonly<Partial<Record<K, unknown>>>, names: readonly K[]): void {
  for (const name of names) {
    const value = fields[name];
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw new RangeError(`${place}: ${name} ${String(value)} is not an integer of at least 0`);
  }
}
