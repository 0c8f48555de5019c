/** @throws RangeError `<place>: <field> <value> is not a positive integer` */
export function positiveIntegers<K extends string>(place: string, fields: Readonly<Record<K, unknown>>, names: readonly K[]): void {
  for (const name of names) {
    const value = fields[name];
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 1) throw new RangeError(`${place}: ${name} ${String(value)} is not a positive integer`);
  }
}

/** @throws RangeError when `value` of `field` is not a multiple of `divisor` */
export function multipleOf(place: string, field: string, value: number, divisorName: string, divisor: number): void {
  if (value % divisor !== 0) throw new RangeError(`${place}: ${field} ${value} is not a multiple of ${divisorName} ${divisor}`);
}
