/** No model has a dimension near this; far larger ones would only overflow later, with an error that names nothing. */
export const LARGEST_SIZE = 2 ** 31;

/** @throws RangeError `<place>: <field> <value> is not a positive integer`, or is more than `LARGEST_SIZE` */
export function positiveIntegers<K extends string>(place: string, fields: Readonly<Partial<Record<K, unknown>>>, names: readonly K[]): void {
  for (const name of names) {
    const value = fields[name];
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 1) throw new RangeError(`${place}: ${name} ${String(value)} is not a positive integer`);
    if (value > LARGEST_SIZE) throw new RangeError(`${place}: ${name} ${value} is more than ${LARGEST_SIZE}`);
  }
}

/** @throws RangeError when `value` of `field` is not a multiple of `divisor` */
export function multipleOf(place: string, field: string, value: number, divisorName: string, divisor: number): void {
  if (value % divisor !== 0) throw new RangeError(`${place}: ${field} ${value} is not a multiple of ${divisorName} ${divisor}`);
}

/** @throws RangeError `<place>: <field> <value> is not true or false` */
export function booleans<K extends string>(place: string, fields: Readonly<Partial<Record<K, unknown>>>, names: readonly K[]): void {
  for (const name of names) if (typeof fields[name] !== 'boolean') throw new RangeError(`${place}: ${name} ${String(fields[name])} is not true or false`);
}
